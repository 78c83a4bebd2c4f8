from __future__ import annotations

import numpy as np
from moving import noise
from synthetic import channel

from exptool_ml_plugin.core.features.raw_iq import RawIQ, RawIQOptions


def raw_iq(options: RawIQOptions, *channels: object, outputs: tuple[str, ...] = ("mean", "all")) -> RawIQ:
    return RawIQ(options, outputs=outputs, channels=channels or (channel(),), reading_rate_hz=50.0)


def test_the_mean_sweep_comes_first_then_every_sweep_real_before_imaginary() -> None:
    x = noise(2, sweeps=3, points=2)
    made = raw_iq(RawIQOptions(), channel(sweeps=3, points=2))
    rows = made.rows([x])
    assert rows.shape == (2, made.width) == (2, 16)
    for n in range(2):
        z = x[n].mean(axis=0)
        expected = [*z.real, *z.imag]
        for j in range(3):
            expected += [*x[n, j].real, *x[n, j].imag]
        np.testing.assert_allclose(rows[n], expected, rtol=1e-6)


def test_a_range_takes_the_points_that_lie_in_it_of_each_channel() -> None:
    x, y = noise(1), noise(1, points=4, seed=1)
    far = channel(sensor_id=2, points=4, start_m=0.11)
    rows = raw_iq(RawIQOptions(start_m=0.08, stop_m=0.14), channel(), far, outputs=("all",)).rows([x, y])
    assert rows.shape == (1, 2 * 16 * 3 + 2 * 16 * 2)
    np.testing.assert_array_equal(rows[0, :3], x[0, 0, 1:4].real)
    np.testing.assert_array_equal(rows[0, 96:98], y[0, 0, :2].real)
