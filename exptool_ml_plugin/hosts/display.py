"""Whether there is a screen to show a window on."""

from __future__ import annotations

import os
import sys

_WITHOUT_WINDOW = ("offscreen", "minimal")
_DEMO = "The same work without a window: `make demo` in the project's folder, or `exptool-ml demo`."


def missing_display(window: str) -> str:
    """Say that there is no display for a window, "" where there is one; without one being wanted this is a remark."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.split(":")[0] in _WITHOUT_WINDOW:
        sys.stderr.write(f"No window is shown: QT_QPA_PLATFORM={platform}. {_DEMO}\n")
        return ""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if platform or has_display or not sys.platform.startswith("linux"):
        return ""
    return f"Expected a display for {window}. Received: none. {_DEMO}"
