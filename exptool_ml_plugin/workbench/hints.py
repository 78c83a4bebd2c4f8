"""The next sensible step, in words."""

from __future__ import annotations


def next_step(*, measuring: bool, has_model: bool, frames: int, labels: int, has_data: bool, training: bool) -> str:
    """Say what the user may want to do next, from what is there."""
    if training:
        return "Watch the curves, or stop the training"
    if has_model and has_data:
        return "Evaluate the model, or go on training it"
    if has_model:
        return "Evaluate the model, or load training data"
    if has_data:
        return "Train a model on the loaded data"
    if frames and labels < 2:
        return "Collect frames of another label"
    if frames:
        return "Collect more, save the session, or train"
    if measuring:
        return "Choose features, then collect frames"
    return "Connect a sensor, or load data or a model"
