"""Build the network layer by layer, and see at once whether it can work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..core.network import DLI_DEFAULT, default_network
from ..core.recipe import LayerChoice, NetworkSettings
from ..workbench.layer_file import load_layers, save_layers
from ..workbench.network_plan import NetworkPlan, plan_network
from ..workbench.recipe_steps import RecipeSteps
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded
from .file_dialogs import ask_open, ask_save
from .widgets.add_menu import AddButton, PresetButton
from .widgets.issue_label import IssueLabel
from .widgets.layer_card import COUNT_WIDTH, SHAPE_WIDTH, LayerCard
from .widgets.network_side import NetworkSide
from .widgets.part_list import CardHeader, PartList
from .widgets.undo_buttons import UndoButtons

LAYER_FILES = "Layers (*.yaml *.yml)"
_HIDDEN_UNITS = 32
_COLUMNS = {"Output shape": SHAPE_WIDTH, "Parameters": COUNT_WIDTH}


class ModelTab(QWidget):
    """The list of layers; shapes, parameter counts and faults follow every edit."""

    shows_sensor = False

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._visible = False
        self._steps = RecipeSteps(workbench, "network")
        self._plan: NetworkPlan = plan_network(workbench)
        self.layers = PartList(self._make_card, self, header=CardHeader("Layer", "Settings", _COLUMNS))
        self.layers.changed.connect(self._on_layers_edited)
        self.side = NetworkSide(workbench, self._change, self)
        self._note = style.text_label("", self, color=style.MUTED, wrap=True)
        self._issues = IssueLabel(self)
        self._lay_out()
        for signal in ("recipe_changed", "setup_changed", "data_changed", "model_changed", "session_changed"):
            connect(getattr(workbench, signal), self._on_changed, self)
        self._refresh()

    def shown(self) -> None:
        """Show what changed while another tab was in view."""
        self._visible = True
        self._refresh()

    def hidden(self) -> None:
        """Another tab is in view: a session that grows there costs nothing here."""
        self._visible = False

    @property
    def plan(self) -> NetworkPlan:
        """The network as it is shown."""
        return self._plan

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(self._make_bar())
        rows.addWidget(self._note)
        rows.addWidget(self._issues)
        rows.addWidget(self.layers, 1)

    def _make_bar(self) -> QHBoxLayout:
        self.add_button = AddButton("Add layer", self.workbench.plugins.layers, self)
        self.add_button.chosen.connect(self._on_add)
        self.reset_button = PresetButton(
            "Reset",
            {
                "Default network for these frames": self._on_reset,
                "Default network of the Deep Learning Interface": self._on_reset_to_dli,
            },
            self,
        )
        self.undo = UndoButtons(self._steps, self)
        self.load_button = self._button("Load layers…", "Open a layer file (YAML)", self._on_load)
        self.save_button = self._button("Save layers…", "Save the layers as a file (YAML)", self._on_save)
        bar = QHBoxLayout()
        bar.addWidget(style.text_label("Network", self, bold=True, size=3))
        bar.addStretch(1)
        bar.addWidget(self.undo)
        for button in (self.reset_button, self.load_button, self.save_button, self.add_button):
            bar.addWidget(button)
        return bar

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    def _make_card(self, choice: LayerChoice) -> LayerCard:
        return LayerCard(choice, self.workbench.plugins.layers.get(choice.key), self)

    def _on_changed(self) -> None:
        if self._visible:
            self._refresh()

    def _refresh(self) -> None:
        self._plan = plan = plan_network(self.workbench)
        self.layers.set_choices(plan.layers)
        for row, card in zip(plan.summary.rows, self.layers.cards, strict=True):
            card.set_summary(row, plan.issues_of(row.index), is_last=row.index == plan.last_active)
        self._issues.set_issues(plan.issues_of_list)
        self.side.show_plan(plan)
        self.undo.refresh()
        self._show_note(plan)

    def _show_note(self, plan: NetworkPlan) -> None:
        notes = [plan.assumed]
        if plan.is_default:
            notes.append("This is the default network; it follows the size of the frames until you change it.")
        model = self.workbench.model
        if model is not None and model.info.recipe.network != self.workbench.recipe.network:
            notes.append("The network differs from that of the loaded model; training will begin afresh.")
        self._note.setText(" ".join(note for note in notes if note))
        self._note.setVisible(bool(self._note.text()))

    # --- the user has done something ---------------------------------------------------------------------------

    @guarded
    def _on_layers_edited(self, layers: tuple[LayerChoice, ...]) -> None:
        default = default_network(*self._plan.frame_shape)
        self._change(replace(self.workbench.recipe.network, layers=() if layers == default else layers))

    def _change(self, network: NetworkSettings) -> None:
        self._steps.change(network=network)
        self._refresh()

    @guarded
    def _on_add(self, key: str) -> None:
        """Put a new layer in front of the output, or at the end where there is none."""
        last = self._plan.last_active
        kind = self.workbench.plugins.layers[key]
        if last is None or not self.workbench.plugins.layers[self._plan.layers[last].key].has_units:
            self.layers.add(LayerChoice(key))
            return
        hidden = kind.key == "dense"
        params = {"units": _HIDDEN_UNITS, "activation": "relu"} if hidden else {}
        self.layers.add(LayerChoice(key, params), at=last)

    @guarded
    def _on_reset(self) -> None:
        self._on_layers_edited(default_network(*self._plan.frame_shape))

    @guarded
    def _on_reset_to_dli(self) -> None:
        self._on_layers_edited(DLI_DEFAULT)

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load layers", LAYER_FILES)
        if path is not None:
            self.load(path)

    def load(self, path: Path) -> None:
        """Put the layers of a file in place; what of it does not fit is said above the list."""
        layers, issues = load_layers(path, self.workbench.plugins.layers)
        self._on_layers_edited(layers)
        if issues:
            self._issues.set_issues(issues)

    @guarded
    def _on_save(self) -> None:
        path = ask_save(self, "Save layers", "layers.yaml", LAYER_FILES)
        if path is not None:
            save_layers(self._plan.layers, path, self.workbench.plugins.layers, overwrite=True)
