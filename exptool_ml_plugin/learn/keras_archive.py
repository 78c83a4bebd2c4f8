"""What a Keras file must be before Keras opens it: a file from elsewhere may be damaged, or made to do harm.

Keras checks some of this (`safe_mode`), but reads whatever sizes a file claims, follows links out of its weights to
other files, and makes weights as large as a layer asks for before it looks whether there are any.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from ..core.model_file import INFO_MEMBER, LITERT_MEMBER
from ..plugins import load_plugins

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {CONFIG, WEIGHTS, "metadata.json", INFO_MEMBER, LITERT_MEMBER}
_LARGEST_CONFIG = 16 << 20
_MOST_PACKED, _ALWAYS_FINE = 20, 16 << 20
"""Weights hardly get smaller when they are packed: a part that unpacks to more than so many times the size of the file,
and to more than so many bytes, is made to fill the memory."""
_ALWAYS_FINE_SIZE = 512
"""Of layers; a larger one must be that of an array of weights or of a frame, else the layer would ask for memory that
the weights of the file cannot fill."""


class NotSafeError(ValueError):
    """What a file is refused for."""


def check_archive(path: Path, frame_shape: tuple[int, int]) -> None:
    """Raise `NotSafeError` for a file that Keras must not open, and whatever damaged files lead Python to.

    `frame_shape` is that of the frames it says it is for.
    """
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise NotSafeError("no Keras archive")  # Keras would take it for a file of an older kind
    with zipfile.ZipFile(path) as archive:
        _check_members(archive.infolist(), path.stat().st_size)
        config = archive.read(CONFIG).decode()
        longest = _check_weights(archive.read(WEIGHTS))
    for node in _nodes(json.loads(config)):
        _check_node(node)
        _check_sizes(node, max(longest, math.prod(frame_shape), _ALWAYS_FINE_SIZE))


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [member.filename for member in members]
    strange = sorted(set(names) - _MEMBERS)
    if strange or len(set(names)) != len(names):
        raise NotSafeError(f"it holds {', '.join(strange) or 'a part twice'}")
    for member in members:
        # Python reads no more of a part than it says of itself, but takes the memory for what it says.
        if member.file_size > max(_ALWAYS_FINE, _MOST_PACKED * size) or member.compress_size > size:
            raise NotSafeError(f"{member.filename} says that it unpacks to {member.file_size:,} bytes")
        if member.filename == CONFIG and member.file_size > _LARGEST_CONFIG:
            raise NotSafeError(f"{CONFIG} of {member.file_size:,} bytes")


def _check_weights(content: bytes) -> int:
    """Return the longest side of the weights in HDF5 `content`; every array must lie in it as it is."""
    longest = size = 0
    with h5py.File(io.BytesIO(content), "r") as file:
        for dataset in _datasets(file):
            if dataset.shape is None or dataset.is_virtual or dataset.external or dataset.dtype.kind not in "fiub":
                raise NotSafeError(f"weights that are no numbers of the file: {dataset.name}")
            longest = max(longest, *dataset.shape, 0)
            size += dataset.size * dataset.dtype.itemsize
            if size > len(content):
                raise NotSafeError(f"weights larger than the file: {dataset.name} of shape {dataset.shape}")
    return longest


def _datasets(group: h5py.Group) -> Iterator[h5py.Dataset]:
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise NotSafeError(f"weights that lie elsewhere: {name}")
        child = group[name]
        if isinstance(child, h5py.Group):
            yield from _datasets(child)
        elif isinstance(child, h5py.Dataset):
            yield child
        else:
            raise NotSafeError(f"weights that are none: {name}")


def _nodes(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _check_node(node: dict[str, Any]) -> None:
    """Refuse code, and classes that are neither Keras' nor those of a package that is installed as a guest."""
    name, module = node.get("class_name"), node.get("module")
    if name in ("Lambda", "__lambda__", "function") or node.get("registered_name") == "Lambda":
        raise NotSafeError(f"code instead of a layer: {name}")
    if name is None or module is None or module == "keras" or str(module).startswith("keras."):
        return
    of_guests = {kind.keras_class.rpartition(":")[0] for kind in load_plugins().layers.values()}
    if module not in of_guests - {""}:
        raise NotSafeError(f"a layer of a package that is not installed: {module}")


def _check_sizes(node: dict[str, Any], largest: int) -> None:
    """Refuse a layer with a whole number above that in its configuration."""
    if not isinstance(node.get("config"), dict) or "class_name" not in node:
        return
    for key, value in node["config"].items():
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int) and abs(number) > largest and key != "seed":
                raise NotSafeError(f"a layer with {key}={str(number)[:20]}, more than its weights and frames have")
