"""Opens a session of 100,000 frames of 64 x 48 values, looks at some of them, removes one and takes that back.

    python benchmarks/big_session.py [FRAMES]

Prints how long opening takes, also as a part of the time plain h5py takes to read the values, the largest memory, and
what removing a frame costs in it, as a multiple of what it costs in a session of 1,000 frames.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.workbench.edits import Remove
from exptool_ml_plugin.workbench.workbench import Workbench

STEPS, WIDTH, LOOKED_AT, FEW = 64, 48, 1000, 1000
LIMIT_S = 3.0
LIMIT_REMOVING_S = 0.1


def write(path: Path, frames: int) -> None:
    """Write the session; a twentieth of the frames differ, which matters to no reader."""
    channel = Channel(sensor_id=1, subsweep=0, sweeps=1, points=48, start_m=0.1, step_m=0.01, sweep_rate_hz=1000.0)
    setup = SensorSetup(generation="a121", channels=(channel,), reading_rate_hz=50.0)
    readings = frames + STEPS
    rng = np.random.default_rng(0)
    matrix = np.rint(100 * rng.standard_normal((readings, 1, 48))).astype(np.complex64)
    recording = Recording("made", setup, np.arange(readings) / 50.0, (matrix,), (GOOD,) * readings)
    part = rng.standard_normal((max(1, frames // 20), STEPS, WIDTH), dtype=np.float32)
    labelled = LabelledFrames(
        values=np.resize(part, (frames, STEPS, WIDTH)),
        labels=[f"label {index % 5}" for index in range(frames)],
        recording_of=np.zeros(frames, dtype=np.int64),
        first_reading=np.arange(frames, dtype=np.int64),
        flags=np.zeros(frames, dtype=np.uint8),
    )
    recipe = Recipe(sensor=setup, frame=FrameSettings(time_steps=STEPS))
    save_session(Session(recipe, recordings=[recording], frames=labelled), path)


def memory_mb(name: str) -> float:
    """Return a figure of this process: VmHWM, the largest so far, RssAnon, its own, or RssFile, mapped files.

    `getrusage` would begin with the largest memory of the process that started this one.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def measure(path: Path) -> None:
    """Open the session and look at frames, then read all values with h5py; print the figures."""
    began = time.perf_counter()
    session = load_session(path)
    open_s = time.perf_counter() - began
    opened_mb = memory_mb("VmHWM")
    picked = np.random.default_rng(1).integers(0, len(session), LOOKED_AT)
    began = time.perf_counter()
    for index in picked:
        float(session.values[index].sum())
    look_ms = (time.perf_counter() - began) / LOOKED_AT * 1e3
    own_mb, mapped_mb = memory_mb("RssAnon"), memory_mb("RssFile")
    began = time.perf_counter()
    with h5py.File(path) as file:
        size = file["exptool_ml/frames/values"][()].nbytes
    plain_s = time.perf_counter() - began
    lines = [
        f"{len(session):,} frames of {STEPS} x {WIDTH}, {size / 1e9:.2f} GB",
        f"open            {open_s:.2f} s = {open_s / plain_s:.2f} x reading the values with h5py ({plain_s:.2f} s)",
        f"a random frame  {look_ms:.3f} ms",
        f"memory          {opened_mb:.0f} MB at most when opened; after {LOOKED_AT} frames {own_mb:.0f} MB of its own",
        f"                and {mapped_mb:.0f} MB of the file, which the system takes back where it needs them",
        f"at most {LIMIT_S:g} s: {'met' if open_s <= LIMIT_S else 'MISSED'}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def removing_s(path: Path) -> float:
    """Return how long removing a frame and bringing it back takes: the median of 20 times, journal included."""
    workbench = Workbench(journals=path.parent / "journals")
    workbench.open_session(path)
    edits, times = workbench.inspecting.edits, []
    for number in range(20):
        began = time.perf_counter()
        edits.do(Remove([7 * number]))
        edits.undo()
        times.append(time.perf_counter() - began)
    workbench.close(discard=True)
    return float(np.median(times))


def measure_removing(many: Path, few: Path) -> None:
    """Print what removing a frame costs."""
    large_s, small_s = removing_s(many), removing_s(few)
    sys.stdout.write(
        f"removing one    {1e3 * large_s:.1f} ms and back = {large_s / small_s:.0f} x the same of {FEW:,} frames, "
        f"at most {1e3 * LIMIT_REMOVING_S:.0f} ms: {'met' if large_s <= LIMIT_REMOVING_S else 'MISSED'}\n"
    )


def main() -> None:
    """Write the file in a temporary folder and measure in a process of its own."""
    if len(sys.argv) == 3 and sys.argv[1] == "--measure":
        measure(Path(sys.argv[2]))
        return
    if len(sys.argv) == 4 and sys.argv[1] == "--removing":
        measure_removing(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        needed = 2 * frames * STEPS * WIDTH * 4
        if shutil.disk_usage(folder).free < needed:
            sys.exit(f"{folder} has less than the {needed / 1e9:.1f} GB needed.")
        path = Path(folder) / "big.h5"
        write(path, frames)
        write(path.with_name("small.h5"), FEW)
        subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True)
        subprocess.run([sys.executable, __file__, "--removing", str(path), str(path.with_name("small.h5"))], check=True)


if __name__ == "__main__":
    main()
