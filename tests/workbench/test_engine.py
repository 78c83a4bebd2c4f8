"""The engine: nothing lost, nothing blocks, nothing raises."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Reading, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench import engine as engine_module
from exptool_ml_plugin.workbench.engine import Engine
from exptool_ml_plugin.workbench.frame_user import Measurement

PARTS = load_plugins().parts
RECORDING = record(DEFAULT_SETUP, "push", 6.0, name="push", seed=1)
RECIPE = Recipe(
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
    trigger=TriggerChoice("presence"),
)


class Keeper:
    """Remembers everything it was given."""

    def __init__(self, recipe: Recipe = RECIPE, *, keeps_readings: bool = True) -> None:
        self.keeps_readings = keeps_readings
        self.recipe = recipe
        self.calls: list[str] = []
        self.readings: list[Reading] = []
        self.frames: list[Frame] = []
        self.refusal: Exception | None = None
        self.slow_s = 0.0
        self.calls_with_readings = 0

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        return replace(self.recipe, sensor=setup)

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        self.calls.append("begin")
        if self.refusal is not None:
            raise self.refusal

    def take_readings(self, readings: Sequence[Reading]) -> None:
        time.sleep(self.slow_s * len(readings))
        self.calls_with_readings += 1
        self.readings += readings

    def take_frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def end(self) -> None:
        self.calls.append("end")


class Bench:
    """An engine with users that remember."""

    def __init__(self) -> None:
        self.users = {"preview": Keeper(keeps_readings=False), "collect": Keeper(), "predict": Keeper()}
        self.problems: list[Exception] = []
        self.engine = Engine(PARTS, self.users, lambda error, where: self.problems.append(error))

    def measure(self, recording: Any = RECORDING) -> None:
        self.engine.begin(recording.setup, source="simulated")
        for reading in recording:
            self.engine.push(reading)
        self.engine.end()
        assert self.engine.wait(30)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.close()


def test_live_frames_are_those_of_the_recording_bit_for_bit(bench: Bench) -> None:
    bench.engine.set_mode("collect")
    bench.measure()
    expected = frames_of(RECORDING, RECIPE, PARTS)
    got = bench.users["collect"].frames
    assert len(expected) >= 1
    assert [frame.first_reading for frame in got] == [frame.first_reading for frame in expected]
    assert all(np.array_equal(a.values, b.values) for a, b in zip(got, expected, strict=True))


def test_no_reading_is_dropped_at_200_per_second_while_collecting(bench: Bench) -> None:
    bench.engine.set_mode("collect")
    setup = replace(RECORDING.setup, reading_rate_hz=200.0)
    bench.engine.begin(setup)
    due = time.perf_counter()
    pushed = [RECORDING.reading(index % len(RECORDING)) for index in range(400)]
    for reading in pushed:
        due += 1 / 200
        bench.engine.push(reading)
        time.sleep(max(0.0, due - time.perf_counter()))
    bench.engine.end()
    assert bench.engine.wait()
    assert bench.users["collect"].readings == pushed
    assert bench.engine.latest().dropped == 0


@pytest.mark.parametrize(
    ("mode", "looking", "soon"), [("collect", True, True), ("predict", False, True), ("collect", False, False)]
)
def test_readings_are_taken_together_only_where_nobody_waits_for_them(
    bench: Bench, mode: str, looking: bool, soon: bool
) -> None:
    bench.engine.set_mode(mode)
    bench.engine.begin(replace(RECORDING.setup, reading_rate_hz=200.0))
    began = time.perf_counter()
    for index in range(200):
        bench.engine.push(RECORDING.reading(index))
        if looking:
            bench.engine.latest()
        time.sleep(max(0.0, began + index / 200 - time.perf_counter()))
    bench.engine.end()
    assert bench.engine.wait()
    assert len(bench.users[mode].readings) == 200
    assert (bench.users[mode].calls_with_readings > 25) is soon


def test_an_end_does_not_wait_until_the_readings_are_looked_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "UNSEEN_REST_S", 60.0)
    bench.engine.set_mode("collect")
    bench.engine.begin(RECORDING.setup)
    bench.engine.push(RECORDING.reading(0))
    assert bench.engine.wait(30)
    bench.engine.push(RECORDING.reading(1))
    bench.engine.end()
    assert bench.engine.wait(30)
    assert len(bench.users["collect"].readings) == 2


def test_a_reading_of_a_wrong_shape_is_kept_and_reported(bench: Bench) -> None:
    user = bench.users["collect"]
    bench.engine.set_mode("collect")
    bench.engine.begin(RECORDING.setup)
    good = RECORDING.reading(0)
    bench.engine.push(good)
    wrong = replace(good, matrices=tuple(matrix[:1] for matrix in good.matrices))
    bench.engine.push(wrong)
    bench.engine.end()
    assert bench.engine.wait()
    assert user.readings == [good, wrong]
    assert len(bench.problems) == 1


def test_after_a_reading_of_a_wrong_shape_among_others_no_frame_is_cut_in_the_wrong_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "UNSEEN_REST_S", 60.0)
    user = bench.users["collect"]
    bench.engine.set_mode("collect")
    bench.engine.begin(RECORDING.setup)
    good = RECORDING.reading(0)
    bench.engine.push(good)
    wrong = replace(good, matrices=tuple(matrix[:1] for matrix in good.matrices))
    pushed = [good, good, wrong, *RECORDING]
    for reading in pushed:
        bench.engine.push(reading)
    bench.engine.end()
    assert bench.engine.wait(30)
    assert user.readings == [good, *pushed]
    assert user.frames == []
    assert len(bench.problems) == 1


def test_a_slow_user_that_keeps_readings_gets_all_of_them(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_BEHIND", 10)
    bench.users["collect"].slow_s = 0.002
    bench.engine.set_mode("collect")
    bench.measure()
    assert len(bench.users["collect"].readings) == len(RECORDING)


def test_a_slow_preview_skips_readings_and_says_how_many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_BEHIND", 10)
    user = bench.users["preview"]
    user.slow_s = 0.002
    bench.measure()
    dropped = bench.engine.latest().dropped
    assert dropped > 0
    assert len(user.readings) + dropped == len(RECORDING)
    assert sum(reading.quality.lost_before for reading in user.readings) == pytest.approx(dropped, abs=10)


def test_pushing_never_waits_for_the_pipeline(bench: Bench) -> None:
    release = threading.Event()
    bench.users["preview"].take_readings = lambda readings: release.wait()  # type: ignore[method-assign,assignment,return-value]
    bench.engine.begin(RECORDING.setup)
    started = time.perf_counter()
    for reading in RECORDING:
        bench.engine.push(reading)
    bench.engine.latest()
    took = time.perf_counter() - started
    release.set()
    assert took < 0.2


def test_a_fault_in_the_pipeline_is_reported_once_and_the_readings_go_on(bench: Bench) -> None:
    user = bench.users["collect"]

    def fail(frame: Frame) -> None:
        raise ZeroDivisionError("a guest's mistake")

    user.take_frame = fail  # type: ignore[method-assign]
    bench.engine.set_mode("collect")
    bench.measure()
    bench.measure()
    assert [type(problem) for problem in bench.problems] == [ZeroDivisionError] * 2
    assert len(user.readings) == 2 * len(RECORDING)


def test_a_refused_measurement_is_reported_and_goes_on(bench: Bench) -> None:
    bench.users["collect"].refusal = UserError("does not fit")
    bench.engine.set_mode("collect")
    bench.measure()
    assert [str(problem) for problem in bench.problems] == ["does not fit"]
    assert bench.users["collect"].calls == ["begin", "end"]
    assert bench.engine.latest().readings == len(RECORDING)


def test_a_changed_recipe_cuts_new_frames_from_then_on(bench: Bench) -> None:
    user = bench.users["preview"]
    bench.engine.begin(RECORDING.setup)
    half = len(RECORDING) // 2
    for index in range(half):
        bench.engine.push(RECORDING.reading(index))
    assert bench.engine.wait()
    user.recipe = replace(RECIPE, frame=FrameSettings(time_steps=7, pre_trigger=2), trigger=TriggerChoice())
    bench.engine.refresh()
    for index in range(half, len(RECORDING)):
        bench.engine.push(RECORDING.reading(index))
    bench.engine.end()
    assert bench.engine.wait()
    assert user.frames[-1].values.shape[0] == 7
    assert user.calls == ["begin", "begin", "end"]


def test_a_recipe_that_only_trains_differently_disturbs_nothing(bench: Bench) -> None:
    user = bench.users["preview"]
    bench.engine.begin(RECORDING.setup)
    user.recipe = replace(RECIPE, name="other", training=replace(RECIPE.training, epochs=3))
    bench.engine.refresh()
    assert bench.engine.wait()
    assert user.calls == ["begin"]


def test_the_mode_can_be_changed_while_measuring(bench: Bench) -> None:
    bench.engine.begin(RECORDING.setup)
    bench.engine.push(RECORDING.reading(0))
    bench.engine.set_mode("collect")
    bench.engine.push(RECORDING.reading(1))
    assert bench.engine.wait()
    assert bench.users["preview"].calls == ["begin", "end"]
    assert [reading.time_s for reading in bench.users["collect"].readings] == [RECORDING.time_s[1]]


def test_the_snapshot_shows_the_newest_readings_last(bench: Bench) -> None:
    bench.measure()
    snapshot = bench.engine.latest()
    newest = np.abs(RECORDING.matrices[0][-1]).mean(axis=0)
    assert snapshot.readings == len(RECORDING)
    assert snapshot.history[0].shape == (100, RECORDING.setup.channels[0].points)
    assert np.allclose(snapshot.history[0][-1], newest)
    assert snapshot.threshold is not None
    assert np.isfinite(snapshot.scores[-1])


def test_polled_snapshots_follow_the_measurement(bench: Bench) -> None:
    bench.engine.begin(RECORDING.setup)
    seen = set()
    for reading in RECORDING.part(0, 20):
        bench.engine.push(reading)
        bench.engine.wait()
        seen.add(bench.engine.latest().readings)
    assert seen >= set(range(1, 21))


def test_an_unknown_mode_is_named(bench: Bench) -> None:
    with pytest.raises(ValueError, match="dance"):
        bench.engine.set_mode("dance")


def test_closing_processes_what_waits_and_leaves_no_thread(bench: Bench) -> None:
    bench.engine.set_mode("collect")
    bench.engine.begin(RECORDING.setup)
    for reading in RECORDING:
        bench.engine.push(reading)
    bench.engine.close()
    assert len(bench.users["collect"].readings) == len(RECORDING)
    assert not [thread for thread in threading.enumerate() if "exptool-ml" in thread.name]
