"""One by one or in blocks of any size, and once more after a reset: the same rows to the last bit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moving import noise
from synthetic import channel

from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.features.doppler_spectrum import DopplerSpectrum
from exptool_ml_plugin.core.features.micro_doppler import MicroDoppler
from exptool_ml_plugin.core.features.phase import Phase
from exptool_ml_plugin.core.features.raw_iq import RawIQ
from exptool_ml_plugin.core.features.slow_time import SlowTime

CASES: list[tuple[type[Feature], dict[str, Any]]] = [
    (DopplerSpectrum, {}),
    (DopplerSpectrum, {"noise_floor_s": 0.5, "high_pass_hz": 100.0, "scale": "db"}),
    (DopplerSpectrum, {"remove_mean": False, "scale": "linear", "noise_floor_s": 20.0}),
    (Phase, {}),
    (Phase, {"forget_s": 0.2, "least_amplitude": 60.0}),
    (SlowTime, {"scale": "db"}),
    (SlowTime, {"over": "readings", "window": 5, "lag": 3}),
    (MicroDoppler, {}),
    (MicroDoppler, {"directions": False, "relative": True}),
    (RawIQ, {}),
]


@pytest.mark.parametrize(("kind", "options"), CASES, ids=lambda value: getattr(value, "key", None))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_readings_one_by_one_in_blocks_and_after_a_reset_give_the_same_rows(
    kind: type[Feature], options: dict[str, Any], data: st.DataObject
) -> None:
    count, seed = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 1000))
    shapes = data.draw(st.lists(st.tuples(st.sampled_from([4, 7, 16]), st.integers(1, 20)), min_size=1, max_size=2))
    channels = tuple(channel(sensor_id=i + 1, sweeps=s, points=p) for i, (s, p) in enumerate(shapes))
    stacks = [noise(count, s, p, seed=seed + i) for i, (s, p) in enumerate(shapes)]
    made = kind(kind.Options(**options), outputs=tuple(kind.outputs), channels=channels, reading_rate_hz=50.0)
    single = [made.row([stack[i] for stack in stacks]) for i in range(count)]
    assert all(row.shape == (made.width,) for row in single)
    made.reset()
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, count), max_size=4))), count]
    blocks = [made.rows([s[a:b] for s in stacks]) for a, b in pairwise(edges)]
    together = np.concatenate(blocks)
    assert together.shape == (count, made.width)
    assert together.tobytes() == b"".join(row.tobytes() for row in single)
