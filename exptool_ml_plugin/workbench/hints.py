"""The next sensible step, in words."""

from __future__ import annotations


def next_step(*, measuring: bool, has_model: bool, frames: int, labels: int, has_data: bool, training: bool) -> str:
    """Say what the user may want to do next, from what is there."""
    if training:
        return "Watch the training, or stop it when the curves no longer improve."
    if has_model and has_data:
        return "Evaluate the model, or go on training it."
    if has_model:
        return "Evaluate the model, or load training data to go on training it."
    if has_data:
        return "Train a model on the loaded data, or load a model."
    if frames and labels < 2:
        return "Collect frames of at least one more label."
    if frames:
        return "Collect more frames, save the session, or train with it."
    if measuring:
        return "Look at the features, then collect frames."
    return "Connect a sensor and collect frames, or open a session, training data or a model."
