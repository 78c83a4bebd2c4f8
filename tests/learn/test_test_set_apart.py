"""Test frames change nothing of a training: not the weights, not the normalisation, not when it stops."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.core.recipe import NetworkSettings, TrainingSettings
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench
from training_runs import SHAKY, checkpoint_bits, losses
from training_sessions import STEPS, give, make_recipe, make_session

RECIPE = make_recipe(
    network=NetworkSettings(layers=SHAKY, normalisation="standard"),
    training=TrainingSettings(epochs=8, batch_size=16, patience=2, min_delta=0.05),
    augmentation=AugmentationSettings(copies=1, amplitude_db=3.0),
)


@pytest.fixture
def workbench(training: Training, tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench(journals=tmp_path / "journals")
    own = made.training
    own.close()
    made.__dict__["training"] = training
    made.set_recipe(RECIPE)
    yield made
    made.__dict__["training"] = own  # the shared worker goes on
    made.close()


def with_readings(session: Session, seed: int) -> Session:
    """Give the recordings as many readings as their frames need, so that there are variants."""
    random = np.random.default_rng(seed)
    count = int(session.first_reading.max()) + STEPS
    for index, old in enumerate(session.recordings):
        matrix = random.normal(size=(count, *old.matrices[0].shape[1:])).astype(np.complex64)
        longer = Recording(old.name, old.setup, np.arange(count) / 100, (matrix,), old.quality[:1] * count)
        session.replace_recording(index, replace(longer, host_attributes=old.host_attributes))
    return session


def wild(session: Session) -> Session:
    """A session whose frames are large, of one label, and flagged with nothing."""
    values = np.full((300, *session.values.shape[1:]), 1e6, dtype=np.float32)
    zeros = np.zeros(300, dtype=np.int64)
    frames = LabelledFrames(values, ["push"] * 300, zeros, zeros, zeros.astype(np.uint8))
    return Session(session.recipe, recordings=session.recordings[:1], frames=frames)


def train(workbench: Workbench, runs: Path) -> RunFolder:
    """Press Train, and wait."""
    launch = workbench.training_launch
    launch.runs_folder = runs
    launch.begin_afresh()
    launch.train()
    launch.background.wait(60)
    workbench.training.wait(120)
    assert workbench.training.run_dir is not None
    return RunFolder(workbench.training.run_dir)


def normalisation(run: RunFolder) -> list[Any]:
    """Return mean and variance that the model normalises by."""
    with zipfile.ZipFile(run.model_path) as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    return [
        (layer["config"]["mean"], layer["config"]["variance"]) for layer in layers if layer["name"] == "normalisation"
    ]


def test_no_bit_of_a_training_depends_on_the_test_frames(workbench: Workbench, tmp_path: Path) -> None:
    # As many frames of each label would need no weights.
    session = with_readings(make_session(16), seed=1)
    session.remove(range(7))
    give(workbench, session)
    alone = train(workbench, tmp_path / "alone")
    give(workbench, wild(with_readings(make_session(4, seed=5), seed=2)), subset="test")
    tested = train(workbench, tmp_path / "tested")

    assert sum(workbench.training.matrices["test"].counts[1]) == 300, "it does judge"
    assert (len(alone.data().test), len(tested.data().test)) == (0, 300)
    for name in ("training", "validation"):
        np.testing.assert_array_equal(alone.data().subset(name), tested.data().subset(name))
    assert checkpoint_bits(alone) == checkpoint_bits(tested)
    assert losses(alone) == losses(tested)
    assert len(alone.history()) < 8, "early stopping has decided"
    assert normalisation(alone) == normalisation(tested) != []
    assert read_model_info(alone.model_path).label_counts == read_model_info(tested.model_path).label_counts
