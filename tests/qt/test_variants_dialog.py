from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.qt.widgets.variants_dialog import VariantsDialog
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import SETUP, give, make_recipe


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


def test_the_dialog_shows_one_frame_after_the_other_beside_its_variants(workbench: Workbench, qtbot: Any) -> None:
    recipe = replace(
        make_recipe(trigger=TriggerChoice("continuous", {"hop": 10})),
        augmentation=AugmentationSettings(copies=1, amplitude_db=6.0),
    )
    workbench.set_recipe(recipe)
    session = Session(recipe)
    recording = record(SETUP, "push", 1.0, name="push", seed=1)
    session.add_recording(recording)
    for frame in frames_of(recording, recipe, workbench.plugins.parts):
        session.add(frame, "push", 0)
    give(workbench, session)
    dialog = VariantsDialog(workbench)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.another.isEnabled)
    first = dialog.preview
    assert first is not None
    assert len(first.variants) == 5
    assert "push, reading" in dialog.pictures.title.text()
    dialog.another.click()
    qtbot.waitUntil(lambda: dialog.preview is not first and dialog.another.isEnabled())
    dialog.reject()
    assert not dialog.work.doing
    assert not workbench.problems
