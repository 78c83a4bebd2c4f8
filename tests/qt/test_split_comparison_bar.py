"""Comparing with a random split in the Train tab."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.core.leakage import Leakage
from exptool_ml_plugin.core.messages import TrainingDone
from exptool_ml_plugin.qt.train_tab import TrainTab
from exptool_ml_plugin.qt.widgets import split_comparison_bar
from exptool_ml_plugin.qt.widgets.split_comparison_bar import SplitComparisonBar
from exptool_ml_plugin.workbench.comparing import Comparing
from exptool_ml_plugin.workbench.split_comparison import Comparison, Side
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import give, make_recipe, make_session

WORKER = Path(__file__).parents[1] / "workbench" / "fake_worker.py"
DONE = TrainingDone("finished", "best", 3, 2, 0.1, 0.9, 0.2, 0.9, 1.0, "")
FOUND = Comparison(
    Side("recording", 60, Leakage(60, 0, 0, 60, 0), DONE),
    Side("random", 60, Leakage(60, 58, 60, 0, 0), replace(DONE, val_accuracy=1.0)),
)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(make_recipe())
    made.training_launch.runs_folder = tmp_path / "runs"
    made.__dict__["comparing"] = Comparing(
        made.training_data,
        recipe=lambda: made.recipe,
        runs_folder=lambda: made.training_launch.runs_folder,
        newest_run=lambda: None,
        report=made.report,
        command=(sys.executable, str(WORKER), "train"),
    )
    give(made, make_session(20))
    yield made
    made.close()


@pytest.fixture
def tab(workbench: Workbench, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainTab]:
    monkeypatch.setattr(Training, "warm_up", lambda self: None)
    made = TrainTab(workbench)
    for widget in (made, made.side):
        qtbot.addWidget(widget)
        widget.show()
    made.shown()
    yield made
    made.hidden()


@pytest.fixture
def bar(tab: TrainTab) -> SplitComparisonBar:
    return tab.side.data.comparison


def test_it_asks_trains_in_the_background_and_can_be_cancelled(
    tab: TrainTab, bar: SplitComparisonBar, workbench: Workbench, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    asked: list[str] = []
    monkeypatch.setattr(split_comparison_bar, "ask", lambda *args: asked.append(args[-1]) or next(answers))
    comparing = workbench.comparing

    bar.button.click()
    assert (len(asked), comparing.work.doing) == (1, "")
    bar.button.click()
    qtbot.waitUntil(lambda: bar.bar.progress.value() > 0, timeout=20_000)
    assert bar.bar.text == "Comparing with a random split…"
    assert not bar.button.isEnabled()
    assert not tab.side.train.isEnabled()
    bar.bar.cancel_button.click()
    qtbot.waitUntil(lambda: tab.side.train.isEnabled() and bar.button.isEnabled(), timeout=20_000)

    assert (bar.result.isHidden(), bar.bar.isHidden(), list(workbench.problems)) == (True, True, [])
    assert workbench.training.state == "idle"


def test_both_accuracies_are_said_until_data_or_split_are_others(
    bar: SplitComparisonBar, workbench: Workbench, qtbot: Any
) -> None:
    comparing = workbench.comparing
    comparing._result = (comparing._key(workbench.recipe), FOUND)
    comparing.changed.emit()

    assert not bar.result.isHidden()
    assert bar.result.text() == FOUND.in_words()
    assert "10.0 percentage points more: it flatters" in bar.result.text()
    workbench.change_recipe(training=replace(workbench.recipe.training, split="stratified"))
    assert bar.result.isHidden()


def test_it_is_offered_only_where_frames_are_split_off_and_nothing_trains(
    bar: SplitComparisonBar, workbench: Workbench
) -> None:
    assert bar.button.isEnabled()
    for validation in ("none", "files"):
        workbench.change_recipe(training=replace(workbench.recipe.training, validation=validation))
        assert not bar.button.isEnabled()
        assert "Split off a part" in bar.button.toolTip()
    workbench.change_recipe(training=replace(workbench.recipe.training, validation="split"))
    workbench.training_data.clear()
    assert not bar.button.isEnabled()
