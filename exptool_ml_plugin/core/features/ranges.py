"""Which points of a channel lie in a range the user gave in metres."""

from __future__ import annotations

from collections.abc import Sequence

from ..issues import Issue, Severity
from ..reading import Channel

START_DOC = "Nearest distance used. 0: from the first point."
STOP_DOC = "Farthest distance used. 0: to the last point."


def points_between(channel: Channel, *, start_m: float, stop_m: float) -> slice:
    """Return the points of the channel from `start_m` to `stop_m`, 0 standing for the channel's own end.

    A range that is partly outside is cut to the channel; one that lies between two points takes the nearer point;
    one entirely outside gives an empty slice.
    """
    low = channel.start_m if start_m == 0 else start_m
    high = channel.end_m if stop_m == 0 else stop_m
    if channel.points == 0 or not _touches(channel, low=low, high=high):
        return slice(0, 0)
    step = channel.step_m or 1.0
    # A thousandth of a step forgives the rounding of distances typed with three digits.
    first = max(0, _ceil((low - channel.start_m) / step - 1e-3))
    last = min(channel.points - 1, _floor((high - channel.start_m) / step + 1e-3))
    if first > last:
        first = last = min(channel.points - 1, max(0, round(((low + high) / 2 - channel.start_m) / step)))
    return slice(first, last + 1)


def used_points(channels: Sequence[Channel], *, start_m: float, stop_m: float) -> list[tuple[int, slice]]:
    """Return index and points of each channel that has points in the range, see `points_between`."""
    found = [(i, points_between(c, start_m=start_m, stop_m=stop_m)) for i, c in enumerate(channels)]
    return [(index, points) for index, points in found if _length(points)]


def check_range(channels: Sequence[Channel], *, start_m: float, stop_m: float) -> list[Issue]:
    """Say what about the range does not fit the channels; `where` is "start_m" or "stop_m"."""
    if not channels:
        return []
    if stop_m != 0 and start_m >= stop_m:
        message = f"Expected a start below the stop. Received: start_m={start_m:g}, stop_m={stop_m:g}. Lower the start."
        return [Issue("start_m", message)]
    nearest = min(channel.start_m for channel in channels)
    farthest = max(channel.end_m for channel in channels)
    span = f"{nearest:.3f} to {farthest:.3f} m"
    if not any(_length(points_between(channel, start_m=start_m, stop_m=stop_m)) for channel in channels):
        message = (
            f"Expected a range that meets the sensor's, {span}. "
            f"Received: start_m={start_m:g}, stop_m={stop_m:g}. Set both to 0 to use all of it."
        )
        return [Issue("start_m", message)]
    return _partly_outside(channels, start_m=start_m, stop_m=stop_m, span=span)


def _partly_outside(channels: Sequence[Channel], *, start_m: float, stop_m: float, span: str) -> list[Issue]:
    slack = max(channel.step_m for channel in channels)
    issues: list[Issue] = []
    if start_m != 0 and start_m < min(channel.start_m for channel in channels) - slack:
        message = f"Expected a start within {span}. Received: start_m={start_m:g}. The sensor's first point is used."
        issues.append(Issue("start_m", message, Severity.WARNING))
    if stop_m != 0 and stop_m > max(channel.end_m for channel in channels) + slack:
        message = f"Expected a stop within {span}. Received: stop_m={stop_m:g}. The sensor's last point is used."
        issues.append(Issue("stop_m", message, Severity.WARNING))
    return issues


def _touches(channel: Channel, *, low: float, high: float) -> bool:
    slack = channel.step_m / 2
    # The own end of a channel may lie a rounding error below the same distance typed by hand.
    return low <= high + slack and low <= channel.end_m + slack and high >= channel.start_m - slack


def _length(points: slice) -> int:
    return int(points.stop) - int(points.start)


def _ceil(value: float) -> int:
    return -int(-value // 1)


def _floor(value: float) -> int:
    return int(value // 1)
