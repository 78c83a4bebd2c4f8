"""A model that predicts, with LiteRT alone: no TensorFlow, no Keras."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.model_file import ModelInfo, read_litert, read_model_info

_CHUNK = 64
"""Frames predicted at a time by `predict_many`: enough to pay off, small enough for any memory."""


class Predictor:
    """Predicts frames with the LiteRT model that is kept in a `.keras` file.

    Raises `UserError` for files that hold none. Not to be used by two threads at once.
    """

    def __init__(self, model_path: Path) -> None:
        self.info: ModelInfo = read_model_info(model_path)
        self._content = read_litert(model_path, self.info)
        self._path = model_path
        self._single = self._network(1)
        self._many: _Network | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self.info.labels

    def predict(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each label, float32 `(labels,)`, of a frame, float32 `(time_steps, width)`."""
        self._check_frame(values.shape)
        probabilities: NDArray[np.float32] = self._single.run(values[np.newaxis])[0]
        return probabilities

    def predict_many(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities float32 `(n, labels)` of frames float32 `(n, time_steps, width)`."""
        self._check_frame(values.shape[1:])
        probabilities = np.empty((len(values), len(self.labels)), dtype=np.float32)
        if self._many is None and len(values) > 1:
            self._many = self._network(_CHUNK)
        network = self._many or self._single
        for start in range(0, len(values), network.batch):
            part = values[start : start + network.batch]
            missing = network.batch - len(part)
            filled = np.pad(part, ((0, missing), (0, 0), (0, 0))) if missing else part
            probabilities[start : start + len(part)] = network.run(filled)[: len(part)]
        return probabilities

    def _network(self, batch: int) -> _Network:
        try:
            network = _Network(self._content, batch)
            network.run(np.zeros((network.batch, *network.frame_shape), dtype=np.float32))  # some show their faults now
        except (ValueError, RuntimeError, IndexError, TypeError, OverflowError, MemoryError) as error:
            raise self._unusable(str(error)) from error
        frame_shape, outputs = tuple(self.info.frame_shape), len(self.labels)
        if math.prod(network.frame_shape) != math.prod(frame_shape) or network.outputs != outputs:
            raise self._unusable(
                f"one for frames of {network.frame_shape} and {network.outputs} labels, "
                f"beside a recipe for {frame_shape} and {outputs}"
            )
        return network

    def _unusable(self, received: str) -> UserError:
        return UserError(
            f"Expected a LiteRT model that can be used in {self._path}. Received: {received}.",
            "Train the model again, or take an undamaged copy.",
        )

    def _check_frame(self, shape: tuple[int, ...]) -> None:
        if tuple(shape) != tuple(self.info.frame_shape):
            raise UserError(
                f"Expected frames of shape {tuple(self.info.frame_shape)}, as the model was trained with. "
                f"Received: shape={tuple(shape)}.",
                "Use the recipe of the model, or a model trained with this recipe.",
            )


class _Network:
    """A LiteRT interpreter for a fixed batch; one thread, because frames come one by one."""

    def __init__(self, content: bytes, batch: int) -> None:
        self._interpreter = _interpreter_type()(model_content=content, num_threads=1)
        entry = self._interpreter.get_input_details()[0]
        signature = [int(size) for size in entry["shape_signature"]]
        self._shape = [batch if signature[0] == -1 else signature[0], *(int(size) for size in entry["shape"][1:])]
        self._interpreter.resize_tensor_input(entry["index"], self._shape)
        self._interpreter.allocate_tensors()
        self._input = entry["index"]
        exit_ = self._interpreter.get_output_details()[0]
        self._output = exit_["index"]
        self.outputs = int(exit_["shape"][-1])

    @property
    def batch(self) -> int:
        """Frames per run; 1 for a model made for one frame at a time."""
        return self._shape[0]

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """Shape of one frame, as the network wants it."""
        return tuple(self._shape[1:])

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return float32 `(batch, outputs)` of float32 `(batch, time_steps, width)`."""
        entry = np.ascontiguousarray(values, dtype=np.float32).reshape(self._shape)
        self._interpreter.set_tensor(self._input, entry)
        self._interpreter.invoke()
        outputs: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return outputs


def _interpreter_type() -> Any:
    """Return LiteRT's interpreter; `UserError` where LiteRT is not installed, as on 32-bit systems."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise UserError(
            f"Expected LiteRT, which predicts. Received: {error}.",
            "Install it: pip install ai-edge-litert. There is none for 32-bit systems; predict on a 64-bit one.",
        ) from error
    return Interpreter
