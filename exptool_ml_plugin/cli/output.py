"""Where the command line's words go."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from ..core.file_in_use import holder_of

_PATIENCE_S = 2.0


def say(text: str) -> None:
    """Write a line of the result to stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """Write a line about what is going on to stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Percent:
    """Says on stderr how far some work is, every two seconds; nothing about work done sooner."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next_s = time.monotonic() + _PATIENCE_S

    def step(self, done: int, of: int) -> None:
        """Take how much of how much is done."""
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + _PATIENCE_S
            progress(f"{self._what}: {done / max(1, of):.0%}")


def complain(text: str) -> None:
    """Write what went wrong to stderr, on one line."""
    progress(f"exptool-ml: {' '.join(text.split())}")


def warn_if_open(path: Path) -> None:
    """Say on stderr that a window has a file open which is about to be replaced."""
    holder = holder_of(path)
    if holder is not None:
        progress(f"exptool-ml: {path} is open in {holder.in_words()}; what is saved there later replaces it again.")


def result(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Write a command's result: the JSON object on one line, or the text for people."""
    say(to_json(document) if as_json else text)


def to_json(document: Any) -> str:
    """Return JSON on one line; numbers that are none (NaN) become null."""
    return json.dumps(_finite(document), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def figure_text(figure: float) -> str:
    """Return a figure from 0 to 1 as text; "-" where there was nothing to divide by."""
    return "-" if math.isnan(figure) else f"{figure:.3f}"
