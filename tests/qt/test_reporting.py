"""Problems are shown in words where the user looks."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.recipe import FrameSettings
from exptool_ml_plugin.plugins import PluginProblem
from exptool_ml_plugin.qt.reporting import Notice


@pytest.fixture
def notice(qtbot, workbench):
    notice = Notice(workbench)
    qtbot.addWidget(notice)
    return notice


def test_nothing_is_shown_without_a_problem(notice):
    assert notice.isHidden()


def test_what_the_user_can_mend_is_shown_with_its_hint_and_without_a_report(notice, workbench):
    workbench.report(UserError("Expected 2 labels. Received: 1.", "Collect another."), "training")
    assert not notice.isHidden()
    assert notice._message.text() == "Expected 2 labels. Received: 1."
    assert notice._hint.text() == "Collect another."
    assert notice._copy.isHidden()


def test_a_fault_of_ours_comes_with_a_report_to_copy(notice, workbench, qtbot):
    try:
        raise ValueError("odd")
    except ValueError as error:
        workbench.report(error, "the plot")
    notice._copy.click()
    copied = QApplication.clipboard().text()
    assert "ValueError: odd" in copied
    assert "Traceback" in copied


def test_what_went_wrong_before_there_was_a_notice_is_shown(qtbot, workbench):
    workbench.report(UserError("Expected a sensor.", "Connect one."), "the start")
    notice = Notice(workbench)
    qtbot.addWidget(notice)
    assert not notice.isHidden()
    assert notice._message.text() == "Expected a sensor."


def test_a_problem_is_dismissed_by_the_user(notice, workbench):
    workbench.report(UserError("Wrong."), "here")
    notice._dismiss.click()
    assert notice.isHidden()


def test_earlier_problems_are_counted(notice, workbench):
    for text in ("one", "two", "two", "three"):
        workbench.report(UserError(text), "here")
    assert notice._count.text() == "2 earlier"


def test_a_problem_with_settings_goes_when_they_change_and_a_fault_stays(notice, workbench):
    workbench.report(UserError("Wrong."), "here")
    workbench.change_recipe(frame=FrameSettings(time_steps=7))
    assert notice.isHidden()
    workbench.report(ValueError("odd"), "here")
    workbench.change_recipe(frame=FrameSettings(time_steps=8))
    assert not notice.isHidden()


def test_a_plugin_that_cannot_be_used_is_named(qtbot, workbench):
    workbench.plugins.problems.append(PluginProblem("guest", "ImportError: no such module"))
    notice = Notice(workbench)
    qtbot.addWidget(notice)
    assert "guest" in notice._message.text()
    assert not notice.isHidden()
