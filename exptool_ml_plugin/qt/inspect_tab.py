"""The Inspect tab: look through the frames of the session, find what is wrong with them, and mend it."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QDialog, QGroupBox, QPushButton, QSplitter, QVBoxLayout, QWidget

from ..workbench.inspecting import Inspecting
from ..workbench.label_statistics import label_counts
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .widgets.augment_dialog import AugmentDialog
from .widgets.calibration_box import CalibrationBox
from .widgets.edit_bar import EditBar
from .widgets.feature_outlines import feature_outlines
from .widgets.frame_filter_bar import FrameFilterBar
from .widgets.frame_grid import KEYS_TEXT, FrameGrid
from .widgets.frame_view import FrameView
from .widgets.label_statistics_table import LabelStatisticsTable
from .widgets.make_variants_dialog import MakeVariantsDialog
from .widgets.mistakes_dialog import MistakesDialog
from .widgets.recording_panel import RecordingPanel
from .widgets.session_box import SessionBox
from .widgets.work_bar import WorkBar


class InspectTab(QWidget):
    """A grid of all frames, the current one large, and the recording it comes from; every change can be taken back."""

    shows_sensor = False

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.inspecting: Inspecting = workbench.inspecting
        self._visible = False
        self._make_parts()
        self._make_side()
        self._lay_out()
        self._connect()
        self._show_session()

    @property
    def index(self) -> int:
        """Number in the session of the frame in view, 0 where there is none."""
        return self.inspecting.current or 0

    def shown(self) -> None:
        """The tab is in view."""
        self._visible = True
        self._show_session()
        self.grid.setFocus()

    def hidden(self) -> None:
        """Another tab is in view."""
        self._visible = False

    def show_frame(self, index: int) -> None:
        """Go to a frame of the session, if it is among those shown."""
        self.inspecting.go_to(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the grid have the keys that the control with the keyboard has no use for."""
        self.grid.keyPressEvent(event)

    def _make_parts(self) -> None:
        self.filter_bar = FrameFilterBar(self.inspecting, self)
        self.edit_bar = EditBar(self.inspecting, self)
        self.grid = FrameGrid(self.inspecting, self)
        self.frame_view = FrameView(self.inspecting, self)
        self.panel = RecordingPanel(self.inspecting, lambda: self.edit_bar.label, self)
        self.work_bar = WorkBar(self.inspecting.work, self)

    def _make_side(self) -> None:
        self.side = QWidget()
        self.session_box = SessionBox(self.workbench, self.side)
        labels = QGroupBox("Labels", self.side)
        self.counts = LabelStatisticsTable(labels)
        self.counts.setMinimumHeight(180)
        self.mistakes_button = QPushButton("Find mistakes…", labels)
        self.mistakes_button.setToolTip("Look for wrong labels, outliers and near duplicates among the frames")
        self.calibration_box = CalibrationBox(self.inspecting, self.side)
        inner = QVBoxLayout(labels)
        inner.addWidget(self.counts)
        inner.addWidget(self.mistakes_button)
        inner.addWidget(style.text_label(KEYS_TEXT, labels, color=style.MUTED, wrap=True))
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.session_box)
        rows.addWidget(labels)
        rows.addWidget(self.calibration_box)

    def _lay_out(self) -> None:
        across = QSplitter(Qt.Orientation.Horizontal, self)
        across.addWidget(self.grid)
        across.addWidget(self.frame_view)
        across.setStretchFactor(0, 3)
        across.setStretchFactor(1, 4)
        down = QSplitter(Qt.Orientation.Vertical, self)
        down.addWidget(across)
        down.addWidget(self.panel)
        down.setStretchFactor(0, 3)
        down.setStretchFactor(1, 1)
        down.setSizes([480, 190])
        for splitter in (across, down):
            splitter.setChildrenCollapsible(False)
        rows = QVBoxLayout(self)
        for widget in (self.filter_bar, self.edit_bar, self.work_bar):
            rows.addWidget(widget)
        rows.addWidget(down, 1)

    def _connect(self) -> None:
        self.grid.numbered.connect(self._on_number)
        self.grid.removing.connect(self.edit_bar.remove)
        self.edit_bar.copying.connect(self._on_copies)
        self.edit_bar.varying.connect(self._on_variants)
        self.panel.tried.connect(self.frame_view.show_trial)
        self.counts.chosen.connect(self._on_label_chosen)
        self.mistakes_button.clicked.connect(self._on_mistakes)
        connect(self.inspecting.listed, self._show_list, self)
        connect(self.inspecting.outdated, self._on_session_changed, self)
        connect(self.inspecting.done, self.work_bar.say, self)
        connect(self.workbench.session_changed, self._on_session_changed, self)
        connect(self.workbench.model_changed, self._on_session_changed, self)
        connect(self.workbench.display.changed, self._show_look, self)

    def _on_session_changed(self) -> None:
        if self._visible:
            self._show_session()

    def _show_session(self) -> None:
        self.frame_view.forget_means()
        self._show_look()
        with self.workbench.sessions.lock:
            self.inspecting.refresh()
            counts = label_counts(self.workbench.session)
        self.counts.set_counts(counts, self.workbench.collecting.known_labels, self._colors())

    def _show_list(self) -> None:
        self.filter_bar.show_state(has_model=self.workbench.model is not None)
        empty = not len(self.workbench.session)
        self.grid.empty_text = "The session has no frames yet" if empty else "No frame passes the filter"

    def _show_look(self) -> None:
        recipe, newest_first = self.workbench.session.recipe, self.workbench.display.newest_first
        outlines = feature_outlines(recipe, recipe.sensor, self.workbench.plugins.parts)
        colors = self._colors()
        self.frame_view.set_outlines(outlines, newest_first=newest_first)
        self.grid.set_look([(one.start, one.stop) for one in outlines], colors, newest_first=newest_first)
        self.panel.set_colors(colors)

    def _colors(self) -> dict[str, str]:
        known = self.workbench.collecting.known_labels
        return {label: style.series_color(place) for place, label in enumerate(known)}

    @guarded
    def _on_number(self, number: int) -> None:
        known = self.workbench.collecting.known_labels
        if number <= len(known):
            self.inspecting.relabel(known[number - 1])

    @guarded
    def _on_label_chosen(self, label: str) -> None:
        self.inspecting.go_to_next_of(label)

    @guarded
    def _on_copies(self) -> None:
        dialog = AugmentDialog(self.inspecting, self)
        try:
            if dialog.exec_() == QDialog.DialogCode.Accepted:
                self.inspecting.augment(dialog.scope.chosen, dialog.offsets)
        finally:
            dialog.deleteLater()

    @guarded
    def _on_variants(self) -> None:
        dialog = MakeVariantsDialog(self.workbench, self)
        try:
            if dialog.exec_() == QDialog.DialogCode.Accepted:
                self.inspecting.make_variants(dialog.scope.chosen, dialog.settings)
        finally:
            dialog.deleteLater()

    @guarded
    def _on_mistakes(self) -> None:
        dialog = MistakesDialog(self.workbench, self)
        try:
            if dialog.exec_() == QDialog.DialogCode.Accepted:
                self.inspecting.select(dialog.lassoed)
        finally:
            dialog.deleteLater()
