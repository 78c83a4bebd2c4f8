"""The mean along an axis, at the price of a sum."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.inexact)

_sum: Any = np.add.reduce


def mean(values: NDArray[Number], axis: int, *, keepdims: bool = False) -> NDArray[Number]:
    """Return `values.mean(axis)`, bit for bit, of floats or complex numbers.

    What numpy does around the sum costs more than the sum where there is a single reading.
    """
    total: NDArray[Number] = _sum(values, axis=axis, keepdims=keepdims)
    # numpy's number has double precision, and so has its division, whatever is divided.
    np.true_divide(total, np.intp(values.shape[axis]), out=total, casting="unsafe")
    return total
