"""Make the pictures of "Which features for what" from real recordings.

    python docs/feature_pictures.py [folder of the recordings]

The folder is by default `$EXPTOOL_ML_DATA`, else `../shared/data` from the project's root. Writes
`resources/pictures/features_*.png`, in a few seconds.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from exptool_ml_plugin.core.carrier import WAVELENGTH_M
from exptool_ml_plugin.core.features.spectra import frequencies_hz
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source
from exptool_ml_plugin.plugins import load_plugins

PROJECT = Path(__file__).resolve().parents[1]
PICTURES = PROJECT / "resources" / "pictures"
FEATURES = load_plugins().parts.features

MM_PER_RADIAN = 1000.0 * WAVELENGTH_M / (4.0 * np.pi)
GESTURES = {"Tap": ("tap_in_idx_1", 6.0), "Double tap": ("double_tap_in_idx_1", 8.0), "Wiggle": ("wiggle_idx_1", 9.0)}
"""What is shown of which recording, from which second on."""

SHOWN_S = 3.0
BANDS_M_S = (0.0, 0.15, 0.5, 1.3)


def read(path: Path) -> Recording:
    recordings = A121Source().read(path)
    if not recordings:
        raise SystemExit(f"Expected a recording of an A121: {path}")
    return recordings[0]


def rows_of(recording: Recording, key: str, output: str, **options: Any) -> NDArray[np.floating]:
    """Return the rows of one output of one feature: floats `(readings, width)`."""
    kind = FEATURES[key]
    made = kind(
        kind.Options(**options),
        outputs=(output,),
        channels=recording.setup.channels,
        reading_rate_hz=(len(recording) - 1) / recording.time_s[-1],
    )
    return made.rows(recording.matrices)


def part(recording: Recording, start_s: float, seconds: float) -> slice:
    first, last = np.searchsorted(recording.time_s, [start_s, start_s + seconds])
    return slice(int(first), int(last))


def image(axes: Axes, rows: NDArray[np.floating], seconds: float, low: float, high: float, **limits: float) -> Any:
    """Draw rows over time, their values from `low` to `high` upwards; the edges of pixels lie half a step outside."""
    half = (high - low) / max(rows.shape[1] - 1, 1) / 2.0
    extent = (0.0, seconds, low - half, high + half)
    return axes.imshow(rows.T, origin="lower", aspect="auto", extent=extent, interpolation="nearest", **limits)


def save(figure: Figure, name: str) -> None:
    path = PICTURES / f"features_{name}.png"
    figure.savefig(path, dpi=80)
    plt.close(figure)
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


def gestures(data: Path) -> None:
    figure, grid = plt.subplots(3, 3, figsize=(10, 7.5), sharex=True, sharey="row", layout="constrained")
    for column, (title, (name, start_s)) in enumerate(GESTURES.items()):
        recording = read(data / "a121_gesture" / f"label_{name}.h5")
        channel = recording.setup.channels[0]
        shown = part(recording, start_s, SHOWN_S)
        speeds = frequencies_hz(channel) * WAVELENGTH_M / 2.0
        spectrum = rows_of(recording, "doppler_spectrum", "max", scale="db")[shown]
        segment = rows_of(recording, "range_segment", "segment", method="incoherent", scale="db")[shown]
        grid[0, column].set_title(title)
        low, high = channel.start_m, channel.end_m
        doppler = image(grid[0, column], spectrum, SHOWN_S, speeds[0], speeds[-1], vmin=25, vmax=75)
        distances = image(grid[1, column], segment, SHOWN_S, low, high, vmin=35, vmax=85)
        bands(grid[2, column], recording, shown)
        grid[2, column].set_xlabel("Time (s)")
    grid[0, 0].set_ylabel("Doppler spectrum\nspeed, away is positive (m/s)")
    grid[1, 0].set_ylabel("Range segment\ndistance (m)")
    grid[2, 0].set_ylabel("Micro-Doppler\nenergy (dB)")
    grid[2, 2].legend(loc="upper right", fontsize=7)
    figure.colorbar(doppler, ax=grid[0], label="Amplitude (dB)")
    figure.colorbar(distances, ax=grid[1], label="Amplitude (dB)")
    save(figure, "gesture")


def bands(axes: Axes, recording: Recording, shown: slice) -> None:
    edges = ", ".join(f"{edge:g}" for edge in BANDS_M_S)
    rows = rows_of(recording, "micro_doppler", "sum", bands=edges, directions=False, scale="db")[shown]
    time_s = recording.time_s[shown] - recording.time_s[shown.start]
    for index, (low, high) in enumerate(pairwise(BANDS_M_S)):
        axes.plot(time_s, rows[:, index], label=f"{low:g} to {high:g} m/s", linewidth=1.2)


def materials(data: Path) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained", width_ratios=(1, 1, 1.2))
    seconds = 2.0
    for place, (title, number, colour) in zip(
        axes, (("Grass", 6, "tab:green"), ("Asphalt", 10, "tab:gray")), strict=False
    ):
        recording = read(data / "a121_grass" / f"{number}.h5")
        channel = recording.setup.channels[0]
        rows = rows_of(recording, "range_segment", "segment")
        low, high = channel.start_m, channel.end_m
        drawn = image(place, rows[part(recording, 20.0, seconds)], seconds, low, high, vmin=0, vmax=4000)
        place.set(title=title, xlabel="Time (s)", ylabel="Distance (m)")
        driving = rows[200:-200]
        mean, spread = driving.mean(axis=0), driving.std(axis=0)
        axes[2].plot(channel.distances_m, mean, label=title, color=colour)
        axes[2].fill_between(channel.distances_m, mean - spread, mean + spread, color=colour, alpha=0.2)
    figure.colorbar(drawn, ax=axes[:2], label="Amplitude", location="right")
    axes[2].set(title="Mean and spread of a minute", xlabel="Distance (m)", ylabel="Amplitude")
    axes[2].legend()
    save(figure, "material")


def presence(data: Path) -> None:
    recording = read(data / "a121_host" / "presence-default.h5")
    figure, axes = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained", height_ratios=(3, 2))
    distances_m = np.concatenate([channel.distances_m for channel in recording.setup.channels])
    options = {"inter_frame_fast_cutoff": 6.0, "inter_output_time_const": 2.0, "intra_output_time_const": 0.3}
    found = rows_of(recording, "presence", "map", **options)
    drawn = axes[0].pcolormesh(recording.time_s, distances_m, found.T, shading="nearest")
    where = rows_of(recording, "presence", "distance", **options)[:, 0]
    somebody = where > 0
    axes[0].plot(recording.time_s[somebody], where[somebody], "w.", markersize=3, label="Presence distance")
    axes[0].set(ylabel="Distance (m)", title="Presence at each distance")
    axes[0].legend(loc="upper right", labelcolor="white", facecolor="0.2", fontsize=8)
    figure.colorbar(drawn, ax=axes[0], label="Times the noise")
    for output, label in (("intra", "Intra score, fast motion"), ("inter", "Inter score, slow motion")):
        axes[1].plot(recording.time_s, rows_of(recording, "presence", output, **options)[:, 0], label=label)
    axes[1].set(xlabel="Time (s)", ylabel="Score")
    axes[1].legend(loc="upper left", fontsize=8)
    save(figure, "presence")


def still_hand(data: Path) -> None:
    recording = read(data / "a121_gesture" / "label_static_hand_idx_1.h5")
    shown = part(recording, 6.0, 20.0)
    time_s = recording.time_s[shown] - recording.time_s[shown.start]
    figure, axes = plt.subplots(3, 1, figsize=(8, 6), sharex=True, layout="constrained", height_ratios=(2, 3, 2))
    segment = rows_of(recording, "range_segment", "segment")[shown]
    axes[0].plot(time_s, segment.mean(axis=1), color="tab:gray")
    axes[0].set(ylabel="Range segment\nmean amplitude", ylim=(0, None))
    for forget_s, label in ((0.0, "Forget after: never"), (1.0, "Forget after: 1 s")):
        phase = rows_of(recording, "phase", "mean_phase", forget_s=forget_s)[shown, 0]
        axes[1].plot(time_s, (phase - phase[0]) * MM_PER_RADIAN, label=label)
    axes[1].set(ylabel="Phase\ndistance moved (mm)")
    axes[1].legend(loc="lower left", fontsize=8)
    velocity = rows_of(recording, "phase", "mean_velocity")[shown, 0]
    axes[2].plot(time_s, 1000.0 * velocity, color="tab:green", linewidth=0.8)
    axes[2].set(ylabel="Phase velocity\n(mm/s)", xlabel="Time (s)")
    save(figure, "still_hand")


def main() -> int:
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EXPTOOL_ML_DATA")
    data = Path(given) if given else PROJECT.parent / "shared" / "data"
    if not data.is_dir():
        print(f"The recordings are not at {data}.", file=sys.stderr)
        return 1
    for draw in (gestures, materials, presence, still_hand):
        draw(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
