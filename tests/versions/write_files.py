"""Writes small files of every kind with the version of the package that Python finds; see README.md.

python write_files.py VERSION.zip
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

import exptool_ml_plugin
from exptool_ml_plugin.core.layer_catalog import LAYERS
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Channel, Quality, SensorSetup
from exptool_ml_plugin.core.recipe import (
    FeatureChoice,
    FrameSettings,
    LayerChoice,
    NetworkSettings,
    Recipe,
    TrainingSettings,
    TriggerChoice,
)
from exptool_ml_plugin.core.run_folder import RunData, RunFolder
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.layer_file import save_layers
from exptool_ml_plugin.workbench.training import Training

LABELS = ("push", "still")
NETWORK = (LayerChoice("flatten"), LayerChoice("dropout", {"rate": 0.2}), LayerChoice("dense"))


def setup() -> SensorSetup:
    config = json.loads(DEFAULT_SETUP.host_config)
    sensor = config["groups"][0]["1"]
    sensor["sweeps_per_frame"] = 4
    sensor["subsweeps"][0]["num_points"] = 5
    channel = Channel(sensor_id=1, subsweep=0, sweeps=4, points=5, start_m=0.1, step_m=0.06, sweep_rate_hz=2000.0)
    return SensorSetup("a121", (channel,), reading_rate_hz=50.0, host_config=json.dumps(config))


def recipe() -> Recipe:
    """Features with memory and without, as far as the version has them."""
    known = load_plugins().features
    wanted = [FeatureChoice("range_segment", {"downsample": 2}), FeatureChoice("doppler_spectrum")]
    wanted += [FeatureChoice(key) for key in ("phase", "slow_time", "presence") if key in known]
    made = Recipe(
        name="version test",
        sensor=setup(),
        features=tuple(wanted),
        frame=FrameSettings(time_steps=8, pre_trigger=2, dead_time=3),
        trigger=TriggerChoice("continuous", {"hop": 5}),
        network=NetworkSettings(NETWORK, normalisation="standard"),
        training=TrainingSettings(epochs=2, batch_size=8, early_stopping=False),
    )
    return calibrated(made) if "calibration" in {field.name for field in fields(made)} else made


def calibrated(made: Recipe) -> Recipe:
    from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
    from exptool_ml_plugin.core.calibration import calibration_text

    width = frames_of(record(setup(), "still", 1.0, name="still", seed=9), made, load_plugins().parts)[0].values.shape[
        1
    ]
    frame = np.linspace(0.5, 2.0, 8 * width, dtype=np.float32).reshape(8, width)
    changed: Any = {
        "calibration": calibration_text(frame),
        "augmentation": AugmentationSettings(copies=2, amplitude_db=3.0, random_phase=True),
    }
    return replace(made, **changed)


def session(made: Recipe) -> Session:
    parts = load_plugins().parts
    found = Session(made)
    for number, label in enumerate(LABELS):
        recording = record(setup(), label, 1.3, name=f"{label} recording", seed=number)
        quality = list(recording.quality)
        quality[22] = Quality(saturated=True)
        changes: dict[str, Any] = {"quality": tuple(quality), "tags": {"person": "Ada", "place": "lab"}}
        if "marks" in {field.name for field in fields(recording)}:
            changes["marks"] = (3, 40)
        recording = replace(recording, **changes)
        index = found.add_recording(recording)
        for frame in frames_of(recording, made, parts):
            found.add(frame, label, index)
    found.relabel([1], "odd one")
    return found


def run(folder: Path, made: Recipe, frames: Session) -> dict[str, Any]:
    """Train for two epochs; return what came of it."""
    names = frames.label_names()
    labels = np.array([names.index(label) for label in frames.labels])
    everything = np.arange(len(labels))
    data = RunData(
        values=np.array(frames.values),
        labels=labels,
        label_names=names,
        recordings=tuple(frames.recordings[place].name for place in frames.recording_of),
        training=everything[everything % 4 != 3],
        validation=everything[everything % 4 == 3],
        test=np.zeros(0, dtype=np.int64),
        kind="random",
    )
    made_run = RunFolder.create(folder, recipe=made, data=data)
    training = Training()
    try:
        training.start(folder)
        training.wait(300)
    finally:
        training.close()
    predictor = Predictor(made_run.model_path)
    return {
        "model_labels": list(predictor.labels),
        "probabilities": predictor.predict_many(np.array(frames.values)).tolist(),
        "losses": [epoch.loss for epoch in made_run.history()],
        "subsets": {name: data.subset(name).tolist() for name in ("training", "validation", "test")},
    }


def expected(frames: Session, path: Path) -> dict[str, Any]:
    values = np.array(frames.values)
    return {
        "labels": frames.labels,
        "flags": np.asarray(getattr(frames, "flags", [])).astype(int).tolist(),
        "first_reading": frames.first_reading.tolist(),
        "recording_of": frames.recording_of.tolist(),
        "recordings": [[one.name, len(one), one.tags] for one in frames.recordings],
        "shape": list(values.shape),
        "values_sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        "matrices_sha256": [hashlib.sha256((one.matrices[0] + 0).tobytes()).hexdigest() for one in frames.recordings],
        "layers": [[layer.key, dict(layer.params)] for layer in NETWORK],
        "saved_as": path.name,
    }


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = recipe()
        frames = session(made)
        save_session(frames, folder / "session.h5")
        told = expected(frames, folder / "session.h5") | run(folder / "run", made, frames)
        (folder / "recipe.json").write_text(made.to_json())
        save_layers(NETWORK, folder / "layers.yaml", {kind.key: kind for kind in LAYERS})
        (folder / "expected.json").write_text(json.dumps(told))
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix != ".png" and path.name != "best.keras":  # the model again
                    archive.write(path, path.relative_to(folder))
    sys.stdout.write(f"{out}: {out.stat().st_size:,} bytes, written by {exptool_ml_plugin.__file__}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
