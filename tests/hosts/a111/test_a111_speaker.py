"""The speaker of the Deep Learning Interface: its model predicts on what the A111 app measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.qt.widgets.feature_bars import LockBar

GESTURES = ("to_right", "volume", "up_down", "to_left", "down")


def test_the_imported_model_sets_the_sensor_and_predicts(host: Any, tmp_path: Path, shared_data: Path) -> None:
    pytest.importorskip("tensorflow")
    old = shared_data / "dli_model" / "model_data_speaker_sparse.npy"
    assert main(["import", str(old), "--out", str(tmp_path / "speaker.keras")]) == 0
    shipped = Recipe.from_json(find_recipe("speaker").read_text(), source="speaker")
    attached = host.attach()
    workbench = attached.workbench
    attached.scene.connect_host()
    host.choose("envelope")
    attached.tap.look()

    workbench.load_model(tmp_path / "speaker.keras")
    attached.tabs.show_tab("Features")
    bar = attached.tabs.page("Features").findChild(LockBar)
    assert bar.sensor_button.text() == "Change to the model's service, Sparse"
    bar.sensor_button.click()
    attached.tap.look()

    assert workbench.model_differences == ()
    assert workbench.recipe.same_frames_as(shipped)
    config = attached.control.config
    assert (config.sensor, config.profile.name, config.sampling_mode.name) == ([2, 4], "PROFILE_2", "A")
    assert (config.sweeps_per_frame, config.sweep_rate, config.update_rate) == (64, 4500.0, 60.0)
    assert (config.hw_accelerated_average_samples, config.gain) == (60, 0.5)
    assert config.range_interval == pytest.approx([0.12, 0.36], abs=0.001)

    workbench.change_recipe(trigger=shipped.trigger, frame=shipped.frame)
    attached.scene.choose("swipe")
    attached.tabs.show_tab("Evaluate")
    page = attached.tabs.page("Evaluate")
    page.start_button.click()
    host.wait(lambda: workbench.predicting.predictions.count >= 1, timeout_s=60)
    page.stop_button.click()
    host.settle()

    latest = workbench.predicting.predictions.latest
    assert latest.label in GESTURES
    assert latest.probabilities.shape == (5,)
    assert np.isclose(latest.probabilities.sum(), 1.0)
    assert not any(problem.is_bug for problem in workbench.problems)
