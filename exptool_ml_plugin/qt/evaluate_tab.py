"""The Evaluate tab: the model predicts, live or on a replayed recording."""

from __future__ import annotations

from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..core.reading import flag_words
from ..runtime.live import Prediction
from ..workbench.predicting import Predictions
from ..workbench.snapshot import Snapshot
from ..workbench.workbench import Workbench
from . import style
from .bridge import PlotTimer, connect, guarded
from .file_dialogs import ask_open
from .widgets.cutting_form import CuttingForm
from .widgets.feature_outlines import feature_outlines
from .widgets.frame_image import FrameImage
from .widgets.history_plot import HistoryPlot
from .widgets.live_frame import LiveFrame
from .widgets.model_info_box import MODEL_FILES
from .widgets.offer_bar import OfferBar
from .widgets.prediction_plot import PredictionPlot
from .widgets.prediction_view import PredictionView
from .widgets.session_box import SessionBox

_PICTURES_PER_S = 25


class EvaluateTab(QWidget):
    """Start and stop; the frame being filled, the prediction in large letters, the last 100, what the sensor saw."""

    shows_sensor = True

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._shown_predictions: Predictions | None = None
        self.timer = PlotTimer(self, _PICTURES_PER_S, self.refresh)
        self._make_controls()
        self._make_pictures()
        self._make_side()
        self._lay_out()
        self._connect()
        self._show_model()
        self._show_buttons()

    def shown(self) -> None:
        """The tab is in view: a measurement that starts from now on is predicted."""
        if not self.workbench.measuring and self.workbench.model is not None:
            self.workbench.engine.set_mode("predict")
        self._show_model()
        self.refresh()
        self.timer.start()

    def hidden(self) -> None:
        """Another tab is in view: running predictions go on."""
        self.timer.stop()
        if not self.workbench.measuring:
            self.workbench.engine.set_mode("preview")

    def refresh(self) -> None:
        """Draw the latest state of the measurement."""
        self._show_buttons()
        self._show_predictions()
        snapshot = self.workbench.engine.latest()
        if not self.workbench.measuring:
            self.live.set_idle("No measurement", "Start predicting, or replay a recording.")
        elif snapshot.setup is not None:
            self._show_live(snapshot)

    def _make_controls(self) -> None:
        self.load_button = QPushButton("Load model…", self)
        self.start_button = QPushButton("Start predicting", self)
        self.start_button.setToolTip("Measure, and let the model predict every complete frame")
        self.stop_button = QPushButton("Stop", self)
        self.keep_box = QCheckBox("Keep frames", self)
        self.keep_box.setToolTip("Put every frame into the session under its predicted label, to correct it in Inspect")
        self.keep_box.setChecked(self.workbench.predicting.keep_frames)
        self.figures = style.text_label("", self, color=style.MUTED)
        self.offer = OfferBar("", self)
        self.apply_button = self.offer.add_button(
            "Use the model's configuration", "Set the sensor as it was when the model's frames were collected"
        )

    def _make_pictures(self) -> None:
        self.live = LiveFrame(self)
        self.last = FrameImage(self)
        self.last.set_empty("No frame yet")
        self._last_detail = style.text_label("", self, color=style.MUTED)
        self.prediction = PredictionView(self)
        self.plot = PredictionPlot(self)
        self.history = HistoryPlot(self)

    def _make_side(self) -> None:
        self.side = QWidget()
        self.cutting = CuttingForm(self.workbench, self.side, with_time_steps=False)
        self.session_box = SessionBox(self.workbench, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.cutting)
        rows.addWidget(self.session_box)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        for widget in (self.load_button, self.start_button, self.stop_button, self.keep_box):
            controls.addWidget(widget)
        controls.addSpacing(12)
        controls.addWidget(self.figures)
        controls.addStretch(1)
        last = QVBoxLayout()
        last.setSpacing(2)
        title = style.text_label("Predicted frame", self, bold=True)
        for widget, stretch in ((title, 0), (self._last_detail, 0), (self.last, 1)):
            last.addWidget(widget, stretch)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.live, 3)
        upper.addLayout(last, 3)
        upper.addWidget(self.prediction, 3)
        rows = QVBoxLayout(self)
        rows.addLayout(controls)
        rows.addWidget(self.offer)
        rows.addLayout(upper, 5)
        rows.addWidget(self.plot, 3)
        rows.addWidget(self.history, 3)

    def _connect(self) -> None:
        self.load_button.clicked.connect(self._on_load)
        self.start_button.clicked.connect(self._on_start)
        self.stop_button.clicked.connect(self._on_stop)
        self.keep_box.toggled.connect(self._on_keep_toggled)
        self.apply_button.clicked.connect(self._on_apply)
        workbench = self.workbench
        connect(workbench.predicting.keep_frames_changed, self._show_keep, self)
        connect(workbench.model_changed, self._show_model, self)
        connect(workbench.setup_changed, self._show_differences, self)
        connect(workbench.measuring_changed, self._show_buttons, self)

    def _show_model(self) -> None:
        model = self.workbench.model
        if model is not None:
            recipe = model.info.recipe
            outlines = feature_outlines(recipe, recipe.sensor, self.workbench.plugins.parts)
            self.live.image.set_outlines(outlines)
            self.last.set_outlines(outlines)
        self._show_predictions()
        self._show_differences()
        self._show_buttons()

    def _show_differences(self) -> None:
        differences = self.workbench.model_differences
        text = "The sensor is not set as it was for the model's training. " + " ".join(differences)
        self.offer.set_text(text)
        self.offer.setVisible(bool(differences))

    def _show_keep(self, keep: bool) -> None:
        self.keep_box.setChecked(bool(keep))

    def _show_buttons(self) -> None:
        workbench = self.workbench
        predicting = workbench.measuring and workbench.engine.mode == "predict"
        can_start = workbench.measuring or (workbench.host is not None and bool(workbench.host.can_start))
        self.start_button.setEnabled(bool(can_start and not predicting and workbench.model is not None))
        other = workbench.measuring and not predicting
        self.start_button.setText("Predict this measurement" if other else "Start predicting")
        self.stop_button.setEnabled(bool(workbench.measuring))
        self.apply_button.setEnabled(bool(workbench.host is not None and not workbench.measuring))

    def _show_predictions(self) -> None:
        predictions = self.workbench.predicting.predictions
        if predictions is self._shown_predictions:
            return
        self._shown_predictions = predictions
        self.plot.set_history(predictions.labels, predictions.history)
        self.prediction.set_prediction(predictions.labels, predictions.latest)
        self._show_last(predictions.latest)
        if predictions.count:
            self.figures.setText(f"{predictions.count:,} frames · {predictions.cost_us / 1000:.2f} ms in the model")
        else:
            self.figures.setText("")

    def _show_last(self, prediction: Prediction | None) -> None:
        if prediction is None:
            self.last.set_empty("No frame yet")
            self._last_detail.setText("")
            return
        self.last.reset_levels()
        self.last.set_frame(prediction.frame.values)
        flag = f" · flagged: {flag_words(prediction.frame.flags)}" if prediction.frame.flags else ""
        self._last_detail.setText(f"at {prediction.time_s:.1f} s{flag}")

    def _show_live(self, snapshot: Snapshot) -> None:
        if snapshot.window.size > 1:
            self.live.set_snapshot(snapshot)
        if snapshot.setup is not None:
            self.history.set_history(snapshot.setup, snapshot.history)

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load model", MODEL_FILES)
        if path is not None:
            self.workbench.load_model(path)
            if not self.workbench.measuring:
                self.workbench.engine.set_mode("predict")

    @guarded
    def _on_start(self) -> None:
        self.workbench.start("predict")

    @guarded
    def _on_stop(self) -> None:
        self.workbench.stop()

    @guarded
    def _on_keep_toggled(self, keep: bool) -> None:
        self.workbench.predicting.keep_frames = bool(keep)

    @guarded
    def _on_apply(self) -> None:
        self.workbench.use_model_settings()
