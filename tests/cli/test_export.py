"""`exptool-ml export` on a session made of simulated recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.cli.export import KINDS
from exptool_ml_plugin.core.exports import FORMATS
from exptool_ml_plugin.core.session_file import load_session

Run = Callable[..., Any]


def test_the_command_offers_all_formats_there_are() -> None:
    assert tuple(FORMATS) == KINDS


def test_a_session_is_exported_and_counted(exptool_ml: Run, session_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "frames.npz"

    done = exptool_ml("export", session_file, "--to", "npz", "--out", out, "--json")

    assert done.answer == {
        "out": str(out), "format": "npz", "frames": 100, "frames_per_label": {"push": 50, "still": 50},
    }  # fmt: skip
    with np.load(out, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["frames"], load_session(session_file).values)


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_the_session_itself_is_never_replaced(
    session_file: Path, capsys: pytest.CaptureFixture[str], force: list[str]
) -> None:
    before = session_file.read_bytes()

    assert main(["export", str(session_file), "--to", "csv", "--out", str(session_file), *force]) == 1

    assert "Expected a file of its own" in capsys.readouterr().err
    assert session_file.read_bytes() == before


def test_an_existing_file_is_replaced_only_when_asked(
    session_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "frames.csv"
    out.write_text("precious")
    command = ["export", str(session_file), "--to", "csv", "--out", str(out)]

    assert main(command) == 1
    assert out.read_text() == "precious"
    assert main([*command, "--force"]) == 0
    assert len(out.read_text().splitlines()) == 1 + 100 * 4
