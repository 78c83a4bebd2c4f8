"""Questions before something that cannot be taken back."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QMessageBox, QWidget

from ...workbench.workbench import Workbench
from ..file_dialogs import ask


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


def ask_to_overwrite(parent: QWidget, text: str) -> str:
    """Ask what to do with a session whose file others may change: "save as", "overwrite" or "cancel"."""
    buttons = QMessageBox.StandardButton
    offered = buttons.Save | buttons.Yes | buttons.Cancel
    box = QMessageBox(QMessageBox.Icon.Warning, "Save session", text, offered, parent)
    box.button(buttons.Save).setText("Save as…")
    box.button(buttons.Yes).setText("Overwrite")
    box.setDefaultButton(buttons.Save)
    answer = box.exec_()
    box.deleteLater()
    return {int(buttons.Save): "save as", int(buttons.Yes): "overwrite"}.get(int(answer), "cancel")


def may_open(parent: QWidget, workbench: Workbench, path: Path) -> bool:
    """Ask, where another window has a session file open, whether it is to be opened all the same."""
    holder = workbench.in_use.who_has(path)
    return holder is None or ask(
        parent,
        "Open session",
        f"{path.name} is open in {holder.in_words()}. What is changed there and not saved is not in it.\n\n"
        "Open it all the same? Save it under another name then: of two windows that save one file, the later one "
        "undoes what the other saved.",
    )


def may_replace(parent: QWidget, workbench: Workbench, path: Path) -> bool:
    """Ask, where another window has a file open that is to be written, whether it is to be replaced all the same."""
    holder = workbench.in_use.who_has(path)
    return holder is None or ask(
        parent, "Replace file", f"{path.name} is open in {holder.in_words()}. Replace it all the same?"
    )
