"""Session files of the Deep Learning Interface become sessions with the same frames."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import dli_files as dli
from dli_files import K
from exptool_ml_plugin.core.dli.session import ImportedSession, merged, read_session
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.features.amplitude_ratio import AmplitudeRatio
from exptool_ml_plugin.core.features.averages import Averages
from exptool_ml_plugin.core.features.peak import Peak
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.core.features.sparse_fft import SparseFFT
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Flag
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.triggers.continuous import Continuous
from exptool_ml_plugin.core.triggers.presence import Presence

PARTS = Parts(
    features={kind.key: kind for kind in (RangeSegment, Peak, Averages, AmplitudeRatio, SparseFFT)},
    triggers={kind.key: kind for kind in (Continuous, Presence)},
    layers={},
)


def imported(tmp_path: Path, content: dict, name: str = "ml_session_data_push") -> ImportedSession:
    return read_session(dli.save(tmp_path / f"{name}.npy", content), PARTS)


def exact_rows(one: ImportedSession) -> np.ndarray:
    """What our features make of the readings, float64 `(readings, width)`, before it is rounded to float32."""
    recording, rows = one.session.recordings[0], []
    for choice in one.session.recipe.features:
        kind = PARTS.features[choice.key]
        chosen = [i for i, c in enumerate(recording.setup.channels) if c.sensor_id in (choice.sensor_ids or ())]
        made = kind(
            kind.Options(**choice.options),
            outputs=choice.outputs,
            channels=tuple(recording.setup.channels[i] for i in chosen),
            reading_rate_hz=recording.setup.reading_rate_hz,
        )
        rows.append(made.rows([recording.matrices[i] for i in chosen]).astype(np.float64))
    return np.concatenate(rows, axis=1)


@pytest.mark.parametrize("options", [{}, {"Down_sample": 1.0}, {"Down_sample": 5.0}])
def test_range_segments_of_an_envelope_session_are_ours_to_1e_9(tmp_path: Path, options: dict) -> None:
    data = dli.envelope_data(sensors=2)
    n = int(options.get("Down_sample", 8))
    columns = np.concatenate([dli.segment_map(data, sensor, n) for sensor in (0, 1)])
    features = [dli.feature("sweep", [1, 3], ["segment"], **options)]
    frames = dli.rolling_frames(columns)

    one = imported(tmp_path, dli.document(data, "envelope", [1, 3], features, frames))

    np.testing.assert_allclose(exact_rows(one), columns.T, rtol=1e-9)
    assert one.equal == len(frames) == len(one.session)
    assert one.session.values.shape == (len(frames), K, len(columns))
    np.testing.assert_array_equal(one.session.values[3], columns[:, 2 : 2 + K].T.astype(np.float32))
    assert one.session.first_reading.tolist() == [0, *range(len(frames) - 1)]
    assert set(one.session.labels) == {"push"}


def test_an_iq_session_is_equal_as_far_as_single_precision_goes(tmp_path: Path) -> None:
    data = dli.iq_data()
    columns = dli.segment_map(data, 0, 8)
    frames = dli.rolling_frames(columns)

    one = imported(tmp_path, dli.document(data, "iq", [2], [dli.feature("sweep", [1], ["segment"])], frames), name="iq")

    # Readings are complex64; these values of 12 bits fit exactly, so that nothing is lost here.
    np.testing.assert_allclose(exact_rows(one), columns.T, rtol=1e-9)
    assert one.equal == len(frames)
    assert one.session.recipe.features[0].sensor_ids == (2,), "every number means the only sensor"


def test_the_motion_spectra_of_a_sparse_session_of_two_sensors_are_ours(tmp_path: Path) -> None:
    data = dli.sparse_data()
    left = dli.fft_map(data, 0, start_mm=240, stop_mm=360, high_pass=0.5, flip=True)
    right = dli.fft_map(data, 1, start_mm=300, stop_mm=480, high_pass=0.5, flip=False)
    columns = np.concatenate([left, right])
    features = [
        dli.feature("sparse_fft", [2], ["fft"], Start=0.24, Stop=0.36),
        dli.feature("sparse_fft", [4], ["fft"], Start=0.31, Stop=7.0, Flip=False),
    ]
    frames = dli.rolling_frames(columns)

    one = imported(tmp_path, dli.document(data, "sparse", [2, 4], features, frames))

    np.testing.assert_allclose(exact_rows(one), columns.T, rtol=1e-9)
    assert one.equal == len(frames)
    recording = one.session.recordings[0]
    assert recording.setup.generation == "a111"
    assert [c.sensor_id for c in recording.setup.channels] == [2, 4]
    assert (recording.setup.channels[0].sweeps, recording.setup.channels[0].points) == (16, 5)
    np.testing.assert_array_equal(recording.matrices[1].real, data[:, 1])
    np.testing.assert_allclose(recording.time_s, np.arange(40) / dli.RATE_HZ, atol=1e-9)


def test_peaks_become_metres(tmp_path: Path) -> None:
    data = dli.envelope_data()
    columns = dli.peak_map(data, 0, start_mm=250, stop_mm=350)
    features = [dli.feature("peak", [1], ["peak", "amplitude"], Start=0.25, Stop=0.35)]

    one = imported(tmp_path, dli.document(data, "envelope", [1], features, dli.rolling_frames(columns)))

    np.testing.assert_allclose(exact_rows(one) * [1000.0, 1.0], columns.T, rtol=1e-9)
    assert one.equal == len(one.session)
    assert one.session.values[3][:, 0].min() >= 0.249
    assert one.session.values[3][:, 0].max() <= 0.351
    assert len(one.session.recipe.features) == 1


def test_averages_of_one_value_per_frame_become_frames_of_one_row(tmp_path: Path) -> None:
    data = dli.envelope_data()
    outputs = ["avg_dist", "avg_std", "avg_ampl", "avg_total"]
    features = [dli.feature("averages_1d", [1], outputs, dimension=1, Start=0.2, Stop=0.4)]
    windows = {newest: dli.averages_at(data, 0, newest, start_mm=200, stop_mm=400) for newest in (K, 20, 39)}
    frames = [dli.frame(values, newest) for newest, values in windows.items()]

    one = imported(tmp_path, dli.document(data, "envelope", [1], features, frames))

    assert one.session.recipe.frame.time_steps == 1
    assert one.session.first_reading.tolist() == [K, 20, 39]
    rows = exact_rows(one)[[K, 20, 39]] * [1000.0, 1000.0, 1.0, 1.0]
    np.testing.assert_allclose(rows, np.stack([w[:, 0] for w in windows.values()]), rtol=1e-9)
    assert one.equal == 3


def test_averages_in_two_dimensions_are_compared_where_they_were_counted(tmp_path: Path) -> None:
    data = dli.envelope_data()
    features = [dli.feature("averages_2d", [1], ["avg_ampl"], Start=0.2, Stop=0.4)]
    frames = [
        dli.frame(np.repeat(dli.averages_at(data, 0, newest, start_mm=200, stop_mm=400)[2:3], K, axis=1), newest)
        for newest in (K, 30)
    ]

    one = imported(tmp_path, dli.document(data, "envelope", [1], features, frames))

    assert one.equal == 2
    assert one.session.values.shape == (2, K, 1)


def test_the_ratio_of_two_sensors_is_ours(tmp_path: Path) -> None:
    data = dli.envelope_data(sensors=2)
    env = dli.envelopes(data)
    r = dli.distances_mm(data)
    a, b = int(((r - 250) ** 2).argmin()), int(((r - 351) ** 2).argmin())
    peaks = env[:, :, a:b].max(axis=2)
    features = [dli.feature("amplitude_ratios_1d", [1, 2], ["avg_ratio"], dimension=1, Start=0.25, Stop=0.351)]
    means = {newest: peaks[newest - K + 1 : newest + 1].mean(axis=0) for newest in (K, 30)}
    frames = [dli.frame(np.array([[first / second]]), newest) for newest, (first, second) in means.items()]

    one = imported(tmp_path, dli.document(data, "envelope", [1, 2], features, frames))

    expected = [first / second for first, second in means.values()]
    np.testing.assert_allclose(exact_rows(one)[[K, 30], 0], expected, rtol=1e-9)
    assert one.equal == 2


def test_frames_of_another_feature_are_told_from_equal_ones(tmp_path: Path) -> None:
    data = dli.envelope_data()
    frames = dli.rolling_frames(dli.segment_map(data, 0, 8))
    frames[5]["feature_map"][2, 3] *= 1.001

    one = imported(tmp_path, dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], frames))

    assert one.equal == len(frames) - 1


def test_a_frame_that_was_moved_is_found_where_it_was_recomputed(tmp_path: Path) -> None:
    """The inspection of the old tool fed the readings from the marker on, not from one behind it."""
    data = dli.envelope_data()
    columns = dli.segment_map(data, 0, 8)
    moved = dli.frame(columns[:, 7 : 7 + K][:, ::-1], 30)
    moved["frame_marker"] = 7

    one = imported(tmp_path, dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], [moved]))

    assert (one.equal, one.session.first_reading.tolist()) == (1, [7])


def test_a_frame_with_the_zeros_the_old_tool_left_in_it_is_equal(tmp_path: Path) -> None:
    data = dli.envelope_data()
    values = dli.segment_map(data, 0, 8)[:, 7 : 7 + K][:, ::-1].copy()
    values[:, -1] = 0.0

    one = imported(
        tmp_path,
        dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], [dli.frame(values, 7 + K - 1)]),
    )

    assert (one.equal, one.session.first_reading.tolist()) == (1, [7])
    assert not one.session.values[0, 0].any() and one.session.values[0, 1:].all()


@pytest.mark.parametrize("mode", ["envelope", "sparse"])
def test_a_file_whose_data_have_no_axis_for_the_only_sensor_is_read(tmp_path: Path, mode: str) -> None:
    data = dli.envelope_data() if mode == "envelope" else dli.sparse_data(sensors=1)
    columns = dli.segment_map(data, 0, 1)
    features = [dli.feature("sweep", [1], ["segment"], Down_sample=1.0)]
    content = dli.document(data, mode, [1], features, dli.rolling_frames(columns), record={"data": data[:, 0]})

    one = imported(tmp_path, content)

    assert one.equal == len(one.session) > 0


def test_flags_of_the_sensor_come_along(tmp_path: Path) -> None:
    data = dli.envelope_data()
    flags = [[{"missed_data": index == 20, "data_saturated": index == 30}] for index in range(len(data))]
    frames = dli.rolling_frames(dli.segment_map(data, 0, 8))
    content = dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], frames)
    content["sweep_data"]["data_info"] = json.dumps(flags)

    session = imported(tmp_path, content).session

    assert session.recordings[0].quality[30].saturated and session.recordings[0].quality[20].lost_before == 1
    flagged = {Flag(int(flag)) for flag in session.flags}
    assert flagged >= {Flag(0), Flag.SATURATED, Flag.LOST}


def test_frames_of_other_shapes_are_left_out_and_said(tmp_path: Path) -> None:
    data = dli.envelope_data()
    frames = dli.rolling_frames(dli.segment_map(data, 0, 8))
    frames[3]["feature_map"] = None
    frames[4]["feature_map"] = np.ones((3, K))
    frames[5]["label"] = "  pull "

    one = imported(tmp_path, dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], frames))

    assert len(one.session) == len(frames) - 2
    assert "2 frames are left out" in one.notes[0]
    assert one.session.counts()["pull"] == 1


def test_a_feature_that_is_not_there_any_more_keeps_its_frames(tmp_path: Path) -> None:
    data = dli.sparse_data()
    frames = dli.rolling_frames(np.abs(np.random.default_rng(0).standard_normal((5, 40))))
    features = [dli.feature("own_feature", [2], ["value"])]

    one = imported(tmp_path, dli.document(data, "sparse", [2, 4], features, frames))

    assert one.equal is None
    assert any("own_feature" in note for note in one.notes)
    np.testing.assert_allclose(one.session.values[-1], frames[-1]["feature_map"][:, ::-1].T, rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "trigger", "options"),
    [
        ({"rolling": True}, "continuous", {"hop": 1}),
        ({"rolling": False}, "continuous", {"hop": K - 1 - 5}),
        ({"collection_mode": "auto"}, "continuous", {"hop": 1}),
        ({"collection_mode": "single"}, "single", {}),
        ({"collection_mode": "presence_sparse"}, "presence", {"threshold": 1.5}),
        ({"collection_mode": "auto_feature_based"}, "feature_shape", {"threshold": 1.5, "wing": 5}),
    ],
)
def test_the_collection_mode_becomes_a_trigger(tmp_path: Path, settings: dict, trigger: str, options: dict) -> None:
    data = dli.envelope_data()
    content = dli.document(
        data,
        "envelope",
        [1],
        [dli.feature("sweep", [1], ["segment"])],
        [],
        frame_settings={**settings, "frame_time": 0.2},
    )

    recipe = imported(tmp_path, content).session.recipe

    assert (recipe.trigger.key, dict(recipe.trigger.options)) == (trigger, options)
    assert (recipe.frame.time_steps, recipe.frame.pre_trigger, recipe.frame.dead_time) == (12, 5, 10)


def test_an_imported_session_is_saved_read_and_cut_anew(tmp_path: Path) -> None:
    data = dli.sparse_data()
    columns = dli.segment_map(data, 0, 1)
    features = [dli.feature("sweep", [2], ["segment"], Down_sample=1.0)]
    one = imported(tmp_path, dli.document(data, "sparse", [2, 4], features, dli.rolling_frames(columns)))

    save_session(one.session, tmp_path / "own.h5")
    read = load_session(tmp_path / "own.h5")

    np.testing.assert_array_equal(read.values, one.session.values)
    np.testing.assert_array_equal(read.recordings[0].matrices[1], one.session.recordings[0].matrices[1])
    assert read.recipe == one.session.recipe
    cut = frames_of(read.recordings[0], read.recipe, PARTS)
    np.testing.assert_array_equal([f.values for f in cut], read.values[1:])


def test_sessions_of_one_recipe_become_one_and_others_do_not(tmp_path: Path) -> None:
    features = [dli.feature("sweep", [1], ["segment"])]
    parts = []
    for number, label in enumerate(("push", "pull")):
        data = dli.envelope_data(seed=number)
        frames = dli.rolling_frames(dli.segment_map(data, 0, 8), label=label)
        parts.append(imported(tmp_path, dli.document(data, "envelope", [1], features, frames), name=label))

    both = merged(parts)

    assert both.session.counts() == {"pull": 31 - 1, "push": 31 - 1}
    assert [recording.name for recording in both.session.recordings] == ["push", "pull"]
    assert both.equal == len(both.session)
    np.testing.assert_array_equal(np.unique(both.session.recording_of), [0, 1])
    data = dli.envelope_data()
    other = [dli.feature("sweep", [1], ["segment"], Down_sample=4.0)]
    frames = dli.rolling_frames(dli.segment_map(data, 0, 4))
    parts.append(imported(tmp_path, dli.document(data, "envelope", [1], other, frames), name="other"))
    with pytest.raises(UserError, match="push and other, which differ"):
        merged(parts)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sweep_data", None),
        ("sweep_data", {"data": "none"}),
        ("feature_list", []),
        ("feature_list", [{"key": 3}]),
        ("feature_list", [{"key": "sweep", "output": {}}]),
        ("sensor_config", "{"),
    ],
)
def test_a_session_without_its_parts_ends_in_a_sentence(tmp_path: Path, key: str, value: object) -> None:
    data = dli.envelope_data()
    frames = dli.rolling_frames(dli.segment_map(data, 0, 8))
    content = dli.document(data, "envelope", [1], [dli.feature("sweep", [1], ["segment"])], frames)
    content[key] = value
    if key == "sensor_config":
        del content["sweep_data"]["sensor_config_dump"]

    with pytest.raises(UserError, match=r"Expected .* Received: "):
        imported(tmp_path, content)
