"""Find mistakes: a map of the frames, and lists of those that may be wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal
from qtpy.QtWidgets import QDialog, QPushButton, QTabWidget, QVBoxLayout, QWidget

from ...core.frame_at import Step
from ...workbench.edits import Relabel, Remove
from ...workbench.embedding import drawn_points, tsne
from ...workbench.long_work import LongWork
from ...workbench.suspects import Suspect, Suspects, find_suspects
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .embedding_map import EmbeddingMap
from .suspect_list import Beside, SuspectList
from .work_bar import WorkBar


class MistakesDialog(QDialog):
    """Looks for mistakes in the open session as soon as it is made; decisions can be undone in the Inspect tab.

    `lassoed` are the numbers of the frames that were drawn around in the map; then the dialog is accepted.
    """

    found = Signal()
    mapped = Signal()

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find mistakes")
        self.resize(1100, 640)
        self.workbench = workbench
        with workbench.sessions.lock:
            self._session = workbench.session.as_it_is()
        # Where each frame of then is now, -1 for one that was removed.
        self._now = np.arange(len(self._session))
        self._labels = list(self._session.labels)
        self._suspects: Suspects | None = None
        self._shown: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._points: NDArray[np.float64] = np.zeros((0, 2))
        self._means: dict[str, NDArray[np.float32]] = {}
        self.lassoed: list[int] = []
        self.work = LongWork(workbench.report)
        self._make_parts()
        connect(self.found, self._show_suspects, self)
        connect(self.mapped, self._show_map, self)
        self.work.run("Looking for mistakes", self._search)

    def _make_parts(self) -> None:
        self.tabs = QTabWidget(self)
        self.map = EmbeddingMap(self._picture, self)
        self.map.lassoed.connect(self._on_lasso)
        self.tsne_button = QPushButton("Arrange by neighbours (t-SNE)", self)
        self.tsne_button.setToolTip("Arrange the map anew, so that similar frames lie closer; takes up to a minute")
        self.tsne_button.setAutoDefault(False)
        self.tsne_button.setEnabled(False)
        self.tsne_button.clicked.connect(self._on_tsne)
        page = QWidget(self)
        rows = QVBoxLayout(page)
        rows.addWidget(self.map, 1)
        rows.addWidget(self.tsne_button)
        self.tabs.addTab(page, "Map")
        names = self.workbench.collecting.known_labels
        self.lists = {name: SuspectList(self._beside, names, self) for name in ("labels", "outliers", "duplicates")}
        for title, suspects in zip(("Wrong labels", "Outliers", "Near duplicates"), self.lists.values(), strict=True):
            suspects.relabelling.connect(self._on_relabel)
            suspects.removing.connect(self._on_remove)
            self.tabs.addTab(suspects, title)
        self.tabs.currentChanged.connect(self._on_tab)
        rows = QVBoxLayout(self)
        rows.addWidget(WorkBar(self.work, self))
        rows.addWidget(self.tabs, 1)

    def done(self, result: int) -> None:
        """End what is being done with the dialog."""
        self.work.cancel()
        self.work.wait(1.0)
        super().done(result)

    def _search(self, step: Step) -> None:
        self._suspects = find_suspects(self._session, step)
        self._shown = drawn_points(len(self._suspects.examined))
        self._points = self._suspects.components[self._shown, :2]
        self.found.emit()

    def _arrange(self, step: Step) -> None:
        if self._suspects is not None:
            self._points = tsne(self._suspects.components[self._shown], step)
            self.mapped.emit()

    def _show_suspects(self) -> None:
        if self._suspects is None:
            return
        found = (self._suspects.wrong_labels, self._suspects.outliers, self._suspects.duplicates)
        labels = np.asarray(self._labels)
        places = {name: np.flatnonzero(labels == name)[:2000] for name in self._session.label_names()}
        self._means = {name: self._session.values[own].mean(axis=0) for name, own in places.items()}
        titles = ("Wrong labels", "Outliers", "Near duplicates")
        for tab, (title, part, view) in enumerate(zip(titles, found, self.lists.values(), strict=True), start=1):
            view.set_suspects(part)
            self.tabs.setTabText(tab, f"{title} ({len(part):,})")
        self.tsne_button.setEnabled(True)
        self._show_map()

    def _show_map(self) -> None:
        if self._suspects is None:
            return
        numbers = self._suspects.examined[self._shown].tolist()
        of = [self._session.recordings[place] for place in self._session.recording_of[numbers].tolist()]
        colorings = {
            "Label": [self._labels[number] for number in numbers],
            "Recording": [recording.name for recording in of],
            "Person": [recording.tags.get("person", "unknown") for recording in of],
        }
        self.map.set_points(self._points, colorings)

    def _picture(self, place: int) -> NDArray[np.float32] | None:
        if self._suspects is None or place >= len(self._shown):
            return None
        return np.asarray(self._session.values[self._suspects.examined[self._shown[place]]])

    def _beside(self, suspect: Suspect) -> Beside:
        label, values = self._labels[suspect.index], self._session.values
        frame = values[suspect.index]
        other = suspect.other if suspect.other is not None else self._nearest(suspect)
        mean = self._means.get(label)
        third = "" if other is None else f"Frame {other + 1:,}, “{self._labels[other]}”"
        titles = (f"Frame {suspect.index + 1:,}, “{label}”", f"Mean of “{label}”", third)
        return Beside(titles, (frame, mean, None if other is None else values[other]))

    def _nearest(self, suspect: Suspect) -> int | None:
        """Return the most similar frame of the label that is suggested, else of its own."""
        if self._suspects is None:
            return None
        wanted = suspect.suggested or self._labels[suspect.index]
        examined, components = self._suspects.examined, self._suspects.components
        own = int(np.searchsorted(examined, suspect.index))
        distance = np.linalg.norm(components - components[own], axis=1)
        allowed = [self._labels[number] == wanted and number != suspect.index for number in examined.tolist()]
        distance[~np.array(allowed)] = np.inf
        best = int(distance.argmin())
        return int(examined[best]) if np.isfinite(distance[best]) else None

    @guarded
    def _on_relabel(self, index: int, label: str) -> None:
        self.workbench.inspecting.edits.do(Relabel([int(self._now[index])], label))
        self._labels[index] = label
        self._mark(index, f"now “{label}”")
        self._show_map()

    @guarded
    def _on_remove(self, index: int) -> None:
        now = int(self._now[index])
        self.workbench.inspecting.edits.do(Remove([now]))
        self._now[index] = -1
        self._now[self._now > now] -= 1
        self._mark(index, "removed")

    def _mark(self, index: int, decision: str) -> None:
        for view in self.lists.values():
            if view is not self.sender():
                view.mark(index, decision)

    @guarded
    def _on_lasso(self, places: list[int]) -> None:
        if self._suspects is not None:
            now = self._now[self._suspects.examined[self._shown[places]]]
            self.lassoed = now[now >= 0].tolist()
            self.accept()

    @guarded
    def _on_tsne(self) -> None:
        self.work.run("Arranging the map", self._arrange)

    @guarded
    def _on_tab(self) -> None:
        self.tabs.currentWidget().setFocus()
