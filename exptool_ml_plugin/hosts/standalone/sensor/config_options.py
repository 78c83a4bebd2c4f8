"""The host library's configuration classes as documented settings: a form is made of what the classes say.

Names, kinds, defaults, choices, limits and texts all come from the classes, so that a setting that is new in the
library is new in the form, too.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from acconeer.exptool._core.docstrings import get_attribute_docstring

from ....core.options import Value, describe, option

_UNLIMITED = "no limit"
"""What a rate without a limit is called; it is 0 in the settings and None in the library."""

_WORDS = {"hwaas": "HWAAS", "prf": "PRF", "iq": "IQ", "tx": "TX", "num": "number of"}
_FAR = 2**31
_GAP = 64

_made: dict[type, type] = {}


def settings_type(config_type: type) -> type:
    """Return a settings class, see `core.options`, with the settings of a configuration class."""
    if config_type not in _made:
        fields = [(name, type(value), _option(config_type, name, value)) for name, value in _defaults(config_type)]
        _made[config_type] = dataclasses.make_dataclass(config_type.__name__, fields, frozen=True)
    return _made[config_type]


def settings_of(config: Any, instead: Mapping[str, Value] | None = None) -> Any:
    """Return the settings of a configuration, an instance of its `settings_type`; some values `instead` of its own."""
    kind = settings_type(type(config))
    own = {info.name: _plain(getattr(config, info.name)) for info in describe(kind)}
    return kind(**(own | dict(instead or {})))


def set_value(config: Any, name: str, value: Value) -> None:
    """Set one setting of a configuration; raises what the class raises where it does not take the value."""
    unlimited = value == 0 and getattr(type(config)(), name) is None
    setattr(config, name, None if unlimited else value)


def _defaults(config_type: type) -> list[tuple[str, Value]]:
    """Return what can be set and is one value, in the order of the class's arguments, with its default."""
    config = config_type()
    found = []
    for name in inspect.signature(config_type).parameters:
        member = inspect.getattr_static(config_type, name, None)
        fixed = isinstance(member, property) and member.fset is None
        if name in config.to_dict() and not fixed and not isinstance(getattr(config, name), list):
            found.append((name, _plain(getattr(config, name))))
    return found


def _plain(value: Any) -> Value:
    if value is None:
        return 0.0
    return str(value.name) if isinstance(value, Enum) else value


def _option(config_type: type, name: str, default: Value) -> Any:
    value = getattr(config_type(), name)
    doc = _plain_text(get_attribute_docstring(config_type, name) or "")
    low, high = _limits(config_type, name, value)
    return option(
        default,
        text=_words(name),
        doc=doc,
        unit="Hz" if re.search(r"\bin Hz\b", doc, re.IGNORECASE) else "",
        minimum=0.0 if value is None else low,
        maximum=high,
        choices=_choices(type(value)) if isinstance(value, Enum) else None,
        zero=_UNLIMITED if value is None else "",
    )


def _words(name: str) -> str:
    """Return a name as words: "number of points"."""
    text = " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return text[0].upper() + text[1:]


def _choices(kind: type[Enum]) -> dict[str, str]:
    """Return the members of an enumeration by name, as words: DEEP_SLEEP is "Deep sleep", PRF_5_2_MHz is "5.2 MHz"."""
    choices = {}
    for member in kind:
        bare = re.sub(rf"^{kind.__name__}_", "", member.name, flags=re.IGNORECASE)
        words = re.sub(r"(?<=\d)_(?=\d)", ".", bare).replace("_", " ")
        choices[member.name] = words.capitalize() if words.isupper() else words
    return choices


def _limits(config_type: type, name: str, default: Any) -> tuple[int | None, int | None]:
    """Return the ends of the whole numbers the class takes around its default, by trying; None where it takes all.

    An end beyond which it takes more is none: not every step length is possible, but there is no longest.
    """
    if not isinstance(default, int) or isinstance(default, bool):
        return None, None

    config = config_type()

    def takes(value: int) -> bool:
        try:
            setattr(config, name, value)
        except Exception:  # noqa: BLE001 - a class may refuse a value with any exception
            return False
        return True

    low, high = _end(takes, default, -1), _end(takes, default, 1)
    if high is not None and any(takes(high + distance) for distance in range(2, _GAP)):
        high = None
    return low, high


def _end(takes: Callable[[int], bool], value: int, step: int) -> int | None:
    if takes(value + step * _FAR):
        return None
    while takes(value + step):
        value += step
    return value


def _plain_text(doc: str) -> str:
    """Return a docstring without its markup; its lines stay, since a tooltip has no others."""
    text = inspect.cleandoc(doc)
    text = re.sub(r":\w+:`([^`]*)`", r"\1", text).replace("``", "")
    text = re.sub(r"^[= ]+$\n?|^\.\. \[\*\] |\s*\[\*\]_", "", text, flags=re.MULTILINE)
    return re.sub(r"(?<=\S) {3,}", "   ", text).strip()
