"""The Train tab: data in, curves and confusion matrix out, with words for everything in between."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from ..core.diagnosis import Curves, diagnose
from ..core.issues import Severity
from ..core.messages import MatrixCounted, Progress, TrainingStarted
from ..core.metrics import ConfusionMatrix
from ..core.run_data import SUBSETS
from ..workbench.readiness import Check, Mend
from ..workbench.training_words import Clock, describe
from ..workbench.workbench import Workbench
from . import style
from .bridge import PlotTimer, connect, guarded, report
from .widgets.confusion_panel import ConfusionPanel
from .widgets.diagnosis_view import DiagnosisView
from .widgets.label_table import LabelTable
from .widgets.message_strip import MessageStrip, StripRow
from .widgets.training_controls import TrainingControls
from .widgets.training_plots import TrainingPlots
from .widgets.training_status import TrainingStatus

PICTURES_PER_S = 6
_WORDS_EVERY = 6
"""Every so many pictures the words are renewed instead of a plot."""
_CHECK_AFTER_MS = 150
_HEIGHTS = (600, 480)
"""Plots and matrix share the height like this until the user drags the line between them."""
_COLORS = {Severity.ERROR: style.ERROR, Severity.WARNING: style.WARNING, Severity.INFO: style.MUTED}
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class TrainTab(QWidget):
    """Shows the training of a workbench; all state is there, the tab may be built again at any time."""

    shows_sensor = False

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._clock = Clock()
        self._pictures = 0
        self._diagnosed = (-1, -1)
        self._matrices: dict[str, MatrixCounted] = {}
        self.side = TrainingControls(workbench)
        self.status = TrainingStatus(self)
        self.messages = MessageStrip(self)
        self.plots = TrainingPlots(self)
        self.matrix = ConfusionPanel(self)
        self.labels = LabelTable(self)
        self.diagnosis = DiagnosisView(self)
        self.timer = PlotTimer(self, PICTURES_PER_S, self.draw)
        self._check_soon = QTimer(self)
        self._lay_out()
        self._connect()
        self.check()
        self.refresh()

    # --- the page ----------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """The tab is in view: draw, and start the worker so that the first training begins at once."""
        self.timer.start()
        self.check()
        self.refresh()
        self.workbench.training.warm_up()

    def hidden(self) -> None:
        """Another tab is in view: a running training goes on."""
        self.timer.stop()
        self._check_soon.stop()

    def draw(self) -> None:
        """Take in what is new and draw it; called by the timer, cheap when nothing is."""
        training = self.workbench.training
        self._pictures += 1
        self.plots.update_from(training.history)
        # One thing at a time, so that nothing else in the window ever waits for more than that.
        if self._pictures % _WORDS_EVERY:
            self.plots.redraw()
        elif not self._diagnose():
            self._show_status()

    def refresh(self) -> None:
        """Show the state of the training."""
        self.plots.update_from(self.workbench.training.history)
        self.plots.redraw(force=not self.plots.settled and not self.workbench.training.busy)
        self._show_status()
        self._diagnose()
        self._show_messages()
        self._show_matrices()
        self._show_labels()

    def check(self) -> None:
        """Look at everything that can be looked at before the first batch."""
        launch, files = self.workbench.training_launch, self.workbench.training_data
        beginning = launch.beginning()
        self._checks = files.examine(self.workbench.recipe, model_labels=beginning.labels)
        errors = any(check.issue.severity is Severity.ERROR for check in self._checks)
        self.side.set_ready(not errors)
        self._show_messages()
        self._show_labels()

    # --- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(style.text_label("Labels", right, bold=True))
        column.addWidget(self.labels, 1)
        column.addWidget(self.diagnosis, 1)
        lower = QSplitter(Qt.Orientation.Horizontal, self)
        lower.addWidget(self.matrix)
        lower.addWidget(right)
        lower.setStretchFactor(0, 1)
        lower.setStretchFactor(1, 0)
        lower.setChildrenCollapsible(False)
        rows = QSplitter(Qt.Orientation.Vertical, self)
        rows.addWidget(self.plots)
        rows.addWidget(lower)
        rows.setStretchFactor(0, 1)
        rows.setStretchFactor(1, 1)
        rows.setSizes(list(_HEIGHTS))
        rows.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 6, 0)
        page.setSpacing(6)
        page.addWidget(self.status)
        page.addWidget(self.messages)
        page.addWidget(rows, 1)

    def _connect(self) -> None:
        workbench = self.workbench
        training, launch = workbench.training, workbench.training_launch
        self._check_soon.setSingleShot(True)
        self._check_soon.setInterval(_CHECK_AFTER_MS)
        self._check_soon.timeout.connect(self._on_check_soon)
        connect(training.changed, self._on_training_changed, self)
        connect(training.matrix, self._on_matrix, self)
        connect(training.progress, self._on_progress, self)
        connect(training.started, self._on_started, self)
        for signal in (workbench.data_changed, workbench.recipe_changed, workbench.session_changed, launch.changed):
            connect(signal, self._on_something_changed, self)
        connect(launch.background.changed, self._show_status, self)
        self.matrix.count_wanted.connect(self._on_count_wanted)

    # --- showing -----------------------------------------------------------------------------------------------

    def _show_status(self) -> None:
        training = self.workbench.training
        elapsed = self._clock.elapsed(training, time.monotonic())
        status = describe(training, self.workbench.recipe.training, elapsed_s=elapsed)
        doing = self.workbench.training_launch.background.doing
        if doing and not training.busy:
            self.status.show_status(type(status)(doing), "starting")
        else:
            self.status.show_status(status, training.state)

    def _diagnose(self) -> bool:
        """Look at the curves again where an epoch is new; tell whether one was."""
        training = self.workbench.training
        seen = (training.history.generation, training.history.epoch_count)
        if seen == self._diagnosed:
            return False
        self._diagnosed = seen
        plan = training.plan
        frames = plan.training_frames if plan is not None else 0
        labels = len(self.workbench.training_data.label_names)
        curves = Curves.of(training.history.epochs, labels=labels, training_frames=frames)
        self.diagnosis.show_findings(diagnose(curves), epochs=curves.epochs)
        return True

    def _show_messages(self) -> None:
        training = self.workbench.training
        if training.busy:
            self.messages.show_rows(())
            return
        rows = []
        if training.state == "failed" and training.problem is not None:
            rows.append(self._failure_row())
        ordered = sorted(self._checks, key=lambda check: _ORDER.index(check.issue.severity))
        quiet = all(check.issue.severity is Severity.INFO for check in ordered)
        if quiet and not rows and training.result is None:
            rows.append(StripRow(self._ready_text(), style.GOOD))
        elif quiet and training.result is not None:
            ordered = []
        self.messages.show_rows([*rows, *(self._row(check) for check in ordered)])

    def _ready_text(self) -> str:
        used = self.workbench.training_data.counts_by_use(self.workbench.recipe)
        frames = {subset: sum(row[subset] for row in used.values()) for subset in SUBSETS}
        return f"Ready: {frames['training']:,} frames to train, {frames['validation']:,} to validate, " + (
            f"{frames['test']:,} to test." if frames["test"] else "none to test."
        )

    def _failure_row(self) -> StripRow:
        problem = self.workbench.training.problem
        text = "" if problem is None else f"{problem.message} {problem.hint}".strip()
        details = "" if problem is None else "\n".join(filter(None, (text, problem.report)))
        return StripRow(text, style.ERROR, "Copy report", lambda: QApplication.clipboard().setText(details))

    def _row(self, check: Check) -> StripRow:
        mend = check.mend
        color = _COLORS[check.issue.severity]
        if mend is None:
            return StripRow(check.issue.message, color)
        return StripRow(check.issue.message, color, mend.text, self._guard(lambda: self._mend(mend)))

    def _guard(self, action: Callable[[], None]) -> Callable[[], None]:
        def guarded_action() -> None:
            try:
                action()
            except Exception as error:  # noqa: BLE001 - called from Qt, whatever comes must stop here
                report(self, error, where="mending an issue")

        return guarded_action

    def _mend(self, mend: Mend) -> None:
        files = self.workbench.training_data
        if mend.recipe is not None:
            self.workbench.set_recipe(mend.recipe)
        elif mend.action == "use session":
            files.use_session()
        elif mend.action == "leave out labels":
            files.leave_out_unknown_labels()
        elif mend.action == "start afresh":
            self.workbench.training_launch.begin_afresh()
        elif mend.action.startswith("leave out:"):
            subset, number = mend.action.split(":")[1:]
            files.leave_out(subset, int(number))

    def _show_labels(self) -> None:
        files = self.workbench.training_data
        counts = files.counts_by_use(self.workbench.recipe)
        self.labels.set_counts(counts or {label: {} for label in files.label_names})

    def _show_matrices(self) -> None:
        training = self.workbench.training
        if training.matrices != self._matrices:
            self._matrices = dict(training.matrices)
            self.matrix.set_matrices({subset: _matrix(counted) for subset, counted in self._matrices.items()})
        launch = self.workbench.training_launch
        possible = () if training.busy else [subset for subset in SUBSETS if launch.can_count(subset)]
        self.matrix.set_can_count(possible)
        if not training.busy:
            self.matrix.set_progress("", 0, 0)

    # --- what happens ------------------------------------------------------------------------------------------

    def _on_training_changed(self) -> None:
        self.refresh()

    def _on_started(self, plan: TrainingStarted) -> None:
        self.plots.suggest_smoothing(plan.batches_per_epoch)
        self.diagnosis.reset()
        self._diagnosed = (-1, -1)

    def _on_matrix(self) -> None:
        self._show_matrices()

    def _on_progress(self, progress: Progress) -> None:
        counting = self.workbench.training.state == "counting"
        self.matrix.set_progress(progress.what if counting else "", progress.done, progress.total)

    def _on_something_changed(self) -> None:
        # Several changes come together, and frames that are being collected come all the time.
        if not self._check_soon.isActive() and self.timer.isActive():
            self._check_soon.start()

    @guarded
    def _on_check_soon(self) -> None:
        self.check()

    @guarded
    def _on_count_wanted(self, subset: str) -> None:
        self.workbench.training_launch.count(subset)


def _matrix(counted: MatrixCounted) -> ConfusionMatrix:
    return ConfusionMatrix(counted.labels, np.array(counted.counts, dtype=np.int64))
