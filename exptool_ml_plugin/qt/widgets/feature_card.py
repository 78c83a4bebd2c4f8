"""One feature of the list: its settings, outputs and sensors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qtpy.QtWidgets import QCheckBox, QToolButton, QVBoxLayout, QWidget

from ...core.features.base import Feature
from ...core.issues import Issue
from ...core.options import coerce
from ...core.reading import SensorSetup
from ...core.recipe import FeatureChoice
from .. import style
from ..bridge import guarded
from .flow_layout import FlowLayout
from .options_form import OptionsForm, named_values
from .part_card import PartCard

_MAIN_SETTINGS = 6
"""Settings of a feature in view from the beginning."""


class FeatureCard(PartCard):
    """Edits one `FeatureChoice`; `feature_type` is None where the feature is not installed."""

    def __init__(
        self, choice: FeatureChoice, feature_type: type[Feature] | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, switch_hint="Use this feature", fact_widths=(76,), stacked=True)
        self._choice = choice
        self._type = feature_type
        self._outputs: dict[str, QCheckBox] = {}
        self._all = False
        self._needed: set[str] = set()  # settings in view though they are not among the first
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if feature_type is None:
            self.set_title(choice.key, tooltip="This feature is not installed")
        else:
            self.set_title(feature_type.name, tooltip=feature_type.description)
            self._make_form(feature_type, column)
            self._make_outputs(feature_type, column)
        self._sensors = TickRow("Sensors", self.body)
        self._subsweeps = TickRow("Subsweeps", self.body)
        for ticks in (self._sensors, self._subsweeps):
            ticks.on_click = self.edited.emit
            column.addWidget(ticks)
        self.set_choice(choice)

    def choice(self) -> FeatureChoice:
        """The feature as it stands on the card."""
        choice: FeatureChoice = self._choice
        return replace(
            choice,
            options=self._changed_options(),
            outputs=self._chosen_outputs(),
            sensor_ids=self._sensors.chosen(choice.sensor_ids),
            subsweeps=self._subsweeps.chosen(choice.subsweeps),
            enabled=self.active,
        )

    def set_choice(self, choice: FeatureChoice) -> None:
        """Show a feature, without a signal."""
        self._choice = choice
        if self._type is not None and self._form is not None:
            settings: Any = coerce(self._type.Options, choice.options)[0]
            self._form.set_value(settings)
            shown = choice.outputs or tuple(self._type.outputs)[:1]
            for key, box in self._outputs.items():
                box.setChecked(key in shown)
            self._show_fields()
        self._sensors.tick(choice.sensor_ids)
        self._subsweeps.tick(choice.subsweeps)
        self.set_active(choice.enabled)

    def set_setup(self, setup: SensorSetup | None) -> None:
        """Offer the sensors and subsweeps there are, where there is more than one."""
        channels = () if setup is None else setup.channels
        self._sensors.offer({channel.sensor_id: str(channel.sensor_id) for channel in channels})
        self._subsweeps.offer({channel.subsweep: str(channel.subsweep + 1) for channel in channels})
        self._sensors.tick(self._choice.sensor_ids)
        self._subsweeps.tick(self._choice.subsweeps)

    def set_issues(self, issues: Iterable[Issue]) -> None:
        """Show what is wrong, and the fields it is about."""
        super().set_issues(issues)
        self._show_fields()

    def _make_form(self, feature_type: type[Feature], column: QVBoxLayout) -> None:
        form = OptionsForm(feature_type.Options, self.body, inline=True)
        self._take_form(form)
        form.setVisible(bool(form.names))
        column.addWidget(form)
        self._more = QToolButton(form)
        self._more.setAutoRaise(True)
        self._more.setToolTip("Show all settings of this feature, or only the main ones and those that were changed")
        self._more.clicked.connect(self._on_more)
        form.layout().addWidget(self._more)
        self._show_fields()

    @guarded
    def _on_more(self) -> None:
        self._all = not self._all
        if not self._all:
            self._needed.clear()
        self._show_fields()

    def _show_fields(self) -> None:
        """Show the first settings, those that were changed and those with a problem; all of them when asked."""
        form = self._form
        if form is None or self._type is None:
            return
        self._needed |= self._changed_options().keys() | {issue.where.rsplit(".", 1)[-1] for issue in self._given}
        hidden = [name for name in form.names[_MAIN_SETTINGS:] if name not in self._needed]
        for name in form.names[_MAIN_SETTINGS:]:
            form.set_field_visible(name, self._all or name not in hidden)
        self._more.setText("Fewer settings" if self._all else f"{len(hidden)} more settings…")
        self._more.setVisible(bool(hidden))

    def _make_outputs(self, feature_type: type[Feature], column: QVBoxLayout) -> None:
        row = QWidget(self.body)
        flow = FlowLayout(row, centred=True)
        flow.addWidget(style.text_label("Outputs:", row, color=style.MUTED, size=-1))
        for key, caption in feature_type.outputs.items():
            box = QCheckBox(caption, row)
            box.clicked.connect(lambda *_: self.edited.emit())
            self._outputs[key] = box
            flow.addWidget(box)
        row.setVisible(len(feature_type.outputs) > 1)
        column.addWidget(row)

    def _changed_options(self) -> dict[str, Any]:
        """The options as the recipe names them; those nobody touched stay as they were written."""
        options = dict(self._choice.options)
        if self._type is not None and self._form is not None:
            now = self._form.value()
            before: Any = coerce(self._type.Options, options)[0]
            if now != before:
                options = named_values(now, options)
        return options

    def _chosen_outputs(self) -> tuple[str, ...]:
        """The ticked outputs; the last tick cannot be taken away. Empty stays empty while it means the same."""
        before: tuple[str, ...] = self._choice.outputs
        ticked = tuple(key for key, box in self._outputs.items() if box.isChecked())
        if not ticked or (not before and ticked == tuple(self._outputs)[:1]):
            return before
        return ticked


class TickRow(QWidget):
    """A row of ticks for numbers of which all are used unless some are picked; hidden where there is no choice."""

    def __init__(self, caption: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.on_click: Any = None
        self._boxes: dict[int, QCheckBox] = {}
        self._flow = FlowLayout(self, centred=True)
        self._flow.addWidget(style.text_label(f"{caption}:", self, color=style.MUTED, size=-1))
        self.hide()

    def offer(self, numbers: dict[int, str]) -> None:
        """Offer these numbers, each with its text."""
        if list(numbers) != list(self._boxes):
            for box in self._boxes.values():
                self._flow.removeWidget(box)
                box.deleteLater()
            self._boxes = {number: self._box(text) for number, text in numbers.items()}
        self.setVisible(len(numbers) > 1)

    def tick(self, numbers: tuple[int, ...] | None) -> None:
        """Tick these, all where None."""
        for number, box in self._boxes.items():
            box.setChecked(numbers is None or number in numbers)

    def chosen(self, before: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """The ticked ones, None where all are; the last tick cannot be taken away.

        Nothing is chosen where nothing is offered, and nothing changes while the ticks show what was chosen before.
        """
        ticked = tuple(number for number, box in self._boxes.items() if box.isChecked())
        shown = tuple(number for number in self._boxes if before is None or number in before)
        if len(self._boxes) < 2 or not ticked or ticked == shown:
            return before
        return None if len(ticked) == len(self._boxes) else ticked

    def _box(self, text: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.clicked.connect(lambda *_: self.on_click())
        self._flow.addWidget(box)
        return box
