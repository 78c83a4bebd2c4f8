"""The calibration frame: made of the frames of a label, shown, used, cleared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QGroupBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...workbench.inspecting import Inspecting
from .. import style
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox
from .frame_image import FrameImage


class CalibrationDialog(QDialog):
    """Shows a calibration frame; with `inspecting` one is made of the label that is chosen."""

    def __init__(self, parent: QWidget | None, frame: NDArray[np.float32], *, inspecting: Inspecting | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Calibration frame")
        self.frame = frame
        self._inspecting = inspecting
        self.image = FrameImage(self)
        self.image.setMinimumSize(420, 300)
        self.label_box = CalmComboBox(self)
        self.label_box.setToolTip("Label whose mean frame is shown: one of the scene without the event")
        rows = QVBoxLayout(self)
        if inspecting is None:
            self.label_box.hide()
        else:
            rows.addWidget(style.text_label("Mean frame of", self))
            rows.addWidget(self.label_box)
            self.label_box.addItems(list(inspecting.session.label_names()))
            self.label_box.currentTextChanged.connect(self._on_label)
        rows.addWidget(self.image, 1)
        note = "Every frame is divided by it, value by value: what is always there becomes 1."
        rows.addWidget(style.text_label(note, self, color=style.MUTED, wrap=True))
        standard = QDialogButtonBox.StandardButton
        kinds = standard.Close if inspecting is None else standard.Ok | standard.Cancel
        self.buttons = QDialogButtonBox(kinds, self)
        if inspecting is not None:
            self.buttons.button(standard.Ok).setText("Use calibration")
            self.buttons.button(standard.Cancel).setText("Discard")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        rows.addWidget(self.buttons)
        self.image.set_frame(frame)

    @guarded
    def _on_label(self, label: str) -> None:
        if self._inspecting is not None:
            self.frame = self._inspecting.mean_before_calibration(label)
            self.image.reset_levels()
            self.image.set_frame(self.frame)


class CalibrationBox(QGroupBox):
    """Says whether frames are divided by a calibration frame, and changes that."""

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__("Calibration frame", parent)
        self._inspecting = inspecting
        self._state = style.text_label("", self, color=style.MUTED, wrap=True)
        self.create_button = self._button(
            "Create…", "Divide all frames of the session, and those that will come, by the mean frame of a label"
        )
        self.show_button = self._button("Show", "Show the calibration frame in use")
        self.clear_button = self._button("Clear", "Use no calibration frame: all frames become what they were")
        grid = QGridLayout(self)
        grid.addWidget(self._state, 0, 0, 1, 3)
        for column, button in enumerate((self.create_button, self.show_button, self.clear_button)):
            grid.addWidget(button, 1, column)
        self.create_button.clicked.connect(self._on_create)
        self.show_button.clicked.connect(self._on_show)
        self.clear_button.clicked.connect(self._on_clear)
        connect(inspecting.listed, self.refresh, self)
        self.refresh()

    @property
    def state(self) -> str:
        """Whether there is one."""
        return str(self._state.text())

    def refresh(self) -> None:
        """Show whether there is one."""
        used = bool(self._inspecting.session.recipe.calibration)
        self._state.setText("All frames are divided by one" if used else "None: frames are as the features make them")
        self.create_button.setEnabled(len(self._inspecting.session) > 0)
        for button in (self.show_button, self.clear_button):
            button.setEnabled(used)

    def _button(self, text: str, tooltip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        return button

    @guarded
    def _on_create(self) -> None:
        frame = self._inspecting.mean_before_calibration(self._inspecting.session.label_names()[0])
        self._open(CalibrationDialog(self, frame, inspecting=self._inspecting))

    @guarded
    def _on_show(self) -> None:
        frame = self._inspecting.calibration
        if frame is not None:
            self._open(CalibrationDialog(self, frame, inspecting=None))

    def _open(self, dialog: CalibrationDialog) -> None:
        try:
            if dialog.exec_() == QDialog.DialogCode.Accepted:
                self._inspecting.calibrate(dialog.frame)
        finally:
            dialog.deleteLater()

    @guarded
    def _on_clear(self) -> None:
        self._inspecting.calibrate(None)
