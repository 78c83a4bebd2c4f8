"""What a window takes up again at its next start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.core.recipe import (
    FeatureChoice,
    FrameSettings,
    LayerChoice,
    NetworkSettings,
    TrainingSettings,
    TriggerChoice,
)
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.workbench.guided import GuidedSettings, Quota
from exptool_ml_plugin.workbench.journal import journal_folder
from exptool_ml_plugin.workbench.remembered import NAME
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import make_session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


class Starts:
    """Windows of one user, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[Workbench] = []

    def __call__(self) -> Workbench:
        self.close()
        self._open.append(Workbench(journals=self._folder))
        return self._open[-1]

    def close(self) -> None:
        while self._open:
            self._open.pop().close(discard=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Starts]:
    starts = Starts(folder)
    yield starts
    starts.close()


def test_labels_person_place_and_plan_are_there_at_the_next_start(start: Starts) -> None:
    collecting = start().collecting
    for label in ("push", "pull", "push"):
        collecting.label = label
    for person in ("Bo", "Ada"):
        collecting.tags.set("person", person)
    collecting.tags.set("place", "lab")
    collecting.tags.set("note", "left hand")
    collecting.guided.settings = GuidedSettings(cue_s=6.0, seed=7)
    collecting.guided.plan = (Quota("push", 30), Quota("pull", 10))

    again = start().collecting

    assert again.known_labels == ("push", "pull")
    assert set(again.label_history) == {"push", "pull"}
    assert again.label == ""  # nobody collects under yesterday's label unasked
    assert again.tags.values == {"person": "Ada", "place": "lab"}
    assert again.tags.history("person") == ("Ada", "Bo")
    assert again.guided.settings == GuidedSettings(cue_s=6.0, seed=7)
    assert again.guided.plan == (Quota("push", 30), Quota("pull", 10))


def test_features_frames_network_and_training_are_there_at_the_next_start_but_neither_sensor_nor_calibration(
    start: Starts,
) -> None:
    workbench = start()
    workbench.set_setup(DEFAULT_SETUP)
    workbench.change_recipe(
        features=(FeatureChoice("range_segment", {"downsample": 4}), FeatureChoice("phase", enabled=False)),
        frame=FrameSettings(time_steps=33),
        trigger=TriggerChoice("continuous", {"hop": 7}),
        network=NetworkSettings((LayerChoice("flatten"), LayerChoice("dense"))),
        training=TrainingSettings(epochs=7),
    )
    workbench.change_recipe(calibration="a frame of that session")
    kept = workbench.recipe

    again = start().recipe

    assert again == replace(kept, sensor=None, calibration="")


def test_settings_that_cannot_be_read_leave_those_of_a_first_start(start: Starts, folder: Path) -> None:
    start().collecting.label = "push"
    first = start().recipe
    start.close()
    kept = json.loads((folder / NAME).read_text())
    for damaged in ({"schema": 1, "features": 3}, "none", 7, {"schema": 9}, {}):
        (folder / NAME).write_text(json.dumps({**kept, "settings": damaged}))
        workbench = start()
        assert workbench.recipe == first
        assert workbench.collecting.known_labels == ("push",)


def test_a_session_that_is_opened_has_its_labels_first_and_the_others_are_still_offered(
    start: Starts, tmp_path: Path
) -> None:
    save_session(make_session(2, labels=("swipe", "still")), tmp_path / "session.h5")
    collecting = start().collecting
    for label in ("push", "pull"):
        collecting.label = label
    workbench = start()
    workbench.open_session(tmp_path / "session.h5")
    assert workbench.collecting.known_labels == ("still", "swipe")
    assert workbench.collecting.label_history == ("push", "pull", "still", "swipe")
    assert start().collecting.known_labels == ("push", "pull")


def test_a_label_keeps_its_key_whichever_is_used_first(start: Starts) -> None:
    collecting = start().collecting
    for label in ("push", "pull", "swipe"):
        collecting.label = label
    again = start().collecting
    again.choose_by_key(2)
    assert (again.label, again.known_labels) == ("pull", ("push", "pull", "swipe"))


def test_a_label_that_was_taken_off_the_list_and_a_tag_that_was_emptied_do_not_come_back(start: Starts) -> None:
    collecting = start().collecting
    collecting.label = "push"
    collecting.label = "pull"
    collecting.tags.set("person", "Ada")
    collecting.forget_label("push")
    collecting.tags.set("person", "")

    again = start().collecting

    assert again.known_labels == ("pull",)
    assert (again.tags.values, again.tags.history("person")) == ({}, ("Ada",))


def test_what_is_kept_survives_a_window_that_never_ends_well(start: Starts, folder: Path) -> None:
    workbench = start()
    workbench.collecting.label = "push"
    workbench._on_began(workbench.recipe.sensor)  # as when a measurement begins
    assert json.loads((folder / NAME).read_text())["labels"] == ["push"]


def test_nothing_is_written_where_nothing_was_set(start: Starts, folder: Path) -> None:
    start()
    start.close()
    assert not folder.exists()
    start().collecting.label = "push"
    start.close()
    kept = (folder / NAME).stat()
    start()
    start.close()
    assert (folder / NAME).stat() == kept


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"schema": 2, "labels": ["later"]}', b"null",
        b'{"schema": 1, "labels": "push", "tags": [1], "noted": 3, "guided": {"cue_s": "soon"}, "plan": [[1], "a"]}',
        b'{"schema": 1, "labels": [1, null, "", "\\u0000", {}], "plan": [["a", -1], ["b", true], ["", 2]]}',
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_as_good_as_none(start: Starts, folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(content)
    workbench = start()
    collecting = workbench.collecting
    assert (collecting.known_labels, collecting.tags.values, collecting.guided.plan) == ((), {}, ())
    assert collecting.guided.settings == GuidedSettings()
    assert not workbench.problems


def test_what_makes_sense_beside_what_does_not_is_taken_up(start: Starts, folder: Path) -> None:
    document: dict[str, Any] = {
        "schema": 1,
        "labels": ["push", 7, "push", "x" * 500],
        "noted": {"person": "Ada", "place": ["lab"]},
        "guided": {"cue_s": 99_999.0, "break_every": 3, "odd": 1},
        "plan": [["push", 5], ["pull", "many"]],
    }
    folder.mkdir()
    (folder / NAME).write_text(json.dumps(document))
    collecting = start().collecting
    assert collecting.known_labels == ("push",)
    assert collecting.tags.values == {"person": "Ada"}
    assert (collecting.guided.settings.cue_s, collecting.guided.settings.break_every) == (3600.0, 3)
    assert collecting.guided.plan == (Quota("push", 5),)


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    workbench = Workbench(journals=tmp_path / "file" / "journals")
    workbench.collecting.label = "push"
    workbench.remembered.save()
    assert not workbench.problems
    workbench.close()


def test_the_tests_keep_away_from_the_users_folder() -> None:
    assert str(journal_folder()) == os.environ["EXPTOOL_ML_JOURNALS"]
