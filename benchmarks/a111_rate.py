"""What our tabs cost the A111 app: the readings it takes a second with them collecting, compared with it alone.

    python benchmarks/a111_rate.py [--seconds 4] [--repetitions 3] [--rate 400]

The real A111 app, offscreen, with each of its three services in turn, in one process. Our tabs come and go between the
measurements: alone, with us, with us, alone, and so on. With us means that the Collect tab is in view and frames are
cut and kept. The sensor is a simulated one whose readings were made beforehand, so that it is not what limits the rate:
its own rate is printed, too. It delivers 400 readings a second, more than an A111 does over its cables. Counted are the
readings that have arrived at the window itself, the last station in the host, and those that did not reach our session.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

LIMIT = 0.98
SERVICES = ("envelope", "iq", "sparse")
_PREMADE = 64
_SETTLING_S = 0.5


def make_client_class() -> type:
    """Return the class of the sensor; its module imports the host."""
    from exptool_ml_plugin.hosts.a111.scene_client import SceneClient

    class PremadeClient(SceneClient):
        """Delivers readings made beforehand, over and over, at a rate, or as fast as they are taken."""

        rate_hz: float | None = None

        def _start_session(self) -> None:
            super()._start_session()
            wait, self._wait_until = self._wait_until, lambda due_s: None  # type: ignore[method-assign]
            self._made = [super(PremadeClient, self)._get_next() for _ in range(_PREMADE)]
            self._wait_until = wait  # type: ignore[method-assign]
            self._given = 0
            self._begin_s = time.perf_counter()

        def _get_next(self) -> Any:
            if self.rate_hz is not None:
                self._wait_until(self._begin_s + self._given / self.rate_hz)
            self._given += 1
            return self._made[self._given % _PREMADE]

    return PremadeClient


class Host:
    """The A111 app as its own `main` builds it, connected to the sensor."""

    def __init__(self, rate_hz: float) -> None:
        from acconeer.exptool.app.old.app import GUI
        from PySide6.QtWidgets import QApplication

        from exptool_ml_plugin.hosts.a111.control import A111Control
        from exptool_ml_plugin.hosts.a111.scene import SimulatedScene

        self.app = QApplication.instance() or QApplication([])
        self.gui: Any = GUI(use_last_config=False)
        self.gui.resize(1400, 900)
        self.gui.show()
        self.control = A111Control(self.gui)
        SimulatedScene(self.gui, control=self.control).connect_host()
        self.client = make_client_class()("push", squeeze=False)
        self.client.connect()
        self.client.rate_hz = rate_hz
        self.gui.client.subclient = self.client
        self.arrivals: list[float] = []
        shown = self.gui.update_sweep_info

        def arrived(infos: Any) -> None:
            self.arrivals.append(time.perf_counter())
            shown(infos)

        self.gui.update_sweep_info = arrived

    def run(self, seconds: float) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def rate(self, seconds: float) -> float:
        """Measure for a while; readings a second that arrived at the window, after the start has settled."""
        self.arrivals.clear()
        self.control.start()
        self.run(_SETTLING_S + seconds)
        self.control.stop()
        while self.control.busy or self.gui.plot_queue:
            self.run(0.1)
        begin = self.arrivals[0] + _SETTLING_S
        counted = [at for at in self.arrivals if at >= begin]
        return (len(counted) - 1) / (counted[-1] - counted[0])


def with_us(host: Host, seconds: float) -> tuple[float, int]:
    """Add our tabs, collect, and take them away again: the rate, and the readings that did not reach our session."""
    from exptool_ml_plugin.core.recipe import FrameSettings, TriggerChoice
    from exptool_ml_plugin.hosts.attach import attach
    from exptool_ml_plugin.hosts.host_tabs import unwrap_central_widget

    attached: Any = attach(host.gui)
    workbench = attached.workbench
    attached.tabs.show_tab("Collect")
    attached.tap.look()
    workbench.change_recipe(
        frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=10),
        trigger=TriggerChoice("continuous", {"hop": 10}),
    )
    workbench.collecting.label = "push"
    workbench.engine.set_mode("collect")
    host.run(0.5)
    rate = host.rate(seconds)
    workbench.engine.wait(30)
    lost = host.client._given - sum(len(recording) for recording in workbench.session.recordings)
    workbench.new_session()
    attached.close()
    host.gui.removeEventFilter(attached)
    unwrap_central_widget(host.gui, attached.tab_widget)
    attached.deleteLater()
    host.run(0.2)
    return rate, lost


def own_rate(host: Host) -> float:
    """Return how many readings a second the sensor delivers to somebody who does nothing with them."""
    client = make_client_class()("push", squeeze=False)
    client.connect()
    client.setup_session(host.control.config)
    client.start_session()
    begin, count = time.perf_counter(), 20_000
    for _ in range(count):
        client.get_next()
    return count / (time.perf_counter() - begin)


def main() -> int:
    """Measure, print a line for each service, and return 0 if the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--repetitions", type=int, default=3, help="pairs of measurements for each service")
    parser.add_argument("--rate", type=float, default=400.0, help="readings a second")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    host = Host(arguments.rate)
    good = True
    for service in SERVICES:
        host.control.choose_service(service)
        host.run(0.5)
        own = own_rate(host)
        alone, ours, lost = [], [], 0
        for number in range(arguments.repetitions):
            for first in (False, True) if number % 2 else (True, False):
                if first:
                    alone.append(host.rate(arguments.seconds))
                else:
                    rate, gone = with_us(host, arguments.seconds)
                    ours.append(rate)
                    lost += gone
        ratio = sum(ours) / sum(alone)
        kept = ratio >= LIMIT and lost == 0
        good = good and kept
        print(
            f"a111_rate {service}: with us collecting the app takes {sum(ours) / len(ours):.1f} readings a second, "
            f"alone {sum(alone) / len(alone):.1f} (ratio {ratio:.3f}, at least {LIMIT}), the sensor alone could do "
            f"{own:,.0f}; readings that did not reach our session {lost} (limit 0): {'ok' if kept else 'TOO MUCH'}",
            flush=True,
        )
    host.gui.close()
    return 0 if good else 1


def at_home(home: str) -> None:
    """Give the host and us a home of their own, before either is imported."""
    os.environ |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home)
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "EXPTOOL_ML_JOURNALS": home}
    os.environ["MPLCONFIGDIR"] = str(Path(tempfile.gettempdir()) / "exptool_ml_benchmarks_matplotlib")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        at_home(folder)
        sys.exit(main())
