"""The menu that imports and exports frames, and processes sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qtpy.QtWidgets import QDialog, QMenu, QPushButton, QWidget

from ...core.exports import FORMATS
from ...workbench.transfer import Transferred
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from ..file_dialogs import ask_folder, ask_open, ask_open_several, ask_save
from .batch_dialog import BatchDialog
from .import_dialog import ImportDialog
from .model_info_box import MODEL_FILES
from .questions import may_replace

_SESSIONS = "Sessions (*.h5)"
_RECORDINGS = "Recordings (*.h5 *.npz)"
_OLD_MODELS = "Old models (*.npy)"
_FRAMES = "Frames of other programs (*.npz *.csv *.npy)"


class TransferMenu(QPushButton):
    """A button with a menu. What an import makes is opened; `may_drop` asks about unsaved frames.

    What came of the work is handed to `say`.
    """

    def __init__(
        self, workbench: Workbench, *, may_drop: Callable[[], bool], say: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__("File", parent)
        self.workbench = workbench
        self._may_drop = may_drop
        self._say = say
        self._waits = False
        self._said = ""
        self.setToolTip("Import recordings or frames, export the frames of this session, process many sessions.")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._add(menu, "Import recordings…", "Cut labelled frames from recordings, with the features and trigger that "
                  "are set, and open them as a session", self._on_recordings)  # fmt: skip
        self._add(menu, "Import frames…", "Open frames of other programs (.npz, .csv) or a session of the old Deep "
                  "Learning Interface (.npy)", self._on_frames)  # fmt: skip
        self._add(menu, "Import old model…", "Make a model, with its weights, of a model file (.npy) of the old Deep "
                  "Learning Interface, and open it", self._on_model)  # fmt: skip
        self._add(menu, "Import old model folder…", "The same for a model that the old Deep Learning Interface saved "
                  "as a folder (TensorFlow 2)", self._on_model_folder)  # fmt: skip
        menu.addSeparator()
        for kind, form in FORMATS.items():
            ending = form.suffix or ".png"
            action = menu.addAction(f"Export: {form.text} ({ending})…")
            action.setToolTip("Write the frames of this session for other programs")
            action.setData(kind)
            action.triggered.connect(self._on_export)
        menu.addSeparator()
        self._add(menu, "Process sessions…", "Make new sessions of many: other features, other labels, merged, "
                  "resampled, split", self._on_process)  # fmt: skip
        self.setMenu(menu)
        connect(workbench.transfer.work.changed, self.refresh, self)
        connect(workbench.transfer.done, self._on_done, self)
        self.refresh()

    def refresh(self) -> None:
        """Offer nothing while work is in progress; say what came of it when it has ended."""
        doing = self.workbench.transfer.work.doing
        self.setEnabled(not doing)
        if self._said and not doing:
            said, self._said = self._said, ""
            self._say(said)

    def export(self, kind: str) -> None:
        """Ask where to write, and begin."""
        form, session = FORMATS[kind], self.workbench.session
        name = session.path.stem if session.path else "session"
        files = f"{form.text} (*{form.suffix})" if form.suffix else "New folder (*)"
        path = ask_save(self, "Export frames", f"{name}{form.suffix or '_pictures'}", files)
        if path is not None:
            self.workbench.transfer.export(kind, path, overwrite=bool(form.suffix))

    def import_recordings(self, files: list[Path]) -> None:
        """Ask for their labels and the session to write, and begin."""
        dialog = ImportDialog(files, self)
        try:
            if dialog.exec_() != QDialog.DialogCode.Accepted:
                return
            labels = dialog.labels()
        finally:
            dialog.deleteLater()
        out = ask_save(self, "Write the session to", "session.h5", _SESSIONS)
        if out is not None and may_replace(self, self.workbench, out):
            self.workbench.transfer.import_recordings(labels, out, overwrite=True)
            self._waits = True

    def import_model(self, old: Path) -> None:
        """Ask where to write the model that is made of an old one, and begin."""
        new = ask_save(self, "Write the model to", f"{old.name.removesuffix('.npy')}.keras", MODEL_FILES)
        if new is not None:
            self.workbench.transfer.import_model(old, new)
            self._waits = True

    def process(self, files: list[Path]) -> None:
        """Ask what to do with sessions and where to write, and begin."""
        recipe = replace(self.workbench.recipe, sensor=None)  # the sessions' own sensors made their readings
        dialog = BatchDialog(len(files), recipe, self)
        try:
            if dialog.exec_() != QDialog.DialogCode.Accepted:
                return
            plan = dialog.plan()
        finally:
            dialog.deleteLater()
        out = ask_folder(self, "Folder for the new sessions")
        if out is not None:
            self.workbench.transfer.process(files, plan, out)

    def _add(self, menu: QMenu, text: str, tooltip: str, slot: Callable[[], None]) -> None:
        action = menu.addAction(text)
        action.setToolTip(tooltip)
        action.triggered.connect(slot)

    @guarded
    def _on_recordings(self) -> None:
        files = ask_open_several(self, "Import recordings", _RECORDINGS)
        if files and self._may_drop():
            self.import_recordings(files)

    @guarded
    def _on_frames(self) -> None:
        files = ask_open_several(self, "Import frames", _FRAMES)
        if not files or not self._may_drop():
            return
        out = ask_save(self, "Write the session to", f"{files[0].stem}.h5", _SESSIONS)
        if out is not None and may_replace(self, self.workbench, out):
            self.workbench.transfer.import_frames(files, out, overwrite=True)
            self._waits = True

    @guarded
    def _on_model(self) -> None:
        old = ask_open(self, "Import old model", _OLD_MODELS)
        if old is not None:
            self.import_model(old)

    @guarded
    def _on_model_folder(self) -> None:
        old = ask_folder(self, "Import old model folder")
        if old is not None:
            self.import_model(old)

    @guarded
    def _on_process(self) -> None:
        files = ask_open_several(self, "Process sessions", _SESSIONS)
        if files:
            self.process(files)

    @guarded
    def _on_export(self) -> None:
        self.export(str(self.sender().data()))

    def _on_done(self, transferred: Transferred) -> None:
        self._said = transferred.text
        if transferred.session is not None and self._waits:
            if self.workbench.session.unsaved and len(self.workbench.session):
                self._said += " Save this session, then open that one."  # frames were collected meanwhile
            else:
                self.workbench.open_session(transferred.session)
        if transferred.model is not None and self._waits:
            if self.workbench.measuring:
                self._said += " Load it when nothing is measured."
            else:
                self.workbench.load_model(transferred.model)
        self._waits = False
        self.refresh()
