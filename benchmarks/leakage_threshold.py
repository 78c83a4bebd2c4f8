"""What the leakage meter calls alike on recorded gestures and grounds.

    python benchmarks/leakage_threshold.py [--data ../shared/data]

For each kind of frames: the limit that is found in them; the part of the frames called alike to a frame of another
recording, which they share nothing with (wanted: at most 0.5 %); the part of copies that are found when they are
exact, begin one reading later, or are measured again, which is the recording with another draw of its measured noise.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from exptool_ml_plugin.cli.inputs import read_recordings
from exptool_ml_plugin.core.augmentation import Change, changed_recording
from exptool_ml_plugin.core.frame_at import RecordedRows
from exptool_ml_plugin.core.leakage import Judged, measure_leakage
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.plugins import load_plugins

DATA = Path(os.environ.get("EXPTOOL_ML_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
FALSE_ALARMS = 0.005
REMEASURED = float(np.sqrt(2.0))
"""Noise to be added in measures of the noise that is there: a second measurement has noise of its own and not the
first's, so that the two differ by both."""


def rolling(*features: str, steps: int, hop: int) -> Recipe:
    """Return a recipe that cuts a frame every `hop` readings."""
    return Recipe(
        features=tuple(FeatureChoice(key) for key in features),
        frame=FrameSettings(time_steps=steps),
        trigger=TriggerChoice("continuous", {"hop": hop}),
    )


def kinds(data: Path) -> dict[str, tuple[Recipe, list[Path]]]:
    """Return recipe and files by name."""
    gesture = Recipe.from_json(find_recipe("gesture").read_text())
    gestures = sorted(data.glob("a121_gesture/label_*.h5"))
    grounds = sorted(data.glob("a121_grass/*.h5"))
    return {
        "gestures, triggered, Doppler": (gesture, [path for path in gestures if "hand" not in path.name]),
        "gestures, rolling, range segment": (rolling("range_segment", steps=60, hop=60), gestures),
        "gestures, rolling, phase and presence": (rolling("phase", "presence", steps=60, hop=60), gestures),
        "gestures, rolling, slow time": (rolling("slow_time", steps=60, hop=60), gestures),
        "grounds, 100 readings, range segment": (rolling("range_segment", steps=100, hop=100), grounds),
        "grounds, 20 readings, range segment": (rolling("range_segment", steps=20, hop=40), grounds),
        "grounds, 20 of every 4, range segment": (rolling("range_segment", steps=20, hop=4), grounds),
    }


def measure(recipe: Recipe, paths: list[Path]) -> list[float]:
    """Return frames, limit, false alarms, and the parts of the copies that are found."""
    plugins, random = load_plugins(), np.random.default_rng(0)
    recipe = replace(recipe, sensor=None)
    original, later, again, names, first = [], [], [], [], []
    for path in paths:
        recording = read_recordings(path, plugins)[0]
        rows = RecordedRows(recording, recipe, plugins.parts)
        remade = changed_recording(recording, Change(noise=REMEASURED), random)
        others = RecordedRows(remade, recipe, plugins.parts)
        for frame in frames_of(recording, recipe, plugins.parts):
            original.append(frame.values)
            later.append(rows.frame(min(frame.first_reading + 1, rows.last_first)).values)
            again.append(others.frame(frame.first_reading).values)
            names.append(path.stem)
            first.append(frame.first_reading)
    values, begins, recordings = np.stack(original), np.array(first), np.array(names, dtype=object)
    training = Judged(values, names, begins)
    found = [float(len(values)), limit_of(training)]
    found.append(false_alarms(values, begins, recordings))
    for copies in (values, np.stack(later), np.stack(again)):
        leakage = measure_leakage(training, Judged(copies, [f"copy of {name}" for name in names], begins))
        found.append(leakage.alike / max(1, leakage.compared))
    return found


def limit_of(training: Judged) -> float:
    """Return the limit as the meter takes it."""
    from exptool_ml_plugin.core.leakage import _limit, _Scale

    return _limit(training, _Scale(training, seed=0), apart=2 * training.values.shape[1], seed=0)


def false_alarms(values: np.ndarray, begins: np.ndarray, recordings: np.ndarray) -> float:
    """Return the part of frames that are called alike to one of the other recordings, each recording judged in turn."""
    alike = compared = 0
    for name in sorted(set(recordings.tolist())):
        own = recordings == name
        judged = Judged(values[own], recordings[own].tolist(), begins[own])
        found = measure_leakage(Judged(values[~own], recordings[~own].tolist(), begins[~own]), judged)
        alike, compared = alike + found.alike, compared + found.compared
    return alike / max(1, compared)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    data = parser.parse_args().data
    print(f"{'frames':<40}{'number':>8}{'limit':>8}{'falsely':>9}{'exact':>8}{'later':>8}{'again':>8}")
    worst, exact = 0.0, 1.0
    for name, (recipe, paths) in kinds(data).items():
        number, limit, falsely, same, later, again = measure(recipe, paths)
        worst, exact = max(worst, falsely), min(exact, same)
        print(f"{name:<40}{number:>8.0f}{limit:>8.3f}{falsely:>9.2%}{same:>8.0%}{later:>8.0%}{again:>8.0%}")
    good = worst <= FALSE_ALARMS and exact == 1.0
    print(f"{'Holds' if good else 'FAILS'}: at most {worst:.2%} called alike falsely, every exact copy found")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
