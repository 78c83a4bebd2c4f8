"""Find mistakes: a map of the frames, and lists of those that may be wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from ...core.frame_at import Step
from ...workbench.edits import Relabel, Remove
from ...workbench.embedding import drawn_points, tsne
from ...workbench.long_work import LongWork
from ...workbench.suspects import Examined, Suspect, Suspects, examine, judge_apart
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .embedding_map import EmbeddingMap
from .suspect_list import Beside, SuspectList
from .work_bar import WorkBar

_TITLES = {"labels": "Wrong labels", "outliers": "Outliers", "duplicates": "Near duplicates"}
_BETWEEN_LISTS_MS = 30
_AVERAGED = 500
"""Frames of a label that its mean is made of, at most."""


class MistakesDialog(QDialog):
    """Looks for mistakes in the open session as soon as it is made; decisions can be undone in the Inspect tab.

    First there is a map by principal components, then the lists, which a process of its own makes, then the map by
    neighbours, from another one. `lassoed` are the numbers of the frames that were drawn around in the map; then the
    dialog is accepted.
    """

    examined = Signal()
    found = Signal()
    arranged = Signal()

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
        self._examined: Examined | None = None
        self._suspects: Suspects | None = None
        self._shown: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._points: dict[str, NDArray[np.float64]] = {}
        self._means: dict[str, NDArray[np.float32]] = {}
        self.lassoed: list[int] = []
        self.work = LongWork(workbench.report)
        self._make_parts()
        connect(self.examined, self._on_examined, self)
        connect(self.found, self._on_found, self)
        connect(self.arranged, self._on_arranged, self)
        connect(self.work.changed, self._on_work, self)

    def _make_parts(self) -> None:
        self.tabs = QTabWidget(self)
        self.tabs.addTab(self._make_map(), "Map")
        self.lists: dict[str, SuspectList] = {}
        # One list at a time: all at once would hold up the window for a tenth of a second.
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._add_list)
        self._timer.start(_BETWEEN_LISTS_MS)
        self.tabs.currentChanged.connect(self._on_tab)
        rows = QVBoxLayout(self)
        rows.addWidget(WorkBar(self.work, self))
        rows.addWidget(self.tabs, 1)

    @guarded
    def _add_list(self) -> None:
        name = list(_TITLES)[len(self.lists)]
        view = SuspectList(self._beside, self.workbench.collecting.known_labels, self)
        view.relabelling.connect(self._on_relabel)
        view.removing.connect(self._on_remove)
        self.tabs.addTab(view, _TITLES[name])
        self.lists[name] = view
        if len(self.lists) == len(_TITLES):
            self._timer.stop()
            self.work.run("Looking for mistakes", self._search)

    def _make_map(self) -> QWidget:
        self.map = EmbeddingMap(self._picture, self)
        self.map.lassoed.connect(self._on_lasso)
        self.arrange_box = QComboBox(self)
        self.arrange_box.setToolTip(
            "How the points are arranged: by what differs most, at once, or so that similar frames lie close together, "
            "which takes up to a minute"
        )
        self.arrange_box.addItem("what differs most (PCA)", "pca")
        self.arrange_box.currentIndexChanged.connect(self._on_arrangement)
        page, below = QWidget(self), QHBoxLayout()
        below.addWidget(QLabel("Arranged by", page))
        below.addWidget(self.arrange_box)
        below.addStretch(1)
        rows = QVBoxLayout(page)
        rows.addWidget(self.map, 1)
        rows.addLayout(below)
        return page

    def done(self, result: int) -> None:
        """End what is being done with the dialog."""
        self._timer.stop()
        self.work.cancel()
        self.work.wait(1.0)
        super().done(result)

    def _search(self, step: Step) -> None:
        self._examined = examine(self._session, step)
        self._shown = drawn_points(len(self._examined.indices))
        self._points["pca"] = self._examined.components[self._shown, :2]
        self.examined.emit()
        self._means = self._label_means()
        self._suspects = judge_apart(self._examined, step)
        self.found.emit()

    def _arrange(self, step: Step) -> None:
        if self._examined is not None:
            self._points["tsne"] = tsne(self._examined.components[self._shown], step)
            self.arranged.emit()

    def _label_means(self) -> dict[str, NDArray[np.float32]]:
        labels = np.asarray(self._labels)
        places = {name: np.flatnonzero(labels == name)[:_AVERAGED] for name in self._session.label_names()}
        return {name: self._session.values[own].mean(axis=0) for name, own in places.items()}

    def _on_examined(self) -> None:
        self._show_points()
        self.map.set_colorings(self._colorings())

    def _on_found(self) -> None:
        if self._suspects is None:
            return
        found = (self._suspects.wrong_labels, self._suspects.outliers, self._suspects.duplicates)
        for tab, (name, part) in enumerate(zip(self.lists, found, strict=True), start=1):
            self.lists[name].set_suspects(part)
            self.tabs.setTabText(tab, f"{_TITLES[name]} ({len(part):,})")

    def _on_work(self) -> None:
        """Arrange the map when nothing else is done any more."""
        if not self.work.doing and self._suspects is not None and "tsne" not in self._points and self.isVisible():
            self._points["tsne"] = self._points["pca"]  # asked for
            self.work.run("Arranging the map", self._arrange)

    def _on_arranged(self) -> None:
        self.arrange_box.addItem("neighbours (t-SNE)", "tsne")
        self.arrange_box.setCurrentIndex(1)

    def _show_points(self) -> None:
        self.map.set_points(self._points[str(self.arrange_box.currentData())])

    def _colorings(self) -> dict[str, list[str]]:
        if self._examined is None:
            return {}
        numbers = self._examined.indices[self._shown].tolist()
        of = [self._session.recordings[place] for place in self._session.recording_of[numbers].tolist()]
        return {
            "Label": [self._labels[number] for number in numbers],
            "Recording": [recording.name for recording in of],
            "Person": [recording.tags.get("person", "unknown") for recording in of],
        }

    def _picture(self, place: int) -> NDArray[np.float32] | None:
        if self._examined is None or place >= len(self._shown):
            return None
        return np.asarray(self._session.values[int(self._examined.indices[self._shown[place]])])

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
        if self._examined is None:
            return None
        wanted = suspect.suggested or self._labels[suspect.index]
        indices, components = self._examined.indices, self._examined.components
        own = int(np.searchsorted(indices, suspect.index))
        distance = np.linalg.norm(components - components[own], axis=1)
        allowed = [self._labels[number] == wanted and number != suspect.index for number in indices.tolist()]
        distance[~np.array(allowed)] = np.inf
        best = int(distance.argmin())
        return int(indices[best]) if np.isfinite(distance[best]) else None

    @guarded
    def _on_relabel(self, index: int, label: str) -> None:
        self.workbench.inspecting.edits.do(Relabel([int(self._now[index])], label))
        self._labels[index] = label
        self._mark(index, f"now “{label}”")
        self.map.set_colorings(self._colorings())

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
        if self._examined is not None:
            now = self._now[self._examined.indices[self._shown[places]]]
            self.lassoed = now[now >= 0].tolist()
            self.accept()

    @guarded
    def _on_arrangement(self) -> None:
        self._show_points()

    @guarded
    def _on_tab(self) -> None:
        self.tabs.currentWidget().setFocus()
