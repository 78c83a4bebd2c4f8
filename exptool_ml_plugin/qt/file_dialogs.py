"""Asking for a file; nothing is overwritten that was not asked about."""

from __future__ import annotations

import re
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_open(parent: QWidget, title: str, files: str) -> Path | None:
    """Ask for an existing file; `files` is a filter like "Models (*.keras)". None when the user turned back."""
    chosen, _ = QFileDialog.getOpenFileName(parent, title, "", files)
    return Path(chosen) if chosen else None


def ask_open_several(parent: QWidget, title: str, files: str) -> list[Path]:
    """Ask for existing files; none when the user turned back."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, title, "", files)
    return [Path(name) for name in chosen]


def ask_folder(parent: QWidget, title: str) -> Path | None:
    """Ask for a folder; None when the user turned back."""
    chosen = QFileDialog.getExistingDirectory(parent, title)
    return Path(chosen) if chosen else None


def ask_save(parent: QWidget, title: str, suggestion: str, files: str) -> Path | None:
    """Ask for a file to write, and whether to overwrite it if it exists; None when the user turned back.

    A name without an ending of the filter gets its first one. What is returned may be overwritten.
    """
    chosen, _ = QFileDialog.getSaveFileName(parent, title, suggestion, files)
    if not chosen:
        return None
    path = Path(chosen)
    endings = re.findall(r"\*(\.\w+)", files)
    if not endings or path.suffix in endings:
        return path
    path = path.with_name(path.name + endings[0])
    # The dialog asked about the name as it was typed, not about this one.
    if path.exists() and not ask(parent, title, f"{path.name} exists. Replace it?"):
        return None
    return path


def ask(parent: QWidget, title: str, question: str) -> bool:
    """Ask yes or no; no is what Return does."""
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.question(parent, title, question, buttons.Yes | buttons.No, buttons.No)
    return bool(answer == buttons.Yes)
