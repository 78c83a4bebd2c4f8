"""Training through the worker, with every batch reported live, against bare `model.fit`; required: at least 0.95.

    python benchmarks/training_throughput.py [--repetitions 5] [--epochs 4] [--frames 2000]

Both train the default network on the same frames in a process of their own, with the same threads and niceness, and
`jit_compile=False`, which is `fit`'s best setting on a CPU. They take turns, so that whatever else the machine does
meets both. The first epoch of each turn, in which TensorFlow traces the network, is not counted.

Two ratios are printed: of frames per second, which must reach what is required, and of frames per second of processor
time, which says what the worker costs where other programs run beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from exptool_ml_plugin.core.recipe import Recipe, TrainingSettings
from exptool_ml_plugin.core.run_data import RunData
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.workbench.training import Training

REQUIRED = 0.95
FRAME_SHAPE = (40, 100)
LABELS = ("push", "pull", "swipe", "still")


@dataclass(frozen=True)
class Throughput:
    """Frames per second, and per second of processor time, of each turn."""

    worker: tuple[tuple[float, float], ...]
    bare: tuple[tuple[float, float], ...]

    def _ratio(self, kind: int) -> float:
        """Median of the ratios of neighbouring turns."""
        return statistics.median(own[kind] / bare[kind] for own, bare in zip(self.worker, self.bare, strict=True))

    @property
    def ratio(self) -> float:
        """By the clock."""
        return self._ratio(0)

    @property
    def processor_ratio(self) -> float:
        """By processor time."""
        return self._ratio(1)

    @property
    def passed(self) -> bool:
        """Whether the worker keeps up."""
        return self.ratio >= REQUIRED

    def __str__(self) -> str:
        rates = [statistics.median(turn[0] for turn in turns) for turns in (self.worker, self.bare)]
        return (
            f"training through the worker / bare fit: {self.ratio:.3f} by the clock, {self.processor_ratio:.3f} by "
            f"processor time (required {REQUIRED}), {rates[0]:.0f} / {rates[1]:.0f} frames/s, "
            f"{len(self.worker)} turns each"
        )


def measure(*, repetitions: int = 5, epochs: int = 4, frames: int = 2000) -> Throughput:
    """Take turns and return the throughputs."""
    with tempfile.TemporaryDirectory() as folder, _worker() as training:
        settings = TrainingSettings(epochs=epochs, early_stopping=False, monitor="loss")
        run = RunFolder.create(Path(folder) / "run", recipe=Recipe(training=settings), data=_data(frames))
        training.start(run.path)
        training.wait()
        with _bare(run.path) as bare:
            turns = []
            for turn in range(1, repetitions + 1):
                worker_first = turn % 2
                first, second = (_worker_turn, _bare_turn) if worker_first else (_bare_turn, _worker_turn)
                results = [turn_of(training, bare, run, epochs) for turn_of in (first, second)]
                turns.append(results if worker_first else results[::-1])
    return Throughput(worker=tuple(turn[0] for turn in turns), bare=tuple(turn[1] for turn in turns))


def _data(frames: int) -> RunData:
    random = np.random.default_rng(0)
    indices = np.arange(frames)
    labels = indices % len(LABELS)
    values = random.normal(size=(frames, *FRAME_SHAPE)).astype(np.float32)
    values[indices, :, 10 * labels] += 1.0
    training = int(0.8 * frames)
    return RunData(
        values=values,
        labels=labels,
        label_names=LABELS,
        recordings=("noise",) * frames,
        training=indices[:training],
        validation=indices[training:],
        test=indices[:0],
    )


@contextmanager
def _worker() -> Iterator[Training]:
    training = Training()
    try:
        yield training
    finally:
        training.close()


@contextmanager
def _bare(run_dir: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, __file__, "--bare", str(run_dir)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _worker_turn(training: Training, _bare: Any, run: RunFolder, epochs: int) -> tuple[float, float]:
    """Train on for one traced and `epochs` counted epochs, with the curves being kept as in the Train tab."""
    pid = training.worker_pid
    assert pid is not None
    ends: list[tuple[float, float]] = []
    training.epoch.connect(lambda _: ends.append((time.perf_counter(), _processor_s(pid))))
    done = training.history.epoch_count
    run.change_training(replace(run.recipe().training, epochs=done + epochs + 1))
    training.start(run.path, resume=True)
    training.wait()
    training.epoch.disconnect()
    assert training.plan is not None
    return _rates(training.plan.training_frames * epochs, ends)


def _rates(frames: int, ends: list[tuple[float, float]]) -> tuple[float, float]:
    (first, first_processor), (last, last_processor) = ends[0], ends[-1]
    return frames / (last - first), frames / (last_processor - first_processor)


def _processor_s(pid: int) -> float:
    """Processor time a process has used, from Linux' /proc: fields 14 and 15 of its stat, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bare_turn(_training: Training, bare: subprocess.Popen[str], _run: RunFolder, epochs: int) -> tuple[float, float]:
    assert bare.stdin is not None
    assert bare.stdout is not None
    bare.stdin.write(f"{epochs + 1}\n")
    bare.stdin.flush()
    by_clock, by_processor = json.loads(bare.stdout.readline())
    return by_clock, by_processor


def serve_bare(run_dir: Path) -> None:
    """Train with `fit` alone whenever a number of epochs comes, and answer with the frames per second."""
    from exptool_ml_plugin.core.stand_back import stand_back
    from exptool_ml_plugin.learn import worker

    stand_back()
    worker._load_keras(max(1, worker._cores() - 1))
    import keras

    from exptool_ml_plugin.learn.build import build_model, make_optimizer
    from exptool_ml_plugin.learn.normalisation import measure as measure_normalisation

    keras.utils.set_random_seed(0)
    run = RunFolder.open(run_dir)
    data, recipe = run.data(), run.recipe()
    normalisation = measure_normalisation(data.values, data.training)
    model = build_model(recipe.network, frame_shape=FRAME_SHAPE, labels=len(LABELS), normalisation=normalisation)
    model.compile(
        make_optimizer(recipe.training),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    ends: list[tuple[float, float]] = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: ends.append((time.perf_counter(), time.process_time()))
    )
    values = {name: np.array(data.values[data.subset(name)]) for name in ("training", "validation")}
    for line in sys.stdin:
        ends.clear()
        model.fit(
            values["training"],
            data.labels[data.training],
            batch_size=recipe.training.batch_size,
            epochs=int(line),
            validation_data=(values["validation"], data.labels[data.validation]),
            callbacks=[callback],
            verbose=0,
        )
        print(json.dumps(_rates(len(data.training) * (len(ends) - 1), ends)), flush=True)


def main() -> None:
    """Measure, print one line, and fail below what is required."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        serve_bare(arguments.bare)
        return
    result = measure(repetitions=arguments.repetitions, epochs=arguments.epochs, frames=arguments.frames)
    print(result)
    sys.exit(not result.passed)


if __name__ == "__main__":
    main()
