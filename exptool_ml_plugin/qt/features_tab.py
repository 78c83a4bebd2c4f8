"""Choose what is computed from each radar reading, and see it at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from ..core.errors import UserError
from ..core.issues import Issue, Severity
from ..core.reading import SensorSetup
from ..core.recipe import FeatureChoice
from ..workbench.feature_check import FeatureCheck, check_features
from ..workbench.presets import Preset, load_presets
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .file_dialogs import ask_open, ask_save
from .widgets.add_menu import AddButton
from .widgets.cutting_form import CuttingForm
from .widgets.feature_bars import LockBar, MatchBar
from .widgets.feature_card import FeatureCard
from .widgets.feature_preview import FeaturePreview
from .widgets.issue_label import IssueLabel
from .widgets.part_list import PartList
from .widgets.undo_buttons import UndoButtons

FEATURE_FILES = "Features (*.json)"


class FeaturesTab(QWidget):
    """The list of features above a picture of the frame they make."""

    shows_sensor = True

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._editing = workbench.feature_editing
        self._check = FeatureCheck()
        self.side: QWidget = CuttingForm(workbench, self)
        self.features = PartList(self._make_card, self)
        self.features.changed.connect(self._on_features_edited)
        self.preview = FeaturePreview(workbench, self)
        self.lock_bar = LockBar(workbench, self)
        self.match_bar = MatchBar(workbench, self)
        self._problem = IssueLabel(self)
        self._status = style.text_label("", self, bold=True, wrap=True)
        self._lay_out()
        for signal in ("recipe_changed", "setup_changed"):
            connect(getattr(workbench, signal), self._refresh, self)
        connect(workbench.measuring_changed, self._on_measuring, self)
        connect(workbench.lock.changed, self._refresh, self)
        connect(self._editing.changed, self._on_editing_changed, self)
        self._refresh()

    def shown(self) -> None:
        """Follow the measurement while the tab is in view."""
        self.preview.timer.start()

    def hidden(self) -> None:
        """Draw nothing that nobody sees."""
        self.preview.timer.stop()

    @property
    def status(self) -> str:
        """What is ready or missing, in words."""
        return str(self._status.text())

    def fact(self, name: str) -> str:
        """The text of one of the facts beside the picture."""
        return self.preview.facts.text(name)

    def _lay_out(self) -> None:
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._make_bar())
        for widget in (self.lock_bar, self.match_bar, self._problem):
            column.addWidget(widget)
        column.addWidget(self.features, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(top)
        splitter.addWidget(self.preview)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([1000, 1000])
        splitter.setChildrenCollapsible(False)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(splitter)

    def _make_bar(self) -> QHBoxLayout:
        self.add_button = AddButton("Add feature", self.workbench.plugins.features, self)
        self.add_button.setToolTip("Add a feature at the end of the list")
        self.add_button.chosen.connect(self._on_add)
        self.undo = UndoButtons(self._editing, self)
        self.preset_button = self._make_presets()
        self.file_button = QPushButton("File", self)
        self.file_button.setToolTip("Load or save the list of features")
        menu = QMenu(self.file_button)
        self._entry(menu, "Load features…", "Open a feature list, or the features of a recipe (JSON)", self._on_load)
        self._entry(menu, "Save features…", "Save the list of features as a file (JSON)", self._on_save)
        self.file_button.setMenu(menu)
        bar = QHBoxLayout()
        bar.addWidget(style.text_label("Features", self, bold=True, size=3))
        bar.addWidget(self._status, 1)
        for widget in (self.undo, self.preset_button, self.file_button, self.add_button):
            bar.addWidget(widget)
        return bar

    def _make_presets(self) -> QPushButton:
        button = QPushButton("Presets", self)
        button.setToolTip("Begin with features, frames and sensor settings that suit a use")
        menu = QMenu(button)
        for preset in load_presets():
            self._entry(menu, preset.name, preset.description, partial(self._on_preset, preset))
        button.setMenu(menu)
        return button

    def _entry(self, menu: QMenu, text: str, tooltip: str, action: Callable[[], None]) -> None:
        menu.setToolTipsVisible(True)
        entry: Any = menu.addAction(text)
        entry.setToolTip(f"<p>{tooltip}</p>")  # as rich text it is broken into lines
        entry.triggered.connect(lambda *_: action())

    def _make_card(self, choice: FeatureChoice) -> FeatureCard:
        return FeatureCard(choice, self.workbench.plugins.features.get(choice.key), self)

    # --- the workbench has changed -----------------------------------------------------------------------------

    def _refresh(self) -> None:
        features, setup = self.workbench.recipe.features, self._editing.setup
        self.features.set_choices(features)
        self._check = check_features(features, setup, self.workbench.plugins.parts)
        for index, card in enumerate(self.features.cards):
            self._show_card(index, card, setup)
        self._problem.set_issues(self._check.issues_of_list)
        self._editing.preview.set_features(features)
        self.preview.show_check(self._check, setup, [card.title for card in self.features.cards])
        self._show_status(setup)
        self.match_bar.refresh()
        self._show_lock()

    def _show_card(self, index: int, card: Any, setup: SensorSetup | None) -> None:
        card.set_color(style.series_color(index))
        card.set_setup(setup)
        card.set_issues(self._check.issues_of(index))
        place = self._check.slices.get(index)
        count = 0 if place is None else place.stop - place.start
        card.set_facts("" if place is None else f"{count} value{'s' if count != 1 else ''}")

    def _show_status(self, setup: SensorSetup | None) -> None:
        errors = sum(issue.severity is Severity.ERROR for issue in self._check.issues)
        host = self.workbench.host
        invitation = "connect a sensor" if host is None else host.invitation
        if setup is None:
            text, color = f"{invitation[0].upper()}{invitation[1:]}, or preview a recording.", style.WARNING
        elif errors:
            text, color = f"{errors} problem{'s' if errors > 1 else ''} to mend", style.ERROR
        elif self.workbench.setup is None and self._editing.preview.recording is None:
            text = f"Ready: {self._check.width} values from each reading, with the last sensor settings. "
            text, color = f"{text}To measure, {invitation}.", style.WARNING
        else:
            text, color = f"Ready: {self._check.width} values from each reading", style.GOOD
        self._status.setText(text)
        style.set_text_color(self._status, color)

    def _show_lock(self) -> None:
        editable = not self.workbench.lock.locked
        self.features.widget().setEnabled(editable)
        for button in (self.add_button, self.preset_button):
            button.setEnabled(editable)
        self.file_button.menu().actions()[0].setEnabled(editable)
        self.undo.refresh()

    # --- the user has done something ---------------------------------------------------------------------------

    def _on_measuring(self, measuring: bool) -> None:
        if measuring and self._editing.preview.recording is not None:
            self._editing.preview.close()  # who measures wants to see the measurement
        self._refresh()

    @guarded
    def _on_editing_changed(self) -> None:
        self._refresh()

    @guarded
    def _on_features_edited(self, features: tuple[FeatureChoice, ...]) -> None:
        self._editing.change(features=features)

    @guarded
    def _on_add(self, key: str) -> None:
        self.features.add(FeatureChoice(key))

    @guarded
    def _on_preset(self, preset: Preset) -> None:
        self._editing.choose_preset(preset)

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load features", FEATURE_FILES)
        if path is not None:
            self.load(path)

    def load(self, path: Path) -> None:
        """Put the features of a file in place; a file that has none is said above the list."""
        try:
            self._editing.load(path)
        except UserError as error:
            self._problem.set_issues([Issue("features", str(error))])

    @guarded
    def _on_save(self) -> None:
        path = ask_save(self, "Save features", "features.json", FEATURE_FILES)
        if path is not None:
            self._editing.save(path, overwrite=True)
