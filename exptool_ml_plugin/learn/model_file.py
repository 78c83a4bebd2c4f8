"""Models to and from Keras files, with our members."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from ..core.errors import UserError
from ..core.model_file import ModelInfo, add_members
from .keras_archive import check_archive


def save_model(model: keras.Model, path: Path, *, info: ModelInfo, litert: bytes | None = None) -> None:
    """Write a Keras file with our members in one step, replacing an older one."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".", suffix=".part") as folder:
        plain = Path(folder) / "model.keras"
        model.save(plain)
        add_members(plain, path, info=info, litert=litert, overwrite=True)


def load_model(path: Path, info: ModelInfo) -> keras.Model:
    """Load a Keras file; `UserError` if it cannot be read or is not what its `info` says.

    Nothing a file says is executed, and nothing is read or made that is larger than the file (`keras_archive`).
    """
    try:
        check_archive(path, info.frame_shape)
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        shapes = (tuple(model.input_shape), tuple(model.output_shape))
    except Exception as error:
        keras.utils.clear_session()  # what was begun of it is no part of the next model
        lines = str(error).splitlines() or [type(error).__name__]
        raise UserError(
            f"Expected a Keras model that this version reads. Received: {path}: {lines[0][:300]}",
            "It may be damaged, have been saved by another version of Keras, or use layers of a plugin that is not "
            "installed.",
        ) from error
    expected = ((None, *info.frame_shape), (None, len(info.labels)))
    if shapes != expected:
        raise UserError(
            f"Expected a network from frames of {info.frame_shape} to {len(info.labels)} labels, as it says in "
            f"{path}. Received: shapes={shapes}.",
            "Take another copy of the file.",
        )
    return model
