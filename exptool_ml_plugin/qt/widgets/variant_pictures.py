"""A frame beside variants of it."""

from __future__ import annotations

from qtpy.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ...workbench.augmenting import VariantsPreview
from .. import style
from .frame_image import FrameImage

SHOWN = 5
"""Variants beside the frame."""


class VariantPictures(QWidget):
    """Six pictures and a line that says which frame it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = style.text_label("", self)
        self.images = [FrameImage(self, title="Frame" if n == 0 else f"Variant {n}") for n in range(SHOWN + 1)]
        grid = QGridLayout()
        for place, image in enumerate(self.images):
            grid.addWidget(image, place // 3, place % 3)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.title)
        rows.addLayout(grid, 1)

    def show_preview(self, preview: VariantsPreview) -> None:
        """Show a frame and its variants."""
        self.title.setText(preview.title)
        for image, values in zip(self.images, (preview.original, *preview.variants), strict=False):
            image.set_frame(values)
