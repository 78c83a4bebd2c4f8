"""The last frames of the session with what can be done about them: remove, undo, leave out flagged ones."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...core.recipe import Recipe
from ...core.session import Session
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .feature_outlines import feature_outlines
from .recent_frames import RecentFrames


class LastFrames(QWidget):
    """A strip of the last frames; the chosen one, or the newest, can be removed, and removing be undone."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._colors: dict[str, str] = {}
        self._shown: tuple[Session | None, int] = (None, 0)
        self._recipe: Recipe | None = None
        self._parts: list[tuple[int, int]] = []
        self._make_controls()
        self.strip = RecentFrames(self)
        self.strip.chosen.connect(self._on_chosen)
        self.strip.removed.connect(self._remove)
        bar = QHBoxLayout()
        bar.addWidget(style.text_label("Last frames, newest first", self, bold=True))
        bar.addStretch(1)
        for widget in (self.flagged_box, self.remove_button, self.undo_button):
            bar.addWidget(widget)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(bar)
        rows.addWidget(self.strip)
        connect(workbench.display.changed, self._show_order, self)
        self._show_order()
        connect(workbench.collecting.removed_changed, self._show_buttons, self)

    def show_frames(self, known_labels: Sequence[str]) -> None:
        """Show the frames of the session as it is; labels have the colours of their places in `known_labels`."""
        session = self.workbench.session
        before, frames = self._shown
        self._shown = (session, len(session))
        self._colors = {label: style.series_color(place) for place, label in enumerate(known_labels)}
        grown = session is before and len(session) >= frames
        self._show(chosen=self.strip.current if grown else -1)

    def remove(self) -> None:
        """Remove the chosen frame, or the newest."""
        target = self.strip.target
        if target is not None:
            self._remove(target)

    @guarded
    def undo(self) -> None:
        """Put back what was removed last."""
        self.workbench.collecting.undo_remove()

    def _make_controls(self) -> None:
        self.flagged_box = QCheckBox("Keep flagged frames", self)
        self.flagged_box.setChecked(self.workbench.collecting.keep_flagged)
        self.flagged_box.setToolTip(
            "Frames with readings that were saturated, late or lost, or asked for a calibration, are kept and "
            "marked “!”; else they are left out"
        )
        self.flagged_box.toggled.connect(self._on_flagged_toggled)
        self.remove_button = QPushButton("Remove frame", self)
        self.remove_button.setToolTip("Take the chosen frame, or the newest, out of the session (Del)")
        self.remove_button.clicked.connect(self.remove)
        self.undo_button = QPushButton("Undo", self)
        self.undo_button.setToolTip("Put the frame that was removed last back (Ctrl+Z)")
        self.undo_button.clicked.connect(self.undo)

    def _show(self, *, chosen: int) -> None:
        session = self.workbench.session
        if session.recipe is not self._recipe:
            self._recipe = session.recipe
            outlines = feature_outlines(session.recipe, session.recipe.sensor, self.workbench.plugins.parts)
            self._parts = [(outline.start, outline.stop) for outline in outlines]
        self.strip.show_last(session, self._parts, self._colors, chosen=chosen)
        self._show_buttons()

    def _show_order(self) -> None:
        self.strip.set_newest_first(self.workbench.display.newest_first)

    def _show_buttons(self) -> None:
        self.remove_button.setEnabled(self.strip.target is not None)
        self.undo_button.setEnabled(self.workbench.collecting.removed > 0)

    @guarded
    def _on_chosen(self, index: int) -> None:
        self._show(chosen=-1 if index == self.strip.current else index)

    @guarded
    def _remove(self, index: int) -> None:
        self.workbench.collecting.remove(index)

    @guarded
    def _on_flagged_toggled(self, keep: bool) -> None:
        self.workbench.collecting.keep_flagged = bool(keep)
