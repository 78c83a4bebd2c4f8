from __future__ import annotations

import numpy as np
import pytest
from synthetic import channel

from exptool_ml_plugin.core.reading import Reading
from exptool_ml_plugin.core.triggers.continuous import Continuous, ContinuousOptions


def fired(hop: int, rows: int, time_steps: int = 10) -> list[int]:
    trigger = Continuous(ContinuousOptions(hop), channels=(channel(),), reading_rate_hz=50.0, time_steps=time_steps)
    return [i for i in range(rows) if trigger.update(Reading(0.0, ()), np.zeros(1, dtype=np.float32))]


@pytest.mark.parametrize(("hop", "expected"), [(0, [9, 19, 29]), (5, [9, 14, 19, 24, 29]), (1, list(range(9, 31)))])
def test_the_first_frame_is_cut_when_it_is_full_and_others_a_hop_apart(hop: int, expected: list[int]) -> None:
    assert fired(hop, 31) == expected


def test_after_a_reset_it_waits_for_a_whole_frame_again() -> None:
    trigger = Continuous(ContinuousOptions(1), channels=(channel(),), reading_rate_hz=50.0, time_steps=3)
    row = np.zeros(1, dtype=np.float32)
    assert [trigger.update(Reading(0.0, ()), row) for _ in range(4)] == [False, False, True, True]
    trigger.reset()
    assert [trigger.update(Reading(0.0, ()), row) for _ in range(4)] == [False, False, True, True]
