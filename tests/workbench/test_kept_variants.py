"""Variants that a session keeps: with their originals in training, never anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_augmenting import RECIPE, recorded

from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.joining import part_of
from exptool_ml_plugin.core.reading import Flag
from exptool_ml_plugin.core.recipe import Recipe, TrainingSettings
from exptool_ml_plugin.core.reextract import reextract
from exptool_ml_plugin.core.run_folder import RunData, RunFolder
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.training_data import gather
from exptool_ml_plugin.core.variants import are_variants, with_their_variants, without_variants
from exptool_ml_plugin.workbench.frame_list import FrameFilter
from exptool_ml_plugin.workbench.inspecting import Inspecting
from exptool_ml_plugin.workbench.label_statistics import label_counts
from exptool_ml_plugin.workbench.suspects import examine, judge
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import give

PLAIN = replace(RECIPE, augmentation=AugmentationSettings())
LIMITS = AugmentationSettings(copies=3, amplitude_db=3.0, time_shift=3)
NO_VALIDATION = TrainingSettings(validation="none", early_stopping=False)
SPLITS = [
    TrainingSettings(split="recording", validation_fraction=0.5),
    TrainingSettings(split="random", validation_fraction=0.4),
    TrainingSettings(split="stratified", validation_fraction=0.2),
    TrainingSettings(split="recording", holdout="fold", folds=2, fold=2),
]


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close(discard=True)


def open_in(workbench: Workbench, session: Session, path: Path) -> Inspecting:
    save_session(session, path)
    workbench.open_session(path)
    workbench.inspecting.refresh()
    return workbench.inspecting


def with_variants_of(workbench: Workbench, indices: range | list[int], path: Path, *, seed: int = 0) -> Session:
    inspecting = open_in(workbench, recorded(workbench, seed=seed), path)
    inspecting.make_variants(indices, LIMITS)
    inspecting.work.wait()
    assert not workbench.problems
    return workbench.session


def run_data(workbench: Workbench, folder: Path, recipe: Recipe) -> RunData:
    return RunFolder.open(workbench.training_data.prepare_run(folder, recipe).path).data()


def test_variants_stand_behind_their_originals_with_label_recording_and_place_and_are_taken_back(
    workbench: Workbench, tmp_path: Path
) -> None:
    said: list[str] = []
    workbench.inspecting.done.connect(said.append)
    count = len(recorded(workbench, seed=0))
    session = with_variants_of(workbench, [0, 3], tmp_path / "session.h5")

    varied = are_variants(session.flags)
    assert varied.tolist() == [False] * count + [True] * 6
    behind = [0, 3] * 3
    assert session.labels[count:] == [session.labels[index] for index in behind]
    np.testing.assert_array_equal(session.recording_of[varied], session.recording_of[behind])
    np.testing.assert_array_equal(session.first_reading[varied], session.first_reading[behind])
    assert not any(np.array_equal(session.values[count + n], session.values[behind[n]]) for n in range(6))
    assert said == ["Added 6 variants of 2 frames."]
    assert workbench.inspecting.edits.undo_text == "Add 6 variants"

    workbench.inspecting.edits.undo()
    assert (len(session), session.flags.any()) == (count, False)
    workbench.inspecting.edits.redo()
    workbench.save_session(tmp_path / "new.h5")
    again = load_session(tmp_path / "new.h5")
    np.testing.assert_array_equal(are_variants(again.flags), varied)
    np.testing.assert_array_equal(again.values, workbench.session.values)


def test_no_variants_are_made_of_variants_nor_where_nothing_varies(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, [0], tmp_path / "session.h5")
    count = len(session)
    workbench.inspecting.make_variants([0, count - 1], LIMITS)
    workbench.inspecting.work.wait()
    assert len(session) == count + 3
    for settings in (AugmentationSettings(copies=2), AugmentationSettings(copies=0, noise=1.0)):
        with pytest.raises(UserError, match="differ from their originals"):
            workbench.inspecting.make_variants([0], settings)


def test_cancelled_in_the_middle_nothing_is_added(workbench: Workbench, tmp_path: Path) -> None:
    inspecting = open_in(workbench, recorded(workbench, seed=0), tmp_path / "session.h5")
    count = len(workbench.session)
    inspecting.work.changed.connect(inspecting.work.cancel)
    inspecting.make_variants(range(count), LIMITS)
    inspecting.work.wait()
    assert len(workbench.session) == count


@pytest.mark.parametrize("training", SPLITS, ids=lambda settings: f"{settings.split} {settings.holdout}")
def test_a_variant_trains_only_if_its_original_does_and_judges_never(
    workbench: Workbench, tmp_path: Path, training: TrainingSettings
) -> None:
    session = with_variants_of(workbench, range(len(recorded(workbench, seed=0))), tmp_path / "session.h5")
    originals = without_variants(session)
    recipe = replace(PLAIN, training=training)
    give(workbench, recorded(workbench, seed=0))
    plain = run_data(workbench, tmp_path / "plain", recipe)
    give(workbench, session)
    data = run_data(workbench, tmp_path / "kept", recipe)

    for name in ("training", "validation", "test"):
        np.testing.assert_array_equal(data.subset(name), plain.subset(name))
    assert sorted(data.variant_of.tolist()) == sorted(np.repeat(data.training, 3).tolist())
    made = session.values[are_variants(session.flags)]
    places = list(zip(originals.recording_of.tolist(), originals.first_reading.tolist(), strict=True))
    varied = np.flatnonzero(are_variants(session.flags))
    for row, original in zip(range(len(plain.values), len(data.values)), data.variant_of.tolist(), strict=True):
        own = [
            n for n, index in enumerate(varied.tolist())
            if (int(session.recording_of[index]), int(session.first_reading[index])) == places[original]
        ]  # fmt: skip
        assert any(np.array_equal(data.values[row], made[n]) for n in own)
        assert data.labels[row] == data.labels[original]


def test_variants_in_validation_and_test_files_are_left_out(workbench: Workbench, tmp_path: Path) -> None:
    recipe = replace(PLAIN, training=TrainingSettings(validation="files"))
    sessions = {
        subset: with_variants_of(workbench, [0, 1, 2], tmp_path / f"{subset}.h5", seed=seed)
        for subset, seed in (("training", 0), ("validation", 10), ("test", 20))
    }
    for subset, session in sessions.items():
        give(workbench, load_saved(session, tmp_path / f"{subset}_kept.h5"), subset=subset)
    data = run_data(workbench, tmp_path / "run", recipe)
    originals = {subset: len(without_variants(session)) for subset, session in sessions.items()}
    assert {name: len(data.subset(name)) for name in originals} == originals
    assert set(data.variant_of.tolist()) == {0, 1, 2}
    assert len(data.variant_of) == 9
    counts = workbench.training_data.counts()
    assert sum(row["validation"] for row in counts.values()) == originals["validation"]
    assert workbench.training_data.frames("test") == originals["test"]


def load_saved(session: Session, path: Path) -> Session:
    save_session(session.as_it_is(), path)
    return load_session(path)


def test_without_its_original_a_variant_is_left_out(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, [0, 1], tmp_path / "session.h5")
    alone = part_of(session, [index for index in range(len(session)) if index != 0])
    give(workbench, alone)
    data = run_data(workbench, tmp_path / "run", replace(PLAIN, training=NO_VALIDATION))
    assert data.variant_of.tolist() == [0, 0, 0]  # those of what was frame 1
    said = [issue.message for issue in workbench.training_data.check(PLAIN)]
    assert any(text.startswith("6 variants that the sessions keep") for text in said)


def test_the_leakage_meter_and_the_mistake_finder_see_originals_only(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, range(len(recorded(workbench, seed=0))), tmp_path / "session.h5")
    originals = without_variants(session)
    assert len(gather([session])) == len(originals)
    give(workbench, session)
    workbench.set_recipe(replace(PLAIN, training=SPLITS[0]))
    workbench.leakage.refresh()
    workbench.leakage.wait(30)
    measured = workbench.leakage.measured["validation"]
    validating = run_data(workbench, tmp_path / "run", workbench.recipe).validation
    assert (measured.frames, measured.near) == (len(validating), 0)
    pytest.importorskip("sklearn")
    examined, plain = (examine(one, lambda done, of: None) for one in (session, originals))
    assert examined.indices.tolist() == list(range(len(originals)))
    found, expected = (judge(one, lambda done, of: None).duplicates for one in (examined, plain))
    assert [suspect.index for suspect in found] == [suspect.index for suspect in expected]


def test_labels_and_removals_of_an_original_reach_its_variants(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, [0, 5], tmp_path / "session.h5")
    count = len(session) - 6
    assert with_their_variants(session, [5]) == [5, count + 1, count + 3, count + 5]
    workbench.inspecting.relabel("wave", [5])
    assert [index for index, label in enumerate(session.labels) if label == "wave"] == with_their_variants(session, [5])
    workbench.inspecting.refresh()
    workbench.inspecting.go_to(0)
    workbench.inspecting.remove()
    assert are_variants(session.flags).sum() == 3
    workbench.inspecting.edits.undo()
    workbench.inspecting.edits.undo()
    assert (len(session), "wave" in session.labels) == (count + 6, False)


def test_variants_are_filtered_and_counted_apart_and_cannot_be_moved(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, [0, 1], tmp_path / "session.h5")
    inspecting, count = workbench.inspecting, len(session) - 6
    inspecting.set_filter(FrameFilter(flag="variants"))
    assert inspecting.shown.tolist() == list(range(count, count + 6))
    inspecting.set_filter(FrameFilter(flag="originals"))
    assert inspecting.shown.tolist() == list(range(count))
    inspecting.set_filter(FrameFilter(flag="good"))
    assert len(inspecting.shown) == len(session)
    counted = {one.label: (one.frames, one.flagged, one.variants) for one in label_counts(session)}
    own = without_variants(session).counts()
    assert counted == {label: (own[label], 0, 6 if label == session.labels[0] else 0) for label in own}
    with pytest.raises(UserError, match="a variant"):
        inspecting.move(count, 3)


def test_a_session_made_anew_has_no_variants(workbench: Workbench, tmp_path: Path) -> None:
    session = with_variants_of(workbench, [0, 1], tmp_path / "session.h5")
    made = reextract(session, PLAIN, workbench.plugins.parts).session
    assert len(made) == len(without_variants(session))
    assert not (made.flags & Flag.VARIANT).any()
