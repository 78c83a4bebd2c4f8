"""The length of a frame in seconds, for people who do not count rows."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QWidget

from ...core.options import OptionInfo, describe
from ...core.recipe import FrameSettings
from .. import style
from .editors import make_editor, tooltip

_INFO = OptionInfo(
    name="frame_time",
    kind=float,
    default=1.0,
    text="Frame time",
    doc="Length of a frame at the sensor's rate; the same setting as the time steps.",
    unit="s",
    minimum=1e-6,
    maximum=1e9,
)


class FrameTime(QWidget):
    """Shows a number of rows as seconds at the rate of the readings, and edits it; `edited` carries rows.

    Without a rate it is greyed: the recipe counts rows, and nothing says how long they take.
    """

    edited = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate_hz = 0.0
        self._time_steps = 1
        self._most = next(int(info.maximum or 1) for info in describe(FrameSettings) if info.name == "time_steps")
        self.editor = make_editor(_INFO, self)
        self.editor.edited.connect(self._on_edited)
        label = style.text_label(_INFO.text, self)
        label.setToolTip(tooltip(_INFO))
        label.setBuddy(self.editor)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(label, 2)
        row.addWidget(self.editor, 3)

    def set_frame(self, time_steps: int, rate_hz: float | None) -> None:
        """Show the time of so many rows at so many readings per second, None where that is not known."""
        self._time_steps, self._rate_hz = time_steps, rate_hz or 0.0
        self.setEnabled(self._rate_hz > 0)
        if self._rate_hz > 0:
            blocked = self.editor.blockSignals(True)
            self.editor.setRange(1 / self._rate_hz, self._most / self._rate_hz)
            self.editor.setSingleStep(1 / self._rate_hz)
            self.editor.set_value(time_steps / self._rate_hz)
            self.editor.blockSignals(blocked)

    def _on_edited(self) -> None:
        rows = min(self._most, max(1, round(self.editor.value() * self._rate_hz)))
        if rows != self._time_steps:
            self._time_steps = rows
            self.edited.emit(rows)
        self.set_frame(rows, self._rate_hz)
