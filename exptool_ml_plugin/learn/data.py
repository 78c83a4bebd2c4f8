"""The frames of a run as the training reads them, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.recipe import TrainingSettings
from ..core.run_data import RunData
from ..core.run_folder import RunFolder
from ..core.stacked_frames import chunks
from .batches import Indices, frame_weights


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames on disk with their labels in memory.

    `values` is float32 `(frames, time_steps, width)`, mapped; `labels` int32 and `weights` float32 `(frames,)`.
    `label_names` is in the order of the network's outputs.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.int32]
    weights: NDArray[np.float32]
    label_names: tuple[str, ...]
    data: RunData

    @property
    def frame_shape(self) -> tuple[int, int]:
        """Time steps and width."""
        return self.values.shape[1], self.values.shape[2]

    @property
    def frame_bytes(self) -> int:
        """Size of a frame."""
        return self.values[:1].nbytes

    def subset(self, name: str) -> Indices:
        """Return the indices of "training", "validation" or "test"."""
        return self.data.subset(name)

    def label_counts(self) -> dict[str, int]:
        """Return the number of training frames per label."""
        counts = np.bincount(self.labels[self.data.training], minlength=len(self.label_names))
        return dict(zip(self.label_names, counts.tolist(), strict=True))


def open_frames(run: RunFolder, settings: TrainingSettings, *, label_names: tuple[str, ...] = ()) -> Frames:
    """Open the data of a run; `label_names` are the labels of a model whose outputs are to be used.

    `UserError` if a label is unknown to that model.
    """
    data = run.data()
    names = label_names or data.label_names
    used = [data.label_names[index] for index in np.unique(data.labels)]
    unknown = sorted(set(used) - set(names))
    if unknown:
        raise UserError(
            f"Expected only labels the model knows: {', '.join(names)}. Received: labels={', '.join(unknown)}.",
            "Start with fresh weights, or leave these labels out.",
        )
    outputs = np.array([names.index(name) if name in names else -1 for name in data.label_names], dtype=np.int32)
    labels = outputs[data.labels] if len(data.labels) else np.zeros(0, np.int32)
    weights = frame_weights(labels, data.training, balanced=settings.class_weights)
    # A plain array over the same mapping: NumPy's class for mapped files makes every batch costlier.
    values = np.asarray(data.values[:])
    return Frames(values=values, labels=labels, weights=weights, label_names=names, data=data)


def check_trainable(frames: Frames) -> None:
    """Raise `UserError` if nothing can be learnt from the frames: too few, one label only, or invalid values."""
    training = frames.data.training
    if len(training) == 0:
        raise UserError("Expected frames to train with. Received: none.", "Load data, or make the validation smaller.")
    counts = frames.label_counts()
    used = [label for label, count in counts.items() if count]
    if len(used) < 2:
        raise UserError(
            f"Expected training frames of at least 2 labels. Received: labels={', '.join(used)} only.",
            "Collect or load frames of another label.",
        )
    checked = 0
    for chunk in chunks(frames.values, training):
        finite = np.isfinite(chunk).all(axis=(1, 2))
        if not finite.all():
            broken = training[checked + np.argmin(finite)]
            raise UserError(
                f"Expected frames of numbers. Received: frame {broken} with values that are none.",
                "Remove that frame in the Inspect tab.",
            )
        checked += len(chunk)
