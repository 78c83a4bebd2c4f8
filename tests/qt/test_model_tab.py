"""Layers are added, moved, removed, switched and edited; shapes, counts and faults follow at once."""

from __future__ import annotations

import pytest

from exptool_ml_plugin.core.network import DLI_DEFAULT, LAYERS, default_network
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, LayerChoice, NetworkSettings
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.qt import model_tab
from exptool_ml_plugin.qt.model_tab import ModelTab
from exptool_ml_plugin.workbench.layer_file import load_layers, save_layers

TYPES = {kind.key: kind for kind in LAYERS}
SMALL = (LayerChoice("flatten"), LayerChoice("dropout"), LayerChoice("dense", {"units": 0, "activation": "softmax"}))
WIDTH = DEFAULT_SETUP.channels[0].points


@pytest.fixture
def tab(qtbot, workbench):
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20),
        network=NetworkSettings(layers=SMALL),
    )
    workbench.set_setup(DEFAULT_SETUP)
    tab = ModelTab(workbench)
    qtbot.addWidget(tab)
    tab.shown()
    return tab


def keys(workbench):
    return [layer.key for layer in workbench.recipe.network.layers]


def facts(tab, index):
    return [label.text() for label in tab.layers.cards[index]._facts]


def test_every_layer_tells_its_shape_and_parameters(tab):
    assert facts(tab, 0) == [str(20 * WIDTH), "0"]
    assert facts(tab, 2) == ["2", f"{(20 * WIDTH + 1) * 2:,}"]
    assert tab.side.facts.text("Trainable parameters") == f"{(20 * WIDTH + 1) * 2:,}"
    assert tab.side.facts.text("Frame in") == f"20 time steps × {WIDTH} values"


def test_shapes_follow_the_features(tab, workbench):
    workbench.change_recipe(frame=FrameSettings(time_steps=5))
    assert facts(tab, 0) == [str(5 * WIDTH), "0"]


@pytest.mark.parametrize("key", TYPES)
def test_every_layer_can_be_added_and_stands_before_the_output(tab, workbench, key):
    tab.add_button.chosen.emit(key)
    assert keys(workbench) == ["flatten", "dropout", key, "dense"]
    assert len(tab.layers.cards) == 4
    assert list(workbench.problems) == []


def test_a_dense_layer_that_is_added_has_units_at_once(tab):
    tab.add_button.chosen.emit("dense")
    assert tab.plan.issues_of(2) == []
    assert facts(tab, 2)[0] == "32"


def test_a_layer_is_added_to_an_empty_list(tab, workbench):
    for _ in range(3):
        tab.layers.cards[0].removed.emit()
    assert tab.layers.choices == default_network(20, WIDTH)  # an empty list means the default
    workbench.change_recipe(network=NetworkSettings(layers=(LayerChoice("flatten"),)))
    tab.add_button.chosen.emit("dense")
    assert keys(workbench) == ["flatten", "dense"]


def test_layers_are_moved(tab, workbench):
    tab.layers.cards[1]._up.click()
    assert keys(workbench) == ["dropout", "flatten", "dense"]
    assert not tab.layers.cards[0]._up.isEnabled()
    assert not tab.layers.cards[2]._down.isEnabled()


def test_a_layer_is_switched_off_and_counts_no_more(tab, workbench):
    tab.layers.cards[1]._switch.click()
    assert not workbench.recipe.network.layers[1].active
    assert facts(tab, 1) == ["", ""]
    assert tab.plan.summary.issues == ()


def test_a_removed_layer_comes_back_with_undo(tab, workbench):
    tab.layers.cards[1]._remove.click()
    assert keys(workbench) == ["flatten", "dense"]
    assert tab.undo.undo_button.isEnabled()
    tab.undo.undo_button.click()
    assert workbench.recipe.network.layers == SMALL
    assert not tab.undo.undo_button.isEnabled()


def test_an_edit_changes_only_what_was_edited(tab, workbench):
    tab.layers.cards[1]._form.editor("rate").setValue(0.5)
    assert workbench.recipe.network.layers == (SMALL[0], LayerChoice("dropout", {"rate": 0.5}), SMALL[2])


def test_a_parameter_written_as_a_pair_can_be_edited(tab, workbench):
    conv = LayerChoice("conv2d", {"filters": 4, "kernel_size": (3, 5)})
    workbench.change_recipe(network=NetworkSettings(layers=(conv, *SMALL)))
    tab.layers.cards[0]._form.editor("kernel_columns").setValue(2)
    edited = workbench.recipe.network.layers[0].params
    assert {**edited} == {"filters": 4, "kernel_rows": 3, "kernel_columns": 2}


def test_the_last_layers_units_follow_the_labels_and_are_not_offered(tab):
    assert tab.layers.cards[2]._form.editor("units").isHidden()
    tab.layers.cards[2]._switch.click()
    tab.layers.cards[2]._switch.click()
    tab.add_button.chosen.emit("dense")
    assert not tab.layers.cards[2]._form.editor("units").isHidden()
    assert tab.layers.cards[3]._form.editor("units").isHidden()


def test_a_fault_is_told_at_its_layer_in_words(tab, workbench, qtbot):
    layers = (LayerChoice("max_pooling2d", {"pool_rows": 500}), *SMALL)
    workbench.change_recipe(network=NetworkSettings(layers=layers))
    card = tab.layers.cards[0]
    assert "500 rows" in card._issues.text()
    assert not card._issues.isHidden()
    assert tab.layers.cards[1]._issues.isHidden()
    card._form.editor("pool_rows").setValue(2)
    assert card._issues.isHidden()


def test_a_layer_that_is_not_installed_is_told_and_can_be_removed(tab, workbench):
    workbench.change_recipe(network=NetworkSettings(layers=(LayerChoice("magic", {"power": 9}), *SMALL)))
    card = tab.layers.cards[0]
    assert card.choice() == LayerChoice("magic", {"power": 9})
    assert "magic" in card._issues.text()
    card._remove.click()
    assert workbench.recipe.network.layers == SMALL


def test_reset_gives_the_default_network_which_follows_the_frame(tab, workbench):
    tab.reset_button.menu().actions()[0].trigger()
    assert workbench.recipe.network.layers == ()
    assert tab.layers.choices == default_network(20, WIDTH)
    workbench.change_recipe(frame=FrameSettings(time_steps=9))
    assert tab.layers.choices == default_network(9, WIDTH)


def test_the_old_tools_default_network_can_be_chosen_and_taken_back(tab, workbench):
    tab.reset_button.menu().actions()[1].trigger()
    assert workbench.recipe.network.layers == DLI_DEFAULT
    tab.undo.undo_button.click()
    assert workbench.recipe.network.layers == SMALL


def test_layers_are_saved_and_loaded(tab, workbench, monkeypatch, tmp_path):
    path = tmp_path / "layers.yaml"
    monkeypatch.setattr(model_tab, "ask_save", lambda *args: path)
    monkeypatch.setattr(model_tab, "ask_open", lambda *args: path)
    tab.save_button.click()
    assert load_layers(path, TYPES)[0] == (
        LayerChoice("flatten"),
        LayerChoice("dropout", {"rate": 0.2}),
        LayerChoice("dense", {"units": 0, "activation": "softmax"}),
    )
    save_layers(DLI_DEFAULT, path, TYPES, overwrite=True)
    tab.load_button.click()
    assert keys(workbench) == [layer.key for layer in DLI_DEFAULT]


def test_what_does_not_fit_in_a_loaded_file_is_told(tab, monkeypatch, tmp_path):
    path = tmp_path / "layers.yaml"
    path.write_text("- {class: Dropout, name: dropout, params: {rate: 9}}\n- {class: Dense, name: dense}\n")
    monkeypatch.setattr(model_tab, "ask_open", lambda *args: path)
    tab.load_button.click()
    assert "rate=9" in tab._issues.text()
    assert len(tab.layers.cards) == 2


def test_a_file_that_is_no_layer_list_changes_nothing(tab, workbench, monkeypatch, tmp_path):
    path = tmp_path / "layers.yaml"
    path.write_text("words")
    monkeypatch.setattr(model_tab, "ask_open", lambda *args: path)
    tab.load_button.click()
    assert "Expected a list of layers" in workbench.problems[-1].message
    assert workbench.recipe.network.layers == SMALL


def test_normalisation_is_part_of_the_recipe(tab, workbench):
    box = tab.side.normalisation
    box.setCurrentIndex(box.findData("none"))
    box.activated.emit(box.currentIndex())
    assert workbench.recipe.network == NetworkSettings(layers=SMALL, normalisation="none")
    workbench.change_recipe(network=NetworkSettings(layers=SMALL))
    assert box.currentData() == "standard"


def test_editing_keeps_the_card_that_is_edited(tab):
    cards = tab.layers.cards
    cards[1]._form.editor("rate").setValue(0.4)
    cards[1]._up.click()
    assert tab.layers.cards == (cards[1], cards[0], cards[2])


def test_a_long_list_is_edited_like_a_short_one(tab, workbench):
    layers = (LayerChoice("flatten"), *(LayerChoice("dropout", {"rate": i / 100}) for i in range(38)), SMALL[2])
    workbench.change_recipe(network=NetworkSettings(layers=layers))
    tab.layers.cards[20]._remove.click()
    assert workbench.recipe.network.layers == (*layers[:20], *layers[21:])


def test_a_normalisation_is_taken_back_like_a_layer(tab, workbench):
    tab.layers.cards[1]._remove.click()
    box = tab.side.normalisation
    box.setCurrentIndex(box.findData("none"))
    box.activated.emit(box.currentIndex())
    tab.undo.undo_button.click()
    assert workbench.recipe.network.normalisation == "standard"
    tab.undo.undo_button.click()
    assert workbench.recipe.network.layers == SMALL


def test_out_of_view_it_leaves_the_session_alone(tab, workbench):
    tab.hidden()
    plan = tab.plan
    workbench.session_changed.emit()
    assert tab.plan is plan
    tab.shown()
    assert tab.plan is not plan
