"""`exptool-ml extract --processes`: the same session, the same complaints, and no process left behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.cli.cutting import WORTH_A_PROCESS, Cutter, sensible_processes
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.core.recipe import FeatureChoice, Recipe
from exptool_ml_plugin.plugins import load_plugins


def extract(files: list[Path], recipe: Path, out: Path, processes: int) -> int:
    places = ["--recipe", str(recipe), "--out", str(out)]
    return main(["extract", *map(str, files), *places, "--label-from", "([a-z]+)", "--processes", str(processes)])


def test_several_processes_write_the_same_session_in_the_same_order(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    files = [recordings[name] for name in ("still_1", "push_1", "circle_1", "push_1")]
    one, several = tmp_path / "one.h5", tmp_path / "several.h5"

    assert extract(files, recipe_file, one, 1) == 0
    assert extract(files, recipe_file, several, 3) == 0

    assert one.read_bytes() == several.read_bytes()


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("kind", ["broken", "other setup", "no label", "missing"])
def test_what_is_wrong_is_said_in_the_same_words_and_nothing_is_left(
    recordings: dict[str, Path],
    recipe_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    processes: int,
) -> None:
    bad = tmp_path / "bad.h5"
    if kind == "broken":
        bad.write_bytes(recordings["push_1"].read_bytes()[:30_000])
    elif kind == "other setup":
        bad.write_bytes(recordings["wide"].read_bytes())
    elif kind == "no label":
        bad = tmp_path / "42.h5"
        bad.write_bytes(recordings["push_1"].read_bytes())
    expected = {
        "broken": "Expected a readable HDF5 file. Received: ",
        "other setup": "Expected recordings with one sensor configuration. Received: ",
        "no label": "Expected a label in the file's name",
        "missing": "Expected a recording. Received: ",
    }[kind]
    files = [recordings["still_1"], bad, recordings["push_1"]]

    assert extract(files, recipe_file, tmp_path / "out.h5", processes) == 1

    *progress, complaint = capsys.readouterr().err.splitlines()
    assert len(progress) == 1
    assert "still_1" in progress[0]
    assert complaint.startswith(f"exptool-ml: {expected}")
    assert bad.name in complaint
    assert not (tmp_path / "out.h5").exists()


class Failing(RangeSegment):
    """A guest's feature that does not work."""

    key = "failing"

    def rows(self, stacks: Sequence[np.ndarray]) -> np.ndarray:
        raise ZeroDivisionError("no division by zero")


def test_what_a_guests_feature_raises_can_be_handed_over_by_a_process(recordings: dict[str, Path]) -> None:
    plugins = load_plugins()
    plugins.features["failing"] = Failing
    recipe = Recipe(features=(FeatureChoice("failing"),))

    (cut,) = Cutter(recipe, plugins).cut(recordings["push_1"])

    assert cut.frames == []
    assert "no division by zero" in str(pickle.loads(pickle.dumps(cut)).problem)


@pytest.mark.parametrize("processes", [0, -1])
def test_less_than_one_process_is_wrong_usage(recipe_file: Path, tmp_path: Path, processes: int) -> None:
    with pytest.raises(SystemExit) as exit_:
        extract([tmp_path / "a.h5"], recipe_file, tmp_path / "out.h5", processes)
    assert exit_.value.code == 2


def test_few_recordings_are_cut_by_one_process_and_many_by_several(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.h5" for number in range(40)]
    for path in files:
        with path.open("wb") as file:
            file.truncate(WORTH_A_PROCESS // 4)  # sparse: takes no room
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert sensible_processes(files[:3]) == 1
    assert sensible_processes([tmp_path / "missing.h5"]) == 1
    assert sensible_processes(files) == min(11, cores or 1)


@contextmanager
def extracting(recordings: dict[str, Path], recipe: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    """An extraction of many files, in a process group of its own, with some of them done."""
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", "extract", *[str(recordings["push_1"])] * 2000]
    command += ["--recipe", str(recipe), "--label", "push", "--out", str(out), "--processes", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stderr is not None
        assert "push_1" in process.stderr.readline()
        yield process
    finally:
        if is_anybody_left(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)


def is_anybody_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to ask for what is left")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_when_the_command_is_stopped_or_killed(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "out.h5"
    with extracting(recordings, recipe_file, out) as process:
        if how is signal.SIGINT:
            os.killpg(process.pid, how)  # as a terminal does: to all of them
            said = process.communicate(timeout=60)[1]
            assert process.returncode == 1
            assert said.splitlines()[-1] == "exptool-ml: Stopped."
            assert "Traceback" not in said
        else:
            process.kill()
            process.wait(timeout=60)
        give_up = time.monotonic() + 30
        while is_anybody_left(process.pid) and time.monotonic() < give_up:
            time.sleep(0.05)
        assert not is_anybody_left(process.pid)
    assert not out.exists()


def test_one_of_several_measurements_can_be_chosen(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = tmp_path / "both.h5"
    both.write_bytes(recordings["push_1"].read_bytes())
    with h5py.File(recordings["wide"]) as wide, h5py.File(both, "a") as file:
        wide.copy("sessions/session_0", file["sessions"], "session_1")
    command = ["extract", str(both), "--recipe", str(recipe_file), "--label", "a", "--out", str(tmp_path / "out.h5")]

    assert main(command) == 1
    assert "measurement 2 of " in capsys.readouterr().err
    assert main([*command, "--measurement", "3"]) == 1
    assert "Choose another --measurement" in capsys.readouterr().err
    assert main([*command, "--measurement", "2"]) == 0
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["sessions/session_0/group_0/entry_0/result/frame"].shape == (200, 8, 5)
