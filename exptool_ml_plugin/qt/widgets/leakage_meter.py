"""How much of what judges the model it has met in training, as a number with a colour."""

from __future__ import annotations

from qtpy.QtCore import QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded

_SOON_MS = 300
_LITTLE, _MUCH = 0.01, 0.1
"""Shares from which the number is orange, and red."""
_WHAT = (
    "Leakage: the part of the validation and test frames that share readings with training frames, lie within one "
    "frame length of one, or look like one. What leaks makes the figures flatter: the model was told before."
)


class LeakageMeter(QWidget):
    """Shows the leakage of the loaded data; measures only while it is in view."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.number = QLabel(self)
        title = style.text_label("Leakage", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(title)
        row.addWidget(self.number, 1)
        for widget in (self, title):
            widget.setToolTip(_WHAT)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._measure)
        for signal in (workbench.data_changed, workbench.recipe_changed):
            connect(signal, self._on_changed, self)
        connect(workbench.leakage.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what was measured last."""
        measured = self.workbench.leakage.measured
        worst = max((found.share for found in measured.values()), default=None)
        text = ", ".join(f"{subset} {found.share:.1%}" for subset, found in measured.items())
        self.number.setText(text or "nothing to judge with")
        self.number.setToolTip("\n".join([_WHAT, *(f"{s.capitalize()}: {f.in_words()}" for s, f in measured.items())]))
        style.set_text_color(self.number, leakage_color(worst))

    def showEvent(self, event: QShowEvent) -> None:
        """Measure what has changed while nobody looked."""
        super().showEvent(event)
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure nothing that nobody sees."""
        self._soon.stop()
        super().hideEvent(event)

    def _on_changed(self, *_: object) -> None:
        if self.isVisible():
            self.number.setText("measuring…")
            self._soon.start()

    @guarded
    def _measure(self) -> None:
        self.workbench.leakage.refresh()


def leakage_color(share: float | None) -> str:
    """Return green for hardly any, orange for some, red for much, grey for nothing known."""
    if share is None:
        return style.MUTED
    if share < _LITTLE:
        return style.GOOD
    return style.WARNING if share < _MUCH else style.ERROR
