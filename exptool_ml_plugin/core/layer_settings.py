"""The settings of the layers that ship with the package: parameters and defaults of the Deep Learning Interface."""

from __future__ import annotations

from dataclasses import dataclass

from .options import option

ACTIVATIONS = (
    "linear",
    "relu",
    "softmax",
    "exponential",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "tanh",
    "sigmoid",
    "hard_sigmoid",
)
PADDING_2D = {"same": "Same size", "valid": "Only whole kernels"}
PADDING_1D = {**PADDING_2D, "causal": "Causal (sees no later row)"}


def _activation(default: str, *, text: str = "Activation", doc: str = "Applied to each output value.") -> str:
    chosen: str = option(default, text=text, doc=doc, choices={name: name for name in ACTIVATIONS})
    return chosen


def _count(default: int, *, text: str, doc: str, unit: str = "") -> int:
    count: int = option(default, text=text, doc=doc, unit=unit, minimum=1, maximum=4096)
    return count


def _filters(default: int = 32) -> int:
    return _count(default, text="Filters", doc="Number of patterns looked for; channels of the output.")


@dataclass(frozen=True)
class Conv1DSettings:
    """Settings of a convolution along time."""

    filters: int = _filters()
    kernel_size: int = _count(8, text="Kernel", unit="rows", doc="Rows each pattern spans.")
    padding: str = option("valid", text="Padding", doc="What happens at the edges.", choices=PADDING_1D)
    activation: str = _activation("relu")


@dataclass(frozen=True)
class Conv2DSettings:
    """Settings of a convolution over the picture that a frame is."""

    filters: int = _filters()
    kernel_rows: int = _count(2, text="Kernel rows", unit="rows", doc="Time steps each pattern spans.")
    kernel_columns: int = _count(2, text="Kernel columns", unit="values", doc="Row values each pattern spans.")
    stride_rows: int = _count(1, text="Stride rows", unit="rows", doc="Time steps from one position to the next.")
    stride_columns: int = _count(1, text="Stride columns", unit="values", doc="Row values from position to position.")
    padding: str = option("valid", text="Padding", doc="What happens at the edges.", choices=PADDING_2D)
    activation: str = _activation("relu")


@dataclass(frozen=True)
class GaussianNoiseSettings:
    """Settings of noise added while training."""

    stddev: float = option(
        0.3, text="Standard deviation", doc="Of the noise added while training.", minimum=0.0, maximum=1.0
    )


@dataclass(frozen=True)
class NoSettings:
    """A layer without settings."""


@dataclass(frozen=True)
class MaxPooling2DSettings:
    """Settings of taking the largest of a rectangle."""

    pool_rows: int = _count(2, text="Pool rows", unit="rows", doc="Time steps of which the largest value is kept.")
    pool_columns: int = _count(2, text="Pool columns", unit="values", doc="Row values of which the largest is kept.")


@dataclass(frozen=True)
class MaxPooling1DSettings:
    """Settings of taking the largest along time."""

    pool_size: int = _count(2, text="Pool", unit="rows", doc="Time steps of which the largest value is kept.")


@dataclass(frozen=True)
class DropoutSettings:
    """Settings of leaving out values while training."""

    rate: float = option(
        0.2, text="Rate", doc="Part of the values left out in each training step.", minimum=0.0, maximum=0.99
    )


@dataclass(frozen=True)
class DenseSettings:
    """Settings of a fully connected layer."""

    units: int = option(
        0, text="Units", doc="Output values; 0 in the last layer: the number of labels.", minimum=0, maximum=65536
    )
    activation: str = _activation("softmax")


@dataclass(frozen=True)
class RecurrentSettings:
    """Settings of a layer that reads a frame row by row and remembers."""

    units: int = _count(32, text="Units", doc="Values remembered from row to row; channels of the output.")
    activation: str = _activation("tanh")
    recurrent_activation: str = _activation("sigmoid", text="Gate activation", doc="Applied to the gates.")
    return_sequences: bool = option(
        False, text="Every row", doc="Give an output for every row instead of the last one only."
    )
