"""What only some installations have."""

from __future__ import annotations

import importlib.util

from .errors import UserError


def need_tensorflow() -> None:
    """Raise `UserError` where the extra is missing that trains; looks without importing."""
    if importlib.util.find_spec("tensorflow") is None:
        raise UserError(
            "Expected TensorFlow, which training needs. Received: an installation without it.",
            "Install it with: pip install 'exptool-ml-plugin[train]'",
        )
