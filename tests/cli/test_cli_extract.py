"""`exptool-ml extract` on recordings that were simulated."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.workbench.workbench import Workbench

Run = Callable[..., Any]


def test_recordings_become_one_session_with_labels_from_their_names(
    exptool_ml: Run, recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "session.h5"
    done = exptool_ml(
        "extract", recordings["still_1"], recordings["push_1"], "--recipe", recipe_file,
        "--label-from", r"(?P<label>[a-z]+)_(\d)", "--out", out, "--json",
    )  # fmt: skip

    assert done.answer["frames"] == 100
    assert done.answer["frames_per_label"] == {"push": 50, "still": 50}
    assert done.answer["frames_per_recording"] == {"still_1": 50, "push_1": 50}
    assert done.answer["seconds"] == pytest.approx(20.0)
    assert len(done.out.splitlines()) == 1
    assert "still_1: 50 frames 'still'" in done.err
    session = load_session(out)
    assert session.counts() == {"push": 50, "still": 50}
    assert session.recipe.sensor == session.recordings[0].setup
    assert [recording.name for recording in session.recordings] == ["still_1", "push_1"]


def test_replacing_a_file_that_a_window_has_open_is_said(
    exptool_ml: Run, recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "session.h5"
    command = ("extract", recordings["still_1"], "--recipe", recipe_file, "--label", "a", "--out", out, "--force")
    assert "is open in" not in exptool_ml(*command).err
    window = Workbench()
    window.open_session(out)
    try:
        told = exptool_ml(*command).err
        assert f"{out} is open in process {os.getpid()}" in told
        assert window.in_use.changed
    finally:
        window.close()


def test_the_host_opens_the_session_as_a_recording(session_file: Path) -> None:
    a121 = pytest.importorskip("acconeer.exptool.a121")

    with a121.open_record(session_file) as record:
        assert record.num_sessions == 2
        assert record.session(0).num_frames == 200
        assert record.session(1).extended_stacked_results[0][1].frame.shape == (200, 8, 3)


def test_an_existing_session_is_replaced_only_when_asked(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "session.h5"
    out.write_text("precious")
    command = ["extract", str(recordings["still_1"]), "--recipe", str(recipe_file), "--label", "a", "--out", str(out)]

    assert main(command) == 1
    assert "--force" in capsys.readouterr().err
    assert out.read_text() == "precious"
    assert main([*command, "--force"]) == 0
    assert load_session(out).counts() == {"a": 50}


def test_what_is_read_is_never_replaced(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "still.h5"
    copy.write_bytes(recordings["still_1"].read_bytes())
    link = tmp_path / "link.h5"
    link.symlink_to(copy)
    for out in (copy, link):
        command = ["extract", str(copy), "--recipe", str(recipe_file), "--label", "a", "--out", str(out), "--force"]
        assert main(command) == 1
        assert "which is read" in capsys.readouterr().err
    assert copy.read_bytes() == recordings["still_1"].read_bytes()


@pytest.mark.parametrize(("out", "words"), [(".", "the folder"), ("missing/session.h5", "Expected a folder")])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: Any, out: str, words: str
) -> None:
    command = ["extract", str(recordings["still_1"]), "--recipe", str(recipe_file), "--label", "a", "--force"]
    assert main([*command, "--out", str(tmp_path / out)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--label", ""], "expected a label"),
        (["--label", "  "], "expected a label"),
        (["--label", "a", "--measurement", "x"], "expected a whole number from 1"),
    ],
)
def test_options_that_mean_nothing_are_wrong_usage(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: Any, option: list[str], words: str
) -> None:
    command = ["extract", str(recordings["still_1"]), "--recipe", str(recipe_file), "--out", str(tmp_path / "s.h5")]
    with pytest.raises(SystemExit) as ended:
        main([*command, *option])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_recordings_of_another_setup_are_refused_by_name(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(recordings["still_1"]), str(recordings["wide"])]

    assert main(["extract", *files, "--recipe", str(recipe_file), "--label", "a", "--out", str(tmp_path / "s.h5")]) == 1

    said = capsys.readouterr().err
    assert "wide.h5" in said
    assert "8x5 from 0.1 m to 0.34 m instead of 8x3 from 0.1 m to 0.34 m" in said
    assert list(tmp_path.iterdir()) == []


def test_a_name_without_a_label_is_named(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", str(recordings["wide"]), "--recipe", str(recipe_file), "--out", str(tmp_path / "s.h5")]

    assert main([*command, "--label-from", r"(.+)_\d"]) == 1

    assert "wide.h5" in capsys.readouterr().err


def test_a_file_that_is_no_recording_is_refused_in_words(
    recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")

    command = ["extract", str(text), "--recipe", str(recipe_file), "--label", "a", "--out", str(tmp_path / "s.h5")]
    assert main(command) == 1

    assert "Expected a recording of a known kind (a111, a121)" in capsys.readouterr().err


def test_recordings_without_any_motion_say_what_to_do(
    recordings: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    still, out = recordings["still_1"], tmp_path / "s.h5"

    assert main(["extract", str(still), "--recipe", "demo", "--label", "a", "--out", str(out)]) == 1

    assert "Lower the trigger's threshold" in capsys.readouterr().err
    assert not out.exists()


def test_the_same_recording_twice_keeps_its_two_names_apart(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    out, still = tmp_path / "s.h5", str(recordings["still_1"])

    assert main(["extract", still, still, "--recipe", str(recipe_file), "--label", "a", "--out", str(out)]) == 0

    assert [recording.name for recording in load_session(out).recordings] == ["still_1", "still_1 (2)"]
