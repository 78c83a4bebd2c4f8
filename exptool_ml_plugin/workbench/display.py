"""How pictures are shown, the same in all tabs; nothing of it changes data."""

from __future__ import annotations

from psygnal import Signal


class Display:
    """`newest_first` shows frames with the newest row at the left; `changed` is emitted when that is switched."""

    changed = Signal()

    def __init__(self) -> None:
        self._newest_first = False

    @property
    def newest_first(self) -> bool:
        """Whether the newest row of a frame stands at the left; in memory it is always the last."""
        return self._newest_first

    @newest_first.setter
    def newest_first(self, newest_first: bool) -> None:
        if newest_first != self._newest_first:
            self._newest_first = newest_first
            self.changed.emit()
