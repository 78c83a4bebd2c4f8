from __future__ import annotations

from typing import Any

import pytest

from exptool_ml_plugin.core.diagnosis import Finding
from exptool_ml_plugin.qt.widgets.diagnosis_view import DiagnosisView
from exptool_ml_plugin.qt.widgets.message_strip import MessageStrip, StripRow

FINDING = Finding("Loss <rises>", "It rose.", "A step was too large.", ("Lower the rate.", "Larger batches."))


@pytest.fixture
def view(qtbot: Any) -> DiagnosisView:
    made = DiagnosisView()
    qtbot.addWidget(made)
    return made


def test_a_finding_opens_the_view_and_its_end_closes_it(view: DiagnosisView) -> None:
    view.show_findings([FINDING], epochs=10)
    assert view.is_open
    assert "Loss <rises>" in view.text
    view.show_findings([], epochs=11)
    assert not view.is_open
    assert "healthy" in view.text


def test_what_the_user_has_closed_stays_closed_until_the_next_training(view: DiagnosisView) -> None:
    view.show_findings([FINDING], epochs=10)
    view.head.click()
    view.show_findings([FINDING, FINDING], epochs=11)
    assert not view.is_open
    assert "and 1 more" in view.text
    view.reset()
    view.show_findings([FINDING], epochs=10)
    assert view.is_open


def test_nothing_is_said_of_a_few_epochs(view: DiagnosisView) -> None:
    view.show_findings([], epochs=3)
    assert "healthy" not in view.text


def test_markup_in_a_finding_is_shown_as_it_is_written(view: DiagnosisView) -> None:
    view.show_findings([FINDING], epochs=10)
    assert "Loss &lt;rises&gt;" in view._text.text()


def test_the_strip_shows_loud_rows_and_the_others_on_request(qtbot: Any) -> None:
    strip = MessageStrip()
    qtbot.addWidget(strip)
    done: list[int] = []
    rows = [StripRow(f"error {number}", "#c62828", "Mend", lambda n=number: done.append(n)) for number in range(5)]
    strip.show_rows(rows)
    assert len(strip._lines) == 3
    button = strip.button("Mend")
    assert button is not None
    button.click()
    assert done == [0]
    strip._on_more()
    assert len(strip._lines) == 5
    strip.show_rows(())
    assert strip.isHidden()
