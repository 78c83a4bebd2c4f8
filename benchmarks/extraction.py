"""Frames cut from real recordings, from file to frames, in times real time; with one process and with several.

    python benchmarks/extraction.py [--processes 2] [--repetitions 20] [--data ../shared/data]

Wanted: at least 500 times real time with one process, reading of the files included, for both kinds of recording, and
at least 1.3 times as fast with two processes once they have started. The files have been read before, so that the disk
does not count. Processes are compared on the gestures, every file as often as `--repetitions` says: the range segment
costs so little that handing the frames over takes as long as cutting them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from exptool_ml_plugin.cli.cutting import Cutter, cut_files
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.plugins import Plugins, load_plugins

WANTED, WANTED_OF_SEVERAL = 500.0, 1.3
TURNS = 3
GRASS = Recipe(
    name="grass",
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=100),
    trigger=TriggerChoice("continuous", {"hop": 20}),
)
DATA = Path(os.environ.get("EXPTOOL_ML_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def main() -> int:
    """Measure both kinds of recording, print a table and a verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    plugins = load_plugins()
    gesture = Recipe.from_json(find_recipe("gesture").read_text())
    kinds = {
        "a121_gesture, 57 Hz, Doppler, presence": (gesture, sorted(options.data.glob("a121_gesture/label_*.h5"))),
        "a121_grass, 200 Hz, range segment, hop 20": (GRASS, sorted(options.data.glob("a121_grass/*.h5"))),
    }
    print(f"{'recordings':<44}{'files':>6}{'seconds':>9}{'frames':>8}{'1 process':>11}{'slowest file':>14}")
    speeds = [single(name, recipe, paths, plugins) for name, (recipe, paths) in kinds.items()]
    recipe, paths = next(iter(kinds.values()))
    ratio = several(recipe, paths * options.repetitions, plugins, processes=options.processes)
    passed = min(speeds) >= WANTED and ratio >= WANTED_OF_SEVERAL
    print(
        f"{'Holds' if passed else 'FAILS'}: at least {min(speeds):.0f} times real time with one process (wanted "
        f"{WANTED:.0f}), {ratio:.2f} times as fast with {options.processes} (wanted {WANTED_OF_SEVERAL})"
    )
    return 0 if passed else 1


def single(name: str, recipe: Recipe, paths: list[Path], plugins: Plugins) -> float:
    """Cut every file a few times in this process; print and return how many times real time, all files together."""
    cutter = Cutter(recipe, plugins)
    recorded, taken, frames = [], [], 0
    for path in paths:
        (cut,) = cutter.cut(path)  # warms the disk's cache, and loads what is loaded once
        frames += len(cut.frames)
        recorded.append(float(cut.recording.time_s[-1]))
        turns = []
        for _ in range(TURNS):
            began = time.perf_counter()
            cutter.cut(path)
            turns.append(time.perf_counter() - began)
        taken.append(statistics.median(turns))
    slowest = min(length / seconds for length, seconds in zip(recorded, taken, strict=True))
    speed = sum(recorded) / sum(taken)
    print(f"{name:<44}{len(paths):>6}{sum(recorded):>9.0f}{frames:>8}{speed:>10.0f}x{slowest:>13.0f}x")
    return speed


def several(recipe: Recipe, paths: list[Path], plugins: Plugins, *, processes: int) -> float:
    """Cut files with one process and with several; print and return how many times as fast once they have started."""
    (start, one), (start_of_many, many) = (
        _seconds(recipe, paths, plugins, processes=count) for count in (1, processes)
    )
    print(
        f"{len(paths)} gesture files: 1 process {one:.1f} s, {processes} processes {many:.1f} s, ratio "
        f"{one / many:.2f}; to the first result {start:.1f} s and {start_of_many:.1f} s"
    )
    return one / many


def _seconds(recipe: Recipe, paths: list[Path], plugins: Plugins, *, processes: int) -> tuple[float, float]:
    """Return the time to the first result, and from there to the last."""
    began = time.perf_counter()
    first = None
    with closing(cut_files(paths, recipe, plugins, processes=processes)) as files:
        for _ in files:  # what a session would keep, the benchmark does not
            first = first or time.perf_counter()
        ended = time.perf_counter()
    assert first is not None
    return first - began, ended - first


if __name__ == "__main__":
    sys.exit(main())
