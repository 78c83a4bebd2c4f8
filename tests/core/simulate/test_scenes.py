"""Hands that move: always the same, and different from each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, SCENES, Person, make_scene, record


def palm_range(name: str, person: Person, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean range and total cross section of the hand, without the body (the last target)."""
    echoes = make_scene(name, person, seed=1).echoes(times_s)
    section = echoes.cross_section_m2[:-1]
    return (echoes.range_m[:-1] * section).sum(axis=0) / section.sum(axis=0), section.sum(axis=0)


def test_the_five_scenes_of_the_manual_are_there() -> None:
    assert set(SCENES) == {"push", "pull", "swipe", "circle", "still"}


def test_a_scene_nobody_knows_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="scene=wave"):
        make_scene("wave")


@pytest.mark.parametrize("name", sorted(SCENES))
def test_any_time_may_be_asked_for_in_any_order(name: str) -> None:
    times = np.linspace(0.0, 500.0, 301)
    person = Person.random(1)
    forward = make_scene(name, person, seed=5).echoes(times)
    scene = make_scene(name, person, seed=5)

    for index in (300, 7, 150):
        single = scene.echoes(times[index : index + 1])
        assert np.allclose(single.range_m[:, 0], forward.range_m[:, index])
        assert np.allclose(single.cross_section_m2[:, 0], forward.cross_section_m2[:, index])


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_hand_never_jumps(name: str) -> None:
    times = np.arange(0.0, 20.0, 1e-3)

    for seed in range(3):
        ranges, section = palm_range(name, Person.random(seed), times)
        seen = section[1:] > section.max() / 10
        assert np.abs(np.diff(ranges))[seen].max() < 3e-3  # 3 m/s
        assert np.abs(np.diff(section)).max() < section.max() / 20


@pytest.mark.parametrize(("name", "sign"), [("push", -1), ("pull", 1)])
def test_a_push_comes_nearer_and_a_pull_goes_away_while_the_palm_is_seen(name: str, sign: int) -> None:
    times = np.arange(0.0, 30.0, 1e-3)
    ranges, section = palm_range(name, Person.random(2), times)

    way = np.diff(ranges) * (section[1:] > section.max() / 10)

    assert way[way * sign > 0].sum() * sign > 8 * 0.1  # a dozen strokes of at least 10 cm
    assert abs(way[way * sign < 0].sum()) < 0.05 * abs(way.sum())


def test_a_swipe_comes_nearer_and_goes_away_alike() -> None:
    times = np.arange(0.0, 30.0, 1e-3)
    ranges, section = palm_range("swipe", Person.random(2), times)

    way = np.diff(ranges) * (section[1:] > section.max() / 100)

    assert way[way > 0].sum() == pytest.approx(-way[way < 0].sum(), rel=0.3)


def test_a_gesture_is_made_once_every_interval() -> None:
    person = Person(interval_s=2.5, jitter=0.15)
    _, section = palm_range("push", person, np.arange(0.0, 100.0, 0.01))

    shown = (section > section.max() / 2).astype(int)

    starts = np.flatnonzero(np.diff(shown) == 1) * 0.01
    assert len(starts) == 40
    assert all(1.5 < later - earlier < 3.5 for earlier, later in pairwise(starts))


def test_people_and_seeds_differ() -> None:
    assert len({(p.speed_m_s, p.reach_m, p.size) for p in map(Person.random, range(50))}) == 50
    one, other = (record(DEFAULT_SETUP, "push", 0.2, name="x", seed=seed).matrices[0] for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_a_second_sensor_sees_the_same_hand_from_the_side() -> None:
    times = np.arange(0.0, 5.0, 0.01)
    scene = make_scene("push", seed=1)

    first, second = scene.echoes(times, sensor_id=1), scene.echoes(times, sensor_id=2)

    assert not np.allclose(first.range_m[:-1], second.range_m[:-1])
    assert np.allclose(first.range_m, second.range_m, atol=0.06)


def test_the_nearest_known_gesture_is_the_right_one_for_people_not_seen_before() -> None:
    known = [(name, shape) for name in SCENES for seed in range(4) for shape in _gestures(name, seed)]
    asked = [(name, shape) for name in SCENES for seed in (10, 11) for shape in _gestures(name, seed)]

    right = [name == min(known, key=lambda item: float(np.linalg.norm(item[1] - shape)))[0] for name, shape in asked]

    assert len(right) == 30
    assert np.mean(right) >= 0.9


def _gestures(name: str, seed: int) -> list[np.ndarray]:
    """Motion towards and away over time, centred and scaled, of three repetitions."""
    person = Person.random(seed)
    recording = record(DEFAULT_SETUP, name, 3 * person.interval_s, name=name, seed=seed, person=person)
    return [_shape(part) for part in np.array_split(recording.matrices[0], 3)]


def _shape(matrices: np.ndarray) -> np.ndarray:
    power = (np.abs(np.fft.fft(matrices - matrices.mean(axis=1, keepdims=True), axis=1)) ** 2).sum(axis=2)
    ways = np.stack([power[:, 1:8].sum(axis=1), power[:, 9:].sum(axis=1)])
    centre = round(np.average(np.arange(len(power)), weights=power.sum(axis=1) ** 2))
    around = np.pad(ways, ((0, 0), (40, 40)), mode="edge")[:, centre : centre + 80]
    smooth = np.log10(around + 1e5).reshape(2, 16, 5).mean(axis=2)
    return np.asarray(smooth - smooth.min())
