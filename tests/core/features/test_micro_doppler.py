from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from moving import AT_HALF_A_METRE, measured, noise
from synthetic import channel

from exptool_ml_plugin.core.carrier import WAVELENGTH_M
from exptool_ml_plugin.core.features.micro_doppler import MicroDoppler, MicroDopplerOptions
from exptool_ml_plugin.core.issues import Severity

HERTZ = MicroDopplerOptions(bands="0, 100, 250, 500.5", unit="hz", scale="linear")


def micro_doppler(
    options: MicroDopplerOptions, *channels: object, outputs: tuple[str, ...] = ("sum", "max")
) -> MicroDoppler:
    return MicroDoppler(options, outputs=outputs, channels=channels or (channel(),), reading_rate_hz=50.0)


def test_the_rows_are_the_formulas_of_the_documentation() -> None:
    x, window = noise(2), np.hanning(18)[1:-1]
    made = micro_doppler(HERTZ)
    rows = made.rows([x])
    assert rows.shape == (2, made.width) == (2, 12)
    for n in range(2):
        energies = np.zeros((6, 6))  # three bands towards, three away; points
        for d in range(6):
            for f in range(-8, 8):
                turned = window * (x[n, :, d] - x[n, :, d].mean()) * np.exp(-2j * np.pi * f * np.arange(16) / 16)
                hertz = abs(f) * 1000 / 16
                band = 0 if hertz < 100 else 1 if hertz < 250 else 2
                energies[band + (0 if f < 0 else 3), d] += abs(turned.sum() / window.sum()) ** 2
        np.testing.assert_allclose(rows[n], [*energies.sum(axis=1), *energies.max(axis=1)], rtol=1e-4)


def test_without_directions_both_are_added() -> None:
    x = noise(2)
    apart = micro_doppler(HERTZ, outputs=("sum",)).rows([x])
    together = micro_doppler(replace(HERTZ, directions=False), outputs=("sum",)).rows([x])
    np.testing.assert_allclose(together, apart[:, :3] + apart[:, 3:], rtol=1e-6)


@pytest.mark.parametrize(("speed_m_s", "loudest"), [(-0.7, 1), (0.7, 3), (-0.3, 0), (0.3, 2)])
def test_a_target_is_in_the_band_of_its_speed_and_direction(speed_m_s: float, loudest: int) -> None:
    options = MicroDopplerOptions(bands="0.1, 0.5, 1")
    row = micro_doppler(options, AT_HALF_A_METRE, outputs=("sum",)).rows([measured(speed_m_s, readings=3)])[1]
    assert int(np.argmax(row)) == loudest


def test_speeds_and_frequencies_are_the_same_edges() -> None:
    x = noise(2)
    hertz = ", ".join(str(v * 2 / WAVELENGTH_M) for v in (0.0, 0.25, 1.0))
    by_speed = micro_doppler(MicroDopplerOptions(bands="0, 0.25, 1")).rows([x])
    np.testing.assert_array_equal(by_speed, micro_doppler(MicroDopplerOptions(bands=hertz, unit="hz")).rows([x]))


def test_shares_add_up_to_one_and_silence_has_none() -> None:
    made = micro_doppler(MicroDopplerOptions(bands="0, 0.25, 1", relative=True), outputs=("sum",))
    np.testing.assert_allclose(made.rows([noise(3)]).sum(axis=1), 1.0, rtol=1e-5)
    assert made.rows([np.zeros((1, 16, 6), dtype=np.complex64)]).tolist() == [[0.0] * 4]


@pytest.mark.parametrize("bands", ["", "1", "fast, slow", "1, 0.5", "-1, 1", "0, nan"])
def test_edges_that_are_none_are_an_error_at_their_place(bands: str) -> None:
    (issue,) = MicroDoppler.check(MicroDopplerOptions(bands=bands), (channel(),))
    assert (issue.where, issue.severity) == ("bands", Severity.ERROR)


@pytest.mark.parametrize("bands", ["0, 1, 9, 10", "9, 10", "0, 0.0001, 1"])
def test_a_band_without_frequencies_has_no_energy_and_the_others_keep_theirs(bands: str) -> None:
    x = noise(6)
    made = micro_doppler(MicroDopplerOptions(bands=bands, scale="linear"), outputs=("sum",))
    edges = [float(edge) for edge in bands.split(",")]
    single = [
        micro_doppler(MicroDopplerOptions(bands=f"{low}, {high}", scale="linear"), outputs=("sum",)).rows([x])
        for low, high in pairwise(edges)
    ]
    expected = np.concatenate([one[:, side : side + 1] for side in (0, 1) for one in single], axis=1)
    rows = made.rows([x])
    np.testing.assert_array_equal(rows, expected)
    empty = np.array(edges[:-1]) >= 9
    assert not rows[:, np.tile(empty, 2)].any()
    assert rows[:, ~np.tile(empty, 2)].any() or empty.all()


def test_a_band_the_sensor_cannot_tell_is_a_warning() -> None:
    (issue,) = MicroDoppler.check(MicroDopplerOptions(bands="0, 1, 9, 10"), (channel(),))
    assert (issue.where, issue.severity) == ("bands", Severity.WARNING)
    assert "Band 3" in issue.message


@pytest.mark.parametrize("change", [{"sweep_rate_hz": None}, {"sweeps": 1}])
def test_a_sensor_without_sweeps_at_a_known_rate_is_an_error(change: dict[str, float]) -> None:
    (issue,) = MicroDoppler.check(MicroDopplerOptions(), (channel(**change),))
    assert issue.severity is Severity.ERROR


def test_the_default_bands_are_all_told_by_the_sensor_of_the_simulation() -> None:
    one = channel(sweep_rate_hz=2000.0)
    assert MicroDoppler.check(MicroDopplerOptions(), (one,)) == []
