"""Files with faults are refused in words: no crash, no hang, no memory without end, nothing executed.

`EXPTOOL_ML_FUZZ` is the number of files, 600 unless it is set. The files are opened in processes of their own, with a
limit on their memory and time (`fuzzing`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz_files import make_files
from fuzzing import READERS, make_bombs

FILES = int(os.environ.get("EXPTOOL_ML_FUZZ", "600"))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


@pytest.mark.parametrize("kind", list(READERS))
def test_spoilt_files_are_read_or_refused_in_words(kind: str, tmp_path: Path) -> None:
    make_files(tmp_path)
    make_bombs(tmp_path)
    count = FILES // len(READERS)
    script = Path(__file__).with_name("fuzzing.py")

    run = subprocess.run(
        [sys.executable, str(script), str(tmp_path), kind, "0", str(count)],
        capture_output=True,
        text=True,
        timeout=60 + count,
        check=False,
    )

    last = run.stdout.strip().rpartition("\n")[2]
    assert run.returncode == 0, f"{last}\n{run.stderr[-2000:]}"
    refused = int(last.removeprefix("done "))
    assert refused > count // 10
