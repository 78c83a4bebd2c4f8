"""Sessions for tests of the training: frames that tell their labels apart, without any sensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, LayerChoice, NetworkSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.workbench.readiness import Loaded
from exptool_ml_plugin.workbench.workbench import Workbench

STEPS, WIDTH = 10, 12
SETUP = SensorSetup("a121", (Channel(1, 0, 2, WIDTH, 0.2, 0.02, 3000.0),), 100.0)
TINY = NetworkSettings(layers=(LayerChoice("flatten"), LayerChoice("dense")))


def make_recipe(**fields: Any) -> Recipe:
    """Return a recipe whose frames are those of `make_session`, with a network that trains in no time."""
    base: dict[str, Any] = {
        "name": "gesture",
        "sensor": SETUP,
        "features": (FeatureChoice("range_segment"),),
        "frame": FrameSettings(time_steps=STEPS),
        "network": TINY,
    }
    return Recipe(**{**base, **fields})


def make_session(
    frames: int = 20,
    *,
    labels: tuple[str, ...] = ("push", "pull", "still"),
    recordings: int = 2,
    seed: int = 0,
    recipe: Recipe | None = None,
    width: int = WIDTH,
) -> Session:
    """Return `frames` frames of each label in each of several recordings, one label per recording."""
    random = np.random.default_rng(seed)
    made: list[Recording] = []
    values, names, recording_of, first = [], [], [], []
    for number in range(recordings):
        for code, label in enumerate(labels):
            made.append(_recording(f"{label}_{number}", f"{label}/{number}/{seed}"))
            for index in range(frames):
                frame = random.normal(size=(STEPS, width)).astype(np.float32)
                frame[:, 3 * code : 3 * code + 3] += 1.5
                values.append(frame)
                names.append(label)
                recording_of.append(len(made) - 1)
                first.append(index * STEPS)
    return Session(
        recipe or make_recipe(),
        recordings=made,
        frames=LabelledFrames(
            np.stack(values), names, np.array(recording_of), np.array(first), np.zeros(len(names), dtype=bool)
        ),
    )


def give(workbench: Workbench, *sessions: Session, subset: str = "training") -> None:
    """Put sessions in as if their files had been loaded."""
    files = workbench.training_data
    loaded = [Loaded(f"{subset}_{number}.h5", session) for number, session in enumerate(sessions)]
    files.put(loaded, subset)


def _recording(name: str, uuid: str) -> Recording:
    return Recording(
        name=name,
        setup=SETUP,
        time_s=np.arange(2) / 100.0,
        matrices=(np.zeros((2, 2, WIDTH), dtype=np.complex64),),
        quality=(GOOD, GOOD),
        host_attributes={"uuid": uuid},
    )
