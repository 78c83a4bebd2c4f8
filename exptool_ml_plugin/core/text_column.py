"""A text for every frame, kept as a number each: a million labels take four megabytes, however long they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class TextColumn(Sequence[str]):
    """Texts that repeat. `names` are those that may occur, sorted; `codes` int32 `(n,)` says which each entry is."""

    def __init__(self, names: tuple[str, ...], codes: NDArray[np.int32]) -> None:
        self.names = names
        self.codes = codes

    @classmethod
    def of(cls, texts: Sequence[str]) -> TextColumn:
        """Return the texts as a column; a column is returned as it is."""
        if isinstance(texts, TextColumn):
            return texts
        names = tuple(sorted(set(texts)))
        places = {name: place for place, name in enumerate(names)}
        return cls(names, np.fromiter((places[text] for text in texts), np.int32, len(texts)))

    @classmethod
    def picked(cls, texts: Sequence[str], which: NDArray[np.integer]) -> TextColumn:
        """Return a column with the text `texts[i]` for every `i` of `which`."""
        own = cls.of(texts)
        return cls(own.names, own.codes[which])

    @classmethod
    def joined(cls, columns: Sequence[TextColumn]) -> TextColumn:
        """Return the entries of all columns, one after another."""
        names = tuple(sorted({name for column in columns for name in column.names}))
        return cls(names, np.concatenate([column.codes_among(names).astype(np.int32) for column in columns]))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> TextColumn: ...

    def __getitem__(self, index: int | slice) -> str | TextColumn:
        if isinstance(index, slice):
            return TextColumn(self.names, self.codes[index])
        return self.names[int(self.codes[index])]

    def __iter__(self) -> Iterator[str]:
        return (self.names[code] for code in self.codes)

    @property
    def used(self) -> tuple[str, ...]:
        """The names that do occur, sorted."""
        return tuple(self.counts())

    def counts(self) -> dict[str, int]:
        """Return how often each name occurs, sorted by name; those that do not are left out."""
        counted = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, counted, strict=True) if count}

    def take(self, indices: NDArray[np.integer]) -> TextColumn:
        """Return the entries with these indices, in their order."""
        return TextColumn(self.names, self.codes[indices])

    def codes_among(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Return each entry's place in `names`, int64 `(n,)`; -1 where it is not among them."""
        places = {name: place for place, name in enumerate(names)}
        return np.array([places.get(name, -1) for name in self.names], dtype=np.int64)[self.codes]
