"""How frames are cut: the trigger with its settings, and where the frame lies around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtpy.QtWidgets import QComboBox, QGroupBox, QVBoxLayout, QWidget

from ...core.issues import Issue
from ...core.options import coerce
from ...core.recipe import FrameSettings, Recipe, TriggerChoice
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .options_form import OptionsForm


class CuttingForm(QGroupBox):
    """Edits the trigger and the frame settings of the recipe, also while measuring.

    Without `with_time_steps` the frame's length is left out: a model has its own. The settings of a trigger come
    back when it is chosen again.
    """

    def __init__(self, workbench: Workbench, parent: QWidget | None = None, *, with_time_steps: bool = True) -> None:
        super().__init__("Frames", parent)
        self.workbench = workbench
        self._earlier: dict[str, Any] = {}
        self._options: OptionsForm | None = None
        self._shown_key = ""
        names = ["pre_trigger", "dead_time"]
        self._frame = OptionsForm(FrameSettings, self, only=["time_steps", *names] if with_time_steps else names)
        self._make_trigger_box()
        self._rows = QVBoxLayout(self)
        self._rows.addWidget(self.trigger_box)
        self._rows.addWidget(self._description)
        self._rows.addWidget(self._frame)
        self._frame.changed.connect(self._on_frame_changed)
        self._show_recipe(workbench.recipe)
        connect(workbench.recipe_changed, self._show_recipe, self)

    @property
    def options(self) -> OptionsForm | None:
        """The form of the chosen trigger's own settings, None where the trigger is not installed."""
        return self._options

    @property
    def frame(self) -> OptionsForm:
        """The form of the frame settings."""
        return self._frame

    def _make_trigger_box(self) -> None:
        self.trigger_box = QComboBox(self)
        self.trigger_box.setToolTip("What decides when a frame is cut")
        for key, trigger in self.workbench.plugins.triggers.items():
            self.trigger_box.addItem(trigger.name, key)
        self.trigger_box.activated.connect(self._on_trigger_chosen)
        self._description = style.text_label("", self, color=style.MUTED, wrap=True)

    def _show_recipe(self, recipe: Recipe) -> None:
        self._show_trigger(recipe.trigger)
        self._frame.set_value(recipe.frame)

    def _show_trigger(self, choice: TriggerChoice) -> None:
        trigger = self.workbench.plugins.triggers.get(choice.key)
        if choice.key != self._shown_key:
            self._shown_key = choice.key
            self._put_form(None if trigger is None else trigger.Options)
        self.trigger_box.setCurrentIndex(self.trigger_box.findData(choice.key))
        if trigger is None or self._options is None:
            self._description.setText(f"The trigger “{choice.key}” is not installed; choose another.")
            return
        self._description.setText(trigger.description)
        settings: Any
        issues: list[Issue]
        settings, issues = coerce(trigger.Options, choice.options)
        self._options.set_value(settings)
        self._options.mark([issue.where for issue in issues])
        for name in ("pre_trigger", "dead_time"):
            self._frame.set_field_enabled(name, trigger.uses_pre_trigger)

    def _put_form(self, settings_type: type | None) -> None:
        if self._options is not None:
            self._rows.removeWidget(self._options)
            self._options.hide()
            self._options.deleteLater()
            self._options = None
        if settings_type is not None:
            self._options = OptionsForm(settings_type, self)
            self._options.changed.connect(self._on_options_changed)
            self._rows.insertWidget(2, self._options)

    @guarded
    def _on_trigger_chosen(self, index: int) -> None:
        key = self.trigger_box.itemData(index)
        before = self.workbench.recipe.trigger
        if key == before.key:
            return
        self._earlier[before.key] = before
        self.workbench.change_recipe(trigger=self._earlier.get(key, TriggerChoice(key)))

    @guarded
    def _on_options_changed(self, settings: Any) -> None:
        form = self._options
        if form is not None:
            options = {name: getattr(settings, name) for name in form.names}
            self.workbench.change_recipe(trigger=replace(self.workbench.recipe.trigger, options=options))

    @guarded
    def _on_frame_changed(self, settings: FrameSettings) -> None:
        self.workbench.change_recipe(frame=settings)
