"""A window that is killed while it collects loses what came in its last second at most, at whatever moment it dies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.journal_session import recover
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.simulate import SimulatedSensor, make_scene
from exptool_ml_plugin.workbench.workbench import Workbench

KILLS = int(os.environ.get("EXPTOOL_ML_KILLS", "5"))
"""Set it to hundreds to try for longer."""
RATE_HZ = 200.0
MOST_LOST_S = 1.0


def kill_while_collecting(journals: Path, after_s: float) -> list[tuple[int, float]]:
    """Kill a window that has collected for a while; return what it announced until `MOST_LOST_S` before its end."""
    script = Path(__file__).with_name("collecting_window.py")
    window = subprocess.Popen(
        [sys.executable, str(script), str(journals), str(RATE_HZ)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert window.stdout is not None
    lines: list[str] = [window.stdout.readline()]
    assert lines[0], window.communicate()[1]
    reader = threading.Thread(target=lines.extend, args=(window.stdout,))
    reader.start()
    time.sleep(after_s)
    killed_s = time.monotonic()
    window.send_signal(signal.SIGKILL)
    reader.join()
    window.communicate()
    announced = [(int(number), float(at_s)) for number, at_s in (line.split() for line in lines if line[-1:] == "\n")]
    return [(number, at_s) for number, at_s in announced if at_s <= killed_s - MOST_LOST_S]


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_killed_window_loses_its_last_second_at_most(tmp_path: Path, workbench: Workbench) -> None:
    rng = random.Random()
    for number in range(KILLS):
        after_s = rng.uniform(1.2, 4.0)
        folder = tmp_path / str(number)
        sure = kill_while_collecting(folder, after_s)
        (journal,) = folder.glob("*.journal")
        recovered = recover(journal)
        said = f"killed after {after_s:.3f} s"
        assert recovered.summary.damage == "", said
        (recording,) = recovered.session.recordings
        assert len(recording) > len(sure) > 0, said

        # every reading, to the last bit
        sensor = SimulatedSensor(recording.setup, make_scene("push", seed=1), 1)
        for index in range(len(recording)):
            expected = sensor.reading(index)
            assert recording.time_s[index] == expected.time_s, said
            assert recording.matrices[0][index].tobytes() == expected.matrices[0].tobytes(), said

        # every frame those readings make, to the last bit, but for one whose last reading is the newest there is
        again = frames_of(recording, recovered.session.recipe, workbench.plugins.parts)
        session = recovered.session
        assert len(again) - 1 <= len(session) <= len(again), said
        values = np.stack([frame.values for frame in again[: len(session)]])
        assert np.asarray(session.values).tobytes() == values.tobytes(), said
        assert session.first_reading.tolist() == [frame.first_reading for frame in again[: len(session)]], said
        assert {label[:5] for label in session.label_names()} <= {"push", "label"}, said
        assert len(session.label_names()) > 1, said
