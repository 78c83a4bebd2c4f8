"""The Collect tab: radar data become labelled frames."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget

from ..core.reading import SensorSetup
from ..workbench.collecting import CollectedFrame
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .measuring_tab import MeasuringTab, MeasuringWords
from .widgets.cutting_form import CuttingForm
from .widgets.label_counts import LabelCounts
from .widgets.offer_bar import MisfitBar
from .widgets.score_plot import ScorePlot
from .widgets.session_box import SessionBox


class CollectTab(MeasuringTab):
    """Label, start and stop; the frame being filled, the last one kept, the trigger's score, what the sensor saw."""

    mode = "collect"
    words = MeasuringWords(
        start="Start collecting",
        join="Collect from this measurement",
        start_tooltip="Measure, and put every complete frame into the session",
        idle="Type a label, then start collecting.",
        last="Last frame",
    )

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(workbench, parent)
        self._shown_frame: CollectedFrame | None = None
        self._make_label_box()
        self._make_side()
        self.counts = LabelCounts(self, tooltip="Collect more frames of this label")
        self.score = ScorePlot(self)
        self.cutting.connect_score(self.score)
        self.misfit = MisfitBar(self)
        controls = (style.text_label("Label", self), self.label_box, self.start_button, self.stop_button)
        self._lay_out_pictures(controls, [self.misfit], self.counts, [(self.score, 2)])
        self._connect()
        self._show_outlines_of_now()
        self.show_state()

    def show_state(self) -> None:
        """Show label, session and buttons."""
        self._show_label(self.workbench.collecting.label)
        self._show_misfit()
        self._show_buttons()

    def show_progress(self) -> None:
        """Show how many frames there are."""
        self._show_counts()
        frames = self.workbench.collecting.frames
        self.counter.setText(f"{frames:,} frames of this measurement" if self.workbench.sessions.recording else "")

    def show_live(self, snapshot: Snapshot, setup: SensorSetup) -> None:
        """Show the frame being filled, the score and the last frame kept."""
        super().show_live(snapshot, setup)
        if snapshot.window.size > 1:
            self.live.set_snapshot(snapshot)
        else:
            self.live.set_idle("Nothing is collected", "See the message above.")
        self.score.set_scores(snapshot.scores, snapshot.threshold, rate_hz=setup.reading_rate_hz)
        latest = self.workbench.collecting.latest
        if latest is not None and latest is not self._shown_frame:
            self._shown_frame = latest
            self._show_last(latest.frame, latest.frame.time_s, label=latest.label)

    def _make_label_box(self) -> None:
        self.label_box = QComboBox(self)
        self.label_box.setEditable(True)
        self.label_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label_box.setMinimumWidth(180)
        self.label_box.setToolTip("Every frame gets this label when it is complete; it may be changed while collecting")
        self.label_box.lineEdit().setPlaceholderText("Label, for example push")

    def _make_side(self) -> None:
        self.side = QWidget()
        self.session_box = SessionBox(self.workbench, self.side)
        self.cutting = CuttingForm(self.workbench, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.session_box)
        rows.addWidget(self.cutting)

    def _connect(self) -> None:
        self.label_box.lineEdit().editingFinished.connect(self._on_label_edited)
        self.label_box.activated.connect(self._on_label_edited)
        self.counts.chosen.connect(self._on_label_chosen)
        self.misfit.new_session.connect(self._on_new_session)
        self.misfit.use_settings.connect(self._on_use_settings)
        workbench = self.workbench
        connect(workbench.collecting.label_changed, self._show_label, self)
        connect(workbench.session_changed, self._show_misfit, self)
        connect(workbench.recipe_changed, self._on_settings_changed, self)
        connect(workbench.setup_changed, self._on_settings_changed, self)

    def _show_label(self, label: str) -> None:
        blocked = self.label_box.blockSignals(True)
        self.label_box.clear()
        self.label_box.addItems(list(self.workbench.collecting.label_history))
        self.label_box.setEditText(label)
        self.label_box.blockSignals(blocked)
        self._show_counts()

    def _show_counts(self) -> None:
        with self.workbench.sessions.lock:
            counts = self.workbench.session.counts()
        self.counts.set_counts(counts, self.workbench.collecting.label)

    def _on_settings_changed(self) -> None:
        self._show_misfit()
        self._show_outlines_of_now()

    def _show_outlines_of_now(self) -> None:
        self._show_outlines(self.workbench.recipe, self.workbench.setup)

    def _show_misfit(self) -> None:
        self.misfit.setVisible(not self.workbench.session_fits)

    @guarded
    def _on_start(self) -> None:
        self._on_label_edited()
        self.workbench.start(self.mode)

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
