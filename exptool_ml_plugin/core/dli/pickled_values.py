"""What a restricted pickle may hold beside plain values: arrays of numbers, and objects that do nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError

MAX_AXES = 8

_PLAIN_DTYPE = re.compile(r"[biufcSU]\d{1,7}|O8?|\?")
_INERT = (
    "acconeer",
    "keras",
    "tensorflow",
    "gui",
    "ml",
    "feature_definitions",
    "feature_processing",
    "keras_processing",
)
"""Packages whose classes old files name; none of them is ever imported."""


class RefusedError(Exception):
    """The pickle holds something that no file of the Deep Learning Interface holds."""


@dataclass(frozen=True)
class Name:
    """A function or class that the pickle names; it stays a name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Inert:
    """Stands for an object of a class of the old tool: only what the pickle says of it, nothing that it could do."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None


@dataclass(eq=False)
class Dtype:
    """The type of an array's numbers while it is being read."""

    code: str
    order: str = "="

    def set_state(self, state: Any) -> None:
        """Take the byte order; structured types are refused."""
        if not isinstance(state, tuple) or len(state) < 5 or any(item is not None for item in state[2:5]):
            raise RefusedError("an array with a type of its own")
        if state[1] not in ("<", ">", "|", "="):
            raise RefusedError("an unknown byte order")
        self.order = state[1]

    @property
    def is_object(self) -> bool:
        """Whether the array holds objects instead of numbers."""
        return self.code.startswith("O")

    def numpy(self) -> np.dtype[Any]:
        """Return the type as numpy has it, for numbers and texts only."""
        if self.is_object:
            raise RefusedError("objects where numbers belong")
        return np.dtype((self.order if self.order in "<>" else "=") + self.code)


@dataclass(eq=False)
class Array:
    """An array while it is being read; `value` is the finished array, or the list of its objects."""

    value: Any = field(default_factory=lambda: np.empty(0))

    def set_state(self, state: Any) -> None:
        """Take shape, type and content; the content must be as long as shape and type say."""
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], Dtype):
            raise RefusedError("an array without shape and type")
        _, shape, dtype, fortran, content = state
        self.value = _filled(shape, dtype, content, order="F" if fortran else "C")


def _filled(shape: Any, dtype: Dtype, content: Any, *, order: str) -> Any:
    if not isinstance(shape, tuple) or len(shape) > MAX_AXES or not all(_is_size(size) for size in shape):
        raise RefusedError("an array without a proper shape")
    count = math.prod(shape)
    if dtype.is_object:
        if not isinstance(content, list) or len(content) != count:
            raise RefusedError("an array of objects that is not complete")
        return content[0] if shape == () else content
    kind = dtype.numpy()
    if not isinstance(content, bytes) or len(content) != count * kind.itemsize:
        raise RefusedError(f"an array of shape {shape} whose content has another length")
    if not count:
        return np.zeros(shape, dtype=kind)
    array: NDArray[Any] = np.frombuffer(content, dtype=kind).reshape(shape, order="F" if order == "F" else "C")
    return array


def _is_size(size: Any) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**40


def named(module: str, name: str) -> Name:
    """Return a name of the allow list, or of a class that stays inert; refuse all others."""
    found = Name(module, name)
    if str(found) in _MAKERS or str(found) in _MARKERS or module.split(".")[0] in _INERT:
        return found
    raise RefusedError(f"the name {str(found)[:80]!r}")


def made(name: Any, arguments: Any) -> Any:
    """Return what calling `name` stands for: a plain value, an array, or an inert object. Nothing is called."""
    if not isinstance(name, Name) or not isinstance(arguments, tuple):
        raise RefusedError("a call of something that is no name")
    maker = _MAKERS.get(str(name))
    if maker is not None:
        return maker(arguments)
    if str(name) in _MARKERS:
        raise RefusedError(f"a call of {name}")
    return Inert(str(name), arguments)


def finished(value: Any) -> Any:
    """Return the array for one that was being read, else the value itself."""
    return value.value if isinstance(value, Array) else value


def _reconstruct(arguments: tuple[Any, ...]) -> Array:
    if len(arguments) != 3 or arguments[0] != Name("numpy", "ndarray"):
        raise RefusedError("an array of an unknown class")
    return Array()


def _dtype(arguments: tuple[Any, ...]) -> Dtype:
    code = arguments[0] if arguments else None
    if not isinstance(code, str) or not _PLAIN_DTYPE.fullmatch(code):
        raise RefusedError("an array of an unknown type")
    dtype = Dtype(code)
    if not dtype.is_object:
        try:
            dtype.numpy()
        except TypeError as error:
            raise RefusedError(f"an array of the unknown type {code}") from error
    return dtype


def _scalar(arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != 2 or not isinstance(arguments[0], Dtype):
        raise RefusedError("a number without a type")
    return _filled((), arguments[0], arguments[1], order="C")[()]


def _from_buffer(arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != 4 or not isinstance(arguments[1], Dtype):
        raise RefusedError("an array without a type")
    content, dtype, shape, order = arguments
    return _filled(shape, dtype, bytes(content) if isinstance(content, bytearray) else content, order=str(order))


def _encode(arguments: tuple[Any, ...]) -> bytes:
    """Return bytes as Python 2's pickles have them: a text of one character per byte."""
    if len(arguments) != 2 or not isinstance(arguments[0], str) or arguments[1] not in ("latin1", "latin-1"):
        raise RefusedError("a text in an unknown encoding")
    try:
        return arguments[0].encode("latin-1")
    except UnicodeEncodeError as error:
        raise RefusedError("a text that stands for no bytes") from error


def _complex(arguments: tuple[Any, ...]) -> complex:
    if len(arguments) != 2 or not all(isinstance(part, (int, float)) for part in arguments):
        raise RefusedError("a complex number of something else than numbers")
    return complex(*(float(part) for part in arguments))


def _empty_bytes(arguments: tuple[Any, ...]) -> bytes:
    if arguments:
        raise RefusedError("bytes made of something else")
    return b""


def _ordered(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise RefusedError("an ordered dictionary in an old layout")
    return {}


_MAKERS: Mapping[str, Callable[[tuple[Any, ...]], Any]] = {
    "numpy.core.multiarray._reconstruct": _reconstruct,
    "numpy._core.multiarray._reconstruct": _reconstruct,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy.core.numeric._frombuffer": _from_buffer,
    "numpy._core.numeric._frombuffer": _from_buffer,
    "numpy.dtype": _dtype,
    "collections.OrderedDict": _ordered,
    "_codecs.encode": _encode,
    "builtins.bytes": _empty_bytes,
    "__builtin__.bytes": _empty_bytes,
    "builtins.complex": _complex,
    "__builtin__.complex": _complex,
}
"""What may be called in a pickle: functions of this module stand for the named ones."""

_MARKERS = frozenset({"numpy.ndarray"})


def refused(source: str, reason: str) -> UserError:
    """Return the error for a file that is not what it should be."""
    return UserError(
        f"Expected a file of the Deep Learning Interface. Received: {source} with {reason}.",
        "It is damaged or was made by something else; nothing of it was run. Take another copy of it.",
    )


@contextmanager
def whole(source: str) -> Iterator[None]:
    """Turn what wrong types and missing entries lead to, within the block, into a `UserError`."""
    try:
        yield
    except UserError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError, RecursionError) as error:
        raise refused(source, f"a broken content ({type(error).__name__}: {str(error)[:80]})") from error
