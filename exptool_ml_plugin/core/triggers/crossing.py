"""When a score that goes up and down means that something happened."""

from __future__ import annotations


class Crossing:
    """Tells when a score rises above a threshold, once until it has come down to the release level.

    The release level lies at or below the threshold, so that a score that trembles around it counts once. With
    `every` set the answer is True for every score above the threshold.
    """

    def __init__(self, threshold: float, release: float, *, every: bool = False) -> None:
        self._threshold = threshold
        self._release = min(release, threshold)
        self._every = every
        self._above = False

    def update(self, score: float) -> bool:
        """Take the next score; NaN is neither above nor below."""
        if score > self._threshold:
            rose, self._above = not self._above, True
            return rose or self._every
        if score <= self._release:
            self._above = False
        return False

    def reset(self) -> None:
        """Start below the threshold."""
        self._above = False
