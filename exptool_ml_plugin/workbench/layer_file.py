"""Layer lists as YAML, in the layout of the Deep Learning Interface's layer files.

A list with one entry per layer: `class` (the class of Keras), `name` (the key of the layer), `params` (its parameters
by Keras' names, or null) and `is_active`. Files of either tool open in the other, as far as it has the layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ..core.atomic import write_bytes
from ..core.errors import UserError
from ..core.issues import Issue, Severity
from ..core.layer_type import LayerType
from ..core.recipe import LayerChoice

LARGEST_FILE = 1_000_000
"""Bytes above which a file is surely no layer list."""

_LARGEST_DOCUMENT, _DEEPEST = 20_000, 20
"""Values in a layer list, and how deep they may lie in each other: a few aliases can make billions of a short text."""

_CLASSES = {"MaxPool2D": "max_pooling2d", "MaxPool1D": "max_pooling1d"}
"""Keras' other names of classes, as old files have them."""


class _Loader(yaml.SafeLoader):
    """The safe loader, which also knows the tuples that old files may hold; they become lists."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave merge keys alone, so that they are refused: merging aliases may take forever."""


def _construct_tuple(loader: _Loader, node: yaml.Node) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise yaml.constructor.ConstructorError(None, None, "expected a sequence", node.start_mark)
    return loader.construct_sequence(node)


_Loader.add_constructor("tag:yaml.org,2002:python/tuple", _construct_tuple)


def load_layers(path: Path, types: Mapping[str, LayerType]) -> tuple[tuple[LayerChoice, ...], list[Issue]]:
    """Read a layer list; raise `UserError` if the file is none.

    Also returns what does not fit: parameters that are unknown or out of their limits, which are left out or
    clamped. A layer that is not installed stays in the list, where the Model tab says so.
    """
    document = _read(path)
    if not isinstance(document, list) or not document:
        raise UserError(
            f"Expected a list of layers in {path.name}. Received: {type(document).__name__}.",
            "Choose a file that was saved with “Save layers”.",
        )
    issues: list[Issue] = []
    layers = tuple(_layer(entry, index, types, issues) for index, entry in enumerate(document))
    return layers, issues


def save_layers(
    layers: Sequence[LayerChoice], path: Path, types: Mapping[str, LayerType], *, overwrite: bool = False
) -> None:
    """Write a layer list; replaces another file only with `overwrite`."""
    document = [_entry(layer, types) for layer in layers]
    text = yaml.safe_dump(document, sort_keys=True, default_flow_style=False, allow_unicode=True)
    write_bytes(path, text.encode(), overwrite=overwrite)


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(f"Expected a layer list. Received: {path.name} with {path.stat().st_size:,} bytes.")
        text = path.read_text(encoding="utf-8")
        _refuse_deep(text)
        document = yaml.load(text, Loader=_Loader)  # a SafeLoader
        _refuse_endless(document)
        return document
    except OSError as error:
        raise UserError(f"Expected a readable layer file. Received: {path.name}: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"Expected a layer list as YAML in {path.name}. Received: {reason}.") from error


def _refuse_deep(text: str) -> None:
    """Look how deep it goes before anything is made of it: what makes it is slow there, and may end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("a list too deep for layers")


def _refuse_endless(document: Any) -> None:
    waiting, seen = [(document, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
        if seen + len(waiting) + len(inner) > _LARGEST_DOCUMENT or depth > _DEEPEST:
            raise ValueError("a list too large or too deep for layers")
        waiting += [(item, depth + 1) for item in inner]


def _layer(entry: Any, index: int, types: Mapping[str, LayerType], issues: list[Issue]) -> LayerChoice:
    if not isinstance(entry, dict) or not any(isinstance(entry.get(name), str) for name in ("name", "class")):
        raise UserError(f"Expected class, name and params of layer {index + 1}. Received: {str(entry)[:100]}.")
    params = entry.get("params") or {}
    if not isinstance(params, dict):
        raise UserError(f"Expected parameters by name in layer {index + 1}. Received: {str(params)[:100]}.")
    params = {str(name): value for name, value in params.items()}
    active = entry.get("is_active", True) is not False
    key = _key(entry, types)
    kind = types.get(key)
    if kind is None:
        known = ", ".join(types)
        message = f"Expected a layer that is installed: {known}. Received: {key}."
        issues.append(Issue(f"network.{index}", message, Severity.ERROR))
        return LayerChoice(key, _plain(params), active)
    settings, problems = kind.options(params, f"network.{index}")
    issues += problems
    given = kind.from_keras(params)
    return LayerChoice(key, {name: getattr(settings, name) for name in given if hasattr(settings, name)}, active)


def _key(entry: Mapping[str, Any], types: Mapping[str, LayerType]) -> str:
    """Return the layer's key by its name, else by its class."""
    name, class_name = entry.get("name"), entry.get("class")
    if isinstance(name, str) and name in types:
        return name
    by_class = {kind.keras_class: key for key, kind in types.items()}
    key = by_class.get(str(class_name)) or _CLASSES.get(str(class_name))
    return key or str(name or class_name)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of unknown parameters what a recipe can hold."""
    return {name: value for name, value in params.items() if isinstance(value, (bool, int, float, str))}


def _entry(layer: LayerChoice, types: Mapping[str, LayerType]) -> dict[str, Any]:
    kind = types.get(layer.key)
    class_name, params = layer.key, dict(layer.params)
    if kind is not None:
        class_name = kind.keras_class
        settings, _ = kind.options(layer.params)
        params = {
            name: list(value) if isinstance(value, tuple) else value for name, value in kind.to_keras(settings).items()
        }
    return {"class": class_name, "name": layer.key, "params": params or None, "is_active": layer.active}
