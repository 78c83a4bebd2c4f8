"""The detectors of the A111 as features: what their formulas give, on made and on real readings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from detector_reference import distance as reference_distance
from detector_reference import presence as reference_presence

from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.reading import Channel
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate import A111_SETUPS, record
from exptool_ml_plugin.hosts.a111.features.distance import DistanceEnvelope, DistanceEnvelopeOptions
from exptool_ml_plugin.hosts.a111.features.presence import PresenceSparse, PresenceSparseOptions
from exptool_ml_plugin.hosts.a111.record_source import A111Source
from exptool_ml_plugin.plugins import load_plugins

K = 20
REAL = ("button_press_sparse", "presence_detection_sparse", "wave_to_exit")


def presence(channels: tuple[Channel, ...], outputs: tuple[str, ...], rate: float, **options: object) -> PresenceSparse:
    return PresenceSparse(PresenceSparseOptions(**options), outputs=outputs, channels=channels, reading_rate_hz=rate)


def distance(channels: tuple[Channel, ...], rate: float, **options: object) -> DistanceEnvelope:
    chosen = DistanceEnvelopeOptions(**options)
    return DistanceEnvelope(chosen, outputs=("distance",), channels=channels, reading_rate_hz=rate)


@pytest.fixture(params=("simulated", *REAL))
def sparse(request: pytest.FixtureRequest) -> Recording:
    if request.param == "simulated":
        return record(A111_SETUPS["sparse"], "push", 2.0, name="push", seed=3)
    folder = request.getfixturevalue("shared_data") / "a111_host"
    (recording,) = A111Source().read(folder / f"{request.param}.input.h5")
    return recording.part(0, 120)


def test_presence_sparse_is_that_of_the_formula(sparse: Recording) -> None:
    rate = sparse.setup.reading_rate_hz
    rows = presence(sparse.setup.channels, ("presence",), rate).rows(sparse.matrices)
    expected = reference_presence(sparse.matrices[0].real, rate)
    assert expected.max() > 2, "something moves"
    np.testing.assert_allclose(rows, expected, rtol=1e-9, atol=1e-9)


def test_the_detectors_settings_are_those_of_the_options(sparse: Recording) -> None:
    settings = {"inter_fast_cutoff": 20.0, "inter_slow_cutoff": 0.2, "intra_weight": 0.3}
    rate = sparse.setup.reading_rate_hz
    rows = presence(sparse.setup.channels, ("presence",), rate, **settings, inter_deviation_s=0.5, intra_s=0.15).rows(
        sparse.matrices
    )
    expected = reference_presence(
        sparse.matrices[0].real, rate, fast_hz=20.0, slow_hz=0.2, weight=0.3, deviation_s=0.5, intra_s=0.15
    )
    np.testing.assert_allclose(rows, expected, rtol=1e-9, atol=1e-9)


def test_a_part_of_the_range_is_that_part_of_the_detectors_output() -> None:
    recording = record(A111_SETUPS["sparse"], "push", 1.0, name="push")
    channel = recording.setup.channels[0]
    whole = presence((channel,), ("presence",), 50.0).rows(recording.matrices)
    ends = {"start_m": channel.distances_m[2], "stop_m": channel.distances_m[5]}
    np.testing.assert_array_equal(
        presence((channel,), ("presence",), 50.0, **ends).rows(recording.matrices), whole[:, 2:6]
    )


def two_sensors() -> tuple[tuple[Channel, ...], list[np.ndarray], list[np.ndarray]]:
    """Channels, readings and reference presences of a hand and of a quieter one."""
    recording = record(A111_SETUPS["sparse"], "push", 3.0, name="push", seed=5)
    channel = recording.setup.channels[0]
    stacks = [recording.matrices[0], np.ascontiguousarray(recording.matrices[0][::-1])]
    return (channel, replace(channel, sensor_id=4)), stacks, [reference_presence(stack.real, 50.0) for stack in stacks]


def test_the_time_average_is_scaled_by_the_largest_of_all_sensors() -> None:
    channels, stacks, presences = two_sensors()
    rows = presence(channels, ("time_average",), 50.0, window=K).rows(stacks)
    for reading in (K - 1, 80, 149):
        averages = [one[reading - K + 1 : reading + 1].mean(axis=0) for one in presences]
        largest = max(average.max() for average in averages)
        np.testing.assert_allclose(rows[reading], np.concatenate(averages) / largest * 256, rtol=1e-9)


def test_the_calibrated_time_average_is_a_multiple_of_the_empty_scenes() -> None:
    channels, stacks, presences = two_sensors()
    options = {"window": K, "calibrate": True, "calibration_readings": 40, "dead_readings": 10}
    rows = presence(channels, ("time_average",), 50.0, **options).rows(stacks)
    both = np.concatenate(presences, axis=1)
    averages = np.array([both[max(0, n - K + 1) : n + 1].mean(axis=0) for n in range(len(both))])
    empty = 1.2 * averages[:40].max(axis=0)
    assert (rows[:50] == 1).all()
    np.testing.assert_allclose(rows[50:], np.maximum(averages[50:] / empty, 1), rtol=1e-9)
    assert rows.max() > 1.5


@pytest.mark.parametrize("average", [1, 7])
def test_distance_envelope_is_that_of_the_formula(shared_data: Path, average: int) -> None:
    (real,) = A111Source().read(shared_data / "a111_host" / "distance_detector.input.h5")
    moving = record(A111_SETUPS["envelope"], "push", 2.0, name="push", seed=2)
    for recording, threshold in ((real, 120), (moving, 600)):
        channels, rate = recording.setup.channels, recording.setup.reading_rate_hz
        rows = distance(channels, rate, sweep_average=average, threshold=threshold).rows(recording.matrices)
        amplitudes = recording.matrices[0][:, 0].real.astype(np.float64)
        expected = reference_distance(amplitudes, channels[0].distances_m, average=average, threshold=threshold)
        assert len(set(expected)) > 1, "the distance changes"
        np.testing.assert_allclose(rows[:, 0], expected, rtol=1e-6)


def test_a_distance_that_was_not_found_again_is_forgotten() -> None:
    recording = record(A111_SETUPS["envelope"], "still", 6.0, name="still")
    stack = recording.matrices[0].copy()
    stack[50:] = 10.0
    rows = distance(recording.setup.channels, 50.0, sweep_average=1, forget_s=3.0).rows([stack])
    assert rows[20, 0] == pytest.approx(0.2, abs=0.05)
    assert rows[150, 0] > 0
    assert rows[260, 0] == 0


def test_the_distance_of_a_range_is_of_the_peaks_in_it() -> None:
    recording = record(A111_SETUPS["envelope"], "still", 0.5, name="still")
    made = distance(recording.setup.channels, 50.0, start_m=0.4, sweep_average=1, threshold=50)
    rows = made.rows(recording.matrices)
    assert ((rows == 0) | (rows >= 0.4)).all()


@pytest.mark.parametrize("kind", [PresenceSparse, DistanceEnvelope])
def test_they_begin_anew_after_a_reset(kind: type) -> None:
    service = kind.services[0]
    recording = record(A111_SETUPS[service], "push", 1.5, name="push")
    made = kind(kind.Options(), outputs=tuple(kind.outputs), channels=recording.setup.channels, reading_rate_hz=50.0)
    first = made.rows(recording.matrices)
    made.reset()
    assert made.rows(recording.matrices).tobytes() == first.tobytes()


def test_too_few_sweeps_or_points_are_said() -> None:
    sparse, envelope = A111_SETUPS["sparse"].channels[0], A111_SETUPS["envelope"].channels[0]
    (few,) = PresenceSparse.check(PresenceSparseOptions(), (replace(sparse, sweeps=3),))
    assert "at least 4 sweeps" in few.message
    narrow = DistanceEnvelope.check(DistanceEnvelopeOptions(start_m=0.3, stop_m=0.301), (envelope,))
    assert [issue.severity for issue in narrow] == [Severity.ERROR]
    assert "at least 3 points" in narrow[0].message
    assert PresenceSparse.check(PresenceSparseOptions(), (sparse,)) == []


def test_each_sensors_detectors_refuse_the_others_readings() -> None:
    features = load_plugins().features
    for key, service in (("presence", "sparse"), ("distance", "envelope")):
        (issue,) = features[key].check_service(features[key].Options(), (), service)
        assert "Expected readings of Sparse IQ (A121)" in issue.message
    for key in ("presence_sparse", "distance_envelope"):
        (issue,) = features[key].check_service(features[key].Options(), (), "sparse_iq")
        assert f"(A111) for {features[key].name}. Received: Sparse IQ." in issue.message
