"""Beside the layers: what goes in and out, how it is normalised, and how large the network is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtpy.QtWidgets import QGroupBox, QVBoxLayout, QWidget

from ...core.normalisations import NORMALISATION_DOCS, NORMALISATIONS
from ...core.recipe import NetworkSettings, Recipe
from ...workbench.network_plan import NetworkPlan
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox
from .fact_list import FactList

_BYTES_PER_PARAMETER = 4  # float32


class NetworkSide(QWidget):
    """Facts of the network, and the choice of normalisation, which is handed to `change` with the network."""

    def __init__(
        self, workbench: Workbench, change: Callable[[NetworkSettings], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._change = change
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._make_input())
        column.addWidget(self._make_facts())
        column.addStretch(1)
        connect(workbench.recipe_changed, self._show_recipe, self)
        self._show_recipe(workbench.recipe)

    def show_plan(self, plan: NetworkPlan) -> None:
        """Show the figures of a network."""
        rows, columns = plan.frame_shape
        summary = plan.summary
        self.facts.set("Frame in", f"{rows} time steps × {columns} values")
        self.facts.set(
            "Labels out", f"{len(plan.labels)}: {', '.join(plan.labels)}" if plan.labels else "not known yet"
        )
        self.facts.set("Trainable parameters", f"{summary.trainable:,}")
        self.facts.set("Non-trainable parameters", f"{summary.non_trainable:,}")
        self.facts.set("Total parameters", f"{summary.total:,}")
        self.facts.set("Size of the weights", _size(summary.total * _BYTES_PER_PARAMETER))

    def _make_input(self) -> QGroupBox:
        self.normalisation = CalmComboBox(self)
        self.normalisation.setToolTip("How frames are brought to a common size before the first layer.")
        for key, name in NORMALISATIONS.items():
            self.normalisation.addItem(name, key)
            self.normalisation.setItemData(self.normalisation.count() - 1, NORMALISATION_DOCS[key], 3)  # ToolTipRole
        self.normalisation.activated.connect(self._on_normalisation)
        self._description = style.text_label("", self, color=style.MUTED, wrap=True)
        box = QGroupBox("Normalisation", self)
        column = QVBoxLayout(box)
        column.addWidget(self.normalisation)
        column.addWidget(self._description)
        return box

    def _make_facts(self) -> QGroupBox:
        captions = (
            "Frame in",
            "Labels out",
            "Trainable parameters",
            "Non-trainable parameters",
            "Total parameters",
            "Size of the weights",
        )
        box = QGroupBox("Network", self)
        self.facts = FactList(captions, box, width=None)
        column = QVBoxLayout(box)
        column.addWidget(self.facts)
        return box

    def _show_recipe(self, recipe: Recipe) -> None:
        key = recipe.network.normalisation
        self.normalisation.setCurrentIndex(self.normalisation.findData(key))
        text = NORMALISATION_DOCS.get(key, f"Unknown: “{key}”. Choose another.")
        self._description.setText(text)

    @guarded
    def _on_normalisation(self) -> None:
        self._change(replace(self.workbench.recipe.network, normalisation=self.normalisation.currentData()))


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
