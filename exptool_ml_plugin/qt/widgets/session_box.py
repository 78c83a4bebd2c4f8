"""The session's file: name, unsaved mark, new, open, save."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEventLoop, Qt
from qtpy.QtWidgets import QGridLayout, QGroupBox, QPushButton, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from ..file_dialogs import ask_open, ask_save
from .model_info_box import ElidedLabel
from .questions import ask_about_unsaved, ask_to_overwrite, may_open, may_replace
from .transfer_menu import TransferMenu
from .work_bar import WorkBar

SESSION_FILES = "Sessions (*.h5)"
_CANCEL_HINT = "End it; files that are finished already stay, no half file does"


class SessionBox(QGroupBox):
    """Shows which session is open and whether all of it is saved; nothing unsaved is dropped without asking.

    The file is written in the background; what goes wrong stands here.
    """

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("Session", parent)
        self.workbench = workbench
        self._name = ElidedLabel(self, middle=True)
        self._state = style.text_label("", self, color=style.MUTED)
        self._other = style.text_label("", self, color=style.WARNING, wrap=True)
        self._other.setTextFormat(Qt.TextFormat.PlainText)
        self._accepted: object = None
        self._loop: QEventLoop | None = None
        self._problem = style.text_label("", self, color=style.ERROR, wrap=True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.hide()
        self.new_button = self._button("New", "Begin an empty session.", self._on_new)
        self.open_button = self._button("Open…", "Open a session file.", self._on_open)
        self.save_button = self._button("Save", "Save all frames and their readings.", self._on_save)
        self.save_as_button = self._button("Save as…", "Save to another file.", self._on_save_as)
        self.transfer_bar = WorkBar(workbench.transfer.work, self, narrow=True, cancel_hint=_CANCEL_HINT)
        self.file_button = TransferMenu(workbench, may_drop=self.may_drop, say=self.transfer_bar.say, parent=self)
        grid = QGridLayout(self)
        grid.addWidget(self._name, 0, 0, 1, 2)
        grid.addWidget(self._state, 1, 0, 1, 2)
        grid.addWidget(self._other, 2, 0, 1, 2)
        grid.addWidget(self.file_button, 5, 0, 1, 2)
        grid.addWidget(self.transfer_bar, 6, 0, 1, 2)
        grid.addWidget(self._problem, 7, 0, 1, 2)
        buttons = (self.new_button, self.open_button, self.save_button, self.save_as_button)
        for index, button in enumerate(buttons):
            grid.addWidget(button, 3 + index // 2, index % 2)
        for signal in (workbench.session_changed, workbench.measuring_changed, workbench.saving.changed):
            connect(signal, self.refresh, self)
        self.refresh()

    @property
    def state(self) -> str:
        """How much is in the session, and whether it is saved."""
        return str(self._state.text())

    @property
    def problem(self) -> str:
        """Why it could not be saved the last time, "" if it could."""
        return str(self._problem.text())

    def refresh(self) -> None:
        """Show the state of the session."""
        session = self.workbench.session
        name = "Not saved yet" if session.path is None else session.path.name
        self._name.set_text(f"{name} *" if session.unsaved else name)
        if session.path is not None:
            self._name.setToolTip(str(session.path))
        other = self.workbench.in_use.other
        self._other.setText("" if other is None else f"Also open in {other.in_words()}.")
        self._other.setVisible(other is not None)
        self._show_saving()
        if self.workbench.saving.busy:
            return
        recordings = len(session.recordings)
        state = f"{len(session):,} frames from {recordings} recording{'' if recordings == 1 else 's'}"
        self._state.setText(f"{state}, not saved" if session.unsaved else state)
        style.set_text_color(self._state, style.WARNING if session.unsaved else style.MUTED)
        self.save_button.setEnabled(bool(session.unsaved))
        self.open_button.setEnabled(not self.workbench.sessions.recording)

    def _show_saving(self) -> None:
        saving = self.workbench.saving
        if saving.busy:
            self._state.setText("Saving…")
            style.set_text_color(self._state, style.ACCENT)
        elif self._loop is not None:
            self._loop.quit()
        for button in (self.new_button, self.open_button, self.save_button, self.save_as_button):
            button.setEnabled(not saving.busy)
        problem = saving.problem
        self._problem.setText("" if problem is None else f"Not saved. {problem.message} {problem.hint}".strip())
        self._problem.setVisible(problem is not None)

    def may_drop(self, *, closing: bool = False) -> bool:
        """Ask what to do with unsaved frames; True when the session may be replaced. Waits while a file is written.

        `closing` says that nothing is collected afterwards: collecting ends before it is saved, so that all of it is
        in the file.
        """
        self._wait_for_file()
        if not self.workbench.session.unsaved:
            return True
        answer = ask_about_unsaved(self, len(self.workbench.session))
        if answer != "save":
            return answer == "discard"
        if closing:
            self.workbench.engine.set_mode("preview")  # what is measured from now on is only looked at
            self.workbench.engine.wait()
        return self.save() and self._wait_for_file()

    def save(self) -> bool:
        """Begin to save, asking for a name where there is none; False when the user turned back.

        Asks, too, where the file was changed by another program or another window has it open.
        """
        if self.workbench.session.path is None:
            return self.save_as()
        danger = self._danger()
        answer = ask_to_overwrite(self, danger) if danger else "save"
        if answer == "save as":
            return self.save_as()
        if answer == "overwrite":
            self._accepted = (self.workbench.session, self.workbench.in_use.other)
        if answer != "cancel":
            self.workbench.save_session_in_background(overwrite=answer == "overwrite")
        return answer != "cancel"

    def _danger(self) -> str:
        """Say why saving might undo what others have changed, "" where it would not or the user knows of them."""
        in_use = self.workbench.in_use
        changed, other = in_use.changed, in_use.ask_again()
        if changed:
            return f"{changed}. Overwriting it undoes what was changed there."
        if other is None or self._accepted == (self.workbench.session, other):
            return ""
        return f"The file is also open in {other.in_words()}. Of two windows that save one file, the later one wins."

    def save_as(self) -> bool:
        """Begin to save to a file the user chooses; False when the user turned back."""
        suggestion = self.workbench.session.path or "session.h5"
        path = ask_save(self, "Save session", str(suggestion), SESSION_FILES)
        if path is None or not may_replace(self, self.workbench, path):
            return False
        self.workbench.save_session_in_background(path, overwrite=True)
        return True

    def _wait_for_file(self) -> bool:
        """Wait, with the window alive, until the file is written; False if it could not be."""
        saving = self.workbench.saving
        if saving.busy:
            self._loop = QEventLoop(self)
            self._loop.exec_()
            self._loop.deleteLater()
            self._loop = None
        self.refresh()
        return saving.problem is None

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_new(self) -> None:
        if self.may_drop():
            self.workbench.new_session()

    @guarded
    def _on_open(self) -> None:
        if not self.may_drop():
            return
        path = ask_open(self, "Open session", SESSION_FILES)
        if path is not None and may_open(self, self.workbench, path):
            self.workbench.open_session(path)

    @guarded
    def _on_save(self) -> None:
        self.save()

    @guarded
    def _on_save_as(self) -> None:
        self.save_as()
