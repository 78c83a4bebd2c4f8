"""`exptool-ml extract` on recordings of every shape: layouts old and new, several measurements, sensors, subsweeps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.cli.inputs import read_recordings
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Channel, Flag, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.plugins import load_plugins

RECIPE = Recipe(
    name="any sensor",
    features=(FeatureChoice("range_segment", {"method": "coherent", "scale": "linear"}, outputs=("segment",)),),
    frame=FrameSettings(time_steps=2),
    trigger=TriggerChoice("continuous"),
)
MEASUREMENTS = {
    "a121_gesture/conf": (57,),
    "a121_grass/20": (8325,),
    "a121_grass/42": (9854,),
    "a121_host/cargo_20_feet_no_lens_add_presence": (26, 16),
    "a121_host/hand-motion-default": (11, 104, 5, 33),
    "a121_host/hand-motion-no-presence": (130,),
    "a121_host/presence-default": (137,),
    "a121_host/presence-low_power": (10,),
    "a121_host/smart_presence": (3, 97, 3),
    "a121_host/touchless_button_both_ranges": (141,),
    "a121_host/touchless_button_default": (89,),
}
"""Readings of each measurement."""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.json"
    path.write_text(RECIPE.to_json())
    return path


def extract(path: Path, recipe: Path, out: Path, *more: str) -> int:
    return main(["extract", str(path), "--recipe", str(recipe), "--label", "a", "--out", str(out), *more])


def amplitudes(path: Path, measurement: int) -> np.ndarray:
    """Magnitude of the mean sweep of every reading, read from the file as it is, sensor by sensor."""
    with h5py.File(path) as file:
        group = file[f"sessions/session_{measurement - 1}"] if "sessions" in file else file["session"]
        entries = [entry for name in sorted(group) if name.startswith("group_") for entry in group[name].values()]
        frames = [entry["result/frame"][()] for entry in entries]
    return np.concatenate([np.abs((f["real"] + 1j * f["imag"]).mean(axis=1)) for f in frames], axis=1)


def check_frames(out: Path, expected: np.ndarray) -> None:
    session = load_session(out)
    count = len(expected) // 2
    assert session.values.shape == (count, 2, expected.shape[1])
    np.testing.assert_allclose(
        session.values, expected[: 2 * count].reshape(session.values.shape), rtol=1e-4, atol=1e-2
    )
    again = frames_of(session.recordings[0], session.recipe, load_plugins().parts)
    assert np.stack([frame.values for frame in again]).tobytes() == np.asarray(session.values).tobytes()


def test_no_recording_of_the_hosts_kinds_is_forgotten(shared_data: Path) -> None:
    there = {f"a121_host/{path.stem}" for path in (shared_data / "a121_host").glob("*.h5")}
    assert there == {name for name in MEASUREMENTS if name.startswith("a121_host/")}


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_a_real_recording_is_extracted_or_refused_in_one_sentence(
    shared_data: Path, tmp_path: Path, recipe_file: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path, out, readings = shared_data / f"{name}.h5", tmp_path / "out.h5", MEASUREMENTS[name]
    if len(readings) == 1:
        assert extract(path, recipe_file, out) == 0
        assert len(amplitudes(path, 1)) == readings[0]
        check_frames(out, amplitudes(path, 1))
        return

    assert extract(path, recipe_file, out) == 1
    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("exptool-ml:")]
    assert len(complaints) == 1
    assert f"Received: measurement 2 of {path}, with " in complaints[0]
    assert "--measurement" in complaints[0]
    assert not out.exists()
    for number, count in enumerate(readings, start=1):
        assert extract(path, recipe_file, out, "--measurement", str(number), "--force") == 0
        assert len(amplitudes(path, number)) == count
        check_frames(out, amplitudes(path, number))


@pytest.mark.parametrize("layout", ["old", "new"])
def test_several_sensors_with_subsweeps_of_their_own_are_extracted_from_both_layouts(
    tmp_path: Path, recipe_file: Path, layout: str
) -> None:
    shapes = ((2, 0, 5, 0.1, 0.0025), (2, 1, 3, 0.5, 0.06), (3, 0, 7, 0.2, 0.03))
    channels = tuple(
        Channel(sensor, subsweep, 4, points, start, step) for sensor, subsweep, points, start, step in shapes
    )
    made = tmp_path / "made.h5"
    save_session(
        Session(RECIPE, recordings=[record(SensorSetup("a121", channels, 20.0), "push", 3.0, name="made")]), made
    )
    with h5py.File(made, "a") as file:
        del file["exptool_ml"]
        if layout == "old":
            del file["session"]
            file.move("sessions/session_0", "session")
            del file["sessions"]

    assert extract(made, recipe_file, tmp_path / "out.h5") == 0

    expected = amplitudes(made, 1)
    assert expected.shape == (60, 15)
    check_frames(tmp_path / "out.h5", expected)


@pytest.mark.parametrize(
    "name", ["button_press_sparse", "distance_detector", "presence_detection_sparse", "wave_to_exit"]
)
def test_recordings_of_an_a111_give_the_amplitudes_that_are_in_the_file(
    shared_data: Path, tmp_path: Path, recipe_file: Path, name: str
) -> None:
    path = shared_data / "a111_host" / f"{name}.input.h5"
    with h5py.File(path) as file:
        data, mode = file["data"][()], file["mode"][()].decode()
    sweeps = data if mode == "sparse" else data[:, :, np.newaxis]  # Sparse samples lie around 2^15, as in the old tool
    expected = np.abs(sweeps.mean(axis=2)).reshape(len(data), -1)

    assert extract(path, recipe_file, tmp_path / "out.h5") == 0

    check_frames(tmp_path / "out.h5", expected)
    assert load_session(tmp_path / "out.h5").recipe.sensor.service == mode


def test_lost_readings_are_found_and_exactly_the_frames_they_are_in_are_marked(shared_data: Path) -> None:
    path = shared_data / "a121_grass" / "15.h5"
    with h5py.File(path) as file:
        ticks = file["session/group_0/entry_0/result/tick"][()]
    missing = np.rint(np.diff(ticks) / 5000).astype(int) - 1  # 200 Hz, a tick is a microsecond
    after = np.flatnonzero(missing > 0) + 1
    assert missing.sum() == 1090
    plugins = load_plugins()
    (recording,) = read_recordings(path, plugins)
    lost = [quality.lost_before for quality in recording.quality]
    assert np.flatnonzero(lost).tolist() == after.tolist()
    assert sum(lost) == 1090

    recipe = dataclasses.replace(
        RECIPE, frame=FrameSettings(time_steps=50), trigger=TriggerChoice("continuous", {"hop": 20})
    )
    frames = frames_of(recording, recipe, plugins.parts)

    marked = [bool(frame.flags & Flag.LOST) for frame in frames]
    expected = [any(first < gap < first + 50 for gap in after) for first in range(0, len(ticks) - 49, 20)]
    assert marked == expected
    assert 2 * len(after) <= sum(marked) <= 3 * len(after)
