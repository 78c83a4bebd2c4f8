"""Which frames are shown, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qtpy.QtWidgets import QComboBox, QPushButton, QWidget

from ...workbench.frame_list import FLAGS, PREDICTIONS, SORTS, FrameFilter, tags_of
from ...workbench.inspecting import Inspecting
from .. import style
from ..bridge import guarded
from .calm_combo_box import CalmComboBox
from .flow_layout import FlowLayout

_NEEDS_MODEL = "Needs a model: load one in the Evaluate tab"


class FrameFilterBar(QWidget):
    """Fields for label, recording, tag, flag and prediction, and the order; the number of frames that pass beside."""

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspecting = inspecting
        self.label_box = self._box("Show the frames of one label only")
        self.recording_box = self._box("Show the frames of one recording only")
        self.tag_box = self._box("Show the frames of recordings with this tag only, as of one person or place")
        self.flag_box = self._box(
            "Show only frames with a reading that was saturated, late, lost or asks for a calibration, or without, or "
            "variants"
        )
        self.prediction_box = self._box("Show only frames the open model predicts right, or wrong")
        self.sort_box = self._box("Order of the frames; choose it again to have it worked out anew")
        self.clear_button = QPushButton("Show all", self)
        self.clear_button.setToolTip("Show all frames of the session again")
        self.clear_button.clicked.connect(self._on_clear)
        self._count = style.text_label("", self, color=style.MUTED)
        _fill(self.flag_box, ((text, key) for key, text in FLAGS.items()))
        row = FlowLayout(self, spacing=6, centred=True)
        for box in (self.label_box, self.recording_box, self.tag_box, self.flag_box, self.prediction_box):
            row.addWidget(box)
            box.activated.connect(self._on_filter)
        row.addWidget(self.clear_button)
        row.addWidget(self.sort_box)
        self.sort_box.activated.connect(self._on_sort)
        row.addWidget(self._count)

    @property
    def text(self) -> str:
        """How many frames are shown."""
        return str(self._count.text())

    def show_state(self, *, has_model: bool) -> None:
        """Offer what the session has; what is chosen stays chosen."""
        session, now = self._inspecting.session, self._inspecting.filter
        _fill(self.label_box, [("All labels", ""), *((label, label) for label in session.label_names())], now.label)
        recordings = [(recording.name, number) for number, recording in enumerate(session.recordings)]
        _fill(self.recording_box, [("All recordings", None), *recordings], now.recording)
        tags = [(f"{name}: {value}", (name, value)) for name, value in tags_of(session)]
        _fill(self.tag_box, [("All tags", None), *tags], now.tag)
        self.tag_box.setVisible(bool(tags))
        _fill(self.flag_box, ((text, key) for key, text in FLAGS.items()), now.flag)
        _fill(self.prediction_box, ((text, key) for key, text in PREDICTIONS.items()), now.prediction)
        self.prediction_box.setEnabled(has_model)
        self.prediction_box.setToolTip(
            "Show only frames the open model predicts right, or wrong" if has_model else _NEEDS_MODEL
        )
        sorts: Mapping[str, str] = {key: text for key, text in SORTS.items() if has_model or key != "confidence"}
        _fill(self.sort_box, ((text, key) for key, text in sorts.items()), self._inspecting.sort)
        shown, count = len(self._inspecting.shown), len(session)
        self._count.setText(f"{shown:,} of {count:,} frames" if shown != count else f"{count:,} frames")
        self.clear_button.setEnabled(now != FrameFilter())

    def _box(self, tooltip: str) -> QComboBox:
        box = CalmComboBox(self)
        box.setToolTip(tooltip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setMaximumWidth(132)
        return box

    @guarded
    def _on_filter(self) -> None:
        self._inspecting.set_filter(
            FrameFilter(
                label=self.label_box.currentData() or "",
                recording=self.recording_box.currentData(),
                tag=None if self.tag_box.currentIndex() < 1 else tuple(self.tag_box.currentData()),
                flag=self.flag_box.currentData() or "",
                prediction=self.prediction_box.currentData() or "",
            )
        )

    @guarded
    def _on_sort(self) -> None:
        self._inspecting.set_sort(self.sort_box.currentData())

    @guarded
    def _on_clear(self) -> None:
        self._inspecting.set_filter(FrameFilter())


def _fill(box: QComboBox, items: Iterable[tuple[str, Any]], chosen: Any = "") -> None:
    """Offer items, text and value, unless they are there, and choose one, else the first."""
    wanted = list(items)
    blocked = box.blockSignals(True)
    there = [(box.itemText(row), box.itemData(row)) for row in range(box.count())]
    if there != wanted:
        box.clear()
        for text, value in wanted:
            box.addItem(text, value)
    values = [value for _, value in wanted]
    box.setCurrentIndex(values.index(chosen) if chosen in values else 0)
    box.blockSignals(blocked)
