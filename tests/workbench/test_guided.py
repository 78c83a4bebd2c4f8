"""The plan of a guided collection on a clock of the test's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.workbench.guided import Guided, GuidedSettings, Quota

SETTINGS = GuidedSettings(cue_s=4.0, countdown_s=2.0, break_every=0, break_s=10.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guided(clock: Clock) -> Guided:
    made = Guided(clock)
    made.plan = (Quota("tap_in", 3), Quota("tap_out", 3), Quota("nothing", 2))
    made.settings = SETTINGS
    return made


def after(guided: Guided, clock: Clock, seconds: float) -> str:
    clock.now += seconds
    guided.tick()
    return guided.phase


def turns(guided: Guided, clock: Clock, *, most: int = 100) -> list[str]:
    """Do every turn with one frame in it."""
    done = []
    while guided.phase != "done" and len(done) < most:
        if guided.phase == "cue":
            label = guided.label_for(0.5)
            assert label is not None
            done.append(label)
            guided.count(label)
        after(guided, clock, 4.0)
    return done


def test_it_counts_down_asks_for_a_label_and_counts_down_to_another(guided: Guided, clock: Clock) -> None:
    told: list[str] = []
    guided.label_changed.connect(told.append)
    guided.start()
    assert guided.phase == "paused"
    guided.go_on()
    first = guided.status
    assert (first.phase, first.left_s, first.count, first.total_wanted) == ("ready", 2.0, 0, 8)
    assert after(guided, clock, 2.0) == "cue"
    assert guided.status.label == first.label
    clock.now += 1.0
    assert guided.status.left_s == 3.0
    assert guided.status.part == 0.25
    assert after(guided, clock, 3.0) == "ready"
    assert guided.status.label != first.label
    assert told == [first.label, guided.status.label]


def test_every_label_gets_its_frames_in_balanced_rounds(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    done = turns(guided, clock)
    assert Counter(done) == {"tap_in": 3, "tap_out": 3, "nothing": 2}
    assert set(done[:3]) == set(done[3:6]) == {"tap_in", "tap_out", "nothing"}
    assert guided.status.total == guided.status.total_wanted == 8
    assert guided.label_for(0.5) is None


def test_no_label_comes_twice_running_while_others_are_left(guided: Guided, clock: Clock) -> None:
    guided.plan = (Quota("tap_in", 20), Quota("tap_out", 20))
    for seed in range(5):
        guided.settings = replace(SETTINGS, seed=seed)
        guided.start()
        guided.go_on()
        done = turns(guided, clock)
        assert all(one != other for one, other in pairwise(done))


def test_the_order_follows_from_its_number(guided: Guided, clock: Clock) -> None:
    guided.plan = tuple(Quota(f"label {number}", 4) for number in range(6))
    orders = []
    for seed in (1, 1, 2):
        guided.settings = replace(SETTINGS, seed=seed)
        guided.start()
        guided.go_on()
        orders.append(turns(guided, clock))
    assert orders[0] == orders[1] != orders[2]


def test_only_frames_within_the_time_of_their_label_are_kept(guided: Guided, clock: Clock) -> None:
    guided.settings = replace(SETTINGS, countdown_s=1.0)
    guided.start()
    guided.go_on()
    assert guided.label_for(0.5) is None
    clock.now += 1.0
    assert guided.label_for(0.5) == guided.status.label
    assert after(guided, clock, 4.0) == "ready"
    assert guided.label_for(0.5) is None
    assert after(guided, clock, 1.0) == "cue"
    assert guided.label_for(1.2) is None, "it began in the turn before"
    assert guided.label_for(1.0) == guided.status.label


def test_several_frames_of_one_turn_count_and_the_last_one_wanted_ends_it(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    after(guided, clock, 2.0)
    label, wanted = guided.status.label, guided.status.wanted
    for _ in range(wanted - 1):
        guided.count(label)
    assert guided.status.count == wanted - 1
    assert guided.phase == "cue"
    guided.count(label)
    assert guided.phase == "ready"
    assert label not in turns(guided, clock)


def test_a_label_without_enough_frames_comes_again(guided: Guided, clock: Clock) -> None:
    guided.plan = (Quota("tap_in", 1),)
    guided.start()
    guided.go_on()
    for _ in range(3):
        assert after(guided, clock, 2.0) == "cue"
        assert after(guided, clock, 4.0) == "ready"
    assert guided.status.label == "tap_in"


def test_a_removed_frame_is_asked_for_again(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    turns(guided, clock)
    guided.count("tap_out", -1)
    assert (guided.phase, guided.status.label, guided.status.total) == ("paused", "tap_out", 7)
    guided.go_on()
    assert turns(guided, clock) == ["tap_out"]


def test_breaks_come_after_so_many_turns_and_can_be_cut_short(guided: Guided, clock: Clock) -> None:
    guided.settings = replace(SETTINGS, break_every=2)
    guided.start()
    guided.go_on()
    for _ in range(2):
        assert after(guided, clock, 2.0) == "cue"
        after(guided, clock, 4.0)
    assert guided.phase == "break"
    assert guided.label_for(0.5) is None
    assert guided.status.left_s == 10.0
    assert after(guided, clock, 10.0) == "ready"
    after(guided, clock, 2.0)
    after(guided, clock, 4.0)
    after(guided, clock, 2.0)
    assert after(guided, clock, 4.0) == "break"
    guided.go_on()
    assert guided.phase == "ready"


def test_a_pause_keeps_the_counts_and_begins_the_turn_again(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    after(guided, clock, 2.0)
    label = guided.status.label
    guided.count(label)
    guided.pause()
    assert after(guided, clock, 1000.0) == "paused"
    assert guided.label_for(0.5) is None
    guided.go_on()
    assert (guided.phase, guided.status.label, guided.status.count) == ("ready", label, 1)
    assert guided.status.left_s == 2.0


def test_no_turn_is_missed_while_nobody_looks(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    assert after(guided, clock, 500.0) == "cue"
    assert guided.status.left_s == 4.0


def test_stopping_gives_the_labels_back(guided: Guided, clock: Clock) -> None:
    guided.start()
    guided.go_on()
    guided.stop()
    assert not guided.active
    assert after(guided, clock, 10.0) == "off"
    guided.count("tap_in")
    guided.start()
    assert guided.status.total == 0


@pytest.mark.parametrize("plan", [(), (Quota("  ", 5),), (Quota("push", 0),)])
def test_an_empty_plan_is_refused_in_words(guided: Guided, plan: tuple[Quota, ...]) -> None:
    guided.plan = plan
    with pytest.raises(UserError, match="empty plan"):
        guided.start()
    assert not guided.active
