"""Where our own data lie in a session file, beside those of the host."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from numpy.typing import DTypeLike

NAME = "exptool_ml"
_TEXT = h5py.string_dtype()


class OwnPart:
    """Our part of a session file: datasets by names with slashes, "frames/values", and a schema version.

    They lie in a group, `exptool_ml/frames/values`. The A111's host takes everything at the top of a file for an
    array, so in its files there is no group: they stand at the top (`flat`), as `exptool_ml.frames.values`.
    """

    def __init__(self, file: h5py.File, *, flat: bool) -> None:
        self._file = file
        self._flat = flat

    @classmethod
    def found_in(cls, file: h5py.File) -> OwnPart | None:
        """Return our part of a file that was read, None for one that has none."""
        own = cls(file, flat=NAME not in file)
        return own if NAME in file or "recipe" in own else None

    @property
    def schema(self) -> Any:
        """The version of what is written here; 0 for none."""
        place = self["recipe"] if self._flat else self._file[NAME]
        return place.attrs.get("schema", 0)

    def begin(self, recipe: str, *, schema: int) -> None:
        """Write what comes first."""
        self.write_text("recipe", recipe)
        (self["recipe"] if self._flat else self._file[NAME]).attrs["schema"] = schema

    def write(self, name: str, values: Any) -> None:
        """Write an array."""
        self._file[self._path(name)] = values

    def room(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> h5py.Dataset:
        """Return an array to be filled."""
        return self._file.create_dataset(self._path(name), shape=shape, dtype=dtype)

    def write_text(self, name: str, text: str) -> None:
        """Write a text."""
        self._file.create_dataset(self._path(name), data=text, dtype=_TEXT)

    def write_texts(self, name: str, texts: list[str]) -> None:
        """Write a list of texts."""
        self._file.create_dataset(self._path(name), data=np.array(texts, dtype=object), dtype=_TEXT)

    def count(self, name: str, example: str) -> int:
        """Return how many numbered entries there are: `name/0/example`, `name/1/example` and so on."""
        count = 0
        while f"{name}_{count}/{example}" in self:
            count += 1
        return count

    def __contains__(self, name: str) -> bool:
        return self._path(name) in self._file

    def __getitem__(self, name: str) -> Any:
        return self._file[self._path(name)]

    def _path(self, name: str) -> str:
        return f"{NAME}.{name.replace('/', '.')}" if self._flat else f"{NAME}/{name}"
