from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.exports import export_session
from exptool_ml_plugin.core.import_arrays import read_arrays
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session

FRAMES = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
LABELS = np.array(["a", "b", "a", "b"])


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def exported(parts: Parts, path: Path) -> Session:
    """A session that was exported to `path`."""
    setup = setup_of()
    recipe = Recipe(
        sensor=setup,
        features=(FeatureChoice("doppler_spectrum"),),
        frame=FrameSettings(time_steps=4),
        trigger=TriggerChoice("continuous", {"hop": 6}),
    )
    session = Session(recipe)
    for seed in range(2):
        recording = recording_of(setup, 40, seed=seed, name=f"walk, {seed}")
        place = session.add_recording(recording)
        for number, frame in enumerate(frames_of(recording, recipe, parts)):
            session.add(frame, ("=push", 'the "pull"')[number % 2], place)
    export_session(session, path, path.suffix[1:], parts=parts)
    return session


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_what_was_exported_comes_back_bit_for_bit(parts: Parts, tmp_path: Path, suffix: str) -> None:
    session = exported(parts, tmp_path / f"frames{suffix}")

    back = read_arrays(tmp_path / f"frames{suffix}")

    np.testing.assert_array_equal(back.values, session.values)
    assert back.labels == session.labels
    np.testing.assert_array_equal(back.recording_of, session.recording_of)
    np.testing.assert_array_equal(back.first_reading, session.first_reading)
    np.testing.assert_array_equal(back.flags, session.flags)
    assert [recording.name for recording in back.recordings] == ["walk, 0", "walk, 1"]
    if suffix == ".npz":
        assert back.recipe == session.recipe


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_a_session_without_readings_is_saved_and_read(parts: Parts, tmp_path: Path, suffix: str) -> None:
    exported(parts, tmp_path / f"frames{suffix}")
    session = read_arrays(tmp_path / f"frames{suffix}")
    assert session.unsaved

    save_session(session, tmp_path / "session.h5")
    again = load_session(tmp_path / "session.h5")

    np.testing.assert_array_equal(again.values, session.values)
    assert again.labels == session.labels
    assert [len(recording) for recording in again.recordings] == [0, 0]
    assert again.recipe == session.recipe


def test_frames_and_labels_alone_make_a_session(tmp_path: Path) -> None:
    session = read_arrays(saved(tmp_path / "made.npz", frames=FRAMES.astype(np.float64), labels=np.array([1, 2, 1, 2])))

    np.testing.assert_array_equal(session.values, FRAMES)
    assert session.labels == ["1", "2", "1", "2"]
    assert session.first_reading.tolist() == [0, 3, 6, 9]
    assert [recording.name for recording in session.recordings] == ["made"]
    assert session.recipe.frame.time_steps == 3


def test_a_table_without_frames_makes_a_frame_of_every_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Label;recording;mean;spread\npush;one;1.5;-2e3\npull;two;0;1\n")

    session = read_arrays(path)

    assert session.values[:].tolist() == [[[1.5, -2000.0]], [[0.0, 1.0]]]
    assert session.labels == ["push", "pull"]
    assert [recording.name for recording in session.recordings] == ["one", "two"]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"labels": LABELS}, "without frames"),
        ({"frames": FRAMES}, "without labels"),
        ({"frames": FRAMES[0], "labels": LABELS}, "shape (3, 2)"),
        ({"frames": FRAMES.astype(complex), "labels": LABELS}, "Take the amplitude"),
        ({"frames": FRAMES[:0], "labels": LABELS[:0]}, "shape (0, 3, 2)"),
        ({"frames": FRAMES, "labels": LABELS[:3]}, "'labels' as one text each"),
        ({"frames": FRAMES, "labels": LABELS.reshape(2, 2)}, "'labels' as one text each"),
        ({"frames": FRAMES, "labels": np.array(["a", " ", "a", "b"])}, "a label for every frame"),
        ({"frames": FRAMES * np.nan, "labels": LABELS}, "frame 0"),
        ({"frames": FRAMES.astype(np.float64) * 1e300, "labels": LABELS}, "finite values"),
        ({"frames": FRAMES, "labels": LABELS.astype(object)}, "a pickle"),
        ({"frames": FRAMES, "labels": LABELS, "recording": [0, 1, 2, 9], "names": ["a"]}, "places in 'names'"),
        ({"frames": FRAMES, "labels": LABELS, "recording": [0, 1, 2, -1]}, "places in 'names'"),
        ({"frames": FRAMES, "labels": LABELS, "recording": [0, 0, 0, 2**60]}, "at most 100000 recordings"),
        ({"frames": FRAMES, "labels": LABELS, "first_reading": [0, 1]}, "'first_reading'"),
        ({"frames": FRAMES, "labels": LABELS, "recipe": "{}"}, "recipe of schema"),
        ({"frames": FRAMES, "labels": LABELS, "recipe": Recipe().to_json()}, "40 time steps"),
    ],
)
def test_arrays_that_make_no_session_say_why(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as error:
        read_arrays(saved(tmp_path / "bad.npz", **arrays))

    assert said in str(error.value)


def test_an_array_that_says_it_is_huge_is_refused_before_it_is_made(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**4, 10)})
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("frames.npy", header.getvalue() + bytes(100))
        archive.writestr("labels.npy", header.getvalue())

    with pytest.raises(UserError, match="as large as its header says"):
        read_arrays(tmp_path / "huge.npz")


def test_arrays_that_unpack_to_far_more_than_their_file_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("frames", "labels"):
            with archive.open(f"{name}.npy", "w") as member:
                for _ in range(200):
                    member.write(bytes(1_000_000))

    with pytest.raises(UserError, match="Expected arrays of at most"):
        read_arrays(tmp_path / "bomb.npz")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expected a column 'label'"),
        ("a,b\n1,2\n", "Expected a column 'label'"),
        ("label\npush\n", "columns of values"),
        ("label,x\n", "at least one line"),
        ("label,x\npush,1,2\n", "in line 2"),
        ("label,x\npush,one\n", "in line 2"),
        ("label,x\npush,nan\n", "Expected finite values"),
        ("label,x\n,1\n", "Expected one label"),
        ("label,frame,x\na,1,1\nb,1,2\n", "Expected one label for a frame"),
        ("label,frame,x\na,1,1\na,1,2\na,2,3\n", "Expected 2 rows in every frame"),
        ("label,first_reading,x\na,soon,1\n", "first_reading"),
        ("label,x\na," + "1" * 2_000_000, "less than 1000000 characters"),
    ],
)
def test_a_table_that_makes_no_session_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)

    with pytest.raises(UserError) as error:
        read_arrays(path)

    assert said in str(error.value)


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_files_cut_short_or_with_changed_bytes_read_or_are_refused(parts: Parts, tmp_path: Path, suffix: str) -> None:
    exported(parts, tmp_path / f"whole{suffix}")
    data = (tmp_path / f"whole{suffix}").read_bytes()
    random = np.random.default_rng(1)
    path = tmp_path / f"broken{suffix}"
    refused = 0
    for _ in range(150):
        broken = bytearray(data[: int(random.integers(1, len(data) + 1))])
        for place in random.integers(0, len(broken), size=3):
            broken[place] = int(random.integers(256))
        path.write_bytes(broken)
        try:
            read_arrays(path)
        except UserError:
            refused += 1
    assert refused > 50
