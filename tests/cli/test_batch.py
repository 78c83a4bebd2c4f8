"""`exptool-ml batch` on sessions of simulated recordings."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.cli.batch import SPLITS as OFFERED
from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.core.variants import are_variants
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.batch import SPLITS

Run = Callable[..., Any]

SETUP = SensorSetup("a121", (Channel(1, 0, sweeps=8, points=3, start_m=0.1, step_m=0.12, sweep_rate_hz=1000.0),), 20.0)
RECIPE = Recipe(
    name="small",
    sensor=SETUP,
    features=(FeatureChoice("range_segment", {"scale": "log1p"}),),
    frame=FrameSettings(time_steps=4),
    trigger=TriggerChoice("continuous", {"hop": 4}),
)


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two sessions: Ann pushes and is still, Bob pushes."""
    folder, parts = tmp_path_factory.mktemp("sessions"), load_plugins().parts
    made = []
    for person, scenes in (("Ann", ("push", "still")), ("Bob", ("push",))):
        session = Session(RECIPE)
        for scene in scenes:
            recording = record(SETUP, scene, 10.0, name=f"{scene} {person}", seed=len(person + scene))
            place = session.add_recording(replace(recording, tags={"person": person}))
            for frame in frames_of(recording, session.recipe, parts):
                session.add(frame, scene, place)
        made.append(folder / f"{person}.h5")
        save_session(session, made[-1])
    return made


@pytest.fixture(autouse=True)
def _originals_stay(sessions: list[Path]) -> Any:
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sessions]
    yield
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in sessions] == before


def test_the_command_offers_all_splits_there_are() -> None:
    assert OFFERED == SPLITS


def test_frames_are_made_anew_and_keep_their_labels(exptool_ml: Run, sessions: list[Path], tmp_path: Path) -> None:
    recipe = replace(RECIPE, frame=FrameSettings(time_steps=10), trigger=TriggerChoice("continuous", {"hop": 5}))
    (tmp_path / "long.json").write_text(recipe.to_json())

    done = exptool_ml("batch", *sessions, "--out", tmp_path / "new", "--recipe", tmp_path / "long.json", "--json")

    assert (done.answer["written"], done.answer["failed"]) == (2, 0)
    ann = load_session(tmp_path / "new" / "Ann.h5")
    assert ann.values.shape[1] == 10
    assert ann.counts() == {"push": 39, "still": 39}
    assert [recording.tags["person"] for recording in ann.recordings] == ["Ann", "Ann"]
    expected = frames_of(ann.recordings[0], ann.recipe, load_plugins().parts)
    np.testing.assert_array_equal(ann.values[:39], np.stack([frame.values for frame in expected]))


def test_labels_are_changed_by_rules_and_nothing_after_the_sign_removes(sessions: list[Path], tmp_path: Path) -> None:
    assert main(["batch", *map(str, sessions), "--out", str(tmp_path), "--relabel", "pu*=hand", "still="]) == 0

    assert load_session(tmp_path / "Ann.h5").counts() == {"hand": 50}
    assert load_session(tmp_path / "Bob.h5").counts() == {"hand": 50}


def test_sessions_are_merged_balanced_and_split_by_person(
    exptool_ml: Run, sessions: list[Path], tmp_path: Path
) -> None:
    merged = exptool_ml("batch", *sessions, "--out", tmp_path / "one", "--merge", "all", "--resample", "balance")
    assert merged.status == 0, merged.err
    session = load_session(tmp_path / "one" / "all.h5")
    assert session.counts() == {"push": 50, "still": 50}
    assert [recording.name for recording in session.recordings] == ["push Ann", "still Ann", "push Bob"]

    split = exptool_ml(
        "batch", tmp_path / "one" / "all.h5", "--out", tmp_path / "two", "--split-by", "person", "--json"
    )

    files = {Path(one["session"]).name: one["frames_per_label"] for one in split.answer["files"][0]["written"]}
    assert set(files) == {"all_Ann.h5", "all_Bob.h5"}
    assert sum(sum(counts.values()) for counts in files.values()) == 100
    bob = load_session(tmp_path / "two" / "all_Bob.h5")
    assert [recording.name for recording in bob.recordings] == ["push Bob"]
    assert set(bob.labels) == {"push"}


def test_the_same_seed_draws_the_same_frames(sessions: list[Path], tmp_path: Path) -> None:
    drawn = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        command = ["batch", str(sessions[0]), "--out", str(tmp_path / name), "--resample", "7", "--seed", seed]
        assert main(command) == 0
        drawn.append(load_session(tmp_path / name / "Ann.h5"))

    assert drawn[0].counts() == {"push": 7, "still": 7}
    np.testing.assert_array_equal(drawn[0].first_reading, drawn[1].first_reading)
    assert drawn[0].first_reading.tolist() != drawn[2].first_reading.tolist()


def test_a_broken_file_is_named_and_the_others_are_done(exptool_ml: Run, sessions: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5"
    broken.write_bytes(sessions[0].read_bytes()[:5000])

    done = exptool_ml("batch", broken, sessions[1], tmp_path / "lost.h5", "--out", tmp_path / "new", "--json")

    assert (done.answer["written"], done.answer["failed"]) == (1, 2)
    assert [file["problem"] is None for file in done.answer["files"]] == [False, True, False]
    assert "lost.h5 is not there" in done.err
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["Bob.h5"]


def test_where_no_file_can_be_done_the_exit_status_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(tmp_path / "lost.h5"), "--out", str(tmp_path / "new")]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none of which could" in captured.err


def test_a_folder_that_holds_the_sessions_is_refused_file_by_file(
    sessions: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", *map(str, sessions), "--out", str(sessions[0].parent)]) == 1

    assert "Ann.h5 exists" in capsys.readouterr().err


def test_files_of_one_name_do_not_meet(sessions: list[Path], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / "Ann.h5"
    twin.write_bytes(sessions[1].read_bytes())

    assert main(["batch", str(sessions[0]), str(twin), "--out", str(tmp_path / "new")]) == 0

    assert load_session(tmp_path / "new" / "Ann.h5").counts() == {"push": 50, "still": 50}
    assert load_session(tmp_path / "new" / "Ann (2).h5").counts() == {"push": 50}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_whole_files_only(sessions: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "new"
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", "batch", *map(str, sessions * 200), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while process.poll() is None and not any(out.glob("*.h5")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, err = process.communicate(timeout=60)

    assert process.returncode == 1, err
    assert err.splitlines()[-1] == "exptool-ml: Stopped."
    assert said == ""
    written = list(out.iterdir())
    assert 0 < len(written) < 400
    for path in written:
        assert path.suffix == ".h5"
        assert len(load_session(path)) in (50, 100)


def test_variants_are_kept_beside_the_frames_of_new_sessions(
    exptool_ml: Run, sessions: list[Path], tmp_path: Path
) -> None:
    recipe = replace(RECIPE, augmentation=AugmentationSettings(amplitude_db=3.0))
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    command = ("batch", sessions[1], "--recipe", tmp_path / "recipe.json", "--resample", "5", "--variants", "2")
    done = exptool_ml(*command, "--out", tmp_path / "out", "--json")
    assert done.answer["frames"] == 15
    assert "10 variants added." in done.err
    made = load_session(tmp_path / "out" / "Bob.h5")
    assert are_variants(made.flags).tolist() == [False] * 5 + [True] * 10
    np.testing.assert_array_equal(made.first_reading[5:], np.tile(made.first_reading[:5], 2))

    again = exptool_ml("batch", tmp_path / "out" / "Bob.h5", "--variants", "1", "--out", tmp_path / "again", "--json")
    assert again.answer["frames"] == 10
    assert "10 variants of the session left out." in again.err


def test_variants_without_limits_are_refused(sessions: list[Path], tmp_path: Path, capsys: Any) -> None:
    assert main(["batch", str(sessions[1]), "--variants", "2", "--out", str(tmp_path / "out")]) == 1
    assert "differ from their originals" in capsys.readouterr().err
