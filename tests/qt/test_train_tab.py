"""The Train tab on histories that are filled by hand, and once on a real training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtWidgets import QApplication, QLabel

from exptool_ml_plugin.core.messages import (
    BatchEnd,
    EpochEnd,
    MatrixCounted,
    TrainingDone,
    TrainingStarted,
    WorkerFailed,
)
from exptool_ml_plugin.core.recipe import OPTIMIZERS, FeatureChoice
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.qt import style
from exptool_ml_plugin.qt.train_tab import TrainTab
from exptool_ml_plugin.qt.widgets import data_set_bar, training_controls, training_data_box
from exptool_ml_plugin.qt.widgets.leakage_meter import leakage_color
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import give, make_recipe, make_session

LABELS = ("pull", "push", "still")
DONE = TrainingDone("early stopping", "best", 8, 3, 0.1, 0.9, 0.3, 0.9, 20.0, "")


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(make_recipe())
    made.training_launch.runs_folder = tmp_path / "runs"
    yield made
    made.close()


@pytest.fixture
def tab(workbench: Workbench, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainTab]:
    monkeypatch.setattr(Training, "warm_up", lambda self: None)
    made = TrainTab(workbench)
    qtbot.addWidget(made)
    qtbot.addWidget(made.side)
    made.resize(1000, 800)
    made.show()
    made.shown()
    yield made
    made.hidden()


def begin(training: Training, *, epochs: int = 10, batches: int = 5) -> None:
    """Let the worker say that a training begins."""
    training.history.clear()
    training._on_started(TrainingStarted(1, epochs, batches, 100, 20, 1000))


def add_epochs(training: Training, losses: list[float], val_losses: list[float], *, batches: int = 5) -> None:
    """Let the worker say what it says in these epochs."""
    for number, (loss, val_loss) in enumerate(zip(losses, val_losses, strict=True), start=1):
        for batch in range(1, batches + 1):
            training._on_batch(BatchEnd(number, batch, loss, 1.0 - loss / 2))
        best = min(range(number), key=lambda index: val_losses[index]) + 1
        training._on_epoch(
            EpochEnd(number, loss, 1.0 - loss / 2, val_loss, 1.0 - val_loss / 2, 0.001, 1.0, best, best == number, 4)
        )


def count(training: Training, subset: str = "validation") -> None:
    training._on_matrix(MatrixCounted(subset, LABELS, ((8, 2, 0), (1, 9, 0), (0, 0, 10))))


def falling(epochs: int) -> list[float]:
    return [1.0 / (1 + index) for index in range(epochs)]


# --- before the first batch ------------------------------------------------------------------------------------


def test_without_data_the_tab_says_so_and_train_is_off(tab: TrainTab) -> None:
    assert "labelled frames" in tab.messages.texts[0]
    assert not tab.side.train.isEnabled()


def test_a_button_mends_what_is_wrong(tab: TrainTab, workbench: Workbench, qtbot: Any) -> None:
    workbench.sessions.session = make_session(20)
    tab.check()
    button = tab.messages.button("Use current session")
    assert button is not None
    button.click()
    qtbot.waitUntil(tab.side.train.isEnabled)
    assert tab.messages.texts[0].startswith("Ready: ")


def test_a_mend_of_the_settings_shows_in_the_form(tab: TrainTab, workbench: Workbench, qtbot: Any) -> None:
    give(workbench, make_session(20))
    workbench.change_recipe(training=replace(workbench.recipe.training, validation="none"))
    qtbot.waitUntil(lambda: tab.messages.button("Split off a part") is not None)
    button = tab.messages.button("Split off a part")
    assert button is not None
    button.click()
    assert workbench.recipe.training.validation == "split"
    assert tab.side.settings.form_of("validation").value().validation == "split"


def test_labels_are_counted_as_they_will_be_used(tab: TrainTab, workbench: Workbench, qtbot: Any) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(4, seed=3), subset="test")
    qtbot.waitUntil(lambda: tab.labels.rowCount() == 4)
    row = [tab.labels.item(0, column).text() for column in range(4)]
    assert row == ["pull", "20", "20", "8"]
    assert tab.labels.item(3, 0).text() == "All"


def test_files_are_loaded_without_holding_up_the_window(
    tab: TrainTab, workbench: Workbench, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.h5"
    save_session(make_session(5), path)
    monkeypatch.setattr(training_data_box.QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    tab.side.data.load["training"].click()
    qtbot.waitUntil(lambda: workbench.training_data.frames("training") == 30)
    workbench.training_launch.background.wait(5)
    qtbot.waitUntil(tab.side.train.isEnabled)


# --- settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_brings_its_own_learning_rate(tab: TrainTab, workbench: Workbench, optimizer: str) -> None:
    workbench.change_recipe(training=replace(workbench.recipe.training, optimizer="SGD", learning_rate=0.5))
    if optimizer == "SGD":
        workbench.change_recipe(training=replace(workbench.recipe.training, optimizer="Adam"))
    form = tab.side.settings.form_of("optimizer")
    box = form.editor("optimizer")
    box.setCurrentIndex(box.findText(optimizer))
    box.edited.emit()
    assert workbench.recipe.training.optimizer == optimizer
    assert workbench.recipe.training.learning_rate == OPTIMIZERS[optimizer]
    assert form.value().learning_rate == OPTIMIZERS[optimizer]


def test_showing_a_recipe_does_not_write_it_back(tab: TrainTab, workbench: Workbench) -> None:
    changes: list[Any] = []
    workbench.recipe_changed.connect(changes.append)
    training = replace(workbench.recipe.training, epochs=7, optimizer="SGD", learning_rate=0.123, patience=9)
    workbench.change_recipe(training=training)
    assert [recipe.training for recipe in changes] == [training]


def test_fields_without_meaning_are_off(tab: TrainTab, workbench: Workbench) -> None:
    workbench.change_recipe(training=replace(workbench.recipe.training, early_stopping=False, validation="files"))
    stopping = tab.side.settings.form_of("patience")
    assert not stopping.editor("patience").isEnabled()
    assert tab.side.settings.form_of("split").editor("split").isHidden()
    assert tab.side.data.load["validation"].isEnabled()


def test_the_best_iterations_go_where_the_user_says(
    tab: TrainTab, workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([str(tmp_path), ""])
    monkeypatch.setattr(training_controls.QFileDialog, "getExistingDirectory", lambda *_: next(answers))
    tab.side.save_best.click()
    assert workbench.training_launch.save_best_to == tmp_path
    tab.side.save_best.click()
    assert workbench.training_launch.save_best_to is None
    tab.side.save_best.click()
    assert not tab.side.save_best.isChecked(), "no folder was chosen"


# --- while training --------------------------------------------------------------------------------------------


def test_batches_and_epochs_are_drawn_and_told(tab: TrainTab, workbench: Workbench) -> None:
    begin(workbench.training)
    add_epochs(workbench.training, falling(3), [0.9, 0.5, 0.6])
    tab.refresh()
    assert len(tab.plots.loss.training) == 15
    assert tab.plots.loss.validation.y.tolist() == [0.9, 0.5, 0.6]
    assert tab.plots.accuracy.training.x[4] == 1.0, "the last batch of epoch 1 lies where its validation does"
    assert "epoch 2, validation loss 0.5" in tab.status.facts
    assert tab.status.headline == "Training"
    assert tab.messages.texts == ()


def test_stop_says_stopping_until_the_worker_has_stopped(tab: TrainTab, workbench: Workbench) -> None:
    asked: list[str] = []
    workbench.training.stop = lambda keep: asked.append(keep)  # type: ignore[method-assign, assignment]
    begin(workbench.training)
    assert tab.side.stop.isEnabled()
    assert not tab.side.train.isEnabled()
    tab.side.keep_last.setChecked(True)
    tab.side.stop.click()
    assert asked == ["last"]
    workbench.training.state = "stopping"
    workbench.training.changed.emit()
    assert tab.side.stop.text() == "Stopping…"
    assert not tab.side.stop.isEnabled()


def test_settings_and_data_cannot_change_while_training(tab: TrainTab, workbench: Workbench) -> None:
    begin(workbench.training)
    assert not tab.side.settings.isEnabled()
    assert not tab.side.data.isEnabled()
    workbench.training._on_done(DONE)
    assert tab.side.settings.isEnabled()


def test_overfitting_is_diagnosed_and_the_next_training_begins_without(tab: TrainTab, workbench: Workbench) -> None:
    begin(workbench.training, epochs=30)
    rising = [1.0, 0.6, 0.4, 0.35, 0.3, 0.32] + [0.4 + 0.1 * index for index in range(12)]
    add_epochs(workbench.training, falling(18), rising)
    tab.refresh()
    assert "Validation loss rises" in tab.diagnosis.text
    assert tab.diagnosis.is_open
    begin(workbench.training)
    tab.refresh()
    assert "Validation loss rises" not in tab.diagnosis.text
    assert not tab.diagnosis.is_open


def test_a_worker_that_died_is_told_with_a_report_and_train_works_again(
    tab: TrainTab, workbench: Workbench, qtbot: Any
) -> None:
    give(workbench, make_session(20))
    begin(workbench.training)
    add_epochs(workbench.training, falling(3), falling(3))
    workbench.training._on_failed(WorkerFailed("The process was killed.", "Press Train.", "signal 9"))
    qtbot.waitUntil(tab.side.train.isEnabled)
    assert tab.messages.texts[0] == "The process was killed. Press Train."
    button = tab.messages.button("Copy report")
    assert button is not None
    button.click()
    assert "signal 9" in QApplication.clipboard().text()
    assert len(tab.plots.loss.training) == 15, "the curves stay"


def test_a_tab_that_is_built_again_shows_what_was_there(tab: TrainTab, workbench: Workbench, qtbot: Any) -> None:
    begin(workbench.training)
    add_epochs(workbench.training, falling(3), falling(3))
    count(workbench.training)
    workbench.training._on_done(DONE)
    again = TrainTab(workbench)
    qtbot.addWidget(again)
    qtbot.addWidget(again.side)
    assert len(again.plots.loss.training) == 15
    assert again.matrix.table.matrix is not None
    assert again.status.headline == "Stopped early after 8 epochs, best weights kept"


def test_timers_run_only_while_the_tab_is_in_view(tab: TrainTab) -> None:
    assert tab.timer.isActive()
    tab.hidden()
    assert not tab.timer.isActive()


def test_clear_weights_asks_and_then_forgets_the_curves(
    tab: TrainTab, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(workbench.training)
    add_epochs(workbench.training, falling(3), falling(3))
    workbench.training._on_done(DONE)
    tab.side.afresh.setEnabled(True)
    monkeypatch.setattr(training_controls, "ask", lambda *_: False)
    tab.side.afresh.click()
    assert workbench.training.history.epoch_count == 3
    monkeypatch.setattr(training_controls, "ask", lambda *_: True)
    tab.side.afresh.click()
    tab.draw()
    assert len(tab.plots.loss.training) == 0


# --- all of it -------------------------------------------------------------------------------------------------


def test_a_real_training_fills_curves_and_matrices_and_opens_its_model(workbench: Workbench, qtbot: Any) -> None:
    workbench.change_recipe(
        training=replace(workbench.recipe.training, epochs=3, batch_size=16, early_stopping=False, learning_rate=0.01)
    )
    give(workbench, make_session(20))
    tab = TrainTab(workbench)
    qtbot.addWidget(tab)
    qtbot.addWidget(tab.side)
    tab.shown()
    tab.side.train.click()
    qtbot.waitUntil(lambda: workbench.training.result is not None and tab.side.train.isEnabled(), timeout=120_000)
    tab.refresh()
    tab.hidden()
    assert len(tab.plots.loss.training) == 3 * 4
    assert len(tab.plots.loss.validation) == 3
    matrix = tab.matrix.table.matrix
    assert matrix is not None
    assert matrix.total == 60
    assert matrix.accuracy > 0.9
    assert workbench.model is not None
    assert workbench.training_launch.beginning().kind == "resume"
    _judge_other_frames(workbench, tab, qtbot)


def _judge_other_frames(workbench: Workbench, tab: TrainTab, qtbot: Any) -> None:
    """Test files loaded after the training, and a model that was opened, have their matrices, too."""
    launch = workbench.training_launch
    assert not launch.can_count("test")
    give(workbench, make_session(5, seed=7), subset="test")
    tab.shown()
    tab.refresh()
    tab.matrix.subsets["test"].click()
    tab.matrix.count.click()
    qtbot.waitUntil(lambda: "test" in workbench.training.matrices, timeout=60_000)
    qtbot.waitUntil(lambda: tab.matrix.table.matrix is not None)
    assert tab.matrix.table.matrix is not None
    assert tab.matrix.table.matrix.total == 5 * 3 * 2
    assert launch.beginning().kind == "resume", "what judges changes nothing of the training"

    assert workbench.model is not None
    opened = workbench.training_launch.runs_folder / "opened.keras"
    workbench.save_model(opened)
    workbench.training.matrices.clear()
    workbench.load_model(opened)
    give(workbench, make_session(4, seed=8))
    launch.count("training")
    qtbot.waitUntil(lambda: "training" in workbench.training.matrices, timeout=60_000)
    counted = workbench.training.matrices["training"].counts
    assert sum(map(sum, counted)) == 12, "the half of the recordings that the split leaves to train with"
    qtbot.waitUntil(lambda: not workbench.training.busy)
    launch.close(5.0)
    assert not list(launch.runs_folder.glob(".judged_*"))
    tab.hidden()


# --- what validates --------------------------------------------------------------------------------------------


def test_only_the_settings_of_the_chosen_hold_out_are_shown(tab: TrainTab, workbench: Workbench) -> None:
    form = tab.side.settings.forms["Validation"]

    def shown() -> set[str]:
        return {name for name in form.names if not form.editor(name).isHidden()}

    assert shown() == {"validation", "split", "holdout", "validation_fraction"}
    said = tab.side.data.findChild(QLabel, "validation")
    for holdout, fields, text in (("fold", {"folds", "fold"}, "Fold 1 of 5"), ("group", {"fold"}, "Group 1 alone")):
        workbench.change_recipe(training=replace(workbench.recipe.training, holdout=holdout))
        assert shown() == {"validation", "split", "holdout", *fields}
        assert said.full_text == text


def test_the_leakage_stands_with_the_data_in_a_colour_and_is_explained(
    tab: TrainTab, workbench: Workbench, qtbot: Any
) -> None:
    side = tab.side
    side.show()
    meter = side.data.leakage
    give(workbench, make_session(20))
    qtbot.waitUntil(lambda: meter.number.text() == "validation 0.0%")
    assert style.GOOD in meter.number.styleSheet() or meter.number.palette().windowText().color().name() == style.GOOD
    workbench.change_recipe(training=replace(workbench.recipe.training, split="random"))
    qtbot.waitUntil(lambda: meter.number.text() not in ("validation 0.0%", "measuring…"))
    assert "share readings" in meter.number.toolTip()
    assert "flatter" in meter.toolTip()
    workbench.leakage.wait(10)


def test_the_colour_of_the_leakage_says_how_bad_it_is() -> None:
    colors = [leakage_color(share) for share in (None, 0.0, 0.05, 0.5)]
    assert colors == [style.MUTED, style.GOOD, style.WARNING, style.ERROR]


def test_augmentation_shows_its_limits_once_there_are_variants(tab: TrainTab, workbench: Workbench) -> None:
    form = tab.side.settings.augmentation
    assert [name for name in form.names if not form.editor(name).isHidden()] == ["copies"]
    form.editor("copies").set_value(4)
    form.changed.emit(form.value())
    assert workbench.recipe.augmentation.copies == 4
    assert not form.editor("noise").isHidden()


def test_what_is_loaded_is_saved_as_a_data_set_and_opened_again(
    tab: TrainTab, workbench: Workbench, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, bar, project = workbench.training_data, tab.side.data.sets, tmp_path / "set.json"
    for seed, subset in enumerate(("training", "validation")):
        save_session(make_session(5, seed=seed), tmp_path / f"{subset}.h5")
        files.load([tmp_path / f"{subset}.h5"], subset)
    monkeypatch.setattr(data_set_bar, "ask_save", lambda *_: project)
    monkeypatch.setattr(data_set_bar, "ask_open", lambda *_: project)
    qtbot.waitUntil(bar.save.isEnabled)
    bar.save.click()
    qtbot.waitUntil(lambda: bar.bar.text == "set.json is saved.")
    files.clear()
    bar.open.click()
    qtbot.waitUntil(lambda: bar.bar.text == "set.json is open.")
    assert files.names("validation") == ("validation.h5",)
    assert workbench.recipe.training.validation == "files"
    assert not bar.together.isEnabled()
    workbench.data_sets.work.wait(5)


def test_before_frames_are_cut_anew_the_files_are_shown(
    tab: TrainTab, workbench: Workbench, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_recipe(features=(FeatureChoice("range_segment", {"scale": "linear"}),))
    give(workbench, make_session(5), make_session(5, seed=1, recipe=other))
    asked: list[str] = []
    monkeypatch.setattr(data_set_bar, "ask", lambda _parent, _title, question: bool(asked.append(question)))
    bar = tab.side.data.sets
    qtbot.waitUntil(bar.together.isEnabled)
    bar.together.click()
    assert "training_1.h5 (training): 30 frames, 12 readings; other features" in asked[0]
    assert "stay" in asked[0]
    assert not workbench.data_sets.work.doing
