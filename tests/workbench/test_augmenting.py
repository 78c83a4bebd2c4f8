from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TrainingSettings, TriggerChoice
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.workbench.augmenting import preview_variants
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import SETUP, TINY, give

RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=10),
    trigger=TriggerChoice("continuous", {"hop": 10}),
    network=TINY,
    training=TrainingSettings(split="recording", validation_fraction=0.5),
    augmentation=AugmentationSettings(copies=3, amplitude_db=3.0, time_shift=3),
)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


def recorded(workbench: Workbench, *, seed: int) -> Session:
    """Two recordings of each of two labels, with their readings."""
    session = Session(RECIPE)
    for label in ("push", "still"):
        for number in range(2):
            recording = record(SETUP, label, 1.0, name=f"{label}_{number}_{seed}", seed=seed + number)
            index = session.add_recording(recording)
            for frame in frames_of(recording, RECIPE, workbench.plugins.parts):
                session.add(frame, label, index)
    return session


def test_only_training_frames_have_variants_with_their_label_and_recording(
    workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, recorded(workbench, seed=0))
    give(workbench, recorded(workbench, seed=10), subset="test")
    plain = workbench.training_data.prepare_run(
        tmp_path / "plain", replace(RECIPE, augmentation=AugmentationSettings())
    )
    data = RunFolder.open(workbench.training_data.prepare_run(tmp_path / "varied", RECIPE).path).data()
    before = plain.data()

    for name in ("training", "validation", "test"):
        np.testing.assert_array_equal(data.subset(name), before.subset(name))
    np.testing.assert_array_equal(data.values[: len(before.values)], before.values)
    assert len(before.variant_of) == 0
    assert sorted(data.variant_of.tolist()) == sorted(np.repeat(data.training, 3).tolist())
    assert len(data.values) == len(before.values) + len(data.variant_of)
    behind = slice(len(before.values), None)
    np.testing.assert_array_equal(data.labels[behind], data.labels[data.variant_of])
    assert list(data.recordings[behind]) == [data.recordings[index] for index in data.variant_of]
    assert not np.array_equal(data.values[behind], data.values[data.variant_of])


def test_variants_that_vary_nothing_are_warned_of(workbench: Workbench) -> None:
    give(workbench, recorded(workbench, seed=0))
    said = [
        issue.message
        for issue in workbench.training_data.check(replace(RECIPE, augmentation=AugmentationSettings(copies=1)))
    ]
    assert any("like their originals" in text for text in said)


def test_a_preview_shows_a_frame_of_the_data_and_variants_that_differ(workbench: Workbench) -> None:
    give(workbench, recorded(workbench, seed=0))
    data, parts = workbench.training_data.data, workbench.plugins.parts
    assert data is not None
    shown = preview_variants(data, RECIPE, parts, number=1, count=5)
    assert any(np.array_equal(shown.original, values) for values in data.values)
    assert len(shown.variants) == 5
    assert all(one.shape == shown.original.shape and not np.array_equal(one, shown.original) for one in shown.variants)
    still = preview_variants(data, replace(RECIPE, augmentation=AugmentationSettings()), parts, number=1, count=2)
    assert all(np.array_equal(one, still.original) for one in still.variants)


def test_without_readings_there_is_no_preview(workbench: Workbench) -> None:
    with pytest.raises(UserError, match="with their readings"):
        preview_variants(None, RECIPE, workbench.plugins.parts, number=1, count=2)
