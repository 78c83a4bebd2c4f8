"""A file is chosen, its ending completed, and nothing overwritten without being asked."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QFileDialog, QMessageBox, QWidget

from exptool_ml_plugin.qt.file_dialogs import ask, ask_open, ask_save

FILES = "Models (*.keras)"


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def answers(monkeypatch):
    """Answer dialogs: the file that is typed, and whether to replace it."""
    given = {"file": "", "yes": False, "asked": 0}

    def question(*args, **kwargs):
        given["asked"] += 1
        buttons = QMessageBox.StandardButton
        return buttons.Yes if given["yes"] else buttons.No

    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *args: (given["file"], FILES)))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *args: (given["file"], FILES)))
    monkeypatch.setattr(QMessageBox, "question", staticmethod(question))
    return given


def test_turning_back_gives_no_file(parent, answers):
    assert ask_open(parent, "Load", FILES) is None
    assert ask_save(parent, "Save", "x.keras", FILES) is None


def test_a_name_without_ending_gets_the_first_one(parent, answers, tmp_path):
    answers["file"] = str(tmp_path / "gesture.v2")
    assert ask_save(parent, "Save", "x.keras", FILES) == tmp_path / "gesture.v2.keras"


@pytest.mark.parametrize("yes", [True, False])
def test_a_completed_name_that_exists_is_asked_about(parent, answers, tmp_path, yes):
    taken = tmp_path / "gesture.keras"
    taken.touch()
    answers.update(file=str(tmp_path / "gesture"), yes=yes)
    assert ask_save(parent, "Save", "x.keras", FILES) == (taken if yes else None)
    assert answers["asked"] == 1


def test_a_name_the_dialog_has_asked_about_is_not_asked_about_again(parent, answers, tmp_path):
    taken = tmp_path / "gesture.keras"
    taken.touch()
    answers["file"] = str(taken)
    assert ask_save(parent, "Save", "x.keras", FILES) == taken
    assert answers["asked"] == 0


@pytest.mark.parametrize("yes", [True, False])
def test_a_question_is_answered_with_yes_or_no(parent, answers, yes):
    answers["yes"] = yes
    assert ask(parent, "Remove", "Really?") is yes
