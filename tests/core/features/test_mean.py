"""The mean of the features is numpy's, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from moving import noise

from exptool_ml_plugin.core.features.mean import mean


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("shape", [(1, 16, 100), (3, 7, 1), (40, 3, 5), (2, 1, 1)])
def test_the_mean_is_that_of_numpy_bit_for_bit(
    dtype: type[np.inexact], axis: int, shape: tuple[int, int, int], *, keepdims: bool
) -> None:
    made = noise(*shape, seed=1)
    values = (made if np.issubdtype(dtype, np.complexfloating) else made.real).astype(dtype)
    for one in (values, values[:, ::-1], np.asfortranarray(values)):
        ours, theirs = mean(one, axis, keepdims=keepdims), one.mean(axis, keepdims=keepdims)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert ours.tobytes() == theirs.tobytes()
