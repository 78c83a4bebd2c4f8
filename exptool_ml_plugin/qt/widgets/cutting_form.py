"""How frames are cut: the trigger with its settings, and where the frame lies around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGroupBox, QVBoxLayout, QWidget

from ...core.issues import Issue
from ...core.options import coerce
from ...core.recipe import FrameSettings, Recipe, TriggerChoice
from ...core.trigger_maker import check_trigger
from ...core.triggers.base import Trigger
from ...workbench.threshold_learning import threshold_option
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox
from .frame_time import FrameTime
from .issue_label import IssueLabel
from .learn_threshold import LearnThreshold
from .marker_box import MarkerBox
from .options_form import OptionsForm
from .score_plot import ScorePlot


class CuttingForm(QGroupBox):
    """Edits the trigger and the frame settings of the recipe, also while measuring.

    Without `with_time_steps` the frame's length is left out: a model has its own. `threshold_limits_changed` carries
    how far the trigger's threshold goes, a pair, or None where it has none.
    """

    threshold_limits_changed = Signal(object)

    def __init__(self, workbench: Workbench, parent: QWidget | None = None, *, with_time_steps: bool = True) -> None:
        super().__init__("Frames", parent)
        self.workbench = workbench
        self._options: OptionsForm | None = None
        self._shown_key = ""
        self._issues: list[Issue] = []
        names = ["pre_trigger", "dead_time"]
        self._frame = OptionsForm(FrameSettings, self, only=["time_steps", *names] if with_time_steps else names)
        self.frame_time = FrameTime(self)
        self.frame_time.setVisible(with_time_steps)
        self.markers = MarkerBox(workbench, self)
        self.learn = LearnThreshold(workbench, self)
        self.overlap = style.text_label("", self, color=style.MUTED, wrap=True)
        self.problem = IssueLabel(self)
        self._make_trigger_box()
        self._lay_out()
        self._frame.changed.connect(self._on_frame_changed)
        self._frame.noted.connect(self._show_issues)
        self.frame_time.edited.connect(self._on_time_edited)
        self._show_recipe()
        connect(workbench.recipe_changed, self._show_recipe, self)
        connect(workbench.setup_changed, self._show_recipe, self)
        connect(workbench.lock.changed, self._show_recipe, self)

    @property
    def options(self) -> OptionsForm | None:
        """The form of the chosen trigger's own settings, None where the trigger is not installed."""
        return self._options

    @property
    def frame(self) -> OptionsForm:
        """The form of the frame settings."""
        return self._frame

    @property
    def threshold_limits(self) -> tuple[float, float] | None:
        """The smallest and the largest threshold of the trigger, None where it has none."""
        trigger = self._trigger
        option = None if trigger is None else threshold_option(trigger.Options)
        if option is None or option.minimum is None or option.maximum is None:
            return None
        return float(option.minimum), float(option.maximum)

    def connect_score(self, plot: ScorePlot) -> None:
        """Let the threshold be set by dragging its line in a plot."""
        plot.set_threshold_limits(self.threshold_limits)
        self.threshold_limits_changed.connect(plot.set_threshold_limits)
        plot.threshold_moved.connect(self._show_threshold)
        plot.threshold_dragged.connect(self.set_threshold)

    @guarded
    def set_threshold(self, threshold: float) -> None:
        """Set the trigger's threshold, rounded to three digits; a trigger without one stays as it is."""
        limits = self.threshold_limits
        if limits is not None:
            rounded = float(f"{min(max(threshold, limits[0]), limits[1]):.3g}")
            choice = self.workbench.recipe.trigger
            self.workbench.change_recipe(trigger=replace(choice, options={**choice.options, "threshold": rounded}))

    @property
    def _trigger(self) -> type[Trigger] | None:
        return self.workbench.plugins.triggers.get(self.workbench.recipe.trigger.key)

    def _make_trigger_box(self) -> None:
        self.trigger_box = CalmComboBox(self)
        self.trigger_box.setToolTip("What decides when a frame is cut")
        for key, trigger in self.workbench.plugins.triggers.items():
            self.trigger_box.addItem(trigger.name, key)
        self.trigger_box.activated.connect(self._on_trigger_chosen)
        self._description = style.text_label("", self, color=style.MUTED, wrap=True)

    def _lay_out(self) -> None:
        self._rows = QVBoxLayout(self)
        for widget in (self.trigger_box, self._description, self.overlap, self.learn, self.markers, self.problem):
            self._rows.addWidget(widget)
        self._rows.addWidget(self.frame_time)
        self._rows.addWidget(self._frame)
        self._rows.addStretch(1)

    # --- the workbench has changed -----------------------------------------------------------------------------

    def _show_recipe(self) -> None:
        recipe = self.workbench.recipe
        setup = self.workbench.setup or recipe.sensor
        self._show_trigger(recipe.trigger)
        self._frame.set_value(recipe.frame)
        self.frame_time.set_frame(recipe.frame.time_steps, None if setup is None else setup.reading_rate_hz)
        self._show_lock()
        self._show_overlap(recipe)
        self._issues = check_trigger(recipe, self.workbench.plugins.parts, setup)
        self._show_issues()

    def _show_lock(self) -> None:
        """A model has its own length of frames."""
        locked = self.workbench.lock.locked
        if locked:
            self.frame_time.setEnabled(False)
        if "time_steps" in self._frame.names:
            self._frame.set_field_enabled("time_steps", not locked)
        reason = f"Locked by model {self.workbench.lock.model_name}; press Unlock in the Features tab to change it."
        self.setToolTip(reason if locked else "")  # what is disabled shows the tooltip of what holds it

    def _show_trigger(self, choice: TriggerChoice) -> None:
        trigger = self._trigger
        if choice.key != self._shown_key:
            self._shown_key = choice.key
            self._put_form(None if trigger is None else trigger.Options)
            self.markers.setVisible(choice.key == "single")
            self.learn.setVisible(self.threshold_limits is not None)
            self.threshold_limits_changed.emit(self.threshold_limits)
        self.trigger_box.setCurrentIndex(self.trigger_box.findData(choice.key))
        if trigger is None or self._options is None:
            self._description.setText("")
            return
        self._description.setText(trigger.description)
        settings: Any
        settings, _ = coerce(trigger.Options, choice.options)
        self._options.set_value(settings)
        self._frame.set_field_enabled("pre_trigger", trigger.uses_pre_trigger)
        self._frame.set_field_enabled("dead_time", trigger.uses_dead_time)

    def _show_overlap(self, recipe: Recipe) -> None:
        steps = recipe.frame.time_steps
        self.overlap.setVisible(recipe.trigger.key == "continuous")
        hop = recipe.trigger.options.get("hop") or steps
        if not isinstance(hop, int):
            return
        shared = steps - hop
        if shared > 0:
            self.overlap.setText(f"Neighbouring frames share {shared} of {steps} rows ({100 * shared / steps:.0f} %).")
        else:
            self.overlap.setText(f"Frames do not overlap; {-shared} rows lie between them." if shared else
                                 "Frames follow one another without overlap.")  # fmt: skip

    @guarded
    def _show_issues(self) -> None:
        notes = self._frame.notes() if self._options is None else [*self._options.notes(), *self._frame.notes()]
        self.problem.set_issues([*self._issues, *notes])
        if self._options is not None:
            self._options.mark_issues(self._issues)

    def _show_threshold(self, threshold: float) -> None:
        if self._options is not None and "threshold" in self._options.names:
            self._options.editor("threshold").set_value(float(f"{threshold:.3g}"))

    def _put_form(self, settings_type: type | None) -> None:
        if self._options is not None:
            self._rows.removeWidget(self._options)
            self._options.hide()
            self._options.deleteLater()
            self._options = None
        if settings_type is not None:
            self._options = OptionsForm(settings_type, self)
            self._options.changed.connect(self._on_options_changed)
            self._options.noted.connect(self._show_issues)
            self._rows.insertWidget(2, self._options)

    # --- the user has done something ---------------------------------------------------------------------------

    @guarded
    def _on_trigger_chosen(self, index: int) -> None:
        self.workbench.choose_trigger(self.trigger_box.itemData(index))

    @guarded
    def _on_options_changed(self, settings: Any) -> None:
        form = self._options
        if form is not None:
            options = {name: getattr(settings, name) for name in form.names}
            self.workbench.change_recipe(trigger=replace(self.workbench.recipe.trigger, options=options))

    @guarded
    def _on_frame_changed(self, settings: FrameSettings) -> None:
        self.workbench.change_recipe(frame=settings)

    @guarded
    def _on_time_edited(self, time_steps: int) -> None:
        self.workbench.change_recipe(frame=replace(self.workbench.recipe.frame, time_steps=time_steps))
