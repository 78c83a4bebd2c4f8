"""What is noted with recordings: who, where, and anything else."""

from __future__ import annotations

from psygnal import Signal

NAMES = ("person", "place", "note")
_REMEMBERED = 20


class Tags:
    """The tags of recordings from now on, and what was noted before; `changed` is emitted with the tags."""

    changed = Signal(dict)

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._earlier: dict[str, list[str]] = {name: [] for name in NAMES}

    @property
    def values(self) -> dict[str, str]:
        """The tags by name, without those that are empty; a copy."""
        return dict(self._values)

    def get(self, name: str) -> str:
        """Return one tag, "" for none."""
        return self._values.get(name, "")

    def history(self, name: str) -> tuple[str, ...]:
        """Return what was noted before under a name, newest first."""
        return tuple(self._earlier[name])

    def set(self, name: str, value: str) -> None:
        """Note something under one of `NAMES`; "" for nothing."""
        value = value.strip()
        if value == self.get(name):
            return
        self._values = {key: text for key, text in {**self._values, name: value}.items() if text}
        if value:
            others = (text for text in self._earlier[name] if text != value)
            self._earlier[name] = [value, *others][:_REMEMBERED]
        self.changed.emit(self.values)
