"""The Evaluate tab with a real model on simulated measurements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scenes import RecordedHost, draw, in_view

from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt import evaluate_tab
from exptool_ml_plugin.qt.evaluate_tab import EvaluateTab
from exptool_ml_plugin.workbench.workbench import Workbench

PULL = record(DEFAULT_SETUP, "pull", 12.0, name="pull", seed=5)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


@pytest.fixture
def host(workbench: Workbench) -> RecordedHost:
    return RecordedHost(workbench, PULL)


@pytest.fixture
def tab(workbench: Workbench, host: RecordedHost, qtbot: Any) -> Iterator[EvaluateTab]:
    with in_view(EvaluateTab(workbench), qtbot) as made:
        yield made


def test_without_a_model_nothing_can_be_started(tab: EvaluateTab) -> None:
    assert not tab.start_button.isEnabled()
    assert tab.prediction.label == "–"


def test_a_loaded_model_predicts_the_right_label_in_large_letters(
    workbench: Workbench, host: RecordedHost, tab: EvaluateTab, gesture_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_tab, "ask_open", lambda *_: gesture_model)
    tab.load_button.click()
    assert workbench.model is not None
    tab.start_button.click()
    host.play()
    draw(workbench, tab)
    assert tab.prediction.label == "pull"
    assert float(tab.prediction.confidence.removesuffix(" %")) > 50.0
    latest = workbench.predicting.predictions.latest
    assert latest is not None
    assert tab.last._image.image.argmax() == latest.frame.values.argmax()
    assert len(tab.plot._curves) == 3
    x, y = tab.plot._curves[0].getData()
    assert x[-1] == 0
    assert y[-1] == pytest.approx(float(latest.probabilities[0]))
    tab.stop_button.click()
    assert not workbench.measuring


def test_kept_frames_are_in_the_session_under_their_prediction(
    workbench: Workbench, host: RecordedHost, tab: EvaluateTab, gesture_model: Path
) -> None:
    workbench.load_model(gesture_model)
    tab.keep_box.setChecked(True)
    tab.start_button.click()
    host.play()
    tab.stop_button.click()
    assert workbench.engine.wait()
    assert workbench.session.counts() == {"pull": workbench.predicting.predictions.count}


def test_another_sensor_configuration_is_said_before_starting_and_can_be_mended(
    workbench: Workbench, host: RecordedHost, tab: EvaluateTab, gesture_model: Path
) -> None:
    workbench.set_setup(replace(DEFAULT_SETUP, reading_rate_hz=30.0))
    assert tab.offer.isHidden()
    workbench.load_model(gesture_model)
    assert not tab.offer.isHidden()
    assert "expected 50 Hz, received 30 Hz" in tab.offer.text
    tab.apply_button.click()
    assert host.applied == [DEFAULT_SETUP]
    assert tab.offer.isHidden()


def test_the_trigger_can_be_changed_here_and_the_frame_length_not(
    workbench: Workbench, tab: EvaluateTab, gesture_model: Path
) -> None:
    workbench.load_model(gesture_model)
    assert "time_steps" not in tab.cutting.frame.names
    tab.cutting.frame.editor("dead_time").setValue(3)
    assert workbench.recipe.frame.dead_time == 3
    assert workbench.recipe.frame.time_steps == 40


def test_another_model_begins_with_no_predictions(
    workbench: Workbench, host: RecordedHost, tab: EvaluateTab, gesture_model: Path
) -> None:
    workbench.load_model(gesture_model)
    tab.start_button.click()
    host.play()
    tab.stop_button.click()
    assert workbench.engine.wait()
    tab.refresh()
    assert tab.prediction.label == "pull"
    workbench.remove_model()
    assert tab.prediction.label == "–"
    assert not tab.start_button.isEnabled()
