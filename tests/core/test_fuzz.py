"""Files with faults are refused in words: no crash, no hang, no memory without end, nothing executed.

`EXPTOOL_ML_FUZZ` is the number of files, 5,000 unless it is set. They are opened in processes of their own, one for
each kind and as many at a time as there are cores, with a limit on memory and time (`fuzzing`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from fuzz_files import make_files
from fuzzing import READERS, make_bombs

FILES = int(os.environ.get("EXPTOOL_ML_FUZZ", "5000"))
EACH = -(-FILES // len(READERS))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")

Run = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Run]]]:
    folder = tmp_path_factory.mktemp("fuzz") / "good"
    folder.mkdir()
    make_files(folder)
    make_bombs(folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {kind: pool.submit(opened, folder, kind) for kind in READERS}


def opened(good: Path, kind: str) -> Run:
    folder = shutil.copytree(good, good.with_name(kind))
    script = Path(__file__).with_name("fuzzing.py")
    return subprocess.run(
        [sys.executable, str(script), str(folder), kind, "0", str(EACH)],
        capture_output=True,
        text=True,
        timeout=60 + EACH,
        check=False,
    )


@pytest.mark.parametrize("kind", list(READERS))
def test_spoilt_files_are_read_or_refused_in_words(kind: str, runs: dict[str, Future[Run]]) -> None:
    run = runs[kind].result()
    last = run.stdout.strip().rpartition("\n")[2]
    assert run.returncode == 0, f"{last}\n{run.stderr[-2000:]}"
    refused = int(last.removeprefix("done "))
    assert refused > EACH // 10
