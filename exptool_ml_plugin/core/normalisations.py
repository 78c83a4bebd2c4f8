"""Ways of bringing frames to a common size before the network; each is part of the model."""

from __future__ import annotations

from collections.abc import Mapping

NORMALISATIONS: Mapping[str, str] = {
    "standard": "Standard, value by value",
    "feature": "Standard, feature by feature",
    "log": "Logarithm, then standard",
    "unit_maximum": "Largest value becomes 1",
    "none": "None",
}
"""Normalisations on offer: what is stored, what is shown."""

NORMALISATION_DOCS: Mapping[str, str] = {
    "standard": "Each value of the row is shifted and scaled to mean 0 and standard deviation 1, as measured on the "
    "training frames.",
    "feature": "All values of a feature are shifted and scaled together to mean 0 and standard deviation 1, as "
    "measured on the training frames: the shape of a spectrum or a range profile stays as it is.",
    "log": "sign(x) · ln(1 + |x|), then each value of the row to mean 0 and standard deviation 1: for amplitudes, "
    "which span several powers of ten.",
    "unit_maximum": "Each frame is divided by its own largest magnitude: how strong the echo is no longer matters, "
    "only its pattern.",
    "none": "Frames enter the network as the features make them.",
}
"""What each of them does, in words."""
