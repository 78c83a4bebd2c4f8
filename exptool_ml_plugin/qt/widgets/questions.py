"""Questions before something that cannot be taken back."""

from __future__ import annotations

from qtpy.QtWidgets import QMessageBox, QWidget


def ask_about_unsaved(parent: QWidget, frames: int) -> str:
    """Ask what to do with the unsaved frames of the session: "save", "discard" or "cancel"."""
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.question(
        parent,
        "Unsaved frames",
        f"The session has {frames:,} frames and is not saved. Save it first?",
        buttons.Save | buttons.Discard | buttons.Cancel,
        buttons.Save,
    )
    return {buttons.Save: "save", buttons.Discard: "discard"}.get(answer, "cancel")
