"""The frame that the feature list makes: of the measurement that runs, or of a recording."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ...core.issues import has_errors
from ...core.reading import SensorSetup
from ...workbench.feature_check import FeatureCheck, setup_text
from ...workbench.snapshot import Snapshot
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import PlotTimer
from .fact_list import FactList
from .frame_image import FrameImage, Outline
from .recording_bar import RecordingBar

PREVIEW_HZ = 25


class FeaturePreview(QWidget):
    """A picture with the features framed in their colours, what can be said of it in numbers, and a recording's bar."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._preview = workbench.feature_editing.preview
        self._check = FeatureCheck()
        self._setup: SensorSetup | None = None
        self._last: Snapshot | None = None
        self.image = FrameImage(self)
        self.facts = FactList(("Frame", "Length", "Sensor", "Recording", "Rate", "Cost"), self)
        self.recording_bar = RecordingBar(workbench, self)
        self.recording_bar.moved.connect(self._show_recording)
        self.timer = PlotTimer(self, PREVIEW_HZ, self._on_timer)
        side = QVBoxLayout()
        side.addWidget(self.facts)
        side.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.image, 1)
        row.addLayout(side)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(row, 1)
        rows.addWidget(self.recording_bar)

    def show_check(self, check: FeatureCheck, setup: SensorSetup | None, names: Sequence[str]) -> None:
        """Show another feature list; `names` are those of its features, in order."""
        self._check, self._setup = check, setup
        self.image.set_outlines(
            [
                Outline(place.start, place.stop, style.series_color(index), names[index])
                for index, place in check.slices.items()
            ]
        )
        self._show_facts()
        if has_errors(check.issues):
            self.image.set_empty("Mend the problems to see the features")
        elif self._preview.recording is not None:
            self._show_recording()
        elif not self.workbench.measuring:
            self._show_no_picture()

    def _show_facts(self) -> None:
        setup, steps = self._setup, self.workbench.recipe.frame.time_steps
        recorded = self._preview.recording is not None
        rate = 0.0 if setup is None else setup.reading_rate_hz
        text = "" if setup is None else "\n".join(setup_text(setup))
        self.facts.set("Frame", f"{steps} rows × {self._check.width} values" if self._check.width else "")
        self.facts.set("Length", f"{steps / rate:.3g} s" if rate else "")
        self.facts.set("Sensor", "" if recorded else text)
        self.facts.set("Recording", text if recorded else "")
        if recorded:
            self.facts.set("Rate", "")

    def _show_cost(self, cost_us: float) -> None:
        rate = 0.0 if self._setup is None else self._setup.reading_rate_hz
        share = f"\n{cost_us * rate / 1e4:.2g} % of the time between readings" if rate else ""
        self.facts.set("Cost", f"{cost_us:.0f} µs per reading{share}")

    def _show_no_picture(self) -> None:
        text = "Start a measurement, or preview a recording" if self._check.width else "No features to show"
        self.image.set_empty(text, time_steps=self.workbench.recipe.frame.time_steps, width=self._check.width)
        for name in ("Rate", "Cost"):
            self.facts.set(name, "")
        self._last = None

    def _show_recording(self) -> None:
        rows, steps = self._preview.rows, self.workbench.recipe.frame.time_steps
        self.recording_bar.show_place()
        if self._preview.recording is None or has_errors(self._check.issues):
            return
        if rows is None or rows.values.shape[1] != self._check.width:
            text = "Computing the features…" if self._preview.busy else "Cancelled; open the recording again"
            self.image.set_empty(text, time_steps=steps, width=self._check.width)
            return
        self.image.set_frame(rows.frame(self.recording_bar.slider.value(), steps))
        self._show_cost(rows.cost_us)

    def _on_timer(self) -> None:
        if self._preview.recording is not None or not self.workbench.measuring or has_errors(self._check.issues):
            return
        snapshot = self.workbench.engine.latest()
        if snapshot is self._last or not snapshot.readings:
            return
        self._last = snapshot
        self.image.set_frame(snapshot.window)
        self.facts.set("Rate", f"{snapshot.rate_hz:.1f} readings per second")
        self._show_cost(snapshot.cost_us)
