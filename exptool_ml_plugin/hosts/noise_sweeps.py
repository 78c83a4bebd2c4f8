"""What the hosts' presence detectors need to estimate the noise, the same for the A111 and the A121."""

from __future__ import annotations

from ..core.issues import Issue
from ..core.reading import Channel

MOST_SWEEPS_TO_DIFFER = 3
"""The detectors take differences of this order over the sweeps (the A121's `NOISE_ESTIMATION_DIFF_ORDER`)."""


def check_sweeps(channels: tuple[Channel, ...]) -> list[Issue]:
    """Check that every channel has enough sweeps for such differences; the first one that has not is named."""
    for channel in channels:
        if channel.sweeps <= MOST_SWEEPS_TO_DIFFER:
            message = (
                f"Expected at least {MOST_SWEEPS_TO_DIFFER + 1} sweeps per frame of sensor {channel.sensor_id}. "
                f"Received: sweeps={channel.sweeps}. Raise 'Sweeps per frame', better to 16."
            )
            return [Issue("", message)]
    return []
