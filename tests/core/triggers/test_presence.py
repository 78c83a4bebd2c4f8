from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.triggers.presence import Presence, PresenceOptions

BURSTS = [(300, 330), (400, 450), (520, 530)]


def presence(recording: Recording, **options: object) -> Presence:
    return Presence(
        PresenceOptions(**options),
        channels=recording.setup.channels,
        reading_rate_hz=recording.setup.reading_rate_hz,
        time_steps=40,
    )


def fired(recording: Recording, **options: object) -> list[int]:
    trigger = presence(recording, **options)
    row = np.zeros(1, dtype=np.float32)
    return [i for i, reading in enumerate(recording) if trigger.update(reading, row)]


@pytest.mark.parametrize("over_range", ["max", "mean"])
def test_every_burst_of_motion_fires_once_within_a_few_readings(over_range: str) -> None:
    found = fired(recording_of(setup_of(), 700, bursts=BURSTS), over_range=over_range)
    assert len(found) == len(BURSTS)
    for reading, (begin, _) in zip(found, BURSTS, strict=True):
        assert begin <= reading <= begin + 3


def test_rest_never_fires() -> None:
    assert fired(recording_of(setup_of(), 3000)) == []


def test_an_amplitude_in_other_units_changes_nothing() -> None:
    recording = recording_of(setup_of(), 700, bursts=BURSTS)
    louder = dataclasses.replace(recording, matrices=tuple(8 * matrix for matrix in recording.matrices))
    assert fired(louder) == fired(recording)


def test_a_short_rest_within_a_burst_does_not_end_it() -> None:
    flicker = [(300, 320), (325, 345), (350, 370)]
    assert len(fired(recording_of(setup_of(), 600, bursts=flicker), quiet=20, smoothing=3)) == 1


def test_lasting_motion_fires_on_when_asked_to() -> None:
    recording = recording_of(setup_of(), 500, bursts=[(200, 300)])
    assert len(fired(recording)) == 1
    assert len(fired(recording, once_per_burst=False)) > 90


def test_a_measurement_that_begins_in_motion_finds_its_background_and_then_bursts() -> None:
    found = fired(recording_of(setup_of(), 900, bursts=[(0, 100), (600, 640)]))
    assert len([reading for reading in found if 600 <= reading <= 605]) == 1


def test_lasting_motion_becomes_background() -> None:
    recording = recording_of(setup_of(), 3000, bursts=[(200, 3000)])
    trigger = presence(recording, background=200)
    for reading in recording:
        trigger.update(reading, np.zeros(1, dtype=np.float32))
    assert trigger.score is not None
    assert trigger.score < 1.5


def test_one_sweep_per_reading_is_compared_with_the_reading_before() -> None:
    recording = recording_of(setup_of(channel(sweeps=1, points=40)), 700, bursts=BURSTS)
    assert len(fired(recording)) == len(BURSTS)


def test_one_of_several_sensors_is_enough() -> None:
    quiet = recording_of(setup_of(channel(sensor_id=2)), 700, seed=1)
    moving = recording_of(setup_of(channel(sensor_id=3)), 700, bursts=BURSTS)
    both = dataclasses.replace(
        quiet,
        setup=setup_of(channel(sensor_id=2), channel(sensor_id=3)),
        matrices=(*quiet.matrices, *moving.matrices),
    )
    assert len(fired(both)) == len(BURSTS)


def test_score_and_threshold_are_there_for_the_curve() -> None:
    recording = recording_of(setup_of(), 310, bursts=[(300, 310)])
    trigger = presence(recording, threshold=3.0)
    assert (trigger.score, trigger.threshold) == (None, 3.0)
    scores = []
    for reading in recording:
        trigger.update(reading, np.zeros(1, dtype=np.float32))
        scores.append(trigger.score)
    assert max(scores[:300]) < 2.0 < 3.0 < scores[-1]
    trigger.reset()
    assert trigger.score is None
