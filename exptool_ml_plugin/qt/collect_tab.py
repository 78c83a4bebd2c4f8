"""The Collect tab: radar data become labelled frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QComboBox, QPushButton, QShortcut, QVBoxLayout, QWidget

from ..core.reading import SensorSetup
from ..workbench.collecting import KEYS, CollectedFrame
from ..workbench.guided import DONE, OFF
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .measuring_tab import MeasuringTab, MeasuringWords
from .widgets.calm_combo_box import CalmComboBox
from .widgets.cutting_form import CuttingForm
from .widgets.guided_form import GuidedForm
from .widgets.guided_view import GuidedView
from .widgets.label_counts import LabelCounts
from .widgets.last_frames import LastFrames
from .widgets.offer_bar import MisfitBar
from .widgets.recovery_bar import RecoveryBar
from .widgets.score_plot import ScorePlot
from .widgets.session_box import SessionBox
from .widgets.tags_form import TagsForm


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
        self._counted: tuple[object, ...] = ()
        self._make_label_box()
        self._make_side()
        self.counts = LabelCounts(self, tooltip="Collect more frames of this label")
        self.frames = LastFrames(workbench, self)
        self.score = ScorePlot(self)
        self.cutting.connect_score(self.score)
        self.misfit = MisfitBar(self)
        self.recovery = RecoveryBar(workbench, self)
        self.guided = GuidedView(workbench, self)
        label = style.text_label("Label", self)
        controls = (label, self.label_box, self.start_button, self.stop_button, self.guided_button)
        bars = [self.recovery, self.misfit, self.guided]
        self._lay_out_pictures(controls, bars, self.counts, [(self.frames, 0), (self.score, 2)])
        self._connect()
        self._make_keys()
        self._show_outlines_of_now()
        self.show_state()

    def show_state(self) -> None:
        """Show label, session and buttons."""
        self._show_label(self.workbench.collecting.label)
        self._show_misfit()
        self._show_guided()
        self._show_buttons()

    def hidden(self) -> None:
        """Another tab is in view: nobody sees what to do, so the guided collection waits; others go on."""
        super().hidden()
        self.workbench.collecting.guided.pause()

    def show_progress(self) -> None:
        """Show the frames there are, the last one, and what is to be done in a guided collection."""
        self._show_counts()
        self.guided.refresh()
        collecting = self.workbench.collecting
        left_out = f", {collecting.left_out:,} flagged left out" if collecting.left_out else ""
        frames = f"{collecting.frames:,} frame{'' if collecting.frames == 1 else 's'}"
        text = f"{frames} of this measurement{left_out}"
        self.counter.setText(text if self.workbench.sessions.recording else "")
        latest = collecting.latest
        if latest is not None and latest is not self._shown_frame:
            self._shown_frame = latest
            self._show_last(latest.frame, latest.frame.time_s, label=latest.label)

    def show_live(self, snapshot: Snapshot, setup: SensorSetup) -> None:
        """Show the frame being filled and the score."""
        super().show_live(snapshot, setup)
        if snapshot.window.size > 1:
            self.live.set_snapshot(snapshot)
        else:
            self.live.set_idle("Nothing is collected", "See the message above.")
        self.score.set_scores(snapshot.scores, snapshot.threshold, rate_hz=setup.reading_rate_hz)

    def _make_label_box(self) -> None:
        self.label_box = CalmComboBox(self)
        self.label_box.setEditable(True)
        self.label_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label_box.setMinimumWidth(180)
        self.label_box.setToolTip("Every frame gets this label when it is complete; it may be changed while collecting")
        self.label_box.lineEdit().setPlaceholderText("Label, for example push")
        self.guided_button = QPushButton("Guided…", self)
        self.guided_button.setCheckable(True)
        self.guided_button.setToolTip("Be told which label to do, until each has as many frames as you want")

    def _make_side(self) -> None:
        self.side = QWidget()
        self.guided_form = GuidedForm(self.workbench, self.side)
        self.session_box = SessionBox(self.workbench, self.side)
        self.tags = TagsForm(self.workbench, self.side)
        self.cutting = CuttingForm(self.workbench, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        for widget in (self.guided_form, self.session_box, self.tags, self.cutting):
            rows.addWidget(widget)
        self.guided_button.setChecked(bool(self.workbench.collecting.guided.plan))
        self.guided_form.setVisible(self.guided_button.isChecked())

    def _make_keys(self) -> None:
        """Give keys to the window; a text field takes those that are typed into it."""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        for number in range(1, KEYS + 1):
            self._make_key(str(number), partial(self._on_key, number))
        self._make_key("Del", self.frames.remove)
        self._make_key("Ctrl+Z", self.frames.undo)

    def _make_key(self, key: str, slot: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(slot)

    def _connect(self) -> None:
        self.label_box.lineEdit().editingFinished.connect(self._on_label_edited)
        self.label_box.lineEdit().returnPressed.connect(self.setFocus)  # so that the number keys are free again
        self.guided_button.toggled.connect(self._on_guided_toggled)
        self.label_box.activated.connect(self._on_label_edited)
        self.counts.chosen.connect(self._on_label_chosen)
        self.counts.forgotten.connect(self._on_label_forgotten)
        self.misfit.new_session.connect(self._on_new_session)
        self.misfit.use_settings.connect(self._on_use_settings)
        workbench = self.workbench
        connect(workbench.collecting.label_changed, self._show_label, self)
        connect(workbench.session_changed, self._on_session_changed, self)
        connect(workbench.collecting.guided.changed, self._show_guided, self)
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
        """Show the frames per label; counting them with every picture would cost more the more there are."""
        collecting, session = self.workbench.collecting, self.workbench.session
        state = (session, len(session), collecting.label)
        if state == self._counted:
            return
        self._counted = state
        with self.workbench.sessions.lock:
            counts, known = session.counts(), collecting.known_labels
        self.counts.set_counts(counts, collecting.label, keyed=known)
        self.frames.show_frames(known)

    def _show_guided(self) -> None:
        free = self.workbench.collecting.guided.phase in (OFF, DONE)
        self.label_box.setEnabled(not self.workbench.collecting.guided.active)
        self.guided_button.setEnabled(free)

    def _on_session_changed(self) -> None:
        self._counted = ()  # labels may have changed, too
        self._show_counts()
        self._show_misfit()

    def _on_settings_changed(self) -> None:
        self._show_misfit()
        self._show_outlines_of_now()

    def _show_outlines_of_now(self) -> None:
        self._show_outlines(self.workbench.recipe, self.workbench.setup)

    def _show_misfit(self) -> None:
        workbench = self.workbench
        self.misfit.show_misfit(fits=workbench.session_fits, differences=workbench.session_differences)

    @guarded
    def _on_start(self) -> None:
        self._on_label_edited()
        self.workbench.start(self.mode)

    @guarded
    def _on_label_edited(self) -> None:
        if not self.workbench.collecting.guided.active:
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

    @guarded
    def _on_label_forgotten(self, label: str) -> None:
        self.workbench.collecting.forget_label(label)

    @guarded
    def _on_key(self, number: int) -> None:
        if not self.workbench.collecting.guided.active:
            self.workbench.collecting.choose_by_key(number)

    @guarded
    def _on_guided_toggled(self, wanted: bool) -> None:
        if wanted:
            self.guided_form.propose()
        self.guided_form.setVisible(bool(wanted))
