"""The network between frame and labels: layer lists, shapes and parameter counts, without Keras.

How a frame enters: as an image `(T, W, 1)` if the first layer that cares is a 2D layer, else as a sequence `(T, W)`.
In between, `LayerType.adapt` says how an image becomes a sequence and back. Layers that are not active are skipped.
The last active layer has one unit per label, whatever its own number of units says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import UserError
from .issues import Issue, Severity
from .layer_catalog import LAYERS
from .layer_type import ANY, IMAGE, LayerShape, LayerType, Shape
from .recipe import LayerChoice

__all__ = [
    "DLI_DEFAULT",
    "LAYERS",
    "LayerShape",
    "LayerSummary",
    "LayerType",
    "NetworkSummary",
    "PlannedLayer",
    "Shape",
    "default_network",
    "entry_shape",
    "layers_in_use",
    "plan",
    "summarise",
]

MAX_PARAMETERS = 50_000_000
"""Above this many parameters a network is surely a mistake: it would not fit in memory while training."""


@dataclass(frozen=True)
class LayerSummary:
    """One line of the layer list: shapes without the batch; None where not known or not active."""

    index: int
    key: str
    output_shape: Shape | None = None
    trainable: int = 0
    non_trainable: int = 0
    issue: Issue | None = None


@dataclass(frozen=True)
class NetworkSummary:
    """What a layer list makes of a frame; `issues` holds those of the layers and of the whole list."""

    rows: tuple[LayerSummary, ...]
    issues: tuple[Issue, ...]

    @property
    def trainable(self) -> int:
        """Number of parameters that training changes."""
        return sum(row.trainable for row in self.rows)

    @property
    def non_trainable(self) -> int:
        """Number of parameters that only follow the data."""
        return sum(row.non_trainable for row in self.rows)

    @property
    def total(self) -> int:
        """Number of all parameters."""
        return self.trainable + self.non_trainable


@dataclass(frozen=True)
class PlannedLayer:
    """A layer that will be built: place in the list, type, settings, shape it takes and shape it gives."""

    index: int
    kind: LayerType
    options: Any
    takes: Shape
    gives: LayerShape


def layers_in_use(layers: Sequence[LayerChoice], frame_shape: tuple[int, int]) -> tuple[LayerChoice, ...]:
    """Return the layers, or the default network for frames `(time_steps, width)` if the list is empty."""
    return tuple(layers) or default_network(*frame_shape)


def default_network(time_steps: int, width: int) -> tuple[LayerChoice, ...]:
    """Return a small convolutional network for frames `(time_steps, width)`.

    Each step looks for patterns and then halves the axes that are still longer than 4, so that the network never
    shrinks a frame to nothing and stays small on large ones. No BatchNormalization: its running averages follow over
    hundreds of batches, and small data have few; until then validation looks worse than it is and stops early.
    """
    layers: list[LayerChoice] = []
    rows, columns = time_steps, width
    for filters in (16, 32, 32, 32, 32):
        pool = (2 if rows > 4 else 1, 2 if columns > 4 else 1)
        params = {"filters": filters, "kernel_rows": 3, "kernel_columns": 3, "padding": "same", "activation": "relu"}
        layers.append(LayerChoice("conv2d", params))
        if pool != (1, 1):
            layers.append(LayerChoice("max_pooling2d", {"pool_rows": pool[0], "pool_columns": pool[1]}))
        rows, columns = rows // pool[0], columns // pool[1]
        if rows <= 4 and columns <= 4:
            break
    dense = LayerChoice("dense", {"units": 0, "activation": "softmax"})
    return (*layers, LayerChoice("flatten"), LayerChoice("dropout", {"rate": 0.3}), dense)


def _dli_conv(filters: int) -> LayerChoice:
    params = {"filters": filters, "kernel_rows": 2, "kernel_columns": 2, "padding": "same", "activation": "relu"}
    return LayerChoice("conv2d", params)


DLI_DEFAULT: tuple[LayerChoice, ...] = (
    _dli_conv(32),
    LayerChoice("gaussian_noise", {"stddev": 0.3}),
    LayerChoice("dropout", {"rate": 0.1}),
    _dli_conv(64),
    LayerChoice("max_pooling2d", {"pool_rows": 2, "pool_columns": 2}),
    _dli_conv(128),
    LayerChoice("batch_normalization"),
    LayerChoice("flatten"),
    LayerChoice("dropout", {"rate": 0.2}),
    LayerChoice("dense", {"units": 0, "activation": "softmax"}),
)
"""The default network of the Deep Learning Interface, meant for frames larger than about 100 x 50."""


def entry_shape(layers: Sequence[LayerChoice], frame_shape: tuple[int, int], types: Mapping[str, LayerType]) -> Shape:
    """Return the shape in which a frame `(time_steps, width)` enters the first layer; see the module's text."""
    for layer in layers:
        kind = types.get(layer.key)
        if layer.active and kind is not None and kind.takes != ANY:
            return (*frame_shape, 1) if kind.takes == IMAGE else frame_shape
    return frame_shape


def summarise(
    layers: Sequence[LayerChoice],
    *,
    frame_shape: tuple[int, int],
    labels: int,
    layers_types: Mapping[str, LayerType] | None = None,
) -> NetworkSummary:
    """Work out shapes, parameter counts and everything that would not work, without building anything.

    `layers` is the whole list, inactive ones included; `frame_shape` is `(time_steps, width)`. Nothing behind a
    layer that does not fit has a shape. `layers_types` defaults to the layers that ship with the package.
    """
    known = {kind.key: kind for kind in LAYERS} if layers_types is None else layers_types
    rows: list[LayerSummary] = []
    issues: list[Issue] = []
    active = [index for index, layer in enumerate(layers) if layer.active]
    shape: Shape | None = entry_shape(layers, frame_shape, known)
    for index, layer in enumerate(layers):
        if not layer.active:
            rows.append(LayerSummary(index, layer.key))
            continue
        is_last = index == active[-1]
        row, warnings = _summarise_layer(index, layer, shape, known, labels if is_last else None)
        rows.append(row)
        issues += warnings + ([row.issue] if row.issue else [])
        shape = row.output_shape
    issues += _issues_of_list(layers, active, rows, known)
    return NetworkSummary(tuple(rows), tuple(issues))


def plan(
    layers: Sequence[LayerChoice],
    *,
    frame_shape: tuple[int, int],
    labels: int,
    layers_types: Mapping[str, LayerType],
) -> tuple[PlannedLayer, ...]:
    """Return the active layers ready to build; `UserError` with the first issue if anything does not fit."""
    summary = summarise(layers, frame_shape=frame_shape, labels=labels, layers_types=layers_types)
    for issue in summary.issues:
        if issue.severity is Severity.ERROR:
            raise UserError(
                f"The network cannot be built ({issue.where}). {issue.message}", "Mend it in the Model tab."
            )
    planned: list[PlannedLayer] = []
    shape = entry_shape(layers, frame_shape, layers_types)
    for row in summary.rows:
        if row.output_shape is None:
            continue
        kind = layers_types[row.key]
        options = kind.options(layers[row.index].params)[0]
        takes = kind.adapt(shape)
        shape = row.output_shape
        planned.append(
            PlannedLayer(row.index, kind, options, takes, LayerShape(shape, row.trainable, row.non_trainable))
        )
    last = planned[-1]
    planned[-1] = dataclasses.replace(last, options=dataclasses.replace(last.options, units=labels))
    return tuple(planned)


def _summarise_layer(
    index: int, layer: LayerChoice, shape: Shape | None, types: Mapping[str, LayerType], labels: int | None
) -> tuple[LayerSummary, list[Issue]]:
    """Summarise one layer; `labels` is given for the last one only. Returns warnings about its parameters too."""
    where = f"network.{index}"
    kind = types.get(layer.key)
    if kind is None:
        known = ", ".join(types)
        message = f"Expected a known layer: {known}. Received: {layer.key}. Install its plugin or remove it."
        return LayerSummary(index, layer.key, issue=Issue(where, message)), []
    options, warnings = kind.options(layer.params, where)
    if shape is None:
        return LayerSummary(index, layer.key), warnings
    try:
        made = _last_layer(kind, options, shape, labels) if labels is not None else kind.infer(shape, options)
    except UserError as error:
        return LayerSummary(index, layer.key, issue=Issue(where, str(error))), warnings
    return LayerSummary(index, layer.key, made.shape, made.trainable, made.non_trainable), warnings


def _last_layer(kind: LayerType, options: Any, shape: Shape, labels: int) -> LayerShape:
    """Infer the layer that gives the probabilities."""
    if not kind.has_units:
        raise UserError(
            f"Expected a Dense layer at the end, which gives one value per label. Received: {kind.name}.",
            "Add a Dense layer with softmax.",
        )
    made = kind.infer(shape, dataclasses.replace(options, units=max(labels, 1)))
    if len(made.shape) != 1:
        raise UserError(
            f"Expected one line of values in front of the last layer. Received: shape={shape}.",
            "Add a Flatten layer in front of it.",
        )
    return made


def _issues_of_list(
    layers: Sequence[LayerChoice], active: list[int], rows: list[LayerSummary], types: Mapping[str, LayerType]
) -> list[Issue]:
    if not active:
        return [Issue("network", "Expected at least one active layer. Received: none. Add a Dense layer, or reset.")]
    issues: list[Issue] = []
    last = layers[active[-1]]
    kind = types.get(last.key)
    activation = getattr(kind.options(last.params)[0], "activation", "linear") if kind is not None else "softmax"
    if rows[active[-1]].issue is None and activation != "softmax":
        message = (
            f"Expected activation softmax in the last layer. Received: activation={activation}. "
            "Its values will not add up to 1 and are no probabilities."
        )
        issues.append(Issue(f"network.{active[-1]}", message, Severity.WARNING))
    total = sum(row.trainable + row.non_trainable for row in rows)
    if total > MAX_PARAMETERS:
        message = (
            f"Expected at most {MAX_PARAMETERS:,} parameters. Received: {total:,}. Training would run out of memory: "
            "add pooling, or use fewer filters or units."
        )
        issues.append(Issue("network", message))
    return issues
