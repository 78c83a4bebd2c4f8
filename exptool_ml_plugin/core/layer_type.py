"""What a kind of layer is: its settings, what it makes of a shape, and how Keras calls it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import UserError
from .issues import Issue
from .options import coerce

Shape = tuple[int, ...]
"""Shape of what flows between layers, without the batch: `(T, W, C)` image, `(T, C)` sequence, `(n,)` vector."""

IMAGE = "image"
SEQUENCE = "sequence"
ANY = "any"


@dataclass(frozen=True)
class LayerShape:
    """What a layer makes of its input: the output shape and the number of parameters."""

    shape: Shape
    trainable: int = 0
    non_trainable: int = 0


@dataclass(frozen=True)
class LayerType:
    """A kind of layer, as the Model tab offers it and the training builds it.

    `keras_class` is a class of `keras.layers` ("Conv2D") or of another package ("package.module:Class").
    `settings` is a frozen dataclass of `core.options.option` fields. `takes` says what the layer works on: "image"
    `(T, W, C)`, "sequence" `(T, C)` or "any". `make_shape` maps an input shape of that kind and the settings to a
    `LayerShape`; it raises `UserError` when the layer does not fit. `pairs` names two settings each that Keras (and
    the layer files of the Deep Learning Interface) take as one pair: {"kernel_size": ("kernel_rows",
    "kernel_columns")}.
    """

    key: str
    name: str
    description: str
    keras_class: str
    settings: type
    takes: str
    make_shape: Callable[[Shape, Any], LayerShape]
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def has_units(self) -> bool:
        """Whether the layer can be the last one, whose number of units follows the labels."""
        return any(item.name == "units" for item in dataclasses.fields(self.settings))

    def options(self, params: Mapping[str, Any], where: str = "") -> tuple[Any, list[Issue]]:
        """Make settings of a layer's parameters, pairs (`kernel_size: [2, 2]`) taken apart; issues as in `coerce`."""
        return coerce(self.settings, self.from_keras(params), where)

    def from_keras(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Take pairs apart: {"kernel_size": (2, 3)} becomes {"kernel_rows": 2, "kernel_columns": 3}."""
        values: dict[str, Any] = {}
        for name, value in params.items():
            if name not in self.pairs:
                values[name] = value
                continue
            both = value if isinstance(value, (list, tuple)) and len(value) == 2 else (value, value)
            values.update(zip(self.pairs[name], both, strict=True))
        return values

    def to_keras(self, options: Any) -> dict[str, Any]:
        """Return the arguments Keras takes, pairs put together as tuples."""
        values = dataclasses.asdict(options)
        pairs = {name: (values.pop(rows), values.pop(columns)) for name, (rows, columns) in self.pairs.items()}
        return {**values, **pairs}

    def adapt(self, shape: Shape) -> Shape:
        """Return the shape as this kind of layer takes it; the builder reshapes by the same rule.

        A 2D layer sees a sequence `(T, C)` as an image of one channel, `(T, C, 1)`. A 1D or recurrent layer sees an
        image `(T, W, C)` as a sequence `(T, W * C)`. A vector has no rows any more and fits neither.
        """
        if self.takes == ANY:
            return shape
        if len(shape) == 1:
            raise UserError(
                f"Expected rows and columns in front of {self.name}. Received: shape={shape}.",
                "Move the layer in front of Flatten, pooling over everything, or the recurrent layer.",
            )
        if self.takes == IMAGE:
            return shape if len(shape) == 3 else (*shape, 1)
        return shape if len(shape) == 2 else (shape[0], shape[1] * shape[2])

    def infer(self, shape: Shape, options: Any) -> LayerShape:
        """Return what the layer makes of `shape`; raise `UserError` if it does not fit, e.g. nothing would be left."""
        return self.make_shape(self.adapt(shape), options)
