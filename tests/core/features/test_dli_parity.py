"""Every feature of the Deep Learning Interface against its formulas, on made and on real readings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dli_reference as dli
import numpy as np
import pytest
from a111_recordings import ENVELOPE, SPARSE, read_a111

from exptool_ml_plugin.core.features.amplitude_ratio import AmplitudeRatio
from exptool_ml_plugin.core.features.averages import Averages
from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.features.peak import Peak
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.core.features.sparse_fft import SparseFFT
from exptool_ml_plugin.core.reading import Channel

K = 24
DLI = {"method": "coherent_double", "tail": "drop", "window": K}
SOURCES = ("made", *SPARSE, *ENVELOPE)
Data = tuple[Channel, np.ndarray]


def made_sparse(*, readings: int = 150, sweeps: int = 16, points: int = 7, seed: int = 0) -> Data:
    """Samples around 2^15 as the old sensor gave them."""
    random = np.random.default_rng(seed)
    values = np.round(2**15 + 900 * random.standard_normal((readings, sweeps, points)))
    return Channel(1, 0, sweeps, points, 0.24, 0.06, 5000.0), values.astype(np.complex64)


@pytest.fixture(params=SOURCES)
def data(request: pytest.FixtureRequest) -> Data:
    if request.param == "made":
        return made_sparse()
    return read_a111(request.getfixturevalue("shared_data") / "a111_host" / f"{request.param}.input.h5")


@pytest.fixture(params=("made", *SPARSE))
def sparse(request: pytest.FixtureRequest) -> Data:
    if request.param == "made":
        return made_sparse(sweeps=17)
    return read_a111(request.getfixturevalue("shared_data") / "a111_host" / f"{request.param}.input.h5")


def feature(kind: type[Feature], options: dict, outputs: tuple[str, ...], *channels: Channel) -> Feature:
    return kind(kind.Options(**options), outputs=outputs, channels=channels, reading_rate_hz=50.0)


def envelope(stack: np.ndarray) -> np.ndarray:
    return stack.real.astype(np.float64).mean(axis=1)


def full_windows(stack: np.ndarray, *, first: int = K - 1) -> list[int]:
    return [*range(first, len(stack), 9), len(stack) - 1]


def agree(ours: np.ndarray, theirs: object) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_the_peak_is_that_of_the_formula(data: Data) -> None:
    channel, stack = data
    rows = feature(Peak, {}, ("distance", "amplitude"), channel).rows([stack])
    distances, amplitudes = dli.peak(envelope(stack).T, channel.distances_m)
    agree(rows, np.stack([distances, amplitudes], axis=1))


def test_the_peak_of_a_range_is_that_between_its_ends(data: Data) -> None:
    channel, stack = data
    r = channel.distances_m
    rows = feature(Peak, {"start_m": r[1], "stop_m": r[-2]}, ("distance", "amplitude"), channel).rows([stack])
    distances, amplitudes = dli.peak(envelope(stack).T[1:-1], r[1:-1])
    agree(rows, np.stack([distances, amplitudes], axis=1))


def test_the_averages_are_those_of_the_formula(data: Data) -> None:
    channel, stack = data
    outputs = ("avg_dist", "avg_std", "avg_ampl", "avg_total")
    rows = feature(Averages, {"window": K}, outputs, channel).rows([stack])
    for reading in full_windows(stack):
        expected = dli.averages(dli.window(envelope(stack), reading, K), channel.distances_m)
        agree(rows[reading], [expected[output] for output in outputs])


def test_the_amplitude_ratio_is_that_of_the_formula(data: Data) -> None:
    channel, stack = data
    other = np.ascontiguousarray(stack[::-1]) * np.float32(0.5)
    rows = feature(AmplitudeRatio, {"window": K}, ("avg_ratio",), channel, replace(channel, sensor_id=3)).rows(
        [stack, other]
    )
    for reading in full_windows(stack):
        windows = [dli.window(envelope(one), reading, K) for one in (stack, other)]
        agree(rows[reading], [dli.amplitude_ratio(*windows)])


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("stretch", [False, True])
@pytest.mark.parametrize("n", [1, 3])
def test_the_range_segment_is_that_of_the_formula(data: Data, n: int, *, flip: bool, stretch: bool) -> None:
    channel, stack = data
    stacks = [stack, np.ascontiguousarray(stack[::-1]) * np.float32(0.5)]
    options = {**DLI, "downsample": n, "flip": flip, "stretch": stretch}
    made = feature(RangeSegment, options, ("segment", "integrated"), channel, replace(channel, sensor_id=2))
    rows = made.rows(stacks)
    for reading in full_windows(stack):
        windows = [dli.window(envelope(one), reading, K) for one in stacks]
        segments = dli.range_segment(windows, n, flip=flip, stretch=stretch)
        frame = made.finish(rows[reading - K + 1 : reading + 1])  # oldest first
        half = made.width // 2
        agree(frame[::-1, :half].T, np.concatenate(segments))
        agree(frame[-1, half:], np.concatenate([dli.integrated(segment) for segment in segments]))


@pytest.mark.parametrize("sensors", [1, 2, 4])
@pytest.mark.parametrize("stretch", [False, True])
@pytest.mark.parametrize("dead", [0, 20])
def test_the_calibrated_segment_is_that_of_the_formula_for_any_number_of_sensors(
    sensors: int, dead: int, *, stretch: bool
) -> None:
    data = [made_sparse(readings=100 + dead + K, seed=seed) for seed in range(sensors)]
    stacks = [stack for _, stack in data]
    for stack in stacks:
        stack[100 + dead :, :, 2] *= 1.5  # something comes after the calibration
    channels = [replace(channel, sensor_id=nr) for nr, (channel, _) in enumerate(data)]
    options = {**DLI, "downsample": 2, "calibrate": True, "dead_readings": dead, "stretch": stretch}
    made = feature(RangeSegment, options, ("segment", "integrated"), *channels)
    rows = made.rows(stacks)
    assert (rows[: 100 + dead, : made.width // 2] == 1).all(), "the empty scene until the calibration is done"
    segments = dli.range_segment(
        [dli.window(envelope(stack), len(stack) - 1, K) for stack in stacks],
        2,
        stretch=stretch,
        backgrounds=[dli.background(envelope(stack), 2) for stack in stacks],
    )
    frame = made.finish(rows[-K:])
    agree(frame[::-1, : made.width // 2].T, np.concatenate(segments))
    agree(frame[-1, made.width // 2 :], np.concatenate([dli.integrated(segment) for segment in segments]))
    assert np.ptp(frame[:, : made.width // 2]) > 0.1, "not all ones"


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("high_pass", [0.3, 0.5, 1.0])
def test_the_sparse_fft_is_that_of_the_formula(sparse: Data, high_pass: float, *, flip: bool) -> None:
    channel, stack = sparse
    stack = stack[:120]
    options = {"kept_share": high_pass, "flip": flip, "window": K}
    c = dli.normalised(np.array([dli.magnitudes(matrix.real) for matrix in stack]))
    for stretch in (False, True):
        made = feature(SparseFFT, {**options, "stretch": stretch}, ("fft", "profile", "yprofile"), channel)
        rows = made.rows([stack])
        kept = (made.width - 1) // 2
        for reading in full_windows(stack):
            fft, profile, yprofile = dli.sparse_fft(
                dli.window(c, reading, K), high_pass=high_pass, flip=flip, stretch=stretch
            )
            frame = made.finish(rows[reading - K + 1 : reading + 1])
            agree(frame[::-1, :kept].T, fft)
            agree(frame[::-1, kept], profile)
            agree(frame[-1, kept + 1 :], yprofile)


def test_two_speaker_sensors_at_half_the_frequencies_give_the_34_values_of_the_old_picture() -> None:
    one = Channel(2, 0, 64, 5, 0.12, 0.06, 4500.0)
    made = feature(SparseFFT, {"kept_share": 0.5, "flip": False}, ("fft",), one, replace(one, sensor_id=4))
    assert made.width == 34


def test_each_channel_has_its_own_noise_floor(shared_data: Path) -> None:
    channel, stack = read_a111(shared_data / "a111_host" / "wave_to_exit.input.h5")
    quiet = ((stack.real - 2**15) / 50 + 2**15).astype(np.complex64)
    other = replace(channel, sensor_id=2)
    both = feature(SparseFFT, {}, ("fft",), channel, other).rows([stack, quiet])
    alone = [feature(SparseFFT, {}, ("fft",), channel).rows([one]) for one in (stack, quiet)]
    np.testing.assert_array_equal(both, np.concatenate(alone, axis=1))
