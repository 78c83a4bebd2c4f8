"""Choose what is computed from each radar reading, and see it at once."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from ..core.issues import Severity, has_errors
from ..core.reading import SensorSetup
from ..core.recipe import FeatureChoice
from ..workbench.feature_check import FeatureCheck, check_features, setup_text
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import PlotTimer, connect, guarded
from .widgets.add_menu import AddButton
from .widgets.cutting_form import CuttingForm
from .widgets.fact_list import FactList
from .widgets.feature_card import FeatureCard
from .widgets.frame_image import FrameImage, Outline
from .widgets.issue_label import IssueLabel
from .widgets.part_list import PartList

PREVIEW_HZ = 25


class FeaturesTab(QWidget):
    """The list of features above a live picture of the frame they make."""

    shows_sensor = True

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._check = FeatureCheck()
        self._last: Snapshot | None = None
        self.side: QWidget = CuttingForm(workbench, self)
        self.features = PartList(self._make_card, self)
        self.features.changed.connect(self._on_features_edited)
        self.image = FrameImage(self)
        self._facts = FactList(("Frame", "Length", "Sensor", "Rate", "Cost"), self)
        self._problem = IssueLabel(self)
        self._status = style.text_label("", self, bold=True, wrap=True)
        self._lay_out()
        self._timer = PlotTimer(self, PREVIEW_HZ, self._on_timer)
        connect(workbench.recipe_changed, self._show_recipe, self)
        connect(workbench.setup_changed, self._show_recipe, self)
        self._show_recipe()

    def shown(self) -> None:
        """Follow the measurement while the tab is in view."""
        self._timer.start()

    def hidden(self) -> None:
        """Draw nothing that nobody sees."""
        self._timer.stop()

    @property
    def status(self) -> str:
        """What is ready or missing, in words."""
        return str(self._status.text())

    def fact(self, name: str) -> str:
        """The text of one of the facts beside the picture."""
        return self._facts.text(name)

    def _lay_out(self) -> None:
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._make_bar())
        column.addWidget(self._problem)
        column.addWidget(self.features, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(top)
        splitter.addWidget(self._make_preview())
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([1000, 1000])
        splitter.setChildrenCollapsible(False)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(splitter)

    def _make_bar(self) -> QHBoxLayout:
        self.add_button = AddButton("Add feature", self.workbench.plugins.features, self)
        self.add_button.chosen.connect(self._on_add)
        self.undo_button = QPushButton("Undo", self)
        self.undo_button.setToolTip("Take back the last change of the list")
        self.undo_button.clicked.connect(self._on_undo)
        bar = QHBoxLayout()
        bar.addWidget(style.text_label("Features", self, bold=True, size=3))
        bar.addWidget(self._status, 1)
        bar.addWidget(self.undo_button)
        bar.addWidget(self.add_button)
        return bar

    def _make_preview(self) -> QWidget:
        side = QVBoxLayout()
        side.addWidget(self._facts)
        side.addStretch(1)
        preview = QWidget(self)
        row = QHBoxLayout(preview)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.image, 1)
        row.addLayout(side)
        return preview

    def _make_card(self, choice: FeatureChoice) -> FeatureCard:
        return FeatureCard(choice, self.workbench.plugins.features.get(choice.key), self)

    # --- the workbench has changed -----------------------------------------------------------------------------

    def _show_recipe(self) -> None:
        recipe = self.workbench.recipe
        setup = self._setup()
        self.features.set_choices(recipe.features)
        self.undo_button.setEnabled(self.features.can_undo)
        self._check = check_features(recipe.features, setup, self.workbench.plugins.parts)
        for index, card in enumerate(self.features.cards):
            self._show_card(index, card, setup)
        self._problem.set_issues(self._check.issues_of_list)
        self._show_outlines()
        self._show_facts(setup)
        self._show_status(setup)
        if has_errors(self._check.issues):
            self.image.set_empty("Mend the problems to see the features")
        elif not self.workbench.measuring:
            self._show_no_picture()

    def _show_card(self, index: int, card: Any, setup: SensorSetup | None) -> None:
        card.set_color(style.series_color(index))
        card.set_setup(setup)
        card.set_issues(self._check.issues_of(index))
        place = self._check.slices.get(index)
        card.set_facts("" if place is None else f"{place.stop - place.start} values")

    def _show_outlines(self) -> None:
        cards = self.features.cards
        self.image.set_outlines(
            [
                Outline(place.start, place.stop, style.series_color(index), cards[index].title)
                for index, place in self._check.slices.items()
            ]
        )

    def _show_facts(self, setup: SensorSetup | None) -> None:
        steps = self.workbench.recipe.frame.time_steps
        self._facts.set("Frame", f"{steps} × {self._check.width}" if self._check.width else "")
        rate = 0.0 if setup is None else setup.reading_rate_hz
        self._facts.set("Length", f"{steps / rate:.3g} s" if rate else "")
        self._facts.set("Sensor", "" if setup is None else "\n".join(setup_text(setup)))

    def _show_status(self, setup: SensorSetup | None) -> None:
        errors = sum(issue.severity is Severity.ERROR for issue in self._check.issues)
        if setup is None:
            text, color = "Connect a sensor and choose the service Sparse IQ, or open a recording.", style.WARNING
        elif errors:
            text, color = f"{errors} problem{'s' if errors > 1 else ''} to mend", style.ERROR
        else:
            text, color = f"Ready: {self._check.width} values from each reading", style.GOOD
        self._status.setText(text)
        style.set_text_color(self._status, color)

    def _show_no_picture(self) -> None:
        text = "Start a measurement to see the features" if self._check.width else "No features to show"
        self.image.set_empty(text, time_steps=self.workbench.recipe.frame.time_steps, width=self._check.width)
        self._last = None

    def _setup(self) -> SensorSetup | None:
        return self.workbench.setup or self.workbench.recipe.sensor

    # --- the user has done something ---------------------------------------------------------------------------

    @guarded
    def _on_features_edited(self, features: tuple[FeatureChoice, ...]) -> None:
        self.workbench.change_recipe(features=features)

    @guarded
    def _on_add(self, key: str) -> None:
        self.features.add(FeatureChoice(key))

    @guarded
    def _on_undo(self) -> None:
        self.features.undo()

    def _on_timer(self) -> None:
        if not self.workbench.measuring or has_errors(self._check.issues):
            return
        snapshot = self.workbench.engine.latest()
        if snapshot is self._last or not snapshot.readings:
            return
        self._last = snapshot
        self.image.set_frame(snapshot.window)
        self._facts.set("Rate", f"{snapshot.rate_hz:.1f} readings per second")
        self._facts.set("Cost", f"{snapshot.cost_us:.0f} µs per reading")
