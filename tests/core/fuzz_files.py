"""Good files of every kind in a folder, to be spoilt by `fuzzing`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.data_set import DataSet, describe_file, save_data_set
from exptool_ml_plugin.core.messages import EpochEnd, TrainingDone
from exptool_ml_plugin.core.model_file import ModelInfo, add_members
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, LayerChoice, NetworkSettings, Recipe
from exptool_ml_plugin.core.run_data import RunData
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import A111_SETUPS, record

LAYERS = """
- {class: Conv2D, name: conv2d, params: {filters: 4, kernel_size: [3, 3]}, is_active: true}
- {class: Dropout, name: dropout, params: {rate: 0.2}, is_active: true}
"""


def make_files(folder: Path) -> None:
    recording = recording_of(setup_of(), 30)
    recipe = Recipe(
        name="test",
        sensor=recording.setup,
        features=(FeatureChoice("range_segment", {"downsample": 2}, outputs=("segment",)),),
        frame=FrameSettings(time_steps=8),
        network=NetworkSettings((LayerChoice("conv2d", {"filters": 4}),)),
    )
    values = np.random.default_rng(0).standard_normal((6, 8, 3)).astype(np.float32)
    indices = np.arange(6, dtype=np.int64)
    frames = LabelledFrames(values, ["tap", "still"] * 3, 0 * indices, indices, np.zeros(6, dtype=np.uint8))
    save_session(Session(recipe, recordings=[recording], frames=frames), folder / "session.h5")
    of_a111 = record(A111_SETUPS["sparse"], "push", 0.4, name="made")
    save_session(Session(recipe, recordings=[of_a111], frames=frames), folder / "a111_session.h5")
    _make_run(folder, recipe, values)
    with zipfile.ZipFile(folder / "plain.zip", "w") as archive:
        archive.writestr("config.json", '{"class_name": "Functional"}')
    info = ModelInfo(recipe=recipe, labels=("still", "tap"), frame_shape=(4, 3), recordings=("made",))
    litert = Path(__file__).parents[1] / "runtime" / "tiny.tflite"
    add_members(folder / "plain.zip", folder / "model.keras", info=info, litert=litert.read_bytes(), overwrite=True)
    (folder / "layers.yaml").write_text(LAYERS)
    (folder / "sheet.csv").write_text("file,label,start_s,stop_s,person\na.h5,tap,0,1.5,Ada\na.h5,still,1.5,3,Ada\n")
    rows = [f"made,{3 * frame},0,tap,{row},{frame},1.5" for frame in range(4) for row in range(8)]
    (folder / "frames.csv").write_text("\n".join(["recording,first_reading,flags,label,row,value,other", *rows]))
    details = {"recording": 0 * indices, "names": ["made"], "first_reading": indices, "recipe": recipe.to_json()}
    np.savez(folder / "frames.npz", frames=values, labels=frames.labels, **details)
    described = describe_file(folder / "session.h5", project=folder / "set.json", role="training", tags={"person": "A"})
    save_data_set(DataSet((described,), "set"), folder / "set.json")


def _make_run(folder: Path, recipe: Recipe, values: np.ndarray) -> None:
    data = RunData(
        values=values,
        labels=np.array([0, 1] * 3),
        label_names=("still", "tap"),
        recordings=("made",) * 6,
        training=np.arange(4),
        validation=np.array([4]),
        test=np.array([5]),
    )
    run = RunFolder.create(folder, recipe=recipe, data=data)
    for epoch in (1, 2):
        run.add_epoch(EpochEnd(epoch, 0.5, 0.9, 0.4, 0.8, 0.001, 1.5, 1, epoch == 1, 3))
    run.set_result(TrainingDone("finished", "best epoch", 2, 1, 0.5, 0.9, 0.4, 0.8, 3.0, "model.keras"))
