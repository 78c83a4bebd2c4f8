"""Guided collection: says which label to do next, for how long, until every label has its frames."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psygnal import Signal

from ..core.errors import UserError
from ..core.options import option

OFF, PAUSED, READY, CUE, BREAK, DONE = "off", "paused", "ready", "cue", "break", "done"


@dataclass(frozen=True)
class GuidedSettings:
    """How the labels follow one another."""

    cue_s: float = option(
        4.0, text="Time per label", unit="s", doc="How long one label is asked for.", minimum=0.5, maximum=3600.0
    )
    countdown_s: float = option(
        2.0,
        text="Get ready",
        unit="s",
        doc="Time before each label to read it and get ready; nothing is kept in it. Longer than a frame is best.",
        minimum=0.0,
        maximum=60.0,
    )
    break_every: int = option(
        20, text="Break after", unit="turns", doc="Turns between two breaks; 0 for no breaks.", minimum=0, maximum=1000
    )
    break_s: float = option(
        20.0, text="Length of a break", unit="s", doc="How long a break lasts.", minimum=1.0, maximum=3600.0
    )
    seed: int = option(
        1, text="Order", doc="Each number gives another order, always the same one.", minimum=0, maximum=9999
    )


@dataclass(frozen=True)
class Quota:
    """A label and how many frames of it are wanted."""

    label: str
    frames: int


@dataclass(frozen=True)
class GuidedStatus:
    """What to show now: `label` is to be done, or comes next; `left_s` is the rest of the phase, 0 while paused.

    `part` is how much of the phase is over, 0 to 1. `counts` are the frames kept so far of `wanted`.
    """

    phase: str = OFF
    label: str = ""
    left_s: float = 0.0
    part: float = 0.0
    count: int = 0
    wanted: int = 0
    total: int = 0
    total_wanted: int = 0


class Guided:
    """Goes through a plan in rounds: in each, every label that still needs frames has one turn, in shuffled order.

    A turn is a countdown ("ready") and the time to do it ("cue"). Only frames that are complete within the cue, and
    began after the turn before, are kept and count. Methods may be called from any thread; nothing happens between
    two calls of `tick`, so that no turn is missed while nobody looks. `clock` returns seconds. `changed` is emitted
    when the phase, the label or a count changes, `label_changed` with the label of each new turn.
    """

    changed = Signal()
    label_changed = Signal(str)

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = GuidedSettings()
        self.plan: tuple[Quota, ...] = ()
        self._clock = clock
        self._lock = threading.RLock()
        self._phase = OFF
        self._label = ""
        self._quotas: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._order: deque[str] = deque()
        self._random = random.Random()
        self._turns = 0
        self._began = self._ends = self._closed = 0.0

    @property
    def active(self) -> bool:
        """True from `start` to `stop`: it decides on labels and frames, also while paused."""
        return self._phase != OFF

    @property
    def phase(self) -> str:
        """One of "off", "paused", "ready", "cue", "break" and "done"."""
        return self._phase

    @property
    def status(self) -> GuidedStatus:
        """What to show now."""
        with self._lock:
            timed = self._phase in (READY, CUE, BREAK)
            now = self._clock()
            left = max(0.0, self._ends - now) if timed else 0.0
            length = self._ends - self._began
            return GuidedStatus(
                phase=self._phase,
                label=self._label,
                left_s=left,
                part=1.0 - left / length if timed and length > 0 else 0.0,
                count=self._counts.get(self._label, 0),
                wanted=self._quotas.get(self._label, 0),
                total=sum(self._counts.values()),
                total_wanted=sum(self._quotas.values()),
            )

    def start(self) -> None:
        """Begin the plan with no frames counted, paused until `go_on`; raise `UserError` without a plan."""
        quotas = _checked(self.plan)
        with self._lock:
            self._quotas = quotas
            self._counts = dict.fromkeys(quotas, 0)
            self._random = random.Random(self.settings.seed)
            self._order.clear()
            self._turns, self._closed, self._label = 0, self._clock(), ""
            self._phase = PAUSED
            self._label = self._choose()
        self._tell(self._label)

    def go_on(self) -> None:
        """Count down to the label again and go on."""
        with self._lock:
            if self._phase not in (PAUSED, BREAK):
                return
            self._enter(READY, self.settings.countdown_s)
        self._tell()

    def pause(self) -> None:
        """Wait for `go_on`; frames are not kept meanwhile."""
        with self._lock:
            if self._phase not in (READY, CUE, BREAK):
                return
            self._phase = PAUSED
            self._closed = self._clock()
        self._tell()

    def stop(self) -> None:
        """End the plan; labels are the user's again."""
        with self._lock:
            if self._phase == OFF:
                return
            self._phase = OFF
        self._tell()

    def tick(self) -> None:
        """Look at the clock, and go to the next phase when it is time."""
        with self._lock:
            before = (self._phase, self._label)
            now = self._clock()
            if self._phase in (READY, CUE, BREAK) and now >= self._ends:
                if self._phase == READY:
                    self._enter(CUE, self.settings.cue_s)
                elif self._phase == BREAK:
                    self._enter(READY, self.settings.countdown_s)
                else:
                    self._end_turn()
            after = (self._phase, self._label)
        if after != before:
            self._tell(after[1] if after[1] != before[1] else "")

    def label_for(self, frame_s: float) -> str | None:
        """Return the label of a frame of `frame_s` seconds that is complete now, None where it is not to be kept."""
        self.tick()
        with self._lock:
            in_turn = self._phase == CUE and self._clock() - frame_s >= self._closed
            return self._label if in_turn else None

    def count(self, label: str, frames: int = 1) -> None:
        """Count frames that were kept, or with a negative number removed; the turn ends when the label has enough."""
        with self._lock:
            if self._phase == OFF or label not in self._quotas:
                return
            self._counts[label] = max(0, self._counts[label] + frames)
            if self._phase == CUE and label == self._label and not self._missing(label):
                self._end_turn()
            elif self._phase == DONE and self._missing(label):
                self._phase, self._label = PAUSED, label
            new = self._label
        self._tell(new if new != label else "")

    def _enter(self, phase: str, seconds: float) -> None:
        self._phase = phase
        self._began = self._clock()
        self._ends = self._began + seconds

    def _end_turn(self) -> None:
        self._closed = self._clock()
        self._turns += 1
        following = self._choose()
        if not following:
            self._phase = DONE
            return
        self._label = following
        if self.settings.break_every and self._turns % self.settings.break_every == 0:
            self._enter(BREAK, self.settings.break_s)
        else:
            self._enter(READY, self.settings.countdown_s)

    def _missing(self, label: str) -> int:
        return max(0, self._quotas[label] - self._counts[label])

    def _choose(self) -> str:
        """Return the label of the next turn, "" when all have their frames."""
        while self._order:
            label = self._order.popleft()
            if self._missing(label):
                return label
        labels = [label for label in self._quotas if self._missing(label)]
        self._random.shuffle(labels)
        if len(labels) > 1 and labels[0] == self._label:  # not the same one twice running
            other = self._random.randrange(1, len(labels))
            labels[0], labels[other] = labels[other], labels[0]
        self._order.extend(labels[1:])
        return labels[0] if labels else ""

    def _tell(self, label: str = "") -> None:
        if label:
            self.label_changed.emit(label)
        self.changed.emit()


def _checked(plan: Sequence[Quota]) -> dict[str, int]:
    quotas = {quota.label.strip(): quota.frames for quota in plan if quota.label.strip() and quota.frames > 0}
    if not quotas:
        raise UserError("Expected labels to collect. Received: an empty plan.", "Add labels to the plan, then start.")
    return quotas
