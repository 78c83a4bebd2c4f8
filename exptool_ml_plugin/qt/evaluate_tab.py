"""The Evaluate tab: the model predicts, live or on a replayed recording."""

from __future__ import annotations

from qtpy.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from ..core.reading import SensorSetup
from ..workbench.predicting import Predictions
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from .bridge import connect, guarded
from .file_dialogs import ask_open
from .measuring_tab import MeasuringTab, MeasuringWords
from .widgets.cutting_form import CuttingForm
from .widgets.model_info_box import MODEL_FILES
from .widgets.offer_bar import OfferBar
from .widgets.prediction_plot import PredictionPlot
from .widgets.prediction_view import PredictionView
from .widgets.session_box import SessionBox

_USE_CONFIGURATION = "Use the model's configuration"


class EvaluateTab(MeasuringTab):
    """Start and stop; the frame being filled, the prediction in large letters, the last 100, what the sensor saw."""

    mode = "predict"
    words = MeasuringWords(
        start="Start predicting",
        join="Predict this measurement",
        start_tooltip="Measure, and let the model predict every complete frame",
        idle="Start predicting, or replay a recording.",
        last="Predicted frame",
    )

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(workbench, parent)
        self._shown_predictions: Predictions | None = None
        self._make_controls()
        self._make_side()
        self.prediction = PredictionView(self)
        self.plot = PredictionPlot(self)
        controls = (self.load_button, self.start_button, self.stop_button, self.keep_box)
        self._lay_out_pictures(controls, [self.offer], self.prediction, [(self.plot, 3)])
        self._connect()
        self.show_state()

    def can_run(self) -> bool:
        """Whether there is a model to predict with."""
        return self.workbench.model is not None

    def show_state(self) -> None:
        """Show the model, what it says and whether the sensor suits it."""
        model = self.workbench.model
        if model is not None:
            self._show_outlines(model.info.recipe, model.info.recipe.sensor)
        self.show_progress()
        self._show_differences()
        self._show_buttons()

    def show_progress(self) -> None:
        """Show the predictions."""
        predictions = self.workbench.predicting.predictions
        if predictions is self._shown_predictions:
            return
        self._shown_predictions = predictions
        latest, cost_ms = predictions.latest, predictions.cost_us / 1000
        self.plot.set_history(predictions.labels, predictions.history)
        self.prediction.set_prediction(predictions.labels, latest)
        self.counter.setText(f"{predictions.count:,} frames · {cost_ms:.2f} ms in the model" if latest else "")
        if latest is not None:
            self._show_last(latest.frame, latest.time_s)
        else:
            self._show_no_last()

    def show_live(self, snapshot: Snapshot, setup: SensorSetup) -> None:
        """Show the frame being filled."""
        super().show_live(snapshot, setup)
        if snapshot.window.size > 1:
            self.live.set_snapshot(snapshot)

    def _make_controls(self) -> None:
        self.load_button = QPushButton("Load model…", self)
        self.load_button.setToolTip("Open a model file to predict with")
        self.keep_box = QCheckBox("Keep frames", self)
        self.keep_box.setToolTip("Put every frame into the session under its predicted label, to correct it in Inspect")
        self.keep_box.setChecked(self.workbench.predicting.keep_frames)
        self.offer = OfferBar("", self)
        self.apply_button = self.offer.add_button(
            _USE_CONFIGURATION, "Set the sensor as it was when the model's frames were collected"
        )

    def _make_side(self) -> None:
        self.side = QWidget()
        self.cutting = CuttingForm(self.workbench, self.side, with_time_steps=False)
        self.session_box = SessionBox(self.workbench, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.cutting)
        rows.addWidget(self.session_box)

    def _connect(self) -> None:
        self.load_button.clicked.connect(self._on_load)
        self.keep_box.toggled.connect(self._on_keep_toggled)
        self.apply_button.clicked.connect(self._on_apply)
        workbench = self.workbench
        connect(workbench.predicting.keep_frames_changed, self._show_keep, self)
        connect(workbench.model_changed, self.show_state, self)
        connect(workbench.setup_changed, self._show_differences, self)

    def _show_differences(self) -> None:
        differences = self.workbench.model_differences
        text = "The sensor is not set as it was for the model's training. " + " ".join(differences)
        self.offer.set_text(text)
        service = self.workbench.model_service
        self.apply_button.setText(f"Change to the model's service, {service}" if service else _USE_CONFIGURATION)
        self.offer.setVisible(bool(differences))

    def _show_keep(self, keep: bool) -> None:
        self.keep_box.setChecked(bool(keep))

    def _show_buttons(self) -> None:
        super()._show_buttons()
        self.apply_button.setEnabled(bool(self.workbench.host is not None and not self.workbench.measuring))

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load model", MODEL_FILES)
        if path is not None:
            self.workbench.load_model(path)
            if not self.workbench.measuring:
                self.workbench.engine.set_mode("predict")

    @guarded
    def _on_keep_toggled(self, keep: bool) -> None:
        self.workbench.predicting.keep_frames = bool(keep)

    @guarded
    def _on_apply(self) -> None:
        self.workbench.use_model_settings()
