"""One layer of the network: its parameters, the shape it gives and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from ...core.issues import Issue
from ...core.layer_type import LayerType
from ...core.network import LayerSummary
from ...core.recipe import LayerChoice
from .. import style
from .options_form import OptionsForm, named_values
from .part_card import PartCard

SHAPE_WIDTH = 100
COUNT_WIDTH = 74

_FAMILIES = {
    "conv2d": ("Convolution", style.SERIES[0]),
    "conv1d": ("Convolution", style.SERIES[0]),
    "max_pooling2d": ("Pooling", style.SERIES[9]),
    "max_pooling1d": ("Pooling", style.SERIES[9]),
    "global_average_pooling2d": ("Pooling", style.SERIES[9]),
    "lstm": ("Recurrent", style.SERIES[4]),
    "gru": ("Recurrent", style.SERIES[4]),
    "gaussian_noise": ("While training only", style.SERIES[1]),
    "dropout": ("While training only", style.SERIES[1]),
    "batch_normalization": ("Normalisation", style.SERIES[5]),
    "flatten": ("Reshaping", style.SERIES[7]),
    "dense": ("Fully connected", style.SERIES[2]),
}
_GUEST = ("From a plugin", style.SERIES[6])
_OUTPUT = "Output: one value per label"


class LayerCard(PartCard):
    """Edits one `LayerChoice`; `kind` is None where the layer is not installed."""

    def __init__(self, choice: LayerChoice, kind: LayerType | None, parent: QWidget | None = None) -> None:
        super().__init__(parent, switch_hint="Use this layer", fact_widths=(SHAPE_WIDTH, COUNT_WIDTH))
        self._choice = choice
        self._kind = kind
        self._family, color = _FAMILIES.get(choice.key, _GUEST)
        self.set_color(color)
        if kind is None:
            self.set_title(choice.key, subtitle="Not installed")
        else:
            self.set_title(kind.name, subtitle=self._family, tooltip=kind.description)
            self._make_form(kind)
        self.set_choice(choice)

    def choice(self) -> LayerChoice:
        """The layer as it stands on the card; parameters nobody touched stay as they were written."""
        choice: LayerChoice = self._choice
        params = choice.params
        if self._kind is not None and self._form is not None:
            now = self._form.value()
            if now != self._kind.options(params)[0]:
                params = named_values(now, self._kind.from_keras(params))
        return replace(choice, params=params, active=self.active)

    def set_choice(self, choice: LayerChoice) -> None:
        """Show a layer, without a signal."""
        self._choice = choice
        if self._kind is not None and self._form is not None:
            settings: Any = self._kind.options(choice.params)[0]
            self._form.set_value(settings)
        self.set_active(choice.active)

    def set_summary(self, row: LayerSummary, issues: Iterable[Issue], *, is_last: bool) -> None:
        """Show shape, number of parameters and what is wrong; the last layer's units follow the labels."""
        shape = "" if row.output_shape is None else " × ".join(str(length) for length in row.output_shape)
        count = row.trainable + row.non_trainable
        self.set_facts(shape, f"{count:,}" if row.output_shape is not None else "")
        self.set_issues(issues)
        if self._kind is None or self._form is None:
            return
        if "units" in self._form.names:
            self._form.set_field_visible("units", not is_last)
        subtitle = _OUTPUT if is_last else self._family
        self.set_title(self._kind.name, subtitle=subtitle, tooltip=self._kind.description)

    def _make_form(self, kind: LayerType) -> None:
        form = OptionsForm(kind.settings, self.body, inline=True, pairs=kind.pairs.values())
        self._take_form(form)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(form)
