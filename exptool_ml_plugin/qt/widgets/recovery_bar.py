"""Offers what an earlier start left unsaved."""

from __future__ import annotations

from qtpy.QtWidgets import QWidget

from ...workbench.recovery import FoundJournal
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from ..file_dialogs import ask, ask_save
from .offer_bar import OfferBar

_SESSION_FILES = "Sessions (*.h5)"


class RecoveryBar(OfferBar):
    """Recover, discard or leave for later; shown while there is something to decide on, one journal at a time."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.workbench = workbench
        self.recover_button = self.add_button(
            "Recover", "Make them the session, to be looked through and saved; where frames are there already, a file"
        )
        self.discard_button = self.add_button("Discard", "Delete them for good, after asking")
        self.later_button = self.add_button("Later", "Leave them on the disk; they are offered again at the next start")
        self.recover_button.clicked.connect(self._on_recover)
        self.discard_button.clicked.connect(self._on_discard)
        self.later_button.clicked.connect(self._on_later)
        connect(workbench.recovery.changed, self.refresh, self)
        connect(workbench.recovery.background.changed, self.refresh, self)
        connect(workbench.session_changed, self.refresh, self)
        workbench.recovery.look()
        self.refresh()

    def refresh(self) -> None:
        """Show the newest journal there is."""
        recovery = self.workbench.recovery
        found = self._first
        self.setVisible(found is not None)
        if found is None:
            return
        more = len(recovery.found) - 1
        self.set_text(f"{found.text} ({more} more after this.)" if more else found.text)
        self.recover_button.setVisible(found.summary is not None)
        self.recover_button.setText("Recover" if self.workbench.sessions.empty else "Recover to a file…")
        for button in (self.recover_button, self.discard_button, self.later_button):
            button.setEnabled(not recovery.background.doing)

    @property
    def _first(self) -> FoundJournal | None:
        return next(iter(self.workbench.recovery.found), None)

    @guarded
    def _on_recover(self) -> None:
        found = self._first
        if found is None:
            return
        if self.workbench.sessions.empty:
            self.workbench.recovery.recover(found)
            return
        path = ask_save(self, "Recover to a file", "recovered.h5", _SESSION_FILES)
        if path is not None:
            self.workbench.recovery.recover_to(found, path, overwrite=True)

    @guarded
    def _on_discard(self) -> None:
        found = self._first
        if found is not None and ask(self, "Discard", f"{found.text} Delete this for good?"):
            self.workbench.recovery.discard(found)

    @guarded
    def _on_later(self) -> None:
        found = self._first
        if found is not None:
            self.workbench.recovery.later(found)
