"""The box under every tab tells model, data and next step, and loads, saves and removes the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from exptool_ml_plugin.core.model_file import ModelInfo
from exptool_ml_plugin.core.recipe import FrameSettings
from exptool_ml_plugin.qt.widgets import model_info_box
from exptool_ml_plugin.qt.widgets.model_info_box import ModelInfoBox, shape_text
from exptool_ml_plugin.workbench import workbench as workbench_module
from exptool_ml_plugin.workbench.open_model import OpenModel


@pytest.fixture
def box(qtbot, workbench):
    box = ModelInfoBox(workbench)
    qtbot.addWidget(box)
    return box


@pytest.fixture
def model_file(workbench, monkeypatch, tmp_path):
    """A file that is read as a model of the workbench's recipe."""
    path = tmp_path / "gesture.keras"
    path.write_bytes(b"a model")
    info = ModelInfo(recipe=workbench.recipe, labels=("push", "pull", "swipe"), frame_shape=(40, 68))
    monkeypatch.setattr(workbench_module.OpenModel, "read", classmethod(lambda cls, path: OpenModel(path, info)))
    return path


def choose(monkeypatch, path: Path | None, *, yes: bool = True) -> None:
    for name in ("ask_open", "ask_save"):
        monkeypatch.setattr(model_info_box, name, lambda *args: path)
    monkeypatch.setattr(model_info_box, "ask", lambda *args: yes)


def test_without_a_model_nothing_can_be_saved_or_removed(box, workbench):
    assert box.text("model") == "Not initialised"
    assert box.text("shape") == "N/A"
    assert box.text("training") == "Not loaded"
    assert box.text("next") == workbench.next_step
    assert box.text("settings") == "Editable"
    assert not box._save.isEnabled()
    assert not box._remove.isEnabled()


def test_a_loaded_model_is_told_with_its_shape_and_file(box, workbench, model_file, monkeypatch):
    choose(monkeypatch, model_file)
    box._load.click()
    assert box.text("model") == "Ready: gesture.keras"
    assert box.text("shape") == "40 × 68 → 3 labels"
    assert box.text("source") == str(model_file)
    assert box.text("settings") == "Those of the model"
    assert box.text("next") == workbench.next_step


def test_settings_that_differ_from_the_models_are_told(box, workbench, model_file):
    workbench.load_model(model_file)
    workbench.change_recipe(frame=FrameSettings(time_steps=13))
    assert box.text("settings") == "Differ from the model's"


def test_turning_back_loads_nothing(box, workbench, monkeypatch):
    choose(monkeypatch, None)
    box._load.click()
    assert workbench.model is None


def test_a_model_is_saved_where_the_user_chooses(box, workbench, model_file, monkeypatch, tmp_path):
    workbench.load_model(model_file)
    choose(monkeypatch, tmp_path / "copy.keras")
    box._save.click()
    assert (tmp_path / "copy.keras").read_bytes() == b"a model"


@pytest.mark.parametrize("yes", [True, False])
def test_removing_asks_first_and_leaves_the_file(box, workbench, model_file, monkeypatch, yes):
    workbench.load_model(model_file)
    choose(monkeypatch, None, yes=yes)
    box._remove.click()
    assert (workbench.model is None) is yes
    assert model_file.exists()


def test_a_file_that_is_no_model_is_reported(box, workbench, monkeypatch, tmp_path):
    (tmp_path / "x.keras").write_text("no zip")
    choose(monkeypatch, tmp_path / "x.keras")
    box._load.click()
    assert workbench.model is None
    assert "Expected" in workbench.problems[-1].message
    assert not workbench.problems[-1].is_bug


def test_a_text_that_does_not_fit_is_cut_and_kept_in_the_tooltip(box):
    label = box._values["source"]
    label.resize(80, 20)
    label.set_text("/a/very/long/path/to/a/file/that/does/not/fit.keras")
    assert "…" in label.text()
    assert label.toolTip() == "/a/very/long/path/to/a/file/that/does/not/fit.keras"


@pytest.mark.parametrize(("labels", "expected"), [(1, "2 × 3 → 1 label"), (5, "2 × 3 → 5 labels")])
def test_shapes_are_written_with_the_number_of_labels(labels, expected):
    assert shape_text((2, 3), labels) == expected
