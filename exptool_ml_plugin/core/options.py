"""Documented settings: one declaration is the default, the limits, the form field and the tooltip.

A settings class is a frozen dataclass whose fields are made with `option`::

    @dataclass(frozen=True)
    class Options:
        start_m: float = option(0.2, text="Start", unit="m", doc="Nearest distance used.", minimum=0.0)
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .issues import Issue, Severity

Value = bool | int | float | str
T = TypeVar("T")


@dataclass(frozen=True)
class OptionInfo:
    """What is known about one field of a settings class.

    `kind` is the type of the default; `choices` maps a stored value to the text shown for it. `files` is not empty
    where the value is the path of a file: what a file dialog asks for, ``Models (*.keras)``. `zero` is what the value 0
    means where it is no number, "sensor end".
    """

    name: str
    kind: type
    default: Value
    text: str
    doc: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: Mapping[Any, str] | None = None
    files: str = ""
    zero: str = ""


def option(
    default: Any,
    *,
    text: str,
    doc: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Mapping[Any, str] | None = None,
    files: str = "",
    zero: str = "",
) -> Any:
    """Declare a documented field of a settings class; see the module's text."""
    metadata = {
        "text": text,
        "doc": doc,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "files": files,
        "zero": zero,
    }
    return dataclasses.field(default=default, metadata=metadata)


def describe(settings_type: type) -> tuple[OptionInfo, ...]:
    """List the documented fields of a settings class in their order."""
    return tuple(
        OptionInfo(name=field.name, kind=type(field.default), default=cast(Value, field.default), **field.metadata)
        for field in dataclasses.fields(settings_type)
        if "text" in field.metadata
    )


def coerce(settings_type: type[T], values: Mapping[str, Any], where: str = "") -> tuple[T, list[Issue]]:
    """Make settings from untrusted values; what does not fit is clamped or left at its default, and said.

    Returns the settings and one issue per value that was changed or unknown.
    """
    issues: list[Issue] = []
    known = {info.name: info for info in describe(settings_type)}
    accepted: dict[str, Any] = {}
    for name, value in values.items():
        place = f"{where}.{name}" if where else name
        if name not in known:
            issues.append(Issue(place, f"{_unknown(known, name, value)} It is ignored.", Severity.WARNING))
            continue
        accepted[name], problem = _fit(known[name], value)
        if problem:
            issues.append(Issue(place, f"{problem} {accepted[name]!r} is used.", Severity.WARNING))
    return settings_type(**accepted), issues


def mismatches(settings_type: type, values: Mapping[str, Any], where: str = "") -> list[Issue]:
    """Say which values do not fit the settings, as errors; nothing is mended."""
    known = {info.name: info for info in describe(settings_type)}
    issues = []
    for name, value in values.items():
        problem = _fit(known[name], value)[1] if name in known else _unknown(known, name, value)
        if problem:
            issues.append(Issue(f"{where}.{name}" if where else name, problem))
    return issues


def _unknown(known: Mapping[str, OptionInfo], name: str, value: Any) -> str:
    return f"Expected one of {', '.join(known) or 'no options'}. Received: {name}={value!r}."


def _fit(info: OptionInfo, value: Any) -> tuple[Any, str]:
    """Return a value that fits, and what was expected and received if that is not the value itself."""
    received = f"Received: {info.name}={value!r}."
    if info.choices is not None:
        if isinstance(value, (str, int, float)) and value in info.choices:
            return value, ""
        return info.default, f"Expected one of {', '.join(map(repr, info.choices))}. {received}"
    if info.kind in (bool, str):
        if isinstance(value, info.kind):
            return value, ""
        return info.default, f"Expected {'true or false' if info.kind is bool else 'text'}. {received}"
    return _fit_number(info, value, received)


def _fit_number(info: OptionInfo, value: Any, received: str) -> tuple[Any, str]:
    expected = "a whole number" if info.kind is int else "a number"
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool) or (info.kind is int and number != int(number)):
        return info.default, f"Expected {expected}. {received}"
    low = -math.inf if info.minimum is None else info.minimum
    high = math.inf if info.maximum is None else info.maximum
    clamped = info.kind(min(max(number, low), high))
    if clamped != number:
        return clamped, f"Expected {expected} from {low:g} to {high:g}. {received}"
    return clamped, ""
