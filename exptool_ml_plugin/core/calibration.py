"""The calibration frame: every new frame is divided by it, value by value, as the Deep Learning Interface did.

What a scene without the event always shows then is 1, whatever the sensor, its cover and the room make of it. It stands
in the recipe, because a model that was trained with it must meet divided frames live, too.
"""

from __future__ import annotations

import base64
import binascii
import re

import numpy as np
from numpy.typing import NDArray

from .errors import UserError


def calibration_text(frame: NDArray[np.float32]) -> str:
    """Return a frame, float32 `(time_steps, width)`, as it stands in a recipe: its shape and its values, base 85."""
    steps, width = frame.shape
    return f"{steps}x{width}:{base64.b85encode(np.ascontiguousarray(frame, dtype='<f4').tobytes()).decode()}"


def calibration_frame(text: str) -> NDArray[np.float32]:
    """Return the frame of a text, float32 `(time_steps, width)`; raise `UserError` for any other text."""
    found = re.match(r"(\d{1,5})x(\d{1,7}):", text)
    try:
        steps, width = (0, 0) if found is None else (int(found[1]), int(found[2]))
        content = b"" if found is None else base64.b85decode(text[found.end() :])
        values = np.frombuffer(content, dtype="<f4").reshape(steps, width)
        if not values.size or not np.isfinite(values).all():
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise UserError(
            f"Expected a calibration frame. Received: {text[:30]!r}.", "Clear the calibration frame, create it again."
        ) from error
    return values.astype(np.float32)


def divisor(text: str, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """Return what frames of a shape are divided by, 1 where the calibration frame is 0; None without a calibration.

    Raises `UserError` where the calibration frame has another shape.
    """
    if not text:
        return None
    frame = calibration_frame(text)
    if frame.shape != shape:
        raise UserError(
            f"Expected a calibration frame of the frames' shape {shape}. Received: shape={frame.shape}.",
            "Clear the calibration frame in the Inspect tab, or use the features and frame length it was made with.",
        )
    return np.where(frame == 0.0, np.float32(1.0), frame)


def recalibrated(values: NDArray[np.float32], before: str, after: str) -> NDArray[np.float32]:
    """Return frames, float32 `(…, time_steps, width)`, divided by one calibration instead of another."""
    shape = (values.shape[-2], values.shape[-1])
    if not values.size:
        return np.array(values)
    old, new = divisor(before, shape), divisor(after, shape)
    plain = values if old is None else values * old
    return np.array(plain) if new is None else plain / new
