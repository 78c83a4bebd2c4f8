"""What the sensor is set to, in a few words."""

from __future__ import annotations

from ....core.reading import Channel, SensorSetup


def setup_words(setup: SensorSetup) -> str:
    """Say what is measured, a line for each channel and one for the rate."""
    many_sensors = len(setup.sensor_ids) > 1
    many_subsweeps = any(channel.subsweep for channel in setup.channels)
    lines = []
    for channel in setup.channels:
        names = [f"sensor {channel.sensor_id}"] * many_sensors + [f"subsweep {channel.subsweep + 1}"] * many_subsweeps
        name = ", ".join(names)
        lines.append(f"{name[:1].upper()}{name[1:]}: {_channel_words(channel)}" if name else _channel_words(channel))
    return "\n".join([*lines, f"{setup.reading_rate_hz:.4g} readings a second"])


def _channel_words(channel: Channel) -> str:
    reach = f"{channel.start_m:.2f} to {channel.end_m:.2f} m" if channel.points > 1 else f"{channel.start_m:.2f} m"
    sweeps = f"{channel.sweeps} sweep{'' if channel.sweeps == 1 else 's'}"
    return f"{reach}, {channel.points} point{'' if channel.points == 1 else 's'} × {sweeps}"
