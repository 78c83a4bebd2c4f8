"""What this package adds to a Keras file: a JSON member with the recipe and labels, and the LiteRT model.

A `.keras` file is a zip archive; Keras reads its own members and leaves others alone, so that the file stays a normal
Keras file. Nothing here needs Keras.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .atomic import replacing
from .errors import UserError
from .recipe import Recipe

SCHEMA = 1
INFO_MEMBER = "exptool_ml.json"
LITERT_MEMBER = "exptool_ml.tflite"
_LARGEST = {INFO_MEMBER: 16 << 20, LITERT_MEMBER: 200 << 20}
"""Bytes of our members that are unpacked at most, whatever the archive says of itself."""


@dataclass(frozen=True)
class ModelInfo:
    """What a model is and where it comes from.

    `labels` are in the order of the network's outputs, `frame_shape` is `(time_steps, width)`. `counts` holds the
    number of frames per subset ("training", "validation", "test"), `label_counts` that of training frames per label,
    `recordings` the names of the recordings it was trained on. `metrics` holds "loss", "accuracy", "val_loss",
    "val_accuracy" of the weights that were kept, None where not measured. `created` is a time as ISO 8601 text,
    `litert_sha256` the digest of the LiteRT model that belongs to it, "" in files of the first version.
    """

    recipe: Recipe
    labels: tuple[str, ...]
    frame_shape: tuple[int, int]
    split: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    label_counts: Mapping[str, int] = field(default_factory=dict)
    recordings: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    epochs: int = 0
    best_epoch: int = 0
    trainable_parameters: int = 0
    created: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    litert_sha256: str = ""

    def to_json(self) -> str:
        """Return everything as JSON text; the recipe is an object in it."""
        document: dict[str, Any] = {"schema": SCHEMA}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            document[item.name] = json.loads(value.to_json()) if item.name == "recipe" else value
        return json.dumps(document, indent=1, default=dict)

    @classmethod
    def from_json(cls, text: str, *, source: str) -> ModelInfo:
        """Read the text; raise `UserError` if it is not what this version writes."""
        try:
            document = json.loads(text)
            schema = document.pop("schema", None)
            if schema != SCHEMA:
                raise UserError(
                    f"Expected a model of schema {SCHEMA} in {source}. Received: schema={schema!r}.",
                    "Update exptool-ml-plugin.",
                )
            recipe = Recipe.from_json(json.dumps(document.pop("recipe")), source=source)
            rows, columns = document.pop("frame_shape")
            document["labels"] = _texts(document["labels"])
            document["recordings"] = _texts(document["recordings"])
            return cls(recipe=recipe, frame_shape=(int(rows), int(columns)), **document)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise UserError(f"Expected what was written with a model in {source}. Received: {error!r}.") from error


def read_model_info(path: Path) -> ModelInfo:
    """Read recipe and labels of a model; `UserError` if the file was not written by this package or is broken."""
    return ModelInfo.from_json(_member(path, INFO_MEMBER).decode(errors="replace"), source=str(path))


def read_litert(path: Path, info: ModelInfo) -> bytes:
    """Read the LiteRT model, which predicts without TensorFlow; `UserError` if the file has none that `info` knows.

    LiteRT itself does not withstand every change of a model.
    """
    content = _member(path, LITERT_MEMBER)
    if info.litert_sha256 and hashlib.sha256(content).hexdigest() != info.litert_sha256:
        raise UserError(
            f"Expected the {LITERT_MEMBER} that was written with its recipe in {path}. Received: another.",
            "Choose another file; this one may be damaged.",
        )
    return content


def add_members(keras_file: Path, path: Path, *, info: ModelInfo, litert: bytes | None, overwrite: bool) -> None:
    """Write the Keras file `keras_file` with our members to `path`; older members of ours are left out."""
    ours = {INFO_MEMBER, LITERT_MEMBER}
    with (
        replacing(path, overwrite=overwrite) as temporary,
        zipfile.ZipFile(keras_file) as source,
        zipfile.ZipFile(temporary, "w") as target,
    ):
        for item in source.infolist():
            if item.filename not in ours:
                target.writestr(item, source.read(item.filename))
        digest = "" if litert is None else hashlib.sha256(litert).hexdigest()
        target.writestr(INFO_MEMBER, dataclasses.replace(info, litert_sha256=digest).to_json())
        if litert is not None:
            target.writestr(LITERT_MEMBER, litert)


def _member(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            # Python reads no more of a member than it says of itself, but takes the memory for what it says.
            member = archive.getinfo(name)
            too_large = max(member.file_size, member.compress_size) > _LARGEST[name]
            content = b"" if too_large else archive.read(name)
    except FileNotFoundError as error:
        raise UserError(f"Expected a model file. Received: {path}, which does not exist.") from error
    except KeyError as error:
        raise UserError(
            f"Expected a model trained with this package. Received: {path}, a Keras file without {name}.",
            "Its recipe and labels are unknown; train it again here, or load a model saved here.",
        ) from error
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error) as error:
        raise UserError(
            f"Expected a Keras file (.keras). Received: {path}, which cannot be read: {error}.",
            "Choose another file; this one may be incomplete.",
        ) from error
    if too_large:
        raise UserError(
            f"Expected at most {_LARGEST[name]:,} bytes of {name} in {path}. Received: more.",
            "Choose another file; this one may be damaged.",
        )
    return content


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("a list of texts is something else")
    return tuple(values)
