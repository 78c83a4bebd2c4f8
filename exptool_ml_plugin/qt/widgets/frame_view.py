"""The current frame, large, with where it comes from; or mean and spread of its label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QVBoxLayout, QWidget

from ...core.frames import Frame
from ...core.reading import GOOD_FLAGS, Flag, flag_words
from ...workbench.inspecting import Inspecting
from ...workbench.label_statistics import LabelMean
from .. import style
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox
from .frame_image import FrameImage, Outline

VIEWS = {"frame": "This frame", "mean": "Mean of its label", "spread": "Spread of its label"}


class FrameView(QWidget):
    """Moves through the frames that are shown, and draws the one it is at."""

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspecting = inspecting
        self._means: dict[str, LabelMean] = {}
        self._trial: Frame | None = None
        self._make_navigation()
        self.facts = style.text_label("", self, color=style.MUTED, wrap=True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.image = FrameImage(self)
        self.view_box = CalmComboBox(self)
        for key, text in VIEWS.items():
            self.view_box.addItem(text, key)
        self.view_box.setToolTip("Draw the frame, or what the frames of its label have in common, or how they differ")
        self._lay_out()
        self.slider.valueChanged.connect(self._on_number)
        self.spin.valueChanged.connect(self._on_number)
        self.previous_button.clicked.connect(self._on_previous)
        self.next_button.clicked.connect(self._on_next)
        self.view_box.activated.connect(self._on_view)
        connect(inspecting.listed, self.refresh, self)
        connect(inspecting.moved, self.refresh, self)

    def refresh(self) -> None:
        """Show where we are."""
        self._trial = None
        count, place = len(self._inspecting.shown), self._inspecting.place
        for control in (self.slider, self.spin):
            blocked = control.blockSignals(True)
            control.setRange(min(1, count), count)
            control.setValue(place + 1 if count else 0)
            control.setEnabled(count > 0)
            control.blockSignals(blocked)
        self._of.setText(f"of {count:,}")
        self.previous_button.setEnabled(place > 0)
        self.next_button.setEnabled(place < count - 1)
        self._draw()

    def show_trial(self, frame: Frame | None) -> None:
        """Show a frame that is not in the session, None for the current one again."""
        self._trial = frame
        self._draw()

    def set_outlines(self, outlines: Sequence[Outline], *, newest_first: bool) -> None:
        """Frame the features in the picture."""
        self.image.set_outlines(outlines)
        self.image.set_newest_first(newest_first)

    def forget_means(self) -> None:
        """The frames were changed: mean and spread are others."""
        self._means = {}

    def _make_navigation(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.spin = QSpinBox(self)
        self.spin.setKeyboardTracking(False)
        for control in (self.slider, self.spin):
            control.setToolTip("The frame in view, among those shown")
        self.previous_button = QPushButton("<", self)
        self.previous_button.setToolTip("Previous frame")
        self.next_button = QPushButton(">", self)
        self.next_button.setToolTip("Next frame")
        for button in (self.previous_button, self.next_button):
            button.setFixedWidth(34)
        self._of = style.text_label("", self, color=style.MUTED)

    def _lay_out(self) -> None:
        navigation = QHBoxLayout()
        navigation.addWidget(QLabel("Frame", self))
        navigation.addWidget(self.previous_button)
        navigation.addWidget(self.slider, 1)
        navigation.addWidget(self.next_button)
        navigation.addWidget(self.spin)
        navigation.addWidget(self._of)
        navigation.addWidget(self.view_box)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(navigation)
        rows.addWidget(self.facts)
        rows.addWidget(self.image, 1)

    def _draw(self) -> None:
        index, session = self._inspecting.current, self._inspecting.session
        self.image.reset_levels()
        if self._trial is not None:
            self.image.set_frame(self._trial.values)
            self.facts.setText(self._describe_trial(self._trial))
        elif index is None or index >= len(session):
            empty = "The session has no frames: collect some, or open a session"
            self.image.set_empty(empty if not len(session) else "No frame passes the filter")
            self.facts.setText("")
        else:
            self._draw_view(index)
            self.facts.setText(self._describe(index))

    def _draw_view(self, index: int) -> None:
        view, label = self.view_box.currentData(), self._inspecting.session.label(index)
        if view != "frame" and label not in self._means:
            self._means = self._inspecting.means()
        if view == "mean":
            self.image.set_frame(self._means[label].mean)
        elif view == "spread":
            self.image.set_frame(self._means[label].spread)
        else:
            self.image.set_frame(np.asarray(self._inspecting.session.values[index]))

    def _describe(self, index: int) -> str:
        session = self._inspecting.session
        recording = session.recordings[int(session.recording_of[index])]
        first = int(session.first_reading[index])
        steps, width = session.values.shape[1:]
        parts = [f"Recording “{recording.name}”"]
        if first < len(recording):
            parts.append(f"at {float(recording.time_s[first]):.2f} s")
        parts.append(f"readings {first:,} to {first + steps - 1:,}")
        parts.append(f"{steps} time steps × {width} features")
        flags = int(session.flags[index])
        if flags & Flag.VARIANT:
            parts.append("a variant of the frame there")
        if flags & GOOD_FLAGS:
            parts.append(f"flagged: {flag_words(flags & GOOD_FLAGS)}")
        predicted, distance = self._inspecting.prediction(index), self._inspecting.distance(index)
        if predicted is not None:
            parts.append(f"predicted “{predicted[0]}” with {predicted[1]:.0%}")
        if distance is not None:
            parts.append(f"{distance:.1f} spreads from the mean of its label")
        return " · ".join(parts)

    def _describe_trial(self, frame: Frame) -> str:
        last = frame.first_reading + len(frame.values) - 1
        flagged = f" · flagged: {flag_words(frame.flags)}" if frame.flags else ""
        return f"Not in the session: readings {frame.first_reading:,} to {last:,}, at {frame.time_s:.2f} s{flagged}"

    @guarded
    def _on_number(self, number: int) -> None:
        self._inspecting.go_to_place(number - 1)

    @guarded
    def _on_previous(self) -> None:
        self._inspecting.go_to_place(self._inspecting.place - 1)

    @guarded
    def _on_next(self) -> None:
        self._inspecting.go_to_place(self._inspecting.place + 1)

    @guarded
    def _on_view(self) -> None:
        self._draw()
