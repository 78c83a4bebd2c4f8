"""Times of readings that come without a time of their own."""

from __future__ import annotations


class ArrivalClock:
    """Times of readings that come without ticks, as the host's plots get them.

    With a promised period the readings are that far apart. Without one they follow their arrival, smoothed (a filter
    for position and speed), since a window that is busy for a moment gets several at once.
    """

    _FOLLOW = 0.1
    _ADAPT = 0.002
    _LONGEST_GAP = 1.4
    """In periods; beyond one and a half a reading would count as lost."""

    def __init__(self, promised_period_s: float | None, expected_period_s: float) -> None:
        self._promised_s = promised_period_s
        self._period_s = expected_period_s
        self._first_s: float | None = None
        self._time_s = 0.0

    def step(self, now_s: float) -> float:
        """Return the time since the first reading, for a reading that arrives at `now_s` of a steady clock."""
        if self._first_s is None:
            self._first_s = now_s
            return 0.0
        if self._promised_s:
            self._time_s += self._promised_s
            return self._time_s
        late_s = now_s - self._first_s - (self._time_s + self._period_s)
        self._period_s = max(self._period_s + self._ADAPT * late_s, 1e-4)
        gap_s = self._period_s + self._FOLLOW * late_s
        self._time_s += min(max(gap_s, 0.1 * self._period_s), self._LONGEST_GAP * self._period_s)
        return self._time_s
