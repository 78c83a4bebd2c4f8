"""Editing the feature list: presets, files, a recording to look at, and what follows what when they do not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from psygnal import Signal

from ..core.errors import UserError
from ..core.reading import SensorSetup
from ..plugins import Plugins
from .feature_file import load_features, save_features
from .host_control import HostControl
from .lock import Lock
from .matching import Match, match
from .open_model import OpenModel
from .presets import Preset
from .recipe_steps import HasRecipe, RecipeSteps
from .recording_preview import RecordingPreview


class FeatureBench(HasRecipe, Protocol):
    """The workbench, as far as editing features needs it."""

    plugins: Plugins
    lock: Lock
    host: HostControl | None

    @property
    def setup(self) -> SensorSetup | None:
        """What the connected sensor is set to."""

    @property
    def measuring(self) -> bool:
        """Whether readings come."""

    @property
    def model(self) -> OpenModel | None:
        """The open model."""

    def report(self, problem: Exception, where: str) -> None:
        """Show a problem."""


class FeatureEditing:
    """What the Features tab does; everything of it can be taken back, and nothing of it is done while locked.

    `changed` is emitted, in any thread, when something changed that is not in the recipe: the recording in view, or
    the sensor settings a preset asks for.
    """

    changed = Signal()

    def __init__(self, bench: FeatureBench) -> None:
        self._bench = bench
        self._steps = RecipeSteps(bench, "features")
        self._preset: Preset | None = None
        self._preset_undone = False
        self.preview = RecordingPreview(bench.plugins, bench.report)
        self.preview.changed.connect(self.changed.emit)

    @property
    def setup(self) -> SensorSetup | None:
        """What the features are checked against: the recording in view, the sensor, or what the recipe says of it."""
        return self.preview.setup or self._bench.setup or self._bench.recipe.sensor

    def change(self, **fields: Any) -> None:
        """Replace fields of the recipe as one step; `UserError` while a model locks them."""
        self._bench.lock.refuse()
        self._steps.change(**fields)

    # --- taking back -------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._steps.can_undo and not self._bench.lock.locked

    @property
    def can_redo(self) -> bool:
        """Whether there is a change that was taken back."""
        return self._steps.can_redo and not self._bench.lock.locked

    def undo(self) -> None:
        """Take back the last change."""
        was_preset = self._is_preset
        self._bench.lock.refuse()
        self._steps.undo()
        self._after_step()
        if was_preset and not self._is_preset:
            self._preset_undone = True
            self.changed.emit()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        self._bench.lock.refuse()
        self._steps.redo()
        self._after_step()
        if self._is_preset:
            self._preset_undone = False
            self.changed.emit()

    def _after_step(self) -> None:
        if self._bench.setup is not None:  # a sensor that was connected meanwhile is what it is
            self._bench.change_recipe(sensor=self._bench.setup)

    # --- presets and files -------------------------------------------------------------------------------------

    @property
    def preset(self) -> Preset | None:
        """The preset whose sensor settings are still offered."""
        return None if self._preset_undone else self._preset

    @property
    def _is_preset(self) -> bool:
        return self._preset is not None and self._bench.recipe.features == self._preset.recipe.features

    def choose_preset(self, preset: Preset) -> None:
        """Take over features, frame and trigger; the sensor settings too, where no sensor is connected."""
        recipe = preset.recipe
        fields: dict[str, Any] = {"features": recipe.features, "frame": recipe.frame, "trigger": recipe.trigger}
        if self._bench.setup is None:
            fields["sensor"] = recipe.sensor
        self._bench.lock.refuse()
        self._preset, self._preset_undone = preset, False
        self._steps.change(**fields)
        self.changed.emit()

    def load(self, path: Path) -> None:
        """Put the features of a file in place; `UserError` if there are none in it."""
        self._bench.lock.refuse()
        self._steps.change(features=load_features(path))
        self._forget_preset()

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the features to a file of their own."""
        save_features(self._bench.recipe.features, path, overwrite=overwrite)

    def _forget_preset(self) -> None:
        self._preset = None
        self.changed.emit()

    # --- features and sensor -----------------------------------------------------------------------------------

    def match(self) -> Match:
        """Compare the features with the sensor, or with the recording in view."""
        setup = self.setup
        if setup is None:
            return Match()
        wanted = None if self.preset is None or self.preview.recording is not None else self.preset.recipe.sensor
        if wanted is not None and wanted.generation != setup.generation:
            wanted = None  # of another kind of sensor, which this one cannot become
        return match(self._bench.recipe.features, setup, self._bench.plugins.parts, wanted=wanted)

    @property
    def can_set_sensor(self) -> bool:
        """Whether there is a sensor that can be set now."""
        bench = self._bench
        return (
            bench.host is not None and bench.setup is not None and not bench.measuring and not self.preview.recordings
        )

    def follow_sensor(self) -> None:
        """Sensor to feature: limit the features to what is measured."""
        found = self.match()
        if found.features is not None:
            self.change(features=found.features)
        if self.preset is not None and self.preview.recording is None:
            self._forget_preset()  # the sensor stays as it is, so the preset's settings are not wanted

    def lead_sensor(self) -> None:
        """Feature to sensor: set the host's own configuration so that it covers the features."""
        setup, host = self.match().setup, self._bench.host
        if setup is None:
            return
        if host is None or not self.can_set_sensor:
            raise UserError(
                "Expected a sensor that can be set. Received: none, or one that is measuring.",
                "Connect a sensor, stop the measurement and close the recording.",
            )
        if self.preset is not None and setup == self.preset.recipe.sensor:
            host.apply_setup(setup)
        else:
            host.cover_setup(setup)

    # --- the lock ----------------------------------------------------------------------------------------------

    def lock_again(self) -> None:
        """Put the model's features and frame length back, and lock them."""
        model, lock = self._bench.model, self._bench.lock
        if model is not None and not lock.matches:
            own = model.info.recipe
            frame = replace(self._bench.recipe.frame, time_steps=own.frame.time_steps)
            self._steps.change(features=own.features, frame=frame)
        lock.lock()

    def close(self) -> None:
        """Stop what runs."""
        self.preview.close()
        self.preview.wait()
