"""The frame that is being filled, live, with words on what is happening."""

from __future__ import annotations

from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ...workbench.snapshot import Snapshot
from .. import style
from .frame_image import FrameImage
from .model_info_box import ElidedLabel


class LiveFrame(QWidget):
    """The newest rows as a picture, and above it "Waiting" or "Collecting" with figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = style.text_label("", self, bold=True)
        self._detail = ElidedLabel(self)
        style.set_text_color(self._detail, style.MUTED)
        for label in (self._status, self._detail):
            # Figures of changing length must not push the picture about.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.image = FrameImage(self)
        self.image.set_empty()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self._status)
        rows.addWidget(self._detail)
        rows.addWidget(self.image, 1)
        self.set_idle("No measurement")

    @property
    def status(self) -> str:
        """The words shown: "Waiting for the trigger", "Collecting 12 of 40 rows", …"""
        return str(self._status.text())

    @property
    def detail(self) -> str:
        """The figures shown: rate, score, what is late."""
        return self._detail.full_text

    def set_idle(self, status: str, detail: str = "") -> None:
        """Say that nothing comes; the last picture stays."""
        self._say(status, detail, style.MUTED)

    def set_snapshot(self, snapshot: Snapshot) -> None:
        """Show the window of the running measurement."""
        steps = snapshot.window.shape[0]
        if snapshot.filling:
            self._say(f"Collecting {snapshot.filling} of {steps} rows", _figures(snapshot), style.ACCENT)
        else:
            self._say(snapshot.waiting, _figures(snapshot), style.TEXT)
        self.image.set_frame(snapshot.window, filling=snapshot.filling)

    def _say(self, status: str, detail: str, color: str) -> None:
        if status != self._status.text():
            self._status.setText(status)
            style.set_text_color(self._status, color)
        if detail != self._detail.full_text:
            self._detail.set_text(detail)


def _figures(snapshot: Snapshot) -> str:
    figures = [f"{snapshot.rate_hz:.0f} readings/s"]
    if snapshot.score is not None and snapshot.threshold is not None:
        figures.append(f"score {snapshot.score:.1f}, threshold {snapshot.threshold:.1f}")
    if snapshot.dropped:
        figures.append(f"{snapshot.dropped:,} readings skipped: the features are too slow")
    if snapshot.behind > 50:
        figures.append(f"{snapshot.behind:,} readings wait to be processed")
    return " · ".join(figures)
