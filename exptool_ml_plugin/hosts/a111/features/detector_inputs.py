"""What the host's A111 detectors want to know of a channel: a sensor configuration and session information."""

from __future__ import annotations

from typing import Any

from ....core.reading import SPARSE, Channel


def detector_inputs(channel: Channel, *, service: str, rate_hz: float) -> tuple[Any, dict[str, Any]]:
    """Return a configuration of the host with the channel's geometry, and what a sensor would have answered to it."""
    from acconeer.exptool import a111

    config = a111.SparseServiceConfig() if service == SPARSE else a111.EnvelopeServiceConfig()
    config.sensor = [channel.sensor_id]
    config.update_rate = rate_hz
    if service == SPARSE:
        config.sweeps_per_frame = channel.sweeps
    info = {
        "range_start_m": channel.start_m,
        "range_length_m": channel.end_m - channel.start_m,
        "data_length": channel.points * channel.sweeps,
        "step_length_m": channel.step_m,
    }
    return config, info


def channel_part(channel: Channel, points: slice) -> Channel:
    """Return the channel as if only some of its points were measured."""
    return Channel(
        channel.sensor_id,
        channel.subsweep,
        channel.sweeps,
        points.stop - points.start,
        channel.start_m + points.start * channel.step_m,
        channel.step_m,
        channel.sweep_rate_hz,
    )
