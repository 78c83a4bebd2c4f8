"""What to do now in a guided collection, in letters that are read from where the sensor is."""

from __future__ import annotations

from math import ceil

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ...workbench.guided import BREAK, CUE, DONE, OFF, PAUSED, READY, GuidedStatus
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded

_STEPS = 1000
_COLORS = {READY: style.WARNING, CUE: style.ACCENT, BREAK: style.GOOD, PAUSED: style.MUTED, DONE: style.GOOD}


class GuidedView(QFrame):
    """Label, countdown and progress of the guided collection; hidden while there is none.

    `refresh` is to be called with every picture: it also makes the time go by.
    """

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._shown_phase = ""
        self.setObjectName("guided")
        self._make_texts()
        self._make_buttons()
        self._lay_out()
        connect(workbench.collecting.guided.changed, self.refresh, self)
        self.refresh()

    @property
    def text(self) -> str:
        """The large letters: "Now do: tap_in (12/40)"."""
        return str(self._text.text())

    @property
    def detail(self) -> str:
        """The line below: what is left of the time."""
        return str(self._detail.text())

    def refresh(self) -> None:
        """Look at the clock and show the state of the plan."""
        guided = self.workbench.collecting.guided
        guided.tick()
        status = guided.status
        if status.phase != self._shown_phase:
            self._show_phase(status.phase)
        if status.phase == OFF:
            return
        for label, text in ((self._text, headline(status)), (self._detail, _detail(status))):
            if label.text() != text:
                label.setText(text)
        self._time.setValue(round(_STEPS * status.part))
        self._total.setText(f"{status.total:,} of {status.total_wanted:,} frames")

    def _show_phase(self, phase: str) -> None:
        self._shown_phase = phase
        color = _COLORS.get(phase, style.MUTED)
        style.set_style(
            self, f"QFrame#guided {{ background: {style.tint(color, 0.1)}; border-left: 6px solid {color}; }}"
        )
        style.set_text_color(self._text, color)
        style.set_style(
            self._time,
            f"QProgressBar {{ border: 0; background: {style.LINE}; }} QProgressBar::chunk {{ background: {color}; }}",
        )
        self._time.setVisible(phase in (READY, CUE, BREAK))
        self.pause_button.setVisible(phase != DONE)
        self.pause_button.setText({PAUSED: "Go on", BREAK: "End the break"}.get(phase, "Pause"))
        self.stop_button.setText("Close" if phase == DONE else "Stop guiding")
        self.setVisible(phase != OFF)

    def _make_texts(self) -> None:
        self._text = style.text_label("", self, bold=True, size=22)
        self._detail = style.text_label("", self, size=2, color=style.TEXT)
        self._total = style.text_label("", self, color=style.MUTED)
        for label in (self._text, self._detail):
            label.setTextFormat(Qt.TextFormat.PlainText)
            # A long label must not widen the window.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._time = QProgressBar(self)
        self._time.setRange(0, _STEPS)
        self._time.setTextVisible(False)
        self._time.setFixedHeight(6)

    def _make_buttons(self) -> None:
        self.pause_button = QPushButton("Pause", self)
        self.pause_button.setToolTip("Frames are kept only while a label is asked for; going on counts down again")
        self.pause_button.clicked.connect(self._on_pause)
        self.stop_button = QPushButton("Stop guiding", self)
        self.stop_button.setToolTip("End the plan; the frames stay, the measurement goes on")
        self.stop_button.clicked.connect(self._on_stop)

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._text)
        texts.addWidget(self._detail)
        side = QGridLayout()
        side.addWidget(self._total, 0, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
        side.addWidget(self.pause_button, 1, 0)
        side.addWidget(self.stop_button, 1, 1)
        row = QHBoxLayout()
        row.addLayout(texts, 1)
        row.addLayout(side)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 6, 8, 8)
        rows.addLayout(row)
        rows.addWidget(self._time)

    @guarded
    def _on_pause(self) -> None:
        guided = self.workbench.collecting.guided
        if guided.phase == PAUSED:
            self.workbench.start_guided()
        elif guided.phase == BREAK:
            guided.go_on()
        else:
            guided.pause()

    @guarded
    def _on_stop(self) -> None:
        self.workbench.collecting.guided.stop()


def headline(status: GuidedStatus) -> str:
    """Say what is to be done, "Now do: tap_in (12/40)"."""
    what = f"{status.label} ({status.count}/{status.wanted})"
    return {
        CUE: f"Now do: {what}",
        READY: f"Get ready: {what}",
        BREAK: "Break",
        PAUSED: f"Paused before {what}",
        DONE: f"Done: {status.total:,} frames",
    }.get(status.phase, "")


def _detail(status: GuidedStatus) -> str:
    left = f"{ceil(status.left_s):,} s"
    return {
        CUE: f"{left} left",
        READY: f"Begins in {left}",
        BREAK: f"Goes on in {left} with {status.label}",
        PAUSED: "No frames are kept until you go on",
        DONE: "No more frames are kept; stop the measurement, or close the plan",
    }.get(status.phase, "")
