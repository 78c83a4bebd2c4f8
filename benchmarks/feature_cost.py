"""What a reading costs with each feature: its row, against the same feature recomputed over the whole frame.

    python benchmarks/feature_cost.py

Wanted: the row of every feature at least 10 times cheaper than what the former Deep Learning Interface did for its
peak and averages with every reading: move all raw data of the frame by one, and compute all rows of the frame again.
The sensor configurations are one of today's, its speaker case, and one of the A111 for each service that has a
feature of its own. The exit status says whether it was reached.

"in a block" is the cost of a reading where many are there at once, as in a file. "frame at once" is the whole frame
computed in one call, which the Deep Learning Interface did not do, but somebody could.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import block_size
from exptool_ml_plugin.core.reading import ENVELOPE, SPARSE, Channel, Reading, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.row_maker import RowMaker
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.plugins import load_plugins

WANTED = 10.0
TIME_STEPS = 48
TURNS, READINGS_PER_TURN, FRAMES_PER_TURN = 5, 40, 3


def channel(sensor_id: int, sweeps: int, points: int, step_m: float) -> Channel:
    """A sensor from 0.2 m on."""
    return Channel(sensor_id, 0, sweeps, points, start_m=0.2, step_m=step_m, sweep_rate_hz=3000.0)


CASES = {
    "1 sensor, 16 sweeps x 100 points": SensorSetup("a121", (channel(1, 16, 100, 0.01),), 30.0),
    "2 sensors, 64 sweeps x 5 points": SensorSetup("a121", (channel(1, 64, 5, 0.06), channel(2, 64, 5, 0.06)), 30.0),
    "A111 Sparse, 64 sweeps x 5 points": SensorSetup("a111", (channel(1, 64, 5, 0.06),), 30.0, service=SPARSE),
    "A111 Envelope, 400 points": SensorSetup("a111", (channel(1, 1, 400, 0.0005),), 30.0, service=ENVELOPE),
}


@dataclass(frozen=True)
class Cost:
    """Seconds per reading: one row, a row in a block, and all rows of the frame, one by one and at once."""

    width: int
    row: float
    in_block: float
    frame: float
    frame_at_once: float

    @property
    def ratio(self) -> float:
        """How many times cheaper the row is."""
        return self.frame / self.row


class WholeFrame:
    """The former way: every reading moves all raw data by one, and all rows are computed again."""

    def __init__(self, maker: RowMaker, recording: Recording) -> None:
        self._maker = maker
        self._reading = recording.reading
        self._history = [np.array(matrix[:TIME_STEPS]) for matrix in recording.matrices]

    def push(self, index: int, *, at_once: bool = False) -> np.ndarray:
        """Take reading `index` and return the frame, `(time_steps, width)`."""
        reading = self._reading(index)
        for place, matrix in enumerate(reading.matrices):
            self._history[place] = np.roll(self._history[place], -1, axis=0)
            self._history[place][-1] = matrix
        self._maker.reset()
        if at_once:
            return self._maker.rows(self._history)
        steps = (tuple(history[step] for history in self._history) for step in range(TIME_STEPS))
        return np.stack([self._maker.row(Reading(0.0, matrices)) for matrices in steps])


def main() -> int:
    """Measure every feature in both cases, print a table and a verdict."""
    parts = load_plugins().parts
    print(
        f"{'feature':<22}{'width':>6}{'row':>9}{'in a block':>12}{'frame':>10}{'ratio':>7}{'frame at once':>15}   (us)"
    )
    ratios: dict[str, float] = {}
    for case, setup in CASES.items():
        print(f"{case}, frames of {TIME_STEPS} rows")
        recording = record(setup, "push", (TIME_STEPS + 400) / setup.reading_rate_hz, name="push")
        for key in parts.features:
            cost = measure(key, recording, parts)
            if cost is not None:
                ratios[f"{key}, {case}"] = cost.ratio
                show(key, cost)
    least = min(ratios, key=ratios.__getitem__)
    passed = ratios[least] >= WANTED
    print(
        f"{'Holds' if passed else 'FAILS'}: at least {ratios[least]:.0f} times cheaper ({least}), wanted {WANTED:.0f}"
    )
    return 0 if passed else 1


def measure(key: str, recording: Recording, parts: Parts) -> Cost | None:
    """Take turns, so that both ways have the same machine; None, with the reason, for a feature that does not fit."""
    choices = (FeatureChoice(key),)
    errors = [i for i in RowMaker.check(choices, recording.setup, parts) if i.severity is Severity.ERROR]
    if errors:
        print(f"{key:<22} left out: {errors[0].message}")
        return None
    maker = RowMaker(choices, recording.setup, parts)
    former = WholeFrame(RowMaker(choices, recording.setup, parts), recording)
    readings = list(recording)
    block = [matrix[: block_size(recording)] for matrix in recording.matrices]
    taken: list[tuple[float, float, float, float]] = []
    for turn in range(TURNS):
        first = TIME_STEPS + turn * READINGS_PER_TURN
        span, few = range(first, first + READINGS_PER_TURN), range(first, first + FRAMES_PER_TURN)
        taken.append(
            (
                seconds(lambda span=span: [maker.row(readings[i]) for i in span]) / len(span),
                seconds(lambda: maker.rows(block)) / len(block[0]),
                seconds(lambda few=few: [former.push(i) for i in few]) / len(few),
                seconds(lambda few=few: [former.push(i, at_once=True) for i in few]) / len(few),
            )
        )
    return Cost(maker.width, *(statistics.median(column) for column in zip(*taken, strict=True)))


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def show(key: str, cost: Cost) -> None:
    """Print a line of the table."""
    row, in_block, frame, at_once = (1e6 * s for s in (cost.row, cost.in_block, cost.frame, cost.frame_at_once))
    print(f"{key:<22}{cost.width:>6}{row:>9.1f}{in_block:>12.1f}{frame:>10.0f}{cost.ratio:>7.0f}{at_once:>15.0f}")


if __name__ == "__main__":
    sys.exit(main())
