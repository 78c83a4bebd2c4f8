"""A training frame beside examples of its variants, as the settings make them."""

from __future__ import annotations

from qtpy.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from ...core.frame_at import Step
from ...workbench.augmenting import VariantsPreview, preview_variants
from ...workbench.long_work import LongWork
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .variant_pictures import SHOWN, VariantPictures
from .work_bar import WorkBar


class VariantsDialog(QDialog):
    """Shows one frame after the other; the variants are made in the background."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.setWindowTitle("Variants of training frames")
        self.work = LongWork(workbench.report)
        self.preview: VariantsPreview | None = None
        self._number = 0
        self.pictures = VariantPictures(self)
        self.another = QPushButton("Another frame", self)
        self.another.setToolTip("Draw another training frame, and variants of it.")
        self.another.clicked.connect(self._on_another)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.pictures, 1)
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
            count=SHOWN,
            step=step,
        )

    def _on_work(self) -> None:
        working = bool(self.work.doing)
        self.another.setEnabled(not working)
        if not working and self.preview is not None:
            self.pictures.show_preview(self.preview)
