from __future__ import annotations

import csv
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.exports import FORMATS, export_session
from exptool_ml_plugin.core.file_names import file_names
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.png import VIRIDIS, frame_png
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.tfrecord import crc32c, records

SETUP = setup_of(channel(), channel(sensor_id=2, points=3))


@pytest.fixture
def session(parts: Parts) -> Session:
    """Fourteen frames of two recordings and two labels, of two features."""
    recipe = Recipe(
        sensor=SETUP,
        features=(FeatureChoice("range_segment", {"downsample": 2}), FeatureChoice("doppler_spectrum")),
        frame=FrameSettings(time_steps=5),
        trigger=TriggerChoice("continuous", {"hop": 10}),
    )
    made = Session(recipe)
    for seed, name in enumerate(("one", "two")):
        recording = recording_of(SETUP, 65, seed=seed, name=name)
        place = made.add_recording(recording)
        for number, frame in enumerate(frames_of(recording, recipe, parts)):
            made.add(frame, ("push/pull", "stil\u00e4")[number % 2], place)
    return made


def test_the_arrays_hold_the_frames_bit_for_bit_and_all_that_belongs_to_them(
    session: Session, parts: Parts, tmp_path: Path
) -> None:
    export_session(session, tmp_path / "frames.npz", "npz", parts=parts)

    with np.load(tmp_path / "frames.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["frames"], session.values)
        assert file["frames"].dtype == np.float32
        assert file["labels"].tolist() == session.labels
        np.testing.assert_array_equal(file["recording"], session.recording_of)
        np.testing.assert_array_equal(file["first_reading"], session.first_reading)
        np.testing.assert_array_equal(file["flags"], session.flags)
        assert file["names"].tolist() == ["one", "two"]
        assert len(file["columns"]) == session.values.shape[2]
        assert {name.rpartition("_")[0] for name in file["columns"]} == {"range_segment", "doppler_spectrum"}
        assert Recipe.from_json(str(file["recipe"])) == session.recipe


def test_the_table_has_a_line_for_each_row_with_values_that_read_back_exactly(
    session: Session, parts: Parts, tmp_path: Path
) -> None:
    export_session(session, tmp_path / "frames.csv", "csv", parts=parts)

    with (tmp_path / "frames.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(session) * 5
    values = np.array([list(line.values())[6:] for line in lines], dtype=np.float32)
    np.testing.assert_array_equal(values.reshape(session.values.shape), session.values)
    assert [line["label"] for line in lines[::5]] == session.labels
    assert [line["row"] for line in lines[:6]] == ["0", "1", "2", "3", "4", "0"]
    assert [int(line["first_reading"]) for line in lines[::5]] == session.first_reading.tolist()
    assert {line["recording"] for line in lines} == {"one", "two"}


def test_the_checksum_is_that_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the usual check value
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(bytes(range(32))) == 0x46DD794E


def test_a_record_says_its_length_and_both_checksums() -> None:
    def masked(data: bytes) -> int:
        crc = crc32c(data)
        return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF

    frames = np.random.default_rng(1).normal(size=(3, 7, 5)).astype(np.float32)
    for record in records(frames, [{"label": label} for label in ("a", "bb", "")]):
        length, length_crc = struct.unpack("<QI", record[:12])
        data = record[12:-4]
        assert len(data) == length
        assert length_crc == masked(record[:8])
        assert struct.unpack("<I", record[-4:])[0] == masked(data)


READ_RECORDS = """
import sys, numpy as np, tensorflow as tf
fixed, one = tf.io.FixedLenFeature, tf.io.FixedLenFeature([], tf.int64)
text = fixed([], tf.string)
features = {"frame": tf.io.VarLenFeature(tf.float32), "shape": fixed([2], tf.int64), "label": text,
            "recording": text, "label_index": one, "first_reading": one, "flags": one}
read = [tf.io.parse_single_example(record, features) for record in tf.data.TFRecordDataset(sys.argv[1])]
np.savez(sys.argv[2], frames=[tf.reshape(tf.sparse.to_dense(one["frame"]), one["shape"]) for one in read],
         **{name: np.array([one[name].numpy() for one in read]) for name in features if name != "frame"})
"""


def test_tensorflow_reads_the_records(session: Session, parts: Parts, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="needs TensorFlow to read: pip install exptool-ml-plugin[train]")
    path, read = tmp_path / "frames.tfrecord", tmp_path / "read.npz"

    export_session(session, path, "tfrecord", parts=parts)
    command = [sys.executable, "-c", READ_RECORDS, str(path), str(read)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)

    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(read) as file:
        np.testing.assert_array_equal(file["frames"], session.values)
        assert [label.decode() for label in file["label"]] == session.labels
        assert [session.label_names()[index] for index in file["label_index"]] == session.labels
        assert [name.decode() for name in file["recording"]] == ["one"] * 7 + ["two"] * 7
        np.testing.assert_array_equal(file["first_reading"], session.first_reading)


def test_every_frame_is_a_picture_in_the_folder_of_its_label(session: Session, parts: Parts, tmp_path: Path) -> None:
    export_session(session, tmp_path / "pictures", "png", parts=parts)

    with (tmp_path / "pictures" / "frames.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [line["label"] for line in listed] == session.labels
    assert {line["file"].split("/")[0] for line in listed} == {"push_pull", "stil\u00e4"}
    written = sorted(path.relative_to(tmp_path / "pictures").as_posix() for path in tmp_path.rglob("*.png"))
    assert written == sorted(line["file"] for line in listed)


def pixels(png: bytes) -> np.ndarray:
    """Decode a picture of ours: 8 bits a pixel, a palette, no filters."""
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", png[start - 8 : start - 4])
    lines = np.frombuffer(zlib.decompress(png[start : start + length]), dtype=np.uint8).reshape(height, 1 + width)
    assert not lines[:, 0].any()
    return VIRIDIS[lines[:, 1:]]


def test_a_picture_has_time_to_the_right_and_the_row_upwards() -> None:
    scaled = np.zeros((3, 2), dtype=np.float32)  # three time steps of two values
    scaled[2, 1] = 1.0  # the newest, last value: top right

    picture = pixels(frame_png(scaled, zoom=2))

    assert picture.shape == (4, 6, 3)
    bright = (picture == VIRIDIS[255]).all(axis=2)
    assert bright[:2, 4:].all()
    assert bright.sum() == 4


def test_pictures_open_elsewhere_in_the_colours_of_viridis(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="needs matplotlib: pip install exptool-ml-plugin[train]")
    from matplotlib.image import imread

    ramp = np.linspace(0, 1, 256, dtype=np.float32).reshape(256, 1)
    (tmp_path / "ramp.png").write_bytes(frame_png(ramp))

    read = imread(tmp_path / "ramp.png")[:, :, :3] * 255
    wanted = matplotlib.colormaps["viridis"](np.arange(256))[np.newaxis, :, :3] * 255
    assert np.abs(read - wanted).max() < 2.0


@pytest.mark.parametrize("kind", FORMATS)
def test_work_that_is_stopped_leaves_nothing(session: Session, parts: Parts, tmp_path: Path, kind: str) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_session(session, tmp_path / "out", kind, parts=parts, step=stop)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_overwritten_unasked(session: Session, parts: Parts, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    out.write_text("precious")

    with pytest.raises(UserError, match="Expected a new"):
        export_session(session, out, kind, parts=parts)

    assert out.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_that_is_not_there_and_a_session_without_frames_are_said(
    session: Session, parts: Parts, tmp_path: Path, kind: str
) -> None:
    with pytest.raises(UserError, match="Check that the folder"):
        export_session(session, tmp_path / "missing" / "out", kind, parts=parts)
    with pytest.raises(UserError, match="at least one labelled frame"):
        export_session(Session(session.recipe), tmp_path / "out", kind, parts=parts)


def test_different_labels_never_share_a_folder() -> None:
    texts = ["a/b", "a_b", "A_B", "..", "con", "x" * 300, "x" * 301, " "]

    names = file_names(texts)

    assert len({name.casefold() for name in names.values()}) == len(texts)
    assert names["a/b"] == "a_b"
    assert all(name not in ("", ".", "..") and len(name) < 100 for name in names.values())
    assert names["con"] != "con"
