"""A list of frames that may be mistakes, walked through with one key per decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from ...workbench.suspects import Suspect
from .. import style
from ..bridge import guarded
from .frame_image import FrameImage

_MOST = 2000
KEYS = "K or Enter keep · R relabel as suggested · 1 to 9 relabel · Del remove · arrows move"


class Beside(NamedTuple):
    """What is shown for a suspect: three pictures, float32 `(time_steps, width)`, with their titles."""

    titles: tuple[str, str, str]
    frames: tuple[NDArray[np.float32] | None, NDArray[np.float32] | None, NDArray[np.float32] | None]


class SuspectList(QWidget):
    """`relabelling` carries a frame and a label, `removing` a frame: numbers as the suspects have them.

    `beside` returns what to show for a suspect; `labels` are those of the number keys.
    """

    relabelling = Signal(int, str)
    removing = Signal(int)

    def __init__(self, beside: Callable[[Suspect], Beside], labels: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._beside, self._labels = beside, tuple(labels)
        self._suspects: list[Suspect] = []
        self.decisions: dict[int, str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setToolTip("Frames that may be mistakes, the worst first")
        self.reason = style.text_label("", self, wrap=True)
        self.images = [FrameImage(self, title=" ") for _ in range(3)]
        self.keep_button = self._button("Keep (K)", "The frame is right; go to the next", self.keep)
        self.relabel_button = self._button("Relabel (R)", "Give the frame the suggested label", self.relabel)
        self.remove_button = self._button("Remove (Del)", "Take the frame out of the session", self.remove)
        self._lay_out()
        self.list.currentRowChanged.connect(self._on_row)
        self._on_row()

    @property
    def current(self) -> Suspect | None:
        """The suspect in view."""
        row = self.list.currentRow()
        return self._suspects[row] if 0 <= row < len(self._suspects) else None

    def set_suspects(self, suspects: Sequence[Suspect]) -> None:
        """Show a list and begin with its first."""
        self._suspects, self.decisions = list(suspects[:_MOST]), {}
        self.list.clear()
        self.list.addItems([self._line(suspect) for suspect in self._suspects])
        self.list.setCurrentRow(0)
        self._on_row()

    def keep(self) -> None:
        """Leave the frame as it is."""
        self._decide("kept")

    def relabel(self, label: str = "") -> None:
        """Give the frame a label, the suggested one by default."""
        suspect = self.current
        if suspect is not None and self._open(suspect) and (label or suspect.suggested):
            self.relabelling.emit(suspect.index, label or suspect.suggested)
            self._decide(f"now “{label or suspect.suggested}”")

    def remove(self) -> None:
        """Take the frame out."""
        suspect = self.current
        if suspect is not None and self._open(suspect):
            self.removing.emit(suspect.index)
            self._decide("removed")

    def mark(self, index: int, decision: str) -> None:
        """Say at a frame, wherever it is in the list, what became of it."""
        self.decisions[index] = decision
        for row, suspect in enumerate(self._suspects):
            if suspect.index == index:
                self.list.item(row).setText(self._line(suspect))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One key per decision."""
        key, keys, row = event.key(), Qt.Key, self.list.currentRow()
        digit = int(key) - int(keys.Key_1)
        if key in (keys.Key_K, keys.Key_Return, keys.Key_Enter):
            self.keep_button.click()
        elif key == keys.Key_R:
            self.relabel_button.click()
        elif key == keys.Key_Delete:
            self.remove_button.click()
        elif key in (keys.Key_Down, keys.Key_Right):
            self._go(row + 1)
        elif key in (keys.Key_Up, keys.Key_Left):
            self._go(row - 1)
        elif 0 <= digit < min(9, len(self._labels)):
            self.relabel(self._labels[digit])
        else:
            super().keyPressEvent(event)

    def _open(self, suspect: Suspect) -> bool:
        return self.decisions.get(suspect.index) != "removed"

    def _decide(self, decision: str) -> None:
        suspect = self.current
        if suspect is not None and self._open(suspect):
            self.mark(suspect.index, decision)
            self._go(self.list.currentRow() + 1)

    def _go(self, row: int) -> None:
        if 0 <= row < len(self._suspects):
            self.list.setCurrentRow(row)
        else:
            self._on_row()

    def _line(self, suspect: Suspect) -> str:
        decision = self.decisions.get(suspect.index, "")
        what = decision or (f"→ {suspect.suggested}?" if suspect.suggested else f"{suspect.score:.2f}")
        return f"{suspect.index + 1:,}  {what}"

    def _button(self, text: str, tooltip: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: do())
        return button

    def _lay_out(self) -> None:
        pictures, buttons, across = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(self)
        for image in self.images:
            pictures.addWidget(image)
        for button in (self.keep_button, self.relabel_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addWidget(style.text_label(KEYS, self, color=style.MUTED, wrap=True), 1)
        right = QVBoxLayout()
        right.addWidget(self.reason)
        right.addLayout(pictures, 1)
        right.addLayout(buttons)
        self.list.setMaximumWidth(230)
        across.addWidget(self.list)
        across.addLayout(right, 1)

    @guarded
    def _on_row(self) -> None:
        suspect = self.current
        there = suspect is not None and self._open(suspect)
        self.keep_button.setEnabled(there)
        self.remove_button.setEnabled(there)
        self.relabel_button.setEnabled(there and suspect is not None and bool(suspect.suggested))
        suggested = f" to “{suspect.suggested}”" if suspect is not None and suspect.suggested else ""
        self.relabel_button.setText(f"Relabel{suggested} (R)")
        if suspect is None:
            self.reason.setText("Nothing was found.")
        else:
            self.reason.setText(suspect.reason)
        beside = self._beside(suspect) if there and suspect is not None else Beside(("", "", ""), (None, None, None))
        for image, title, values in zip(self.images, beside.titles, beside.frames, strict=True):
            image.setTitle(title or " ", color=style.TEXT, size="10pt")
            if values is None:
                image.set_empty("")
            else:
                image.reset_levels()
                image.set_frame(values)
