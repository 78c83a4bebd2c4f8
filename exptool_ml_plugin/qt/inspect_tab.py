"""The Inspect tab: the frames of the session one by one, to correct what was collected."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..core.reading import flag_words
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .file_dialogs import ask
from .widgets.feature_outlines import feature_outlines
from .widgets.frame_image import FrameImage
from .widgets.label_counts import LabelCounts
from .widgets.session_box import SessionBox
from .widgets.thumbnails import Thumbnails


class InspectTab(QWidget):
    """Shows one frame at a time with its label and where it comes from; relabels, removes, saves."""

    shows_sensor = False

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._index = 0
        self._visible = False
        self._parts: list[tuple[int, int]] = []
        self._make_navigation()
        self._make_labelling()
        self._make_side()
        self._lay_out()
        self._connect()
        self._show_order()
        self._show_session()

    @property
    def index(self) -> int:
        """Number of the frame in view, from 0; it stays within the session."""
        return self._index

    def shown(self) -> None:
        """The tab is in view."""
        self._visible = True
        self._show_session()

    def hidden(self) -> None:
        """Another tab is in view."""
        self._visible = False

    def show_frame(self, index: int) -> None:
        """Go to a frame; what lies outside the session is brought inside."""
        self._index = max(0, min(index, len(self.workbench.session) - 1))
        self._show_frame()

    def _make_navigation(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.spin = QSpinBox(self)
        self.spin.setKeyboardTracking(False)
        self.previous_button = QPushButton("<", self)
        self.previous_button.setToolTip("Previous frame")
        self.next_button = QPushButton(">", self)
        self.next_button.setToolTip("Next frame")
        for button in (self.previous_button, self.next_button):
            button.setFixedWidth(34)
        self._of = style.text_label("", self, color=style.MUTED)
        self.image = FrameImage(self)
        self.facts = style.text_label("", self, color=style.MUTED, wrap=True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.thumbnails = Thumbnails(self)

    def _make_labelling(self) -> None:
        self.label_box = QComboBox(self)
        self.label_box.setEditable(True)
        self.label_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label_box.setMinimumWidth(160)
        self.relabel_button = QPushButton("Relabel this frame", self)
        self.relabel_all_button = QPushButton("Relabel all…", self)
        self.relabel_all_button.setToolTip("Give every frame of the session this label")
        self.remove_button = QPushButton("Remove frame", self)
        self.remove_button.setToolTip("Take the frame out of the session; its readings stay")

    def _make_side(self) -> None:
        self.side = QWidget()
        self.session_box = SessionBox(self.workbench, self.side)
        self.counts = LabelCounts(self.side, tooltip="Go to the next frame of this label")
        self.counts.setMinimumHeight(200)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.session_box)
        rows.addWidget(self.counts)

    def _lay_out(self) -> None:
        labelling = QHBoxLayout()
        labelling.addWidget(QLabel("Label", self))
        labelling.addWidget(self.label_box, 1)
        for button in (self.relabel_button, self.relabel_all_button, self.remove_button):
            labelling.addWidget(button)
        labelling.addStretch(1)
        navigation = QHBoxLayout()
        navigation.addWidget(QLabel("Frame", self))
        navigation.addWidget(self.previous_button)
        navigation.addWidget(self.slider, 1)
        navigation.addWidget(self.next_button)
        navigation.addWidget(self.spin)
        navigation.addWidget(self._of)
        rows = QVBoxLayout(self)
        rows.addLayout(labelling)
        rows.addLayout(navigation)
        rows.addWidget(self.facts)
        rows.addWidget(self.image, 1)
        rows.addWidget(self.thumbnails)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_moved)
        self.spin.valueChanged.connect(self._on_moved)
        self.previous_button.clicked.connect(self._on_previous)
        self.next_button.clicked.connect(self._on_next)
        self.relabel_button.clicked.connect(self._on_relabel)
        self.relabel_all_button.clicked.connect(self._on_relabel_all)
        self.remove_button.clicked.connect(self._on_remove)
        self.counts.chosen.connect(self._on_label_chosen)
        self.thumbnails.chosen.connect(self._on_thumbnail)
        connect(self.workbench.session_changed, self._on_session_changed, self)
        connect(self.workbench.display.changed, self._show_order, self)

    def _show_order(self) -> None:
        for picture in (self.image, self.thumbnails):
            picture.set_newest_first(self.workbench.display.newest_first)

    def _on_session_changed(self) -> None:
        if self._visible:
            self._show_session()

    def _show_session(self) -> None:
        count = len(self.workbench.session)
        for control in (self.slider, self.spin):
            blocked = control.blockSignals(True)
            control.setRange(min(1, count), count)
            control.blockSignals(blocked)
        self._of.setText(f"of {count:,}")
        with self.workbench.sessions.lock:
            self.counts.set_counts(self.workbench.session.counts())
        for widget in (
            self.slider, self.spin, self.label_box, self.relabel_button, self.relabel_all_button, self.remove_button
        ):  # fmt: skip
            widget.setEnabled(count > 0)
        recipe = self.workbench.session.recipe
        outlines = feature_outlines(recipe, recipe.sensor, self.workbench.plugins.parts)
        self.image.set_outlines(outlines)
        self._parts = [(outline.start, outline.stop) for outline in outlines]
        self.show_frame(self._index)

    def _show_frame(self) -> None:
        with self.workbench.sessions.lock:
            session = self.workbench.session
            count, index = len(session), self._index
            self.previous_button.setEnabled(index > 0)
            self.next_button.setEnabled(index < count - 1)
            for control in (self.slider, self.spin):
                blocked = control.blockSignals(True)
                control.setValue(index + 1 if count else 0)
                control.blockSignals(blocked)
            self.thumbnails.show_session(session, index, self._parts)
            if count == 0:
                self.image.set_empty("The session has no frames: collect some, or open a session")
                self.facts.setText("")
                self._show_labels("")
                return
            self.image.reset_levels()
            self.image.set_frame(np.asarray(session.values[index]))
            self.facts.setText(self._describe(index))
            self._show_labels(session.labels[index])

    def _show_labels(self, label: str) -> None:
        blocked = self.label_box.blockSignals(True)
        self.label_box.clear()
        self.label_box.addItems(list(self.workbench.session.label_names()))
        self.label_box.setEditText(label)
        self.label_box.blockSignals(blocked)

    def _describe(self, index: int) -> str:
        session = self.workbench.session
        recording = session.recordings[int(session.recording_of[index])]
        first = int(session.first_reading[index])
        steps, width = session.values.shape[1:]
        parts = [f"Recording “{recording.name}”"]
        if first < len(recording):
            parts.append(f"at {float(recording.time_s[first]):.2f} s")
        parts.append(f"readings {first:,} to {first + steps - 1:,}")
        parts.append(f"{steps} time steps × {width} features")
        if session.flags[index]:
            parts.append(f"flagged: {flag_words(int(session.flags[index]))}")
        return " · ".join(parts)

    @guarded
    def _on_moved(self, number: int) -> None:
        self.show_frame(number - 1)

    @guarded
    def _on_previous(self) -> None:
        self.show_frame(self._index - 1)

    @guarded
    def _on_next(self) -> None:
        self.show_frame(self._index + 1)

    @guarded
    def _on_thumbnail(self, index: int) -> None:
        self.show_frame(index)

    @guarded
    def _on_label_chosen(self, label: str) -> None:
        labels = self.workbench.session.labels
        after = [*range(self._index + 1, len(labels)), *range(self._index + 1)]
        self.show_frame(next((index for index in after if labels[index] == label), self._index))

    @guarded
    def _on_relabel(self) -> None:
        label = self.label_box.currentText().strip()
        self.workbench.relabel([self._index], label)

    @guarded
    def _on_relabel_all(self) -> None:
        label, count = self.label_box.currentText().strip(), len(self.workbench.session)
        if ask(self, "Relabel all", f"Give all {count:,} frames of the session the label “{label}”?"):
            self.workbench.relabel(range(count), label)

    @guarded
    def _on_remove(self) -> None:
        self.workbench.remove_frames([self._index])
