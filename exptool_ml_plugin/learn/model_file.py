"""Models to and from Keras files, with our members."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from ..core.errors import UserError
from ..core.model_file import ModelInfo, add_members


def save_model(model: keras.Model, path: Path, *, info: ModelInfo, litert: bytes | None = None) -> None:
    """Write a Keras file with our members in one step, replacing an older one."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".", suffix=".part") as folder:
        plain = Path(folder) / "model.keras"
        model.save(plain)
        add_members(plain, path, info=info, litert=litert, overwrite=True)


def load_model(path: Path) -> keras.Model:
    """Load a Keras file; `UserError` if Keras cannot read it."""
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"Expected a Keras model that this version reads. Received: {path}: {str(error).splitlines()[0]}",
            "It may have been saved by another version of Keras, or use layers of a plugin that is not installed.",
        ) from error
