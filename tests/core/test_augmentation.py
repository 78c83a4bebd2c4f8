from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import RATE_HZ, channel, recording_of, setup_of

from exptool_ml_plugin.core.augmentation import Change, changed_recording, draw, noise_level, variants
from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.frame_at import frame_at
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate import A111_SETUPS, record
from exptool_ml_plugin.plugins import load_plugins

RECIPE = Recipe(features=(FeatureChoice("range_segment", {"scale": "linear"}),), frame=FrameSettings(time_steps=8))


@pytest.fixture(scope="module")
def parts() -> Parts:
    return load_plugins().parts


def changed(change: Change) -> tuple[Recording, Recording]:
    recording = recording_of(setup_of(), 100, bursts=[(40, 60)])
    return recording, changed_recording(recording, change, np.random.default_rng(1))


def test_the_measured_noise_level_is_that_of_the_noise_in_spite_of_motion() -> None:
    recording = recording_of(setup_of(), 200, bursts=[(40, 80)])
    assert noise_level(recording.matrices[0]) == pytest.approx(70 * np.sqrt(2), rel=0.05)


def test_amplitude_and_phase_change_every_reading_alike() -> None:
    recording, made = changed(Change(factor=2.0, phase=np.pi / 2))
    np.testing.assert_allclose(made.matrices[0], 2j * recording.matrices[0], rtol=1e-5, atol=1e-2)


def test_range_shift_moves_the_points_and_lets_noise_come_in() -> None:
    recording, made = changed(Change(points=2))
    np.testing.assert_array_equal(made.matrices[0][:, :, 2:], recording.matrices[0][:, :, :-2])
    entered = made.matrices[0][:, :, :2]
    assert np.abs(entered[45:55]).mean() < 200 < np.abs(recording.matrices[0][45:55]).mean()
    assert entered.std() == pytest.approx(70 * np.sqrt(2), rel=0.1)


def test_noise_is_added_in_measures_of_the_noise_that_is_there() -> None:
    recording, made = changed(Change(noise=2.0))
    added = made.matrices[0] - recording.matrices[0]
    assert added.std() == pytest.approx(2.0 * noise_level(recording.matrices[0]), rel=0.05)


def test_time_stretch_makes_the_motion_slower_and_keeps_amplitude_and_rate() -> None:
    recording, made = changed(Change(stretch=1.25))
    strong = np.abs(made.matrices[0]).mean(axis=(1, 2)) > 600
    assert (len(made), len(made.quality), strong.sum()) == (124, 124, 25)
    assert np.diff(made.time_s) == pytest.approx(1 / RATE_HZ)
    inside = slice(int(42 * 1.25), int(58 * 1.25))
    assert np.abs(made.matrices[0][inside]).mean() == pytest.approx(
        np.abs(recording.matrices[0][42:58]).mean(), rel=0.05
    )


def test_time_stretch_keeps_the_doppler_of_fast_motion_within_a_reading() -> None:
    readings, sweeps = 40, 16
    turns = np.arange(readings)[:, None] * 0.49 + np.arange(sweeps) * 0.2  # nearly half a turn between two readings
    noise = 0.05 * np.random.default_rng(2).standard_normal((readings, sweeps, 1))
    matrix = (1000 * (np.exp(2j * np.pi * turns)[:, :, None] + noise)).astype(np.complex64)
    recording = replace(recording_of(setup_of(channel(points=1)), readings), matrices=(matrix,))

    made = changed_recording(recording, Change(stretch=1.13), np.random.default_rng(0)).matrices[0]

    power = [np.abs(np.fft.fft(one, axis=1)[:, :, 0]) ** 2 for one in (matrix, made)]
    measured, stretched = ((part.max(axis=1) / part.sum(axis=1)).min() for part in power)
    assert stretched > 0.95 * measured


def test_a_draw_stays_within_the_limits_and_zero_limits_change_nothing() -> None:
    settings = AugmentationSettings(
        copies=1, time_shift=3, time_stretch=0.1, amplitude_db=6, range_shift=2, noise=1, random_phase=True
    )
    draws = [draw(settings, np.random.default_rng(seed)) for seed in range(300)]
    assert {one.points for one in draws} == {-2, -1, 0, 1, 2}
    assert all(0.9 <= one.stretch <= 1.1 and 0.5 < one.factor < 2 and 0 <= one.noise <= 1 for one in draws)
    assert draw(AugmentationSettings(copies=1), np.random.default_rng(0)) == Change()


def test_a_variant_without_changes_is_its_original_with_full_history(parts: Parts) -> None:
    recipe = replace(RECIPE, features=(*RECIPE.features, FeatureChoice("slow_time")))
    recording = recording_of(setup_of(), 100, bursts=[(40, 60)])
    settings = AugmentationSettings(copies=2)
    found = list(variants(recording, recipe, parts, first_readings=[30, 45], settings=settings, seed=(0,)))
    assert [place for place, _ in found] == [0, 1, 0, 1]
    for place, frame in found:
        np.testing.assert_array_equal(frame.values, frame_at(recording, recipe, parts, [30, 45][place]).values)


def test_the_same_seed_gives_the_same_variants_and_another_one_others(parts: Parts) -> None:
    recording = recording_of(setup_of(), 60, bursts=[(20, 40)])
    settings = AugmentationSettings(copies=3, time_shift=4, time_stretch=0.2, amplitude_db=3, noise=1)

    def made(seed: int) -> np.ndarray:
        found = variants(recording, RECIPE, parts, first_readings=[0, 20, 52], settings=settings, seed=(seed,))
        return np.stack([frame.values for _, frame in found])

    assert made(1).shape == (9, 8, 6)
    np.testing.assert_array_equal(made(1), made(1))
    assert not np.array_equal(made(1), made(2))


def test_a_time_shift_moves_the_frame_among_the_same_readings(parts: Parts) -> None:
    recording = recording_of(setup_of(), 60)
    settings = AugmentationSettings(copies=20, time_shift=2)
    found = variants(recording, RECIPE, parts, first_readings=[30], settings=settings, seed=(0,))
    assert {frame.first_reading for _, frame in found} == {28, 29, 30, 31, 32}


def test_sparse_readings_change_about_their_zero_and_stay_real() -> None:
    recording = record(A111_SETUPS["sparse"], "push", 3.0, name="push")
    made = changed_recording(recording, Change(factor=2.0, phase=1.0, points=2), np.random.default_rng(1))
    before, after = recording.matrices[0].real - 2**15, made.matrices[0].real - 2**15
    np.testing.assert_allclose(after[:, :, 2:], 2 * before[:, :, :-2], atol=0.05)
    assert not made.matrices[0].imag.any()
    quiet = noise_level(recording.matrices[0], real=True)
    assert quiet == pytest.approx(775 / np.sqrt(60), rel=0.1)
    assert after[:, :, :2].std() == pytest.approx(2 * quiet, rel=0.1)


def test_sparse_readings_are_repeated_or_left_out_when_time_is_stretched() -> None:
    recording = record(A111_SETUPS["sparse"], "push", 1.0, name="push")
    made = changed_recording(recording, Change(stretch=1.5), np.random.default_rng(1))
    known = {reading.tobytes() for reading in recording.matrices[0]}
    assert len(made) == 74
    assert all(reading.tobytes() in known for reading in made.matrices[0])


def test_envelopes_stay_real_and_are_interpolated() -> None:
    recording = record(A111_SETUPS["envelope"], "push", 1.0, name="push")
    made = changed_recording(recording, Change(stretch=2.0, phase=2.0, noise=1.0), np.random.default_rng(1))
    assert not made.matrices[0].imag.any()
    plain = changed_recording(recording, Change(stretch=2.0), np.random.default_rng(1)).matrices[0].real
    np.testing.assert_allclose(plain[1], (recording.matrices[0][0].real + recording.matrices[0][1].real) / 2, rtol=1e-4)
