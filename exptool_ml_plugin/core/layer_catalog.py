"""The layers that ship with the package, with the shapes and parameter counts that Keras gives them."""

from __future__ import annotations

import math

from .errors import UserError
from .layer_settings import (
    Conv1DSettings,
    Conv2DSettings,
    DenseSettings,
    DropoutSettings,
    GaussianNoiseSettings,
    MaxPooling1DSettings,
    MaxPooling2DSettings,
    NoSettings,
    RecurrentSettings,
)
from .layer_type import ANY, IMAGE, SEQUENCE, LayerShape, LayerType, Shape


def _positions(size: int, kernel: int, stride: int, padding: str, *, axis: str) -> int:
    """Number of places a kernel of `kernel` values has on an axis of `size` values."""
    if padding != "valid":
        return math.ceil(size / stride)
    if size < kernel:
        raise UserError(
            f"Expected at least {kernel} {axis}, the size of the kernel or pool. Received: {axis}={size}. "
            "Nothing would be left.",
            "Make it smaller, choose padding “Same size”, or remove a pooling layer before it.",
        )
    return (size - kernel) // stride + 1


def _conv1d(shape: Shape, options: Conv1DSettings) -> LayerShape:
    rows = _positions(shape[0], options.kernel_size, 1, options.padding, axis="rows")
    return LayerShape((rows, options.filters), (options.kernel_size * shape[1] + 1) * options.filters)


def _conv2d(shape: Shape, options: Conv2DSettings) -> LayerShape:
    rows = _positions(shape[0], options.kernel_rows, options.stride_rows, options.padding, axis="rows")
    columns = _positions(shape[1], options.kernel_columns, options.stride_columns, options.padding, axis="columns")
    inputs = options.kernel_rows * options.kernel_columns * shape[2]
    return LayerShape((rows, columns, options.filters), (inputs + 1) * options.filters)


def _unchanged(shape: Shape, _options: object) -> LayerShape:
    return LayerShape(shape)


def _batch_normalization(shape: Shape, _options: NoSettings) -> LayerShape:
    return LayerShape(shape, trainable=2 * shape[-1], non_trainable=2 * shape[-1])


def _flatten(shape: Shape, _options: NoSettings) -> LayerShape:
    return LayerShape((math.prod(shape),))


def _max_pooling2d(shape: Shape, options: MaxPooling2DSettings) -> LayerShape:
    rows = _positions(shape[0], options.pool_rows, options.pool_rows, "valid", axis="rows")
    columns = _positions(shape[1], options.pool_columns, options.pool_columns, "valid", axis="columns")
    return LayerShape((rows, columns, shape[2]))


def _max_pooling1d(shape: Shape, options: MaxPooling1DSettings) -> LayerShape:
    return LayerShape((_positions(shape[0], options.pool_size, options.pool_size, "valid", axis="rows"), shape[1]))


def _global_average_pooling2d(shape: Shape, _options: NoSettings) -> LayerShape:
    return LayerShape((shape[2],))


def _dense(shape: Shape, options: DenseSettings) -> LayerShape:
    if options.units < 1:
        raise UserError(
            "Expected at least 1 unit in a Dense layer that is not the last. Received: units=0.",
            "Give it a number of units; only the last layer follows the labels.",
        )
    return LayerShape((*shape[:-1], options.units), (shape[-1] + 1) * options.units)


def _recurrent_shape(shape: Shape, options: RecurrentSettings) -> Shape:
    return (shape[0], options.units) if options.return_sequences else (options.units,)


def _lstm(shape: Shape, options: RecurrentSettings) -> LayerShape:
    """Four gates, each with weights of the input, of the memory and a bias."""
    count = 4 * options.units * (shape[1] + options.units + 1)
    return LayerShape(_recurrent_shape(shape, options), count)


def _gru(shape: Shape, options: RecurrentSettings) -> LayerShape:
    """Three gates with two biases each: Keras' `reset_after=True`."""
    count = 3 * options.units * (shape[1] + options.units + 2)
    return LayerShape(_recurrent_shape(shape, options), count)


LAYERS: tuple[LayerType, ...] = (
    LayerType(
        "conv2d",
        "Conv2D",
        "Finds small patterns anywhere in the frame seen as a picture.",
        "Conv2D",
        Conv2DSettings,
        IMAGE,
        _conv2d,
        {"kernel_size": ("kernel_rows", "kernel_columns"), "strides": ("stride_rows", "stride_columns")},
    ),
    LayerType(
        "max_pooling2d",
        "MaxPooling2D",
        "Makes the picture smaller: keeps the largest of each rectangle.",
        "MaxPooling2D",
        MaxPooling2DSettings,
        IMAGE,
        _max_pooling2d,
        {"pool_size": ("pool_rows", "pool_columns")},
    ),
    LayerType(
        "global_average_pooling2d",
        "GlobalAveragePooling2D",
        "Averages each channel over the whole picture; ends the picture with few values.",
        "GlobalAveragePooling2D",
        NoSettings,
        IMAGE,
        _global_average_pooling2d,
    ),
    LayerType(
        "conv1d",
        "Conv1D",
        "Finds patterns along time, over all values of the rows at once.",
        "Conv1D",
        Conv1DSettings,
        SEQUENCE,
        _conv1d,
    ),
    LayerType(
        "max_pooling1d",
        "MaxPooling1D",
        "Makes the sequence shorter: keeps the largest of neighbouring rows.",
        "MaxPooling1D",
        MaxPooling1DSettings,
        SEQUENCE,
        _max_pooling1d,
    ),
    LayerType(
        "lstm",
        "LSTM",
        "Reads the rows in order and remembers what matters.",
        "LSTM",
        RecurrentSettings,
        SEQUENCE,
        _lstm,
    ),
    LayerType("gru", "GRU", "Like LSTM, with fewer parameters.", "GRU", RecurrentSettings, SEQUENCE, _gru),
    LayerType(
        "gaussian_noise",
        "GaussianNoise",
        "Adds noise while training, against learning by heart.",
        "GaussianNoise",
        GaussianNoiseSettings,
        ANY,
        _unchanged,
    ),
    LayerType(
        "dropout",
        "Dropout",
        "Leaves out values while training, against learning by heart.",
        "Dropout",
        DropoutSettings,
        ANY,
        _unchanged,
    ),
    LayerType(
        "batch_normalization",
        "BatchNormalization",
        "Keeps values in a useful range; makes training calmer and faster.",
        "BatchNormalization",
        NoSettings,
        ANY,
        _batch_normalization,
    ),
    LayerType(
        "flatten", "Flatten", "Puts all values in one line, for Dense layers.", "Flatten", NoSettings, ANY, _flatten
    ),
    LayerType(
        "dense",
        "Dense",
        "Connects every value with every output; the last layer gives one value per label.",
        "Dense",
        DenseSettings,
        ANY,
        _dense,
    ),
)
"""Layers of the Deep Learning Interface, the recurrent ones it had switched off, and two kinds of pooling."""
