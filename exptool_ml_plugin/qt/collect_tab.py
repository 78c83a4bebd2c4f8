"""The Collect tab: radar data become labelled frames."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..core.reading import flag_words
from ..workbench.collecting import CollectedFrame
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import PlotTimer, connect, guarded
from .widgets.cutting_form import CuttingForm
from .widgets.feature_outlines import feature_outlines
from .widgets.frame_image import FrameImage
from .widgets.history_plot import HistoryPlot
from .widgets.label_counts import LabelCounts
from .widgets.live_frame import LiveFrame
from .widgets.offer_bar import MisfitBar
from .widgets.score_plot import ScorePlot
from .widgets.session_box import SessionBox

_PICTURES_PER_S = 25


class CollectTab(QWidget):
    """Label, start and stop; the frame being filled, the last one kept, the trigger's score, what the sensor saw."""

    shows_sensor = True

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._shown_frame: CollectedFrame | None = None
        self.timer = PlotTimer(self, _PICTURES_PER_S, self.refresh)
        self._make_controls()
        self._make_pictures()
        self._make_side()
        self._lay_out()
        self._connect()
        self._show_label(workbench.collecting.label)
        self._show_session()
        self._show_outlines()
        self._show_buttons()

    def shown(self) -> None:
        """The tab is in view: a measurement that starts from now on is collected."""
        if not self.workbench.measuring:
            self.workbench.engine.set_mode("collect")
        self._show_label(self.workbench.collecting.label)
        self._show_session()
        self._show_buttons()
        self.refresh()
        self.timer.start()

    def hidden(self) -> None:
        """Another tab is in view: a running collection goes on."""
        self.timer.stop()
        if not self.workbench.measuring:
            self.workbench.engine.set_mode("preview")

    def refresh(self) -> None:
        """Draw the latest state of the measurement."""
        self._show_buttons()
        self._show_counts()
        snapshot = self.workbench.engine.latest()
        if not self.workbench.measuring:
            self.live.set_idle("No measurement", "Type a label, then start collecting.")
        elif snapshot.setup is not None:
            self._show_live(snapshot)

    def _make_controls(self) -> None:
        self.label_box = QComboBox(self)
        self.label_box.setEditable(True)
        self.label_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label_box.setMinimumWidth(180)
        self.label_box.setToolTip("Every frame gets this label when it is complete; it may be changed while collecting")
        self.label_box.lineEdit().setPlaceholderText("Label, for example push")
        self.start_button = QPushButton("Start collecting", self)
        self.start_button.setToolTip("Measure, and put every complete frame into the session")
        self.stop_button = QPushButton("Stop", self)
        self.counter = style.text_label("", self, color=style.MUTED)
        self.misfit = MisfitBar(self)

    def _make_pictures(self) -> None:
        self.live = LiveFrame(self)
        self.last = FrameImage(self)
        self._last_title = style.text_label("Last frame", self, bold=True)
        self._last_detail = style.text_label("", self, color=style.MUTED)
        self.last.set_empty("No frame yet")
        self.counts = LabelCounts(self, tooltip="Collect more frames of this label")
        self.counts.setMaximumWidth(220)
        self.score = ScorePlot(self)
        self.history = HistoryPlot(self)

    def _make_side(self) -> None:
        self.side = QWidget()
        self.session_box = SessionBox(self.workbench, self.side)
        self.cutting = CuttingForm(self.workbench, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.session_box)
        rows.addWidget(self.cutting)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.addWidget(style.text_label("Label", self))
        controls.addWidget(self.label_box, 1)
        controls.addWidget(self.start_button)
        controls.addWidget(self.stop_button)
        controls.addSpacing(12)
        controls.addWidget(self.counter)
        controls.addStretch(1)
        last = QVBoxLayout()
        last.setSpacing(2)
        for widget, stretch in ((self._last_title, 0), (self._last_detail, 0), (self.last, 1)):
            last.addWidget(widget, stretch)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.live, 3)
        upper.addLayout(last, 3)
        upper.addWidget(self.counts, 2)
        rows = QVBoxLayout(self)
        rows.addLayout(controls)
        rows.addWidget(self.misfit)
        rows.addLayout(upper, 5)
        rows.addWidget(self.score, 2)
        rows.addWidget(self.history, 3)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self._on_start)
        self.stop_button.clicked.connect(self._on_stop)
        self.label_box.lineEdit().editingFinished.connect(self._on_label_edited)
        self.label_box.activated.connect(self._on_label_edited)
        self.counts.chosen.connect(self._on_label_chosen)
        self.misfit.new_session.connect(self._on_new_session)
        self.misfit.use_settings.connect(self._on_use_settings)
        workbench = self.workbench
        connect(workbench.collecting.label_changed, self._show_label, self)
        connect(workbench.session_changed, self._show_session, self)
        connect(workbench.recipe_changed, self._on_settings_changed, self)
        connect(workbench.setup_changed, self._on_settings_changed, self)
        connect(workbench.measuring_changed, self._show_buttons, self)

    def _show_label(self, label: str) -> None:
        blocked = self.label_box.blockSignals(True)
        self.label_box.clear()
        self.label_box.addItems(list(self.workbench.collecting.label_history))
        self.label_box.setEditText(label)
        self.label_box.blockSignals(blocked)
        self._show_counts()

    def _show_session(self) -> None:
        self._show_counts()
        self._show_misfit()

    def _show_counts(self) -> None:
        with self.workbench.sessions.lock:
            counts = self.workbench.session.counts()
        self.counts.set_counts(counts, self.workbench.collecting.label)

    def _on_settings_changed(self) -> None:
        self._show_misfit()
        self._show_outlines()

    def _show_outlines(self) -> None:
        workbench = self.workbench
        outlines = feature_outlines(workbench.recipe, workbench.setup, workbench.plugins.parts)
        self.live.image.set_outlines(outlines)
        self.last.set_outlines(outlines)

    def _show_misfit(self) -> None:
        self.misfit.setVisible(not self.workbench.session_fits)

    def _show_buttons(self) -> None:
        workbench = self.workbench
        collecting = workbench.measuring and workbench.engine.mode == "collect"
        can_start = workbench.measuring or (workbench.host is not None and bool(workbench.host.can_start))
        self.start_button.setEnabled(bool(can_start and not collecting))
        other = workbench.measuring and not collecting
        self.start_button.setText("Collect from this measurement" if other else "Start collecting")
        self.stop_button.setEnabled(bool(workbench.measuring))
        frames = workbench.collecting.frames
        self.counter.setText(f"{frames:,} frames of this measurement" if workbench.sessions.recording else "")

    def _show_live(self, snapshot: Snapshot) -> None:
        if snapshot.window.size > 1:
            self.live.set_snapshot(snapshot)
        else:
            self.live.set_idle("Nothing is collected", "See the message above.")
        if snapshot.setup is None:
            return
        self.score.set_scores(snapshot.scores, snapshot.threshold, rate_hz=snapshot.setup.reading_rate_hz)
        self.history.set_history(snapshot.setup, snapshot.history)
        latest = self.workbench.collecting.latest
        if latest is not None and latest is not self._shown_frame:
            self._shown_frame = latest
            self._show_last(latest)

    def _show_last(self, collected: CollectedFrame) -> None:
        frame = collected.frame
        self.last.reset_levels()
        self.last.set_frame(frame.values)
        flag = f" · flagged: {flag_words(frame.flags)}" if frame.flags else ""
        self._last_detail.setText(f"“{collected.label}” at {frame.time_s:.1f} s{flag}")

    @guarded
    def _on_start(self) -> None:
        self._on_label_edited()
        self.workbench.start("collect")

    @guarded
    def _on_stop(self) -> None:
        self.workbench.stop()

    @guarded
    def _on_label_edited(self) -> None:
        self.workbench.collecting.label = self.label_box.currentText()

    @guarded
    def _on_label_chosen(self, label: str) -> None:
        self.workbench.collecting.label = label

    @guarded
    def _on_new_session(self) -> None:
        if self.session_box.may_drop():
            self.workbench.new_session()

    @guarded
    def _on_use_settings(self) -> None:
        self.workbench.use_session_settings()
