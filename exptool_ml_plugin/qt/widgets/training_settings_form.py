"""How the network is trained: the settings in groups, one recipe behind them."""

from __future__ import annotations

from dataclasses import replace

from qtpy.QtWidgets import QGroupBox, QPushButton, QVBoxLayout, QWidget

from ...core.augmentation_settings import AugmentationSettings
from ...core.recipe import OPTIMIZERS, Recipe, TrainingSettings
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .options_form import OptionsForm
from .variants_dialog import VariantsDialog

GROUPS = {
    "Optimisation": (
        "epochs",
        "batch_size",
        "optimizer",
        "learning_rate",
        "class_weights",
        "leave_out_flagged",
        "seed",
    ),
    "Early stopping": ("early_stopping", "monitor", "patience", "min_delta"),
    "Validation": ("validation", "split", "holdout", "validation_fraction", "folds", "fold"),
}

_FIELDS_OF = {"part": ("validation_fraction",), "fold": ("folds", "fold"), "group": ("fold",)}
"""The fields that say how much is held out."""


class TrainingSettingsForm(QWidget):
    """Edits the training settings of the workbench's recipe."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.forms: dict[str, OptionsForm] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for title, names in GROUPS.items():
            column.addWidget(self._make_group(title, names))
        self.augmentation = OptionsForm(AugmentationSettings, self)
        self.augmentation.changed.connect(self._on_augmentation)
        box = QGroupBox("Augmentation", self)
        self.preview = QPushButton("Preview variants…", box)
        self.preview.setToolTip("Show training frames beside variants of them, as these settings make them.")
        self.preview.clicked.connect(self._on_preview)
        rows = QVBoxLayout(box)
        rows.addWidget(self.augmentation)
        rows.addWidget(self.preview)
        column.addWidget(box)
        connect(workbench.recipe_changed, self._show_recipe, self)
        self._show_recipe(workbench.recipe)

    def form_of(self, name: str) -> OptionsForm:
        """Return the form with a field."""
        return next(form for form in self.forms.values() if name in form.names)

    def _make_group(self, title: str, names: tuple[str, ...]) -> QGroupBox:
        box = QGroupBox(title, self)
        form = OptionsForm(TrainingSettings, box, only=names)
        form.changed.connect(self._on_changed)
        QVBoxLayout(box).addWidget(form)
        self.forms[title] = form
        return box

    def _show_recipe(self, recipe: Recipe) -> None:
        settings = recipe.training
        for form in self.forms.values():
            form.set_value(settings)
        self.augmentation.set_value(recipe.augmentation)
        for name in self.augmentation.names:
            self.augmentation.set_field_visible(name, name == "copies" or recipe.augmentation.copies > 0)
        self.preview.setVisible(recipe.augmentation.copies > 0)
        stopping = self.forms["Early stopping"]
        for name in ("patience", "min_delta"):
            stopping.set_field_enabled(name, settings.early_stopping)
        used = {"split", "holdout", *_FIELDS_OF[settings.holdout]} if settings.validation == "split" else set()
        for name in ("split", "holdout", "validation_fraction", "folds", "fold"):
            self.forms["Validation"].set_field_visible(name, name in used)

    @guarded
    def _on_changed(self, settings: TrainingSettings) -> None:
        if settings.optimizer != self.workbench.recipe.training.optimizer:
            # Each optimizer has steps of its own size; the rate of another one would be off by orders of magnitude.
            settings = replace(settings, learning_rate=OPTIMIZERS[settings.optimizer])
        self.workbench.change_recipe(training=settings)

    @guarded
    def _on_augmentation(self, settings: AugmentationSettings) -> None:
        self.workbench.change_recipe(augmentation=settings)

    @guarded
    def _on_preview(self) -> None:
        VariantsDialog(self.workbench, self).exec()
