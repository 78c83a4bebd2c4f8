"""The session's file, where another window has it open or another program has changed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from exptool_ml_plugin.core.data_set import DataSet, describe_file, save_data_set
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.qt.widgets import data_set_bar, questions, session_box, training_data_box
from exptool_ml_plugin.qt.widgets.data_set_bar import DataSetBar
from exptool_ml_plugin.qt.widgets.session_box import SessionBox
from exptool_ml_plugin.qt.widgets.training_data_box import TrainingDataBox
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import make_session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_session(make_session(4), tmp_path / "session.h5")
    return tmp_path / "session.h5"


@pytest.fixture
def other(path: Path) -> Iterator[Workbench]:
    """Another window on the same file."""
    made = Workbench()
    made.open_session(path)
    yield made
    made.close(discard=True)


@pytest.fixture
def box(qtbot: Any, workbench: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionBox:
    monkeypatch.setattr(session_box, "ask_open", lambda *_: path)
    widget = SessionBox(workbench)
    qtbot.addWidget(widget)
    return widget


def answering(monkeypatch: pytest.MonkeyPatch, answer: bool) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(questions, "ask", lambda _parent, _title, question: asked.append(question) or answer)
    return asked


def pressing(text: str) -> list[str]:
    """Press that button of the next message box."""
    said: list[str] = []

    def press() -> None:
        shown = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox))
        said.append(shown.text())
        next(button for button in shown.buttons() if button.text().replace("&", "") == text).click()

    QTimer.singleShot(50, press)
    return said


def saved(box: SessionBox, qtbot: Any) -> None:
    assert box.save()
    qtbot.waitUntil(lambda: not box.workbench.saving.busy and "Saving" not in box.state)
    assert box.problem == ""


def test_opening_a_file_that_another_window_has_is_asked_and_then_said(
    qtbot: Any, box: SessionBox, workbench: Workbench, other: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, False)
    box.open_button.click()
    assert "session.h5 is open in process" in asked[0]
    assert workbench.session.path is None

    answering(monkeypatch, True)
    box.open_button.click()
    assert len(workbench.session) == len(other.session)
    assert box._other.text().startswith("Also open in process")
    assert not box._other.isHidden()


def test_a_file_that_nobody_else_has_opens_without_a_word(
    qtbot: Any, box: SessionBox, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, False)
    box.open_button.click()
    assert (asked, box._other.text(), box._other.isHidden()) == ([], "", True)
    workbench.relabel([0], "mine")
    saved(box, qtbot)


def test_saving_beside_another_window_is_asked_once(
    qtbot: Any, box: SessionBox, workbench: Workbench, other: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.open_session(path)
    workbench.relabel([0], "mine")
    said = pressing("Cancel")
    assert not box.save()
    assert "also open in process" in said[0]

    pressing("Overwrite")
    saved(box, qtbot)
    workbench.relabel([0], "mine again")
    saved(box, qtbot)
    assert load_session(path).labels[0] == "mine again"


def test_a_file_changed_by_another_program_is_kept_beside_ours(
    qtbot: Any, box: SessionBox, workbench: Workbench, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.open_session(path)
    changed = load_session(path)
    changed.relabel([0], "theirs")
    save_session(changed, path, overwrite=True)
    workbench.relabel([0], "mine")
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "mine.h5")

    said = pressing("Save as…")
    saved(box, qtbot)

    assert "changed by another program" in said[0]
    assert load_session(path).labels[0] == "theirs"
    assert load_session(tmp_path / "mine.h5").labels[0] == "mine"
    assert workbench.session.path == tmp_path / "mine.h5"


def test_a_file_that_is_open_elsewhere_is_replaced_only_when_asked(
    qtbot: Any, box: SessionBox, workbench: Workbench, other: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_box, "ask_save", lambda *_: path)
    asked = answering(monkeypatch, False)
    assert not box.save_as()
    assert "Replace it all the same?" in asked[0]


def test_training_data_that_a_window_has_open_are_loaded_and_it_is_said(
    qtbot: Any, workbench: Workbench, other: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_box = TrainingDataBox(workbench)
    qtbot.addWidget(data_box)
    monkeypatch.setattr(training_data_box.QFileDialog, "getOpenFileNames", staticmethod(lambda *_: ([str(path)], "")))
    data_box.ask_and_load("training")
    qtbot.waitUntil(lambda: bool(workbench.problems))
    workbench.training_launch.background.wait(10)
    assert workbench.training_data.names("training") == ("session.h5",)
    assert "session.h5 is open in process" in workbench.problems[-1].message
    qtbot.waitUntil(lambda: not workbench.leakage.measuring)


def test_a_data_set_with_a_file_that_a_window_has_open_is_opened_and_it_is_said(
    qtbot: Any, workbench: Workbench, other: Workbench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = path.with_name("set.json")
    file = describe_file(path, project=project, role="training")
    save_data_set(DataSet((file,), "set"), project)
    bar = DataSetBar(workbench)
    qtbot.addWidget(bar)
    monkeypatch.setattr(data_set_bar, "ask_open", lambda *_: project)
    bar._on_open()
    qtbot.waitUntil(lambda: "session.h5 is open in process" in bar.bar.text)
    workbench.data_sets.work.wait(5)
