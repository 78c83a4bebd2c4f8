"""What the tabs that measure have in common: start and stop, the live pictures, when they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..core.frames import Frame
from ..core.reading import SensorSetup, flag_words
from ..core.recipe import Recipe
from ..workbench.feature_check import check_features
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import PlotTimer, connect, guarded
from .widgets.feature_outlines import feature_outlines
from .widgets.flow_layout import FlowLayout
from .widgets.frame_image import FrameImage
from .widgets.history_plot import HistoryPlot
from .widgets.live_frame import LiveFrame
from .widgets.model_info_box import ElidedLabel

PICTURES_PER_S = 60


@dataclass(frozen=True)
class MeasuringWords:
    """The texts of one tab: of the start button, and of the same button while another tab's measurement runs."""

    start: str
    join: str
    start_tooltip: str
    idle: str
    last: str


class MeasuringTab(QWidget):
    """A tab with a mode of the engine; a measurement that starts while it is in view runs in that mode.

    A tab says its `mode` and `words`, makes its own widgets, and hands them to `_lay_out_pictures`.
    """

    shows_sensor = True
    mode = ""
    words: MeasuringWords

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.timer = PlotTimer(self, PICTURES_PER_S, self.refresh)
        self._drawn: Snapshot | None = None
        self._make_buttons()
        self._make_pictures()
        connect(workbench.measuring_changed, self._on_measuring, self)
        connect(workbench.display.changed, self._show_order, self)
        self._show_order()

    def shown(self) -> None:
        """The tab is in view: a measurement that starts from now on runs in its mode."""
        if not self.workbench.measuring and self.can_run():
            self.workbench.engine.set_mode(self.mode)
        self.show_state()
        self._drawn = None
        self.refresh()
        self.timer.start()

    def hidden(self) -> None:
        """Another tab is in view: a running measurement goes on."""
        self.timer.stop()
        if not self.workbench.measuring:
            self.workbench.engine.set_mode("preview")

    def refresh(self) -> None:
        """Draw the latest state of the measurement; what is drawn already costs nothing."""
        self._show_buttons()
        self.show_progress()
        snapshot = self.workbench.engine.latest()
        if not self.workbench.measuring:
            self._drawn = None
            self.live.set_idle("No measurement", self.words.idle)
        elif snapshot.setup is not None and snapshot is not self._drawn:
            self._drawn = snapshot
            self.show_live(snapshot, snapshot.setup)

    def can_run(self) -> bool:
        """Whether the mode can run as things are."""
        return True

    def show_state(self) -> None:
        """Show what may have changed while the tab was out of view."""
        raise NotImplementedError

    def show_progress(self) -> None:
        """Show what the mode has made so far; called with every picture."""
        raise NotImplementedError

    def show_live(self, snapshot: Snapshot, setup: SensorSetup) -> None:
        """Show a new snapshot of the running measurement."""
        self.history.set_history(setup, snapshot.history)

    def _make_buttons(self) -> None:
        self.start_button = QPushButton(self.words.start, self)
        self.start_button.setToolTip(self.words.start_tooltip)
        self.start_button.clicked.connect(self._on_start)
        self.stop_button = QPushButton("Stop", self)
        self.stop_button.setToolTip("End the measurement; what was collected stays")
        self.stop_button.clicked.connect(self._on_stop)
        self.counter = style.text_label("", self, color=style.MUTED)
        self.newest_box = QCheckBox("Newest first", self)
        self.newest_box.setToolTip("Draw frames with the newest row at the left; only the pictures change")
        self.newest_box.toggled.connect(self._on_newest_toggled)

    def _make_pictures(self) -> None:
        self.live = LiveFrame(self)
        self.last = FrameImage(self)
        self._last_detail = ElidedLabel(self)
        style.set_text_color(self._last_detail, style.MUTED)
        self._steps = self._width = 0
        self._show_no_last()
        self.history = HistoryPlot(self)

    def _lay_out_pictures(
        self, controls: Iterable[QWidget], offers: Iterable[QWidget], beside: QWidget, below: Iterable[tuple[Any, int]]
    ) -> None:
        """Put the controls on top, then offers, the frames with what stands `beside` them, and plots `below`."""
        bar = FlowLayout(spacing=8, centred=True)
        for widget in (*controls, self.newest_box, self.counter):
            bar.addWidget(widget)
        last = QVBoxLayout()
        last.setSpacing(2)
        title = style.text_label(self.words.last, self, bold=True)
        for widget, stretch in ((title, 0), (self._last_detail, 0), (self.last, 1)):
            last.addWidget(widget, stretch)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.live, 3)
        upper.addLayout(last, 3)
        upper.addWidget(beside, 3)
        rows = QVBoxLayout(self)
        rows.addLayout(bar)
        for offer in offers:
            rows.addWidget(offer)
        rows.addLayout(upper, 5)
        for widget, stretch in (*below, (self.history, 3)):
            rows.addWidget(widget, stretch)

    def _show_order(self) -> None:
        newest_first = self.workbench.display.newest_first
        self.newest_box.setChecked(newest_first)
        for image in (self.live.image, self.last):
            image.set_newest_first(newest_first)

    def _on_measuring(self, measuring: bool) -> None:
        """Show the buttons; out of view, what is measured next is not for this tab."""
        self._show_buttons()
        if not measuring and not self.timer.isActive() and self.workbench.engine.mode == self.mode:
            self.workbench.engine.set_mode("preview")

    def _show_outlines(self, recipe: Recipe, setup: SensorSetup | None) -> None:
        outlines = feature_outlines(recipe, setup, self.workbench.plugins.parts)
        self.live.image.set_outlines(outlines)
        self.last.set_outlines(outlines)
        self._width = check_features(recipe.features, setup, self.workbench.plugins.parts).width
        self._steps = recipe.frame.time_steps
        if self._last_is_empty:
            self._show_no_last()

    def _show_no_last(self) -> None:
        self._last_is_empty = True
        self.last.set_empty("No frame yet", time_steps=self._steps, width=self._width)
        self._last_detail.set_text("")

    def _show_buttons(self) -> None:
        workbench = self.workbench
        mine = workbench.measuring and workbench.engine.mode == self.mode
        can_start = workbench.measuring or (workbench.host is not None and bool(workbench.host.can_start))
        self.start_button.setEnabled(bool(can_start and not mine and self.can_run()))
        self.start_button.setText(self.words.join if workbench.measuring and not mine else self.words.start)
        self.stop_button.setEnabled(bool(workbench.measuring))

    def _show_last(self, frame: Frame, time_s: float, *, label: str = "") -> None:
        self._last_is_empty = False
        self.last.reset_levels()
        self.last.set_frame(frame.values)
        flag = f" · flagged: {flag_words(frame.flags)}" if frame.flags else ""
        self._last_detail.set_text(f"“{label}” " * bool(label) + f"at {time_s:.1f} s{flag}")

    @guarded
    def _on_newest_toggled(self, newest_first: bool) -> None:
        self.workbench.display.newest_first = bool(newest_first)

    @guarded
    def _on_start(self) -> None:
        self.workbench.start(self.mode)

    @guarded
    def _on_stop(self) -> None:
        self.workbench.stop()
