"""A training frame beside examples of its variants, as the settings make them."""

from __future__ import annotations

from qtpy.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ...core.frame_at import Step
from ...workbench.augmenting import VariantsPreview, preview_variants
from ...workbench.long_work import LongWork
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .frame_image import FrameImage
from .work_bar import WorkBar

_SHOWN = 5


class VariantsDialog(QDialog):
    """Shows one frame after the other; the variants are made in the background."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.setWindowTitle("Variants of training frames")
        self.work = LongWork(workbench.report)
        self.preview: VariantsPreview | None = None
        self._number = 0
        self._title = style.text_label("", self)
        self.images = [FrameImage(self, title="Frame" if n == 0 else f"Variant {n}") for n in range(_SHOWN + 1)]
        self.another = QPushButton("Another frame", self)
        self.another.setToolTip("Draw another training frame, and variants of it.")
        self.another.clicked.connect(self._on_another)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        grid = QGridLayout()
        for place, image in enumerate(self.images):
            grid.addWidget(image, place // 3, place % 3)
        column = QVBoxLayout(self)
        column.addWidget(self._title)
        column.addLayout(grid, 1)
        column.addWidget(self.another)
        column.addWidget(WorkBar(self.work, self))
        column.addWidget(buttons)
        self.resize(900, 560)
        connect(self.work.changed, self._on_work, self)
        self._on_another()

    def done(self, result: int) -> None:
        """Close; nothing is made any more."""
        self.work.cancel()
        self.work.wait(5)
        super().done(result)

    @guarded
    def _on_another(self) -> None:
        self._number += 1
        self.work.run("Making variants", self._make)

    def _make(self, step: Step) -> None:
        files = self.workbench.training_data
        self.preview = preview_variants(
            files.data,
            files.recipe_of_run(self.workbench.recipe),
            self.workbench.plugins.parts,
            number=self._number,
            count=_SHOWN,
            step=step,
        )

    def _on_work(self) -> None:
        working = bool(self.work.doing)
        self.another.setEnabled(not working)
        if working or self.preview is None:
            return
        self._title.setText(self.preview.title)
        for image, values in zip(self.images, (self.preview.original, *self.preview.variants), strict=False):
            image.set_frame(values)
