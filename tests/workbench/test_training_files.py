from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.reading import Flag
from exptool_ml_plugin.core.recipe import FeatureChoice, LayerChoice, NetworkSettings, Recipe
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.workbench.readiness import Check, Loaded
from exptool_ml_plugin.workbench.run_preparation import new_run_folder
from exptool_ml_plugin.workbench.training_files import TrainingFiles
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import SETUP, STEPS, WIDTH, give, make_recipe, make_session


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(make_recipe())
    yield made
    made.close()


@pytest.fixture
def files(workbench: Workbench) -> TrainingFiles:
    return workbench.training_data


def settings(recipe: Recipe, **fields: object) -> Recipe:
    return replace(recipe, training=replace(recipe.training, **fields))  # type: ignore[arg-type]


def errors(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.issue.severity is Severity.ERROR]


def only_error(files: TrainingFiles, recipe: Recipe, **more: tuple[str, ...]) -> Check:
    found = errors(files.examine(recipe, **more))
    assert len(found) == 1, [check.issue.message for check in found]
    return found[0]


# --- loading ---------------------------------------------------------------------------------------------------


def test_session_files_are_loaded_and_described(workbench: Workbench, files: TrainingFiles, tmp_path: Path) -> None:
    told: list[dict[str, int]] = []
    workbench.data_changed.connect(lambda: told.append(dict(files.versions)))
    paths = [tmp_path / "one.h5", tmp_path / "two.h5"]
    for seed, path in enumerate(paths):
        save_session(make_session(3, seed=seed), path)
    files.load(paths)
    assert told == [{"training": 1, "validation": 0, "test": 0}]
    assert files.description("training") == "2 files, 36 frames"
    assert files.description("test") == "Not loaded"
    assert files.counts()["pull"] == {"training": 12, "validation": 0, "test": 0}
    assert files.label_names == ("pull", "push", "still")
    assert files.data is not None
    assert files.data.values.shape == (36, STEPS, WIDTH)


def test_a_file_that_cannot_be_read_changes_nothing(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    give(workbench, make_session(3))
    with pytest.raises(UserError):
        files.load([tmp_path / "missing.h5"])
    assert files.frames("training") == 18


def test_clear_lets_go_of_one_subset_or_of_all(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(3))
    give(workbench, make_session(3, seed=1), subset="test")
    files.clear("test")
    assert (files.frames("training"), files.frames("test")) == (18, 0)
    files.clear()
    assert files.data is None


def test_the_current_session_is_taken_as_it_is_when_the_training_starts(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    workbench.sessions.session = make_session(20)
    files.use_session()
    assert files.description("training") == "Current session, 120 frames"
    workbench.sessions.remove([0, 1])
    run = files.prepare_run(tmp_path / "run", workbench.recipe)
    assert len(run.data().values) == 118


# --- the check -------------------------------------------------------------------------------------------------


def test_good_data_are_ready(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    checks = files.examine(workbench.recipe)
    assert errors(checks) == []
    assert {check.issue.severity for check in checks} <= {Severity.INFO}


def test_without_data_the_current_session_is_offered(files: TrainingFiles, workbench: Workbench) -> None:
    assert only_error(files, workbench.recipe).mend is None
    workbench.sessions.session = make_session(20)
    mend = only_error(files, workbench.recipe).mend
    assert mend is not None
    assert mend.action == "use session"


def test_one_label_is_nothing_to_learn(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20, labels=("push",)))
    assert "at least two labels" in only_error(files, workbench.recipe).issue.message


def test_a_label_with_a_single_frame_is_too_few(files: TrainingFiles, workbench: Workbench) -> None:
    session = make_session(20, labels=("push", "pull"))
    session.relabel([0], "wave")
    give(workbench, session)
    assert any("wave (1)" in check.issue.message for check in errors(files.examine(workbench.recipe)))


def test_few_frames_are_a_warning(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(3))
    checks = files.examine(workbench.recipe)
    assert errors(checks) == []
    assert any("Few frames" in check.issue.message for check in checks)


def test_frames_of_another_shape_can_be_left_out(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20), make_session(20, seed=1, width=WIDTH + 1))
    check = only_error(files, workbench.recipe)
    assert f"{STEPS} x {WIDTH + 1} in training_1.h5" in check.issue.message
    assert check.mend is not None
    subset, number = check.mend.action.removeprefix("leave out:").split(":")
    files.leave_out(subset, int(number))
    assert errors(files.examine(workbench.recipe)) == []
    assert files.names("training") == ("training_0.h5",)


def test_of_two_files_with_one_name_only_the_one_at_fault_is_left_out(
    files: TrainingFiles, workbench: Workbench
) -> None:
    files.put([Loaded("day.h5", make_session(20)), Loaded("day.h5", make_session(20, seed=1, width=WIDTH + 1))])
    check = only_error(files, workbench.recipe)
    assert check.mend is not None
    subset, number = check.mend.action.removeprefix("leave out:").split(":")
    files.leave_out(subset, int(number))
    assert errors(files.examine(workbench.recipe)) == []
    assert files.frames("training") == 120


def test_files_measured_with_other_sensor_settings_are_warned_of(files: TrainingFiles, workbench: Workbench) -> None:
    slow = make_recipe(sensor=replace(SETUP, reading_rate_hz=10.0))
    give(workbench, make_session(20), make_session(20, seed=1, recipe=slow))
    checks = files.examine(workbench.recipe)
    assert errors(checks) == []
    (warning,) = [check for check in checks if "other settings" in check.issue.message]
    assert "Rate: expected 100 Hz, received 10 Hz." in warning.issue.message
    assert warning.mend is not None


def test_a_run_takes_features_and_calibration_of_the_first_file_with_frames(
    files: TrainingFiles, workbench: Workbench
) -> None:
    empty = Session(make_recipe(features=(FeatureChoice("phase"),)))
    calibrated = make_recipe(calibration="0011")
    give(workbench, empty, make_session(20, recipe=calibrated))
    made = files.recipe_of_run(workbench.recipe)
    assert (made.features, made.calibration) == (calibrated.features, "0011")
    assert made.training == workbench.recipe.training


def test_files_that_differ_in_their_calibration_frame_are_told_so(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20), make_session(20, seed=1, recipe=make_recipe(calibration="0011")))
    assert "other calibration frames" in only_error(files, workbench.recipe).issue.message


def test_files_made_with_another_recipe_are_named_with_what_differs(files: TrainingFiles, workbench: Workbench) -> None:
    other = make_recipe(features=(FeatureChoice("range_segment", {"calibrated": True}),))
    give(workbench, make_session(20), make_session(20, seed=1, recipe=other))
    message = only_error(files, workbench.recipe).issue.message
    assert "training_1.h5 was made with other features than training_0.h5" in message


def test_test_data_must_fit_the_training_data_too(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(20, seed=1, width=5), subset="test")
    assert only_error(files, workbench.recipe).issue.where == "data.test"


def test_values_that_are_no_numbers_are_found(files: TrainingFiles, workbench: Workbench) -> None:
    session = make_session(20)
    values = np.array(session.values)
    values[3, 1, 1] = np.nan
    session.set_values(values)
    give(workbench, session)
    assert "1 training frames" in only_error(files, workbench.recipe).issue.message


def test_layers_that_shrink_the_frame_to_nothing_are_named_and_mended(
    files: TrainingFiles, workbench: Workbench
) -> None:
    give(workbench, make_session(20))
    pooling = tuple(LayerChoice("max_pooling2d") for _ in range(6))
    network = NetworkSettings((*pooling, LayerChoice("flatten"), LayerChoice("dense")))
    check = only_error(files, replace(workbench.recipe, network=network))
    assert check.issue.message.startswith("Layer 4: ")
    assert check.mend is not None
    assert check.mend.recipe is not None
    assert errors(files.examine(check.mend.recipe)) == []


def test_labels_unknown_to_the_model_are_named(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    check = only_error(files, workbench.recipe, model_labels=("pull", "push"))
    assert "still" in check.issue.message
    assert check.mend is not None
    assert check.mend.action == "start afresh"


def test_test_frames_with_labels_the_training_lacks_can_be_left_out(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(5, labels=("push", "wave"), seed=1), subset="test")
    assert "wave" in only_error(files, workbench.recipe).issue.message
    files.leave_out_unknown_labels()
    assert errors(files.examine(workbench.recipe)) == []
    data = files.prepare_run(tmp_path / "run", workbench.recipe).data()
    assert [data.label_names[code] for code in data.labels[data.test]] == ["push"] * 10


@pytest.mark.parametrize("validation", ["none", "files"])
def test_early_stopping_without_validation_is_found_and_mended(
    files: TrainingFiles, workbench: Workbench, validation: str
) -> None:
    give(workbench, make_session(20))
    check = only_error(files, settings(workbench.recipe, validation=validation))
    assert check.mend is not None
    assert check.mend.recipe is not None
    assert check.mend.recipe.training.validation == "split"
    assert errors(files.examine(check.mend.recipe)) == []


def test_without_validation_the_training_itself_can_be_watched(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    assert errors(files.examine(settings(workbench.recipe, validation="none", monitor="loss"))) == []
    assert errors(files.examine(settings(workbench.recipe, validation="none", early_stopping=False))) == []


def test_a_random_split_is_said_to_flatter(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    found = [c for c in files.examine(settings(workbench.recipe, split="random")) if "flatter" in c.issue.message]
    assert len(found) == 1
    assert found[0].mend is not None
    assert found[0].mend.recipe is not None
    assert found[0].mend.recipe.training.split == "recording"


def test_a_recording_that_trains_and_tests_is_said_to_flatter(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(20), subset="test")
    checks = files.examine(workbench.recipe)
    assert any("flatter" in check.issue.message and check.issue.where == "data.test" for check in checks)
    give(workbench, make_session(20, seed=9), subset="test")
    assert not any("flatter" in check.issue.message for check in files.examine(workbench.recipe))


def test_unbalanced_labels_without_balancing_are_a_warning(files: TrainingFiles, workbench: Workbench) -> None:
    session = make_session(40, labels=("push", "pull"))
    session.remove([index for index, label in enumerate(session.labels) if label == "pull"][:68])
    give(workbench, session)
    found = [c for c in files.examine(settings(workbench.recipe, class_weights=False)) if "favour" in c.issue.message]
    assert len(found) == 1
    assert not any("favour" in check.issue.message for check in files.examine(workbench.recipe))


# --- preparing -------------------------------------------------------------------------------------------------


def test_a_run_holds_frames_split_by_recording_and_the_recipe_of_the_data(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(4, seed=3), subset="test")
    other = replace(workbench.recipe, features=(), name="another")
    run = files.prepare_run(tmp_path / "run", settings(other, epochs=7))
    data = RunFolder.open(run.path).data()
    names = np.asarray(data.recordings)
    assert not set(names[data.training]) & set(names[data.validation])
    assert len(data.training) + len(data.validation) == 120
    assert len(data.test) == 24
    assert data.kind == "recording"
    recipe = run.recipe()
    assert recipe.features == make_recipe().features
    assert (recipe.name, recipe.training.epochs) == ("gesture", 7)


def test_validation_files_validate(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(5, seed=2), subset="validation")
    data = files.prepare_run(tmp_path / "run", settings(workbench.recipe, validation="files")).data()
    assert (len(data.training), len(data.validation), data.kind) == (120, 30, "files")
    np.testing.assert_array_equal(data.validation, np.arange(120, 150))


def test_validation_files_are_not_written_when_they_are_not_used(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(5, seed=2), subset="validation")
    assert len(files.prepare_run(tmp_path / "run", workbench.recipe).data().values) == 120


def test_labels_keep_the_order_of_the_model_that_is_trained_on(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, make_session(20))
    names = ("still", "push", "pull", "wave")
    assert files.prepare_run(tmp_path / "run", workbench.recipe, model_labels=names).data().label_names == names


def test_what_the_check_refuses_cannot_be_prepared(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    give(workbench, make_session(20, labels=("push",)))
    with pytest.raises(UserError, match="two labels"):
        files.prepare_run(tmp_path / "run", workbench.recipe)
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_made_is_said(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    give(workbench, make_session(20))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="a folder that can be made"):
        files.prepare_run(tmp_path / "file" / "run", workbench.recipe)


def test_counts_by_use_are_those_of_the_run(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    give(workbench, make_session(20))
    give(workbench, make_session(4, seed=3), subset="test")
    used = files.counts_by_use(workbench.recipe)
    data = files.prepare_run(tmp_path / "run", workbench.recipe).data()
    for subset in ("training", "validation", "test"):
        assert sum(row[subset] for row in used.values()) == len(data.subset(subset))


# --- flagged frames --------------------------------------------------------------------------------------------


def flagged(session: Session, *indices: int) -> Session:
    """Return the session with these frames flagged."""
    flags = np.zeros(len(session), dtype=np.uint8)
    flags[list(indices)] = Flag.LOST
    arrays = {name: getattr(session, name) for name in ("values", "labels", "recording_of", "first_reading")}
    return Session(session.recipe, recordings=session.recordings, frames=LabelledFrames(**arrays, flags=flags))


@pytest.mark.parametrize("validation", ["split", "none", "files"])
def test_flagged_frames_are_left_out_of_the_run_when_asked(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path, validation: str
) -> None:
    whole = make_session(20)
    give(workbench, flagged(whole, 0, 7, 50))
    give(workbench, flagged(make_session(4, seed=1), 2), subset="validation")
    give(workbench, flagged(make_session(4, seed=3), 1, 2), subset="test")
    recipe = settings(workbench.recipe, validation=validation, early_stopping=False)
    leaving = settings(recipe, leave_out_flagged=True)

    kept = files.prepare_run(tmp_path / "all", recipe).data()
    left = files.prepare_run(tmp_path / "some", leaving).data()

    validating = 24 if validation == "files" else 0
    assert len(kept.values) == 120 + 24 + validating
    assert len(left.values) == 117 + 22 + max(0, validating - 1)
    assert not (left.values == whole.values[7]).all(axis=(1, 2)).any()
    assert (kept.values == whole.values[7]).all(axis=(1, 2)).any()
    used = files.counts_by_use(leaving)
    for subset in ("training", "validation", "test"):
        assert sum(row[subset] for row in used.values()) == len(left.subset(subset))
    said = [check for check in files.examine(leaving) if check.issue.where == "training.leave_out_flagged"]
    assert "3 training" in said[0].issue.message
    assert said[0].mend is not None
    assert said[0].mend.recipe == recipe
    assert not any(check.issue.where == "training.leave_out_flagged" for check in files.examine(recipe))


def test_nothing_but_flagged_frames_is_said_with_its_mend(files: TrainingFiles, workbench: Workbench) -> None:
    session = make_session(3)
    give(workbench, flagged(session, *range(len(session))))
    error = only_error(files, settings(workbench.recipe, leave_out_flagged=True))
    assert "all 18 are flagged" in error.issue.message
    assert error.mend is not None
    assert error.mend.recipe == workbench.recipe


def test_a_run_knows_the_widths_of_its_features(files: TrainingFiles, workbench: Workbench, tmp_path: Path) -> None:
    made = make_recipe(features=(FeatureChoice("range_segment"), FeatureChoice("range_segment", outputs=("mean",))))
    give(workbench, make_session(20, recipe=made, width=WIDTH + 1))
    assert files.prepare_run(tmp_path / "run", made).data().feature_widths == (WIDTH, 1)


def test_features_that_are_not_installed_are_missed_only_where_the_normalisation_needs_them(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    made = make_recipe(features=(FeatureChoice("of a guest"),))
    give(workbench, make_session(20, recipe=made))
    assert files.prepare_run(tmp_path / "standard", made).data().feature_widths == ()
    with pytest.raises(UserError, match="of a guest"):
        files.prepare_run(tmp_path / "feature", replace(made, network=replace(made.network, normalisation="feature")))


def test_run_folders_never_collide(tmp_path: Path) -> None:
    made = set()
    for _ in range(5):
        folder = new_run_folder(tmp_path, "my gestures / 2")
        folder.mkdir()
        made.add(folder)
    assert len(made) == 5
    assert all("my_gestures_2" in folder.name for folder in made)


# --- splits by what is noted -----------------------------------------------------------------------------------


def test_a_split_by_a_tag_that_is_missing_is_an_error_with_a_mend(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    check = only_error(files, settings(make_recipe(), split="person"))
    assert "Expected to know the person of every recording" in check.issue.message
    assert check.mend is not None
    assert check.mend.recipe is not None
    assert not errors(files.examine(check.mend.recipe))


def test_a_number_beyond_the_groups_is_mended_with_the_first(files: TrainingFiles, workbench: Workbench) -> None:
    give(workbench, make_session(20))
    check = only_error(files, settings(make_recipe(), split="recording", holdout="group", fold=7))
    assert check.mend is not None
    assert check.mend.text == "Use number 1"


def test_the_run_holds_the_frames_of_the_chosen_fold_frozen(
    files: TrainingFiles, workbench: Workbench, tmp_path: Path
) -> None:
    give(workbench, make_session(20, recordings=4))
    recipe = settings(make_recipe(), split="recording", holdout="fold", folds=4, fold=2)
    run = files.prepare_run(tmp_path / "run", recipe)
    data = RunFolder.open(run.path).data()
    assert len(data.validation) == 60
    held_out = {data.recordings[i] for i in data.validation}
    assert held_out.isdisjoint({data.recordings[i] for i in data.training})
    assert (data.kind, "fold 2 of 4" in data.notes[0]) == ("recording", True)
