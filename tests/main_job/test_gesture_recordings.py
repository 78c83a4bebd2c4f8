"""The main job on real recordings, through the command line: train on one recording of each gesture, test on the other.

The recordings and the figures they must reach: hand gestures close to an A121, two recordings of each of four classes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

GESTURES = ("double_tap_in", "tap_in", "tap_out", "wiggle")
TRUE_COUNTS = {
    1: {"double_tap_in": 48, "tap_in": 52, "tap_out": 53, "wiggle": 40},
    2: {"double_tap_in": 47, "tap_in": 22, "tap_out": 32, "wiggle": 29},
}
SEEDS = (0, 1, 2)
LABEL_FROM = r"label_(.+)_idx_\d+"


def exptool_ml(*arguments: str | Path) -> dict:
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> dict[int, list[Path]]:
    folder = shared_data / "a121_gesture"
    return {index: [folder / f"label_{name}_idx_{index}.h5" for name in GESTURES] for index in (1, 2)}


@pytest.fixture(scope="module")
def sessions(recordings: dict[int, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("sessions")
    made = {}
    for index, paths in recordings.items():
        made[index] = folder / f"idx_{index}.h5"
        answer = exptool_ml("extract", *paths, "--recipe", "gesture", "--label-from", LABEL_FROM, "--out", made[index])
        for name, count in TRUE_COUNTS[index].items():
            found = answer["frames_per_label"][name]
            assert abs(found - count) <= 0.1 * count, f"idx_{index} holds {count} {name}, the trigger found {found}"
    return made


@pytest.mark.timeout(1500)
def test_held_out_gestures_are_recognised(sessions: dict[int, Path], tmp_path: Path) -> None:
    accuracies = {}
    for trained, tested in ((1, 2), (2, 1)):
        for seed in SEEDS:
            run = tmp_path / f"{trained}_{seed}"
            model = exptool_ml("train", sessions[trained], "--recipe", "gesture", "--seed", str(seed), "--out", run)
            answer = exptool_ml("evaluate", model["model"], sessions[tested])
            accuracies[trained, seed] = answer["accuracy"]
            print(f"trained on idx_{trained}, tested on idx_{tested}, seed {seed}: {answer['accuracy']:.4f}")

    mean = sum(accuracies.values()) / len(accuracies)
    print(f"mean held-out accuracy of {len(accuracies)} trainings: {mean:.4f}")
    assert mean >= 0.95, accuracies


@pytest.mark.parametrize(("kind", "most_per_minute"), [("static_hand", 30), ("dynamic_hand", 15)])
def test_the_trigger_is_reported_on_hands_that_make_no_gesture(
    shared_data: Path, tmp_path: Path, kind: str, most_per_minute: int
) -> None:
    recording = shared_data / "a121_gesture" / f"label_{kind}_idx_1.h5"

    answer = exptool_ml("extract", recording, "--recipe", "gesture", "--label", kind, "--out", tmp_path / "session.h5")

    rate = answer["frames"] / answer["seconds"] * 60
    print(f"{kind}: {answer['frames']} frames in {answer['seconds']:.0f} s, {rate:.1f} a minute")
    assert rate < most_per_minute
