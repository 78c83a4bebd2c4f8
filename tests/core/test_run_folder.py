"""The folder of one training."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.messages import EpochEnd, TrainingDone
from exptool_ml_plugin.core.recipe import Recipe, TrainingSettings
from exptool_ml_plugin.core.run_data import RunData
from exptool_ml_plugin.core.run_folder import RunFolder

EPOCH = EpochEnd(1, 0.1 + 0.2, 0.5, None, None, 0.001, 1.5, 1, True, None)


def data() -> RunData:
    values = np.arange(6 * 2 * 3, dtype=np.float32).reshape(6, 2, 3)
    return RunData(
        values=values,
        labels=np.array([0, 1, 0, 1, 0, 1]),
        label_names=("pull", "push"),
        recordings=("r1", "r1", "r2", "r2", "r3", "r3"),
        training=np.array([0, 1, 2]),
        validation=np.array([3]),
        test=np.array([5]),
        kind="recording",
        notes=("Validation only: r2.",),
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run", recipe=Recipe(name="waving"), data=data())


def test_what_went_in_comes_out(run: RunFolder) -> None:
    opened = RunFolder.open(run.path)
    read, wrote = opened.data(), data()

    assert opened.recipe() == Recipe(name="waving")
    for name in ("values", "labels", "training", "validation", "test"):
        np.testing.assert_array_equal(getattr(read, name), getattr(wrote, name))
    assert (read.label_names, tuple(read.recordings), read.kind, read.notes) == (
        wrote.label_names,
        wrote.recordings,
        wrote.kind,
        wrote.notes,
    )


def test_frames_stay_on_disk(run: RunFolder) -> None:
    assert isinstance(run.data().values, np.memmap)


def test_the_folder_is_readable_without_this_package(run: RunFolder) -> None:
    split = json.loads((run.path / "split.json").read_text())
    arrays = {path.stem: np.load(path) for path in run.path.glob("*.npy")}

    assert split["frames"] == {"training": 3, "validation": 1, "test": 1}
    assert arrays["subset_of"].tolist() == [1, 1, 1, 2, 0, 3]
    assert arrays["recording_of"].tolist() == [0, 0, 1, 1, 2, 2]
    assert json.loads((run.path / "recordings.json").read_text()) == ["r1", "r2", "r3"]
    assert arrays["frames"].shape == (6, 2, 3)
    assert {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()} == split["sha256"]


def test_a_folder_of_the_first_schema_still_opens(run: RunFolder) -> None:
    """As it was written before the split and the recordings became arrays."""
    wrote = data()
    split = {
        "schema": 1,
        "kind": wrote.kind,
        "notes": list(wrote.notes),
        "feature_widths": [],
        "label_names": list(wrote.label_names),
        "training": [0, 1, 2],
        "validation": [3],
        "test": [5],
        "variant_of": [],
        "sha256": {"frames": "", "labels": ""},
    }
    (run.path / "split.json").write_text(json.dumps(split))
    (run.path / "recordings.json").write_text(json.dumps(wrote.recordings))
    for name in ("subset_of", "recording_of", "variant_of"):
        (run.path / f"{name}.npy").unlink()

    read = run.data()

    assert tuple(read.recordings) == wrote.recordings
    for name in ("values", "training", "validation", "test"):
        np.testing.assert_array_equal(getattr(read, name), getattr(wrote, name))


def test_frames_that_another_training_has_too_are_not_written_twice(run: RunFolder, tmp_path: Path) -> None:
    other_split = dataclasses.replace(data(), training=np.array([0, 1]), kind="random")
    changed = dataclasses.replace(data(), values=data().values + 1)

    same = RunFolder.create(tmp_path / "same", recipe=Recipe(), data=other_split, like=run.path)
    other = RunFolder.create(tmp_path / "other", recipe=Recipe(), data=changed, like=run.path)
    alone = RunFolder.create(tmp_path / "alone", recipe=Recipe(), data=data(), like=tmp_path / "none")

    assert same.frames_path.samefile(run.frames_path)
    assert not other.frames_path.samefile(run.frames_path)
    hashes = [json.loads((one.path / "split.json").read_text())["sha256"]["frames"] for one in (run, same, alone)]
    assert len(set(hashes)) == 1
    for path in sorted(run.path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    np.testing.assert_array_equal(same.data().values, data().values)
    np.testing.assert_array_equal(other.data().values, changed.values)


def test_a_folder_with_a_training_is_never_overwritten(run: RunFolder) -> None:
    with pytest.raises(UserError, match="holds a training already"):
        RunFolder.create(run.path, recipe=Recipe(), data=data())


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder of a training"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"validation": np.array([2])},
        {"training": np.array([2, 1, 0])},
        {"test": np.array([6])},
        {"labels": np.array([0, 1, 2, 0, 0, 0])},
        {"recordings": ("r1",)},
        {"values": np.zeros((6, 2), dtype=np.float32)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_data_that_do_not_fit_together_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(UserError, match="Expected"):
        RunFolder.create(tmp_path / "run", recipe=Recipe(), data=dataclasses.replace(data(), **wrong))


def test_the_fingerprint_changes_with_a_single_value(run: RunFolder, tmp_path: Path) -> None:
    changed = data()
    changed.values[0, 0, 0] += 1e-6
    other = RunFolder.create(tmp_path / "other", recipe=Recipe(), data=changed)
    same = RunFolder.create(tmp_path / "same", recipe=Recipe(), data=data())

    assert same.fingerprint() == run.fingerprint() != other.fingerprint()


def test_the_history_holds_every_epoch_exactly(run: RunFolder) -> None:
    epochs = (EPOCH, dataclasses.replace(EPOCH, epoch=2, val_loss=math.pi, is_best=False, patience_left=0))
    for epoch in epochs:
        run.add_epoch(epoch)

    assert run.history() == epochs
    assert run.history_path.read_text().splitlines()[0].startswith("epoch,loss,accuracy,val_loss")


def test_epochs_the_checkpoint_does_not_know_are_cut_off(run: RunFolder) -> None:
    for epoch in (1, 2, 3):
        run.add_epoch(dataclasses.replace(EPOCH, epoch=epoch))
    run.cut_history(2)

    assert [epoch.epoch for epoch in run.history()] == [1, 2]


def test_a_line_cut_short_by_a_power_cut_costs_that_line_only(run: RunFolder) -> None:
    run.add_epoch(EPOCH)
    with run.history_path.open("a") as file:
        file.write("2,0.12")

    assert run.history() == (EPOCH,)


def test_the_settings_of_a_training_that_goes_on_can_be_changed(run: RunFolder) -> None:
    run.change_training(TrainingSettings(epochs=7))

    assert run.recipe() == Recipe(name="waving", training=TrainingSettings(epochs=7))


def test_how_the_training_ended_is_kept_until_it_goes_on(run: RunFolder) -> None:
    done = TrainingDone("finished", "best", 3, 2, 0.1, 0.9, None, None, 12.0, "model.keras")
    run.set_result(done)
    assert run.result() == done

    run.set_result(None)
    assert run.result() is None


def test_half_written_files_are_removed(run: RunFolder) -> None:
    (run.checkpoints / ".last.npz.1234.part").write_text("half")
    (run.path / ".tmp.part").mkdir()
    run.remove_leftovers()

    assert not list(run.path.rglob(".*"))


def test_broken_data_are_refused_in_words(run: RunFolder) -> None:
    (run.path / "labels.npy").write_bytes(b"nothing")

    with pytest.raises(UserError, match="Expected the data of a run"):
        run.data()
