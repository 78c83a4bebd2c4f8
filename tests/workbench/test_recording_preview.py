"""A recording is looked at without a sensor: its rows are those of a measurement."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.pipeline import Pipeline
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import Plugins, load_plugins
from exptool_ml_plugin.workbench import recording_preview
from exptool_ml_plugin.workbench.recording_preview import RecordingPreview

PUSH = record(DEFAULT_SETUP, "push", 6.0, name="push", seed=1)
RANGE = (FeatureChoice("range_segment"),)
DOPPLER = (FeatureChoice("doppler_spectrum"),)


class Source:
    """Reads files whose name ends with ".radar"; `gate` lets a test hold it up."""

    key = "radar"

    def __init__(self) -> None:
        self.recordings: list[Recording] = [PUSH]
        self.fault: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def read(self, path: Path) -> list[Recording] | None:
        self.gate.wait(10)
        if self.fault is not None:
            raise self.fault
        return self.recordings if path.suffix == ".radar" else None

    def open(self, address: dict[str, Any], setup: Any) -> None:
        return None


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def preview(source: Source, problems: list[str]) -> Iterator[RecordingPreview]:
    plugins: Plugins = replace(load_plugins(), sources={"radar": source})
    made = RecordingPreview(plugins, lambda error, where: problems.append(str(error)))
    yield made
    source.gate.set()
    made.close()
    made.wait()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "push.radar"
    path.touch()
    return path


def test_a_frame_is_what_a_measurement_would_have_shown(preview: RecordingPreview, file: Path) -> None:
    preview.open(file, RANGE)
    preview.wait()
    assert preview.setup == DEFAULT_SETUP
    assert preview.rows is not None
    assert preview.rows.cost_us > 0
    assert preview.progress == 1.0

    recipe = Recipe(features=RANGE, frame=FrameSettings(time_steps=20), trigger=TriggerChoice("continuous"))
    pipeline = Pipeline(recipe, load_plugins().parts, DEFAULT_SETUP)
    for index in range(100):
        pipeline.push(PUSH.reading(index))
        if index in (5, 99):
            np.testing.assert_array_equal(preview.rows.frame(index, 20), pipeline.window)


def test_other_features_are_computed_anew(preview: RecordingPreview, file: Path) -> None:
    preview.open(file, RANGE)
    preview.set_features(DOPPLER)
    preview.wait()
    assert preview.rows is not None
    assert preview.rows.values.shape == (len(PUSH), DEFAULT_SETUP.channels[0].sweeps)


def test_features_changed_while_another_file_is_opened_do_not_keep_it_from_opening(
    preview: RecordingPreview, file: Path, source: Source
) -> None:
    preview.open(file, RANGE)
    preview.wait()
    other = PUSH.part(0, 50)
    source.recordings = [other]
    source.gate.clear()
    preview.open(file, RANGE)
    preview.set_features(DOPPLER)
    source.gate.set()
    preview.wait()
    assert preview.recording is other
    assert preview.rows is not None
    assert preview.rows.values.shape == (50, DEFAULT_SETUP.channels[0].sweeps)


def test_what_is_too_long_to_keep_ends_with_the_last_row_there_is(
    preview: RecordingPreview, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_preview, "MOST_VALUES", 40 * DEFAULT_SETUP.channels[0].points)
    preview.open(file, RANGE)
    preview.wait()
    assert preview.rows is not None
    assert len(preview.rows.values) == 40
    np.testing.assert_array_equal(preview.rows.frame(len(PUSH) - 1, 10), preview.rows.values[-10:])


def test_features_that_do_not_fit_give_no_rows_and_no_alarm(
    preview: RecordingPreview, file: Path, problems: list[str]
) -> None:
    preview.open(file, (FeatureChoice("range_segment", {"start_m": 5.0}),))
    preview.wait()
    assert preview.recording is PUSH
    assert preview.rows is None
    assert problems == []


def test_another_recording_of_the_file_is_shown(preview: RecordingPreview, file: Path, source: Source) -> None:
    source.recordings = [PUSH, PUSH.part(0, 50), PUSH.part(0, 0)]
    preview.open(file, RANGE)
    preview.wait()
    assert len(preview.recordings) == 2  # one without readings is nothing to look at
    preview.show(1)
    preview.wait()
    assert preview.rows is not None
    assert len(preview.rows.values) == 50


def test_reading_can_be_cancelled_and_begun_again(preview: RecordingPreview, file: Path, source: Source) -> None:
    source.gate.clear()
    preview.open(file, RANGE)
    assert preview.busy
    preview.cancel()
    source.gate.set()
    preview.wait()
    assert not preview.busy
    assert preview.recording is None
    preview.open(file, RANGE)
    preview.wait()
    assert preview.rows is not None


def test_a_file_that_is_no_recording_is_told_and_what_was_open_stays(
    preview: RecordingPreview, file: Path, problems: list[str], tmp_path: Path
) -> None:
    preview.open(file, RANGE)
    preview.wait()
    (tmp_path / "notes.txt").touch()
    preview.open(tmp_path / "notes.txt", RANGE)
    preview.wait()
    assert "notes.txt" in problems[0]
    assert preview.recording is PUSH
    assert preview.rows is not None
    assert not preview.busy


def test_a_source_that_raises_is_told(
    preview: RecordingPreview, file: Path, source: Source, problems: list[str]
) -> None:
    source.fault = ZeroDivisionError("division by zero")
    preview.open(file, RANGE)
    preview.wait()
    assert problems == ["division by zero"]
    assert not preview.busy


def test_closing_lets_go(preview: RecordingPreview, file: Path) -> None:
    preview.open(file, RANGE)
    preview.wait()
    preview.close()
    assert preview.recording is None
    assert preview.rows is None
