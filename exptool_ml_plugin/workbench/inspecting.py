"""Looking through the frames of the session: which are in view, which is the current one, what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal, SignalInstance

from ..core.augmentation_settings import AugmentationSettings
from ..core.calibration import calibration_frame, calibration_text, recalibrated
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.recipe import Recipe
from ..core.session import Session
from ..core.variants import check_settings, with_their_variants
from ..plugins import Plugins
from .edits import Calibrate, Edits, Relabel, Remove
from .frame_cutting import FrameCutting
from .frame_facts import FrameFacts
from .frame_list import Facts, FrameFilter, listed
from .label_statistics import LabelMean, label_means
from .lock import Lock
from .long_work import LongWork
from .open_model import OpenModel
from .session_store import SessionStore


class InspectingBench(Protocol):
    """The workbench, as far as inspecting needs it."""

    plugins: Plugins
    sessions: SessionStore
    lock: Lock

    @property
    def recipe(self) -> Recipe:
        """The settings of now."""

    @property
    def model(self) -> OpenModel | None:
        """The open model."""

    @property
    def model_changed(self) -> SignalInstance:
        """Emitted when another model is open."""

    def set_recipe(self, recipe: Recipe) -> None:
        """Put other settings in place."""

    def report(self, problem: Exception, where: str) -> None:
        """Show a problem."""


class _State(NamedTuple):
    """What tells whether frames are still those of the last look."""

    session: Session
    renumberings: int
    frames: int


class Inspecting:
    """The frames in view (`shown`, numbers in the session), the `current` one and those `selected`.

    `listed` is emitted when other frames are in view, `moved` when the current frame or the selection is another:
    both in the thread of whoever uses this, and only there. `outdated` asks for a `refresh`, as any change of the
    session does, `prepared` says that the rows of a recording are at hand, `done` says in a sentence what came of work
    that takes long: these may come from any thread. What is done with frames is done with the selected ones, else with
    the current one, and can be taken back by `edits`.
    """

    listed = Signal()
    moved = Signal()
    outdated = Signal()
    prepared = Signal()
    done = Signal(str)

    def __init__(self, workbench: InspectingBench) -> None:
        self._workbench = workbench
        self._store = workbench.sessions
        self.edits = Edits(self._store)
        self.work = LongWork(workbench.report)
        self.facts_of = FrameFacts()
        self.cutting = FrameCutting(self._store, self.edits, self.work, lambda: workbench.plugins.parts)
        self._state = _State(self._store.session, -1, 0)
        self._wanted: int | None = None
        self._facts = Facts.unknown(0)
        self._place = 0
        self._anchor = 0
        self.filter = FrameFilter()
        self.sort = "collected"
        self.shown: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.selected: frozenset[int] = frozenset()
        self.edits.changed.connect(self._follow_calibration)
        workbench.model_changed.connect(self._on_model_changed)
        self.refresh()

    # --- what is in view ---------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The open session."""
        return self._store.session

    @property
    def place(self) -> int:
        """Place of the current frame among those shown, from 0."""
        return self._place

    @property
    def current(self) -> int | None:
        """Number of the current frame in the session, None where no frame is shown."""
        return int(self.shown[self._place]) if len(self.shown) else None

    @property
    def targets(self) -> list[int]:
        """The frames that are worked on: those selected, else the current one; ascending."""
        if self.selected:
            return sorted(self.selected)
        return [] if self.current is None else [self.current]

    def refresh(self) -> None:
        """Look at the session again, after it was changed."""
        with self._store.lock:
            session, before = self._store.session, self._state
            state = _State(session, self._store.renumberings, len(session))
            other_numbers = state.renumberings != before.renumberings and state.frames != before.frames
            renumbered = session is not before.session or other_numbers
            current = self._wanted if self._wanted is not None else None if renumbered else self.current
            self._facts = self.facts_of.of(session, (session, state.renumberings))
            self.shown = listed(session, self.filter, self.sort, self._facts)
            self._state, self._wanted = state, None
        self.selected = frozenset() if renumbered else self.selected & frozenset(self.shown.tolist())
        found = np.flatnonzero(self.shown == (-1 if current is None else current))
        self._place = int(found[0]) if len(found) else max(0, min(self._place, len(self.shown) - 1))
        self.listed.emit()

    def set_filter(self, frames: FrameFilter) -> None:
        """Show other frames; what asks for predictions has them made."""
        self.filter = frames
        self.refresh()
        if frames.prediction:
            self.predict()

    def set_sort(self, sort: str) -> None:
        """Show them in another order; what the order needs is measured, anew each time it is asked for."""
        self.sort = sort
        self.refresh()
        if sort == "confidence":
            self.predict()
        elif sort == "distance":
            session = self._snapshot()
            self._run("Measuring distances", lambda step: self.facts_of.measure_distances(session, step))

    def predict(self) -> None:
        """Have the open model predict all frames, unless it has."""
        model = self._workbench.model
        if model is None:
            raise UserError("Expected a model. Received: none is open.", "Load a model, then ask what it predicts.")
        if len(self.session) and (self._facts.predicted == "").any():
            session = self._snapshot()
            self._run("Predicting the frames", lambda step: self.facts_of.predict(session, model, step))

    def prediction(self, index: int) -> tuple[str, float] | None:
        """Return what the model predicts for a frame and its probability, None while that is not known."""
        if index >= len(self._facts.predicted) or not self._facts.predicted[index]:
            return None
        return str(self._facts.predicted[index]), float(self._facts.confidence[index])

    def distance(self, index: int) -> float | None:
        """Return how far a frame is from the mean of its label, None while that is not known."""
        known = index < len(self._facts.distance) and not np.isnan(self._facts.distance[index])
        return float(self._facts.distance[index]) if known else None

    # --- moving and selecting ----------------------------------------------------------------------------------

    def go_to_place(self, place: int, *, extend: bool = False, toggle: bool = False) -> None:
        """Go to a place among the shown frames, brought inside where it lies outside.

        `extend` selects all from where the selection began to there, `toggle` adds that frame or takes it out;
        without them nothing is selected any more.
        """
        if not len(self.shown):
            return
        place = max(0, min(place, len(self.shown) - 1))
        if extend:
            first, last = sorted((self._anchor, place))
            self.selected = frozenset(self.shown[first : last + 1].tolist())
        elif toggle:
            if not self.selected and self.current is not None:
                self.selected = frozenset({self.current})
            self.selected ^= {int(self.shown[place])}
            self._anchor = place
        else:
            self.selected = frozenset()
            self._anchor = place
        self._place = place
        self.moved.emit()

    def go_to(self, index: int) -> None:
        """Go to a frame of the session, if it is shown."""
        found = np.flatnonzero(self.shown == index)
        if len(found):
            self.go_to_place(int(found[0]))

    def go_to_next_of(self, label: str) -> None:
        """Go to the next shown frame of a label, from the beginning again after the last."""
        labels = self.session.labels
        own = [place for place, index in enumerate(self.shown.tolist()) if labels[index] == label]
        if own:
            self.go_to_place(next((place for place in own if place > self._place), own[0]))

    def select(self, indices: Iterable[int]) -> None:
        """Select frames; those that are not shown are left out."""
        self.selected = frozenset(int(index) for index in indices) & frozenset(self.shown.tolist())
        self.moved.emit()

    def select_all(self) -> None:
        """Select all shown frames."""
        self.select(self.shown.tolist())

    # --- changing ----------------------------------------------------------------------------------------------

    def relabel(self, label: str, indices: Sequence[int] | None = None) -> None:
        """Give the selected frames, or others, and their variants a label."""
        targets = self.targets if indices is None else list(indices)
        if targets:
            self.edits.do(Relabel(with_their_variants(self.session, targets), label))

    def remove(self) -> None:
        """Take the selected frames and their variants out of the session."""
        if self.targets:
            self.edits.do(Remove(with_their_variants(self.session, self.targets)))

    def prepare(self, recording: int) -> None:
        """Have the rows of a recording made; `prepared` is emitted when they are there."""
        if self.cutting.rows_at_hand(recording) is None and not self.work.doing:
            self.cutting.with_rows([recording], self.prepared.emit)

    def move(self, index: int, first_reading: int) -> None:
        """Let a frame begin with another reading of its recording; it is made anew from the readings."""
        self.cutting.move([index], [first_reading], text="Move 1 frame")

    def shift(self, rows: int) -> None:
        """Let the selected frames begin some rows later, or earlier below 0; `UserError` where one would stand out."""
        targets = self.targets
        if targets:
            firsts = [int(self.session.first_reading[index]) + rows for index in targets]
            self.cutting.move(targets, firsts, text=f"Shift {len(targets):,} frames by {rows:+d}")

    def add(self, recording: int, first_reading: int, label: str) -> None:
        """Add a frame that begins with a reading, after the current one, and go to it."""
        at = len(self.session) if self.current is None else self.current + 1
        self.cutting.add(recording, first_reading, label, at=at, before=lambda: self._want(at))

    def augment(self, indices: Sequence[int], offsets: Sequence[int]) -> None:
        """Add frames that begin `offsets` rows after those given; see `FrameCutting.augment`."""
        session = self._snapshot()
        self._run("Adding copies", lambda step: self.done.emit(self.cutting.augment(session, indices, offsets, step)))

    def make_variants(self, indices: Sequence[int], settings: AugmentationSettings) -> None:
        """Add variants of frames, which the session keeps beside them; see `FrameCutting.make_variants`."""
        check_settings(settings)
        session = self._snapshot()
        self._run(
            "Making variants",
            lambda step: self.done.emit(self.cutting.make_variants(session, indices, settings, step)),
        )

    @property
    def calibration(self) -> NDArray[np.float32] | None:
        """The frame all frames of the session are divided by, float32 `(time_steps, width)`, None without one."""
        text = self.session.recipe.calibration
        return calibration_frame(text) if text else None

    def mean_before_calibration(self, label: str) -> NDArray[np.float32]:
        """Return the mean frame of a label as it would be without a calibration."""
        return recalibrated(self.means()[label].mean, self.session.recipe.calibration, "")

    def calibrate(self, frame: NDArray[np.float32] | None) -> None:
        """Divide all frames of the session, and those that will come, by a frame; None for no calibration."""
        self.edits.do(Calibrate("" if frame is None else calibration_text(frame)))

    def means(self) -> dict[str, LabelMean]:
        """Return mean and spread of the frames of each label."""
        return label_means(self._snapshot())

    def close(self, timeout_s: float = 5.0) -> None:
        """End what is being done."""
        self.work.cancel()
        self.work.wait(timeout_s)

    def _want(self, index: int) -> None:
        self._wanted = index

    def _run(self, doing: str, work: Callable[[Step], object]) -> None:
        def all_of_it(step: Step) -> None:
            work(step)
            self.outdated.emit()

        self.work.run(doing, all_of_it)

    def _snapshot(self) -> Session:
        with self._store.lock:
            return self._store.session.as_it_is()

    def _follow_calibration(self) -> None:
        """Have frames that will come divided like those of the session, where they are comparable else."""
        recipe, calibration = self._workbench.recipe, self.session.recipe.calibration
        if not self._workbench.lock.locked and recipe.calibration != calibration:
            wanted = replace(recipe, calibration=calibration)
            if wanted.same_frames_as(self.session.recipe):
                self._workbench.set_recipe(wanted)

    def _on_model_changed(self) -> None:
        self.facts_of.forget_predictions()
        if self.filter.prediction or self.sort == "confidence":
            self.filter, self.sort = FrameFilter(), "collected"
        self.outdated.emit()
