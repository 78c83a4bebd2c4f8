from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import SETUP, TINY

RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=10),
    trigger=TriggerChoice("continuous", {"hop": 10}),
    network=TINY,
)
OTHER = replace(RECIPE, frame=FrameSettings(time_steps=12))


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


def saved(workbench: Workbench, path: Path, recipe: Recipe, *, seed: int = 0) -> Path:
    """A session file of one recording for each of two labels."""
    session = Session(recipe)
    for label in ("push", "still"):
        recording = record(SETUP, label, 1.0, name=f"{label}_{seed}", seed=seed)
        index = session.add_recording(recording)
        for frame in frames_of(recording, recipe, workbench.plugins.parts):
            session.add(frame, label, index)
    save_session(session, path)
    return path


def test_what_is_loaded_is_saved_and_opened_again_with_its_roles(workbench: Workbench, tmp_path: Path) -> None:
    files, project = workbench.training_data, tmp_path / "gestures.json"
    for number, subset in enumerate(("training", "validation", "test")):
        files.load([saved(workbench, tmp_path / f"{subset}.h5", RECIPE, seed=number)], subset)
    workbench.data_sets.save(project)
    files.clear()
    steps: list[tuple[int, int]] = []
    assert workbench.data_sets.open(project, step=lambda done, of: steps.append((done, of))) == []
    names = [files.names(subset) for subset in ("training", "validation", "test")]
    assert names == [("training.h5",), ("validation.h5",), ("test.h5",)]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_tags_of_the_data_set_are_noted_with_the_recordings_and_the_file_stays(
    workbench: Workbench, tmp_path: Path
) -> None:
    path, project = saved(workbench, tmp_path / "a.h5", RECIPE), tmp_path / "set.json"
    before = path.read_bytes()
    workbench.training_data.load([path])
    workbench.data_sets.save(project)
    project.write_text(project.read_text().replace('"tags": {}', '"tags": {"person": "Ada"}'))
    workbench.data_sets.open(project)
    data = workbench.training_data.data
    assert data is not None
    assert set(data.tags["person"]) == {"Ada"}
    assert path.read_bytes() == before
    workbench.data_sets.save(project, overwrite=True)
    assert '"person": "Ada"' in project.read_text()


def test_a_missing_file_is_said_and_changes_nothing(workbench: Workbench, tmp_path: Path) -> None:
    path, project = saved(workbench, tmp_path / "a.h5", RECIPE), tmp_path / "set.json"
    workbench.training_data.load([path])
    workbench.data_sets.save(project)
    path.unlink()
    with pytest.raises(UserError, match="is missing"):
        workbench.data_sets.open(project)
    assert workbench.training_data.names("training") == ("a.h5",)


def test_a_moved_file_is_found_and_said(workbench: Workbench, tmp_path: Path) -> None:
    path, project = saved(workbench, tmp_path / "a.h5", RECIPE), tmp_path / "set.json"
    workbench.training_data.load([path])
    workbench.data_sets.save(project)
    (tmp_path / "sub").mkdir()
    path.rename(tmp_path / "sub" / "b.h5")
    assert workbench.data_sets.open(project) == ["a.h5 was moved to sub/b.h5."]


def test_the_open_session_is_in_no_data_set(workbench: Workbench, tmp_path: Path) -> None:
    workbench.training_data.use_session()
    with pytest.raises(UserError, match="not saved"):
        workbench.data_sets.save(tmp_path / "set.json")


def test_files_of_other_recipes_are_shown_first_and_then_cut_anew_without_touching_them(
    workbench: Workbench, tmp_path: Path
) -> None:
    first = saved(workbench, tmp_path / "first.h5", RECIPE)
    other = saved(workbench, tmp_path / "other.h5", OTHER, seed=3)
    before, frames = other.read_bytes(), len(load_session(other))
    files, sets = workbench.training_data, workbench.data_sets
    files.load([first])
    files.load([other], "test")
    plan = sets.plan()
    assert [(one.name, one.subset, one.frames, one.difference) for one in plan] == [
        ("other.h5", "test", frames, "time steps")
    ]
    assert "200 readings" in plan[0].in_words()
    assert files.frames("test") == frames, "planning changes nothing"

    said = sets.bring_together()

    assert said[0].startswith(f"other.h5: {frames} frames, now 18.")
    assert sets.plan() == []
    assert files.counts()["push"] == {"training": 10, "validation": 0, "test": 9}
    assert other.read_bytes() == before
    with pytest.raises(UserError, match="not saved"):
        sets.save(tmp_path / "set.json")


def test_cancelled_work_changes_nothing(workbench: Workbench, tmp_path: Path) -> None:
    files, sets = workbench.training_data, workbench.data_sets
    files.load([saved(workbench, tmp_path / "a.h5", RECIPE), saved(workbench, tmp_path / "b.h5", OTHER, seed=3)])

    def cancelled(step: object) -> None:
        sets.work.cancel()
        sets.bring_together(step=step)  # type: ignore[arg-type]

    sets.work.run("Cutting the frames anew…", cancelled)
    sets.work.wait(20)
    assert len(sets.plan()) == 1
    assert not workbench.problems
