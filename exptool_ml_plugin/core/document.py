"""Frozen settings from a JSON document, strictly: what does not fit is named, not mended."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import UserError
from .options import coerce, describe, mismatches


@dataclass(frozen=True)
class Shapes:
    """What the fields of some dataclasses hold, by class and field name.

    `nested` gives the dataclass inside and its form: "one", "optional" or "many". `plain` gives the kind of value,
    one of the names in `_fits`. Fields declared with `core.options.option` describe themselves.
    """

    nested: Mapping[tuple[type, str], tuple[type, str]]
    plain: Mapping[tuple[type, str], str]


def build(cls: type, document: Any, where: str, shapes: Shapes) -> Any:
    """Make a dataclass from a document; raise `UserError` naming the place, what was expected and what came."""
    if not isinstance(document, dict):
        raise UserError(f"Expected an object at {where}. Received: {document!r}.")
    names = {item.name for item in dataclasses.fields(cls)}
    unknown = sorted(set(document) - names)
    if unknown:
        raise UserError(f"Expected only {', '.join(sorted(names))} at {where}. Received: {', '.join(unknown)}.")
    values = _documented(cls, document, where)
    for name in sorted(set(document) - set(values)):
        values[name] = _value(cls, name, document[name], f"{where}.{name}", shapes)
    try:
        return cls(**values)
    except TypeError as error:
        raise UserError(f"Expected a complete {cls.__name__} at {where}. Received: {error}.") from error


def _documented(cls: type, document: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the fields that are declared as options, each in its own type."""
    given = {info.name: document[info.name] for info in describe(cls) if info.name in document}
    problems = mismatches(cls, given, where)
    if problems:
        raise UserError(f"{problems[0].message} The place: {problems[0].where}.")
    if not given:
        return {}
    settings: Any
    settings, _ = coerce(cls, given)
    return {name: getattr(settings, name) for name in given}


def _value(cls: type, name: str, value: Any, where: str, shapes: Shapes) -> Any:
    nested = shapes.nested.get((cls, name))
    if nested is None:
        expected = shapes.plain.get((cls, name))
        if expected is not None and not _fits(value, expected):
            raise UserError(f"Expected {expected} at {where}. Received: {value!r}.")
        return _frozen(value)
    inner, form = nested
    if form == "optional" and value is None:
        return None
    if form == "many":
        if not isinstance(value, list):
            raise UserError(f"Expected a list at {where}. Received: {value!r}.")
        return tuple(build(inner, item, f"{where}.{index}", shapes) for index, item in enumerate(value))
    return build(inner, value, where, shapes)


def _fits(value: Any, expected: str) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    is_whole = is_number and isinstance(value, int) and value >= 0
    fits = {
        "text": isinstance(value, str),
        "true or false": isinstance(value, bool),
        "a whole number": is_whole,
        "a number": is_number,
        "a number or null": value is None or is_number,
        "a list of text": isinstance(value, list) and all(isinstance(item, str) for item in value),
        "a list of whole numbers or null": value is None
        or (isinstance(value, list) and all(isinstance(item, int) for item in value)),
        "an object": isinstance(value, dict),
    }
    return fits[expected]


def _frozen(value: Any) -> Any:
    """Return lists as tuples, so that a recipe read from a file equals the one that was written."""
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
