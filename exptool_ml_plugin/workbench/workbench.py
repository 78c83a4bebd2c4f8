"""The state behind the tabs, one per window; the tabs may be taken down and built again at any time."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from psygnal import Signal

from ..core.atomic import replacing
from ..core.errors import UserError
from ..core.reading import SPARSE_IQ, SensorSetup
from ..core.recipe import Recipe, TriggerChoice
from ..core.session import Session
from ..plugins import Plugins, load_plugins
from .collecting import Collecting
from .comparing import Comparing
from .data_sets import DataSets
from .display import Display
from .engine import Engine
from .feature_editing import FeatureEditing
from .first_recipe import first_features, first_recipe
from .frame_user import FrameUser
from .guided import DONE, OFF, PAUSED
from .hints import next_step
from .host_control import HostControl
from .inspecting import Inspecting
from .journal import Journal, journal_folder
from .leakage_watch import LeakageWatch
from .lock import Lock
from .long_work import LongWork
from .markers import Markers
from .open_model import OpenModel, setup_differences
from .predicting import Predicting
from .previewing import Previewing
from .problems import UserProblem, as_problem
from .recovery import Recovery
from .remembered import Remembered
from .saving import Saving
from .session_in_use import SessionInUse
from .session_store import SessionStore
from .threshold_learning import ThresholdLearning
from .training import Training
from .training_files import TrainingFiles
from .training_launch import TrainingLaunch
from .transfer import Transfer


class Workbench:
    """Use cases and state of one window, without Qt.

    Signals may be emitted in any thread: `recipe_changed(Recipe)`, `setup_changed(SensorSetup | None)`,
    `measuring_changed(bool)`, `mode_changed(str)`, `session_changed()`, `model_changed()`, `data_changed()` (training
    data), `problem(UserProblem)`.
    """

    recipe_changed = Signal(object)
    setup_changed = Signal(object)
    measuring_changed = Signal(bool)
    mode_changed = Signal(str)
    session_changed = Signal()
    model_changed = Signal()
    data_changed = Signal()
    problem = Signal(object)

    def __init__(self, plugins: Plugins | None = None, *, journals: Path | None = None) -> None:
        self.plugins = load_plugins() if plugins is None else plugins
        self.host: HostControl | None = None
        self.problems: deque[UserProblem] = deque(maxlen=20)
        self._recipe = first_recipe(self.plugins)
        self._left_triggers: dict[str, TriggerChoice] = {}
        self._setup: SensorSetup | None = None
        self._model: OpenModel | None = None
        self.lock = Lock(lambda: self._recipe)
        journals = journals or journal_folder()
        self.sessions = SessionStore(self._recipe, journal=Journal(journals, self.report))
        self.in_use = SessionInUse(self.sessions)
        self.recovery = Recovery(self.sessions, journals, adopt=self._adopt_unless_locked, report=self.report)
        self.saving = Saving(self.report)
        self.display = Display()
        self.collecting = Collecting(self.sessions, lambda: self._recipe)
        self.remembered = Remembered(self.collecting, journals, lambda: self._recipe)
        self.predicting = Predicting(
            self.sessions, recipe=lambda: self._recipe, model=lambda: self._model, report=self.report
        )
        users: dict[str, FrameUser] = {
            "preview": Previewing(lambda: self._recipe),
            "collect": self.collecting,
            "predict": self.predicting,
        }
        self.engine = Engine(self.plugins.parts, users, self.report)
        self.markers = Markers(self.mark)
        self._connect()
        self._take_up_what_is_remembered()

    def _take_up_what_is_remembered(self) -> None:
        self.remembered.load()
        if self.remembered.settings is not None:
            self.set_recipe(self.remembered.settings)

    def _connect(self) -> None:
        self.engine.began.connect(self._on_began)
        self.engine.ended.connect(self._on_ended)
        self.engine.mode_changed.connect(self.mode_changed.emit)
        self.sessions.changed.connect(self.session_changed.emit)
        self.collecting.label_changed.connect(self._on_label_changed)
        self.collecting.tags.changed.connect(self._on_tags_changed)
        self.predicting.keep_frames_changed.connect(self._on_keep_frames_changed)

    @cached_property
    def threshold_learning(self) -> ThresholdLearning:
        """What finds the trigger's threshold; made when it is first asked for."""
        return ThresholdLearning(
            self.plugins, recipe=lambda: self._recipe, scores=self.engine.scores, report=self.report
        )

    @cached_property
    def training(self) -> Training:
        """The controller of the training worker; made when it is first asked for."""
        return Training()

    @cached_property
    def training_data(self) -> TrainingFiles:
        """The data to train with."""
        return TrainingFiles(self)

    @cached_property
    def data_sets(self) -> DataSets:
        """What opens and saves data sets, and brings their files to one recipe."""
        return DataSets(self.training_data, self.plugins.parts, LongWork(self.report))

    @cached_property
    def leakage(self) -> LeakageWatch:
        """What measures how much the training frames tell about those that judge; made when it is first asked for."""
        return LeakageWatch(self.training_data, recipe=lambda: self._recipe, report=self.report)

    @cached_property
    def comparing(self) -> Comparing:
        """What compares the split with a random one, on request."""
        return Comparing(
            self.training_data,
            recipe=lambda: self._recipe,
            runs_folder=lambda: self.training_launch.runs_folder,
            newest_run=lambda: self.training.run_dir,
            report=self.report,
        )

    @cached_property
    def training_launch(self) -> TrainingLaunch:
        """What starts the trainings."""
        return TrainingLaunch(self, self.training_data)

    @cached_property
    def feature_editing(self) -> FeatureEditing:
        """What edits the feature list; made when it is first asked for."""
        return FeatureEditing(self)

    @cached_property
    def transfer(self) -> Transfer:
        """What imports and exports frames; made when it is first asked for."""
        return Transfer(self)

    @cached_property
    def inspecting(self) -> Inspecting:
        """What looks through the session's frames and edits them."""
        return Inspecting(self)

    # --- recipe and sensor -------------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        """All settings of the next frames and the next training; frozen, set it with `set_recipe`."""
        return self._recipe

    def set_recipe(self, recipe: Recipe) -> None:
        """Put another recipe in place; a running measurement cuts its frames by it from then on."""
        if recipe == self._recipe:
            return
        if recipe.calibration == self._recipe.calibration and not recipe.same_frames_as(self._recipe):
            recipe = replace(recipe, calibration="")  # it was made of frames of the old settings
        self._recipe = recipe
        self.engine.refresh()
        self.recipe_changed.emit(recipe)

    def change_recipe(self, **fields: Any) -> None:
        """Replace fields of the recipe, `change_recipe(features=...)`."""
        self.set_recipe(replace(self._recipe, **fields))

    def choose_trigger(self, key: str) -> None:
        """Take another trigger; its settings are those it had when it was left last."""
        before = self._recipe.trigger
        if key != before.key:
            self._left_triggers[before.key] = before
            self.change_recipe(trigger=self._left_triggers.get(key, TriggerChoice(key)))

    @property
    def setup(self) -> SensorSetup | None:
        """What the connected sensor, or the opened recording, is set to; None while nothing is known of it."""
        return self._setup

    def set_setup(self, setup: SensorSetup | None) -> None:
        """Follow the sensor's configuration; called by the host whenever it changes. The recipe follows, too."""
        if setup == self._setup:
            return
        self._setup = setup
        if setup is not None:
            self.change_recipe(sensor=setup, **self._untouched_features(setup))
        self.setup_changed.emit(setup)

    def _untouched_features(self, setup: SensorSetup) -> dict[str, Any]:
        """Return the features to begin with on a service, as long as nobody chose or used any."""
        known = self._recipe.sensor
        before = first_features(self.plugins, SPARSE_IQ if known is None else known.service)
        used = self._model is not None or len(self.session) or self._recipe.features != before
        return {} if used else {"features": first_features(self.plugins, setup.service)}

    @property
    def measuring(self) -> bool:
        """True while readings come."""
        return self.engine.measuring

    def start(self, mode: str) -> None:
        """Measure and do with the frames what the mode says; a running measurement goes on in that mode.

        Raises `UserError` where the mode cannot run or there is nothing to measure with.
        """
        self._refuse_what_cannot_run(mode)
        self.engine.set_mode(mode)
        if not self.measuring:
            if self.host is None or not self.host.can_start:
                raise UserError("Expected a connected sensor. Received: none.", "Connect one, then start.")
            self.host.start()

    def start_guided(self) -> None:
        """Begin the plan of the guided collection, or go on with it; measures if nothing is measured yet."""
        guided = self.collecting.guided
        begins = guided.phase in (OFF, DONE)
        try:
            if begins:
                self.collecting.begin_plan()
            self.start("collect")
        except UserError:
            if begins:
                guided.stop()
            raise
        if self.measuring:
            guided.go_on()

    def stop(self) -> None:
        """Stop measuring."""
        if self.host is not None:
            self.host.stop()

    def mark(self) -> bool:
        """Mark the next reading, for the trigger "single"; from any thread. False where nothing is measured."""
        return self.engine.mark()

    def _refuse_what_cannot_run(self, mode: str) -> None:
        if mode == "collect" and not self.collecting.label:
            raise UserError("Expected a label for the frames. Received: an empty label.", "Type a label, then start.")
        if mode == "collect" and not self.session_fits:
            raise UserError(
                "Expected the settings the frames of this session were made with. Received: others.",
                "Begin a new session, or use the session's settings.",
            )
        if mode == "predict" and self._model is None:
            raise UserError("Expected a model. Received: none is open.", "Load a model, then start.")

    # --- session -----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The open session; hold `sessions.lock` to read several of its parts together while measuring."""
        return self.sessions.session

    @property
    def session_fits(self) -> bool:
        """Whether frames made now are comparable with those of the session."""
        recipe = self._recipe if self._setup is None else replace(self._recipe, sensor=self._setup)
        return len(self.session) == 0 or self.session.recipe.same_frames_as(recipe)

    @property
    def session_differences(self) -> tuple[str, ...]:
        """What about the sensor is not as it was when the session's frames were measured, one sentence each."""
        measured = self.session.recipe.sensor
        if not len(self.session) or measured is None or self._setup is None:
            return ()
        return setup_differences(measured, self._setup)

    def use_session_settings(self) -> None:
        """Go back to the settings of the session's frames, the sensor's included."""
        recipe = self.session.recipe
        self._adopt(recipe)
        self._set_sensor_to(recipe.sensor)

    def use_model_settings(self) -> None:
        """Set the sensor to the configuration the model was trained with."""
        if self._model is not None:
            self._set_sensor_to(self._model.info.recipe.sensor)

    def _set_sensor_to(self, setup: SensorSetup | None) -> None:
        if setup is not None and self._setup is not None and setup != self._setup and self.host is not None:
            self.host.apply_setup(setup)

    def new_session(self) -> None:
        """Begin an empty session; ask about unsaved frames first."""
        self.sessions.new(self._recipe)
        self.engine.refresh(force=True)

    def open_session(self, path: Path) -> None:
        """Open a session and take over its features, frames and trigger, unless a model locks them.

        The sensor stays as it is.
        """
        session = self.sessions.open(Path(path))
        self._adopt_unless_locked(session.recipe)

    def save_session(self, path: Path | None = None, *, overwrite: bool = False) -> None:
        """Save the session, without a path to the file it has.

        Replaces another file only with `overwrite`; without it raises `ChangedOnDiskError` where another program has
        changed its own file since.
        """
        if not self.measuring:
            self.engine.wait()
        session = self.session
        target = path or session.path
        if target is None:
            raise UserError("Expected a file name for the session. Received: none.", "Choose one.")
        own = session.path is not None and Path(target) == session.path
        if own and not overwrite:
            self.in_use.refuse_changed()
        self.sessions.save(Path(target), self._recipe, overwrite=overwrite or own)

    def save_session_in_background(self, path: Path | None = None, *, overwrite: bool = False) -> None:
        """Begin to save the session; `saving` tells when it is done, and what went wrong."""
        name = path or self.session.path or Path("session")
        self.saving.begin(lambda: self.save_session(path, overwrite=overwrite), Path(name))

    def relabel(self, indices: Sequence[int], label: str) -> None:
        """Give frames of the session another label."""
        if not label:
            raise UserError("Expected a label. Received: an empty one.", "Type a label.")
        self.sessions.relabel(indices, label)

    def remove_frames(self, indices: Sequence[int]) -> None:
        """Take frames out of the session."""
        self.sessions.remove(indices)

    # --- model -------------------------------------------------------------------------------------------------

    @property
    def model(self) -> OpenModel | None:
        """The model that predicts, None without one."""
        return self._model

    def load_model(self, path: Path, *, adopt: bool = True) -> None:
        """Open a model; with `adopt` its features, frames, trigger and network become the recipe's."""
        self._model = OpenModel.read(Path(path))
        if adopt:
            recipe = self._model.info.recipe
            self._adopt(recipe)
            self.change_recipe(network=recipe.network)
        self._model_changed()

    def save_model(self, path: Path, *, overwrite: bool = False) -> None:
        """Copy the model's file; replaces another file only with `overwrite`."""
        if self._model is None:
            raise UserError("Expected a model to save. Received: none is open.", "Train or load one first.")
        with replacing(Path(path), overwrite=overwrite) as temporary:
            shutil.copyfile(self._model.path, temporary)
        self._model = replace(self._model, path=Path(path))
        self.model_changed.emit()

    def remove_model(self) -> None:
        """Let go of the model; its file stays."""
        self._model = None
        self._model_changed()

    @property
    def model_differences(self) -> tuple[str, ...]:
        """What about the sensor is not as the model was trained with, one sentence each."""
        return () if self._model is None else self._model.differences(self._setup)

    @property
    def model_service(self) -> str:
        """Name of the service the model was trained with, where the sensor is set to another; "" where it is not."""
        return "" if self._model is None else self._model.wants_service(self._setup)

    # --- all together ------------------------------------------------------------------------------------------

    @property
    def next_step(self) -> str:
        """The next sensible step in words."""
        return next_step(
            measuring=self.measuring,
            has_model=self._model is not None,
            frames=len(self.session),
            labels=len(self.session.label_names()),
            has_data=self.training_data.frames("training") > 0,
            training=self.training.busy,
        )

    def report(self, problem: Exception, where: str) -> None:
        """Show a problem to the user: a `UserError` as text, anything else as a bug with its report; any thread."""
        shown = as_problem(problem, where)
        self.problems.append(shown)
        self.problem.emit(shown)

    def close(self, timeout_s: float = 5.0, *, discard: bool = False) -> None:
        """Stop all threads and processes.

        The session is not saved: what is unsaved stays in its journal for the next start, or is let go with `discard`.
        """
        self.markers.stop()
        self.remembered.save()
        if "threshold_learning" in self.__dict__:
            self.threshold_learning.close()
        if "inspecting" in self.__dict__:
            self.inspecting.close(timeout_s)
        if "data_sets" in self.__dict__:
            self.data_sets.work.cancel()
            self.data_sets.work.wait(timeout_s)
        if "transfer" in self.__dict__:
            self.transfer.close(timeout_s)
        if "comparing" in self.__dict__:
            self.comparing.close(timeout_s)
        if "leakage" in self.__dict__:
            self.leakage.wait(timeout_s)
        self.engine.close()
        self.saving.wait(timeout_s)
        self.sessions.close(discard=discard)
        self.in_use.close()
        self.recovery.close(timeout_s)
        if "feature_editing" in self.__dict__:
            self.feature_editing.close()
        if "training_launch" in self.__dict__:
            self.training_launch.close(timeout_s)
        if "training" in self.__dict__:
            self.training.close(timeout_s)

    def _adopt_unless_locked(self, recipe: Recipe) -> None:
        if not self.lock.locked:
            self._adopt(recipe)

    def _adopt(self, recipe: Recipe) -> None:
        sensor = self._setup or recipe.sensor
        self.change_recipe(
            features=recipe.features,
            frame=recipe.frame,
            trigger=recipe.trigger,
            sensor=sensor,
            calibration=recipe.calibration,
        )

    def _model_changed(self) -> None:
        self.lock.set_model(self._model)
        self.predicting.forget()
        self.engine.refresh(force=self.engine.mode == "predict")
        self.model_changed.emit()

    def _on_began(self, setup: SensorSetup) -> None:
        self.remembered.save()  # so that it outlives a crash, too
        self.set_setup(setup)
        guided = self.collecting.guided
        if guided.phase == DONE:
            guided.stop()
        elif guided.phase == PAUSED and self.engine.mode == "collect":
            guided.go_on()
        self.measuring_changed.emit(True)

    def _on_ended(self) -> None:
        self.collecting.guided.pause()
        self.measuring_changed.emit(False)

    def _on_label_changed(self, label: str) -> None:
        if label:
            self.engine.refresh()  # collecting may have been waiting for one

    def _on_tags_changed(self) -> None:
        if self.measuring:  # what has ended keeps its own, though its last readings may still be waiting
            self.collecting.retag()

    def _on_keep_frames_changed(self) -> None:
        if self.engine.mode == "predict":
            self.engine.refresh(force=True)
