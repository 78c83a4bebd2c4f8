"""Keras files with faults, and such as were made to do harm, are refused in words as the worker opens them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FILES = int(os.environ.get("EXPTOOL_ML_FUZZ_KERAS", "150"))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


@pytest.fixture(scope="module")
def told(gesture_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was said of each file, of all in one process, because loading Keras takes seconds."""
    model = Path(shutil.copy(gesture_model, tmp_path_factory.mktemp("keras") / "model.keras"))
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, str(here / "fuzz_models.py"), str(model), str(FILES)],
        env={**os.environ, "PYTHONPATH": str(here.with_name("core"))},
        capture_output=True,
        text=True,
        timeout=120 + FILES,
        check=False,
    )
    lines = run.stdout.splitlines()
    assert run.returncode == 0, f"{lines[-1:]}\n{run.stderr[-2000:]}"
    return dict(json.loads(line) for line in lines)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("lambda", "code instead of a layer"),
        ("function", "code instead of a layer"),
        ("module", "a package that is not installed: antigravity"),
        ("huge layer", "units=2000000000, more than its weights"),
        ("packed", "unpacks to 209,715,200 bytes"),
        ("other member", "it holds assets/../../evil"),
        ("large array", "weights larger than the file"),
        ("other file", "weights that are no numbers of the file"),
        ("no weights", "model.weights.h5"),
        ("other labels", "to 4 labels, as it says"),
        ("name", "no Keras archive"),
    ],
)
def test_a_file_made_to_do_harm_is_refused_before_keras_follows_it(
    told: dict[str, str], what: str, reason: str
) -> None:
    assert reason in told[what]


def test_spoilt_files_are_opened_or_refused_in_words(told: dict[str, str]) -> None:
    assert FILES // 3 < int(told["refused"]) < FILES
