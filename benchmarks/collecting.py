"""What collecting costs the host: the rate of its own plot with our tabs collecting, compared with the host alone.

    python benchmarks/collecting.py [--seconds 40] [--repetitions 3]

The real host, offscreen, measures a simulated scene at 200 readings a second. Alone, its own tab is in view and ours
are not there. Then ours are attached and collect, half of the time with the Collect tab in view, half with the host's
own. Counted are the times the host draws its own Sparse IQ plot; the readings of the host's recorder, which sits in the
sensor's client, that did not arrive in our session; and our own live pictures. A run alone and one with us take turns.
Printed are the means of all of them: how long the host draws depends on what the scene shows, which comes again every
few seconds, so the rate of one second says little.
"""

from __future__ import annotations

import argparse
import inspect
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

LIMIT = 0.9
PICTURES_PER_S = 58.0
"""What a timer of 60 Hz leaves when a few of its ticks come late."""
RATE_HZ = 200.0


class Host:
    """The A121 app as its own `main` builds it, and what a user does with it."""

    def __init__(self) -> None:
        from acconeer.exptool.app.new import AppModel
        from acconeer.exptool.app.new.backend import MpBackend
        from acconeer.exptool.app.new.plugin_loader import load_default_plugins
        from acconeer.exptool.app.new.ui.main_window import MainWindow
        from PySide6.QtWidgets import QApplication

        self.app = QApplication.instance() or QApplication([])
        self.backend = MpBackend()
        self.backend.start()
        known = inspect.signature(AppModel).parameters
        self.model: Any = AppModel(
            self.backend, load_default_plugins(), **({"use_port_updater": False} if "use_port_updater" in known else {})
        )
        self.model.start()
        self.window = MainWindow(self.model)
        self.window.resize(1400, 900)
        self.window.show()
        self.model.broadcast()

    def wait(self, condition: Any, timeout_s: float = 30.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s:g} s in vain")
            self.app.processEvents()
            time.sleep(0.001)

    def run(self, seconds: float) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def close(self) -> None:
        self.model.stop()
        self.model.blockSignals(True)
        self.window.close()
        self.backend.stop()


def count_calls(owner: type, method: str) -> list[float]:
    """Return a list that gets the time of every call of a method."""
    times: list[float] = []
    original = getattr(owner, method)

    def counted(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        times.append(time.perf_counter())

    setattr(owner, method, counted)
    return times


def rate_of(times: list[float], host: Host, seconds: float) -> float:
    """Return the drawings per second."""
    times.clear()
    began = time.perf_counter()
    host.run(seconds)
    return len(times) / (time.perf_counter() - began)


def measure(seconds: float, *, collecting: bool) -> tuple[float, float, int, float]:
    """Return the drawings of the host's plot per second in the two halves, the readings lost and our pictures."""
    from acconeer.exptool import a121
    from acconeer.exptool.a121.algo.sparse_iq import _plugin as sparse_iq
    from acconeer.exptool.app.new import PluginState

    from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
    from exptool_ml_plugin.hosts.a121.control import A121Control
    from exptool_ml_plugin.hosts.a121.scene import SimulatedScene
    from exptool_ml_plugin.hosts.attach import attach
    from exptool_ml_plugin.qt.collect_tab import CollectTab
    from exptool_ml_plugin.workbench.workbench import Workbench

    host = Host()
    times = count_calls(sparse_iq.PlotPlugin, "draw_plot_job")
    pictures = count_calls(CollectTab, "show_live")
    attached: Any = attach(host.window) if collecting else None
    workbench = attached.workbench if collecting else Workbench()
    scene = (
        attached.scene
        if collecting
        else SimulatedScene(host.model, workbench, control=A121Control(host.model), parent=host.window)
    )
    scene.connect_host()
    host.wait(lambda: scene.connected and host.model.plugin_state is PluginState.LOADED_IDLE)
    config = a121.SessionConfig(a121.SensorConfig(num_points=40, sweeps_per_frame=16, frame_rate=RATE_HZ))
    host.model.put_task(("update_session_config", {"session_config": config}))
    host.wait(lambda: host.model.backend_plugin_state.session_config == config)
    if collecting:
        workbench.change_recipe(
            features=(FeatureChoice("range_segment"), FeatureChoice("doppler_spectrum")),
            frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=10),
            trigger=TriggerChoice("continuous", {"hop": 10}),
        )
        attached.tabs.show_tab("Collect")
        workbench.collecting.label = "push"
    host.run(1.0)
    host.model.put_task(("start_session", {"with_recorder": True}))
    host.wait(lambda: host.model.plugin_state is PluginState.LOADED_BUSY)
    host.run(1.0)
    pictures.clear()
    began = time.perf_counter()
    rates = [rate_of(times, host, seconds / 2)]
    pictures_per_s = len(pictures) / (time.perf_counter() - began)
    if collecting:
        attached.tab_widget.setCurrentIndex(0)
    rates.append(rate_of(times, host, seconds / 2))
    host.model.put_task(("stop_session", {}))
    host.wait(lambda: host.model.plugin_state is PluginState.LOADED_IDLE and host.model.saveable_file is not None)
    lost = 0
    if collecting:
        workbench.engine.wait(30)
        measured = len(a121.load_record(host.model.saveable_file).frames)
        lost = measured - sum(len(recording) for recording in workbench.session.recordings)
        workbench.new_session()
    host.close()
    workbench.close(discard=True)
    scene.close()
    return rates[0], rates[1], lost, pictures_per_s


def measure_apart(seconds: float, *, collecting: bool) -> tuple[float, float, int, float]:
    """Measure in a fresh process with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "EXPTOOL_ML_JOURNALS": home}
        environment |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home)
        environment["MPLCONFIGDIR"] = str(Path(tempfile.gettempdir()) / "exptool_ml_benchmarks_matplotlib")
        command = [
            sys.executable,
            __file__,
            "--seconds",
            str(seconds),
            "--only",
            "collecting" if collecting else "alone",
        ]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("MEASURED")]
    if not lines:
        raise RuntimeError(done.stderr[-3000:])
    return float(lines[0][1]), float(lines[0][2]), int(lines[0][3]), float(lines[0][4])


def main() -> int:
    """Measure, print a line, and return 0 if the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0, help="of measuring, each")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", choices=("alone", "collecting"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        warnings.simplefilter("ignore")
        print("MEASURED", *measure(arguments.seconds, collecting=arguments.only == "collecting"), flush=True)
        return 0
    alone, with_us = [], []
    for _ in range(arguments.repetitions):
        alone.append(measure_apart(arguments.seconds, collecting=False))
        with_us.append(measure_apart(arguments.seconds, collecting=True))
    # Half by half, because the host draws more slowly once its picture is full.
    first_alone, second_alone, *_ = (statistics.mean(column) for column in zip(*alone, strict=True))
    behind, in_view, _, pictures = (statistics.mean(column) for column in zip(*with_us, strict=True))
    lost = sum(run[2] for run in with_us)
    ratios = (in_view / second_alone, behind / first_alone)
    single = [ours[1] / alone_[1] for ours, alone_ in zip(with_us, alone, strict=True)]
    good = min(ratios) >= LIMIT and lost == 0 and pictures >= PICTURES_PER_S
    spread = f"ratio {ratios[0]:.2f}, single runs {min(single):.2f} to {max(single):.2f}"
    print(
        f"collecting: with us collecting {RATE_HZ:.0f} readings a second the host draws its plot {in_view:.1f} times a "
        f"second, alone {second_alone:.1f} ({spread}); behind the Collect tab {behind:.1f}, alone {first_alone:.1f} "
        f"(ratio {ratios[1]:.2f}; at least {LIMIT}); readings lost {lost} (limit 0); our pictures {pictures:.1f} "
        f"a second (at least {PICTURES_PER_S:.0f}): {'ok' if good else 'TOO MUCH'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
