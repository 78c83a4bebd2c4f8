"""A process that stands back is less important than this one and leaves it a core."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores can be chosen on Linux only")
def test_a_process_that_stands_back_is_nicer_and_leaves_the_lowest_core() -> None:
    script = (
        "import json, os\n"
        "from exptool_ml_plugin.core.stand_back import stand_back\n"
        "stand_back()\n"
        "print(json.dumps([os.nice(0), sorted(os.sched_getaffinity(0))]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    niceness, cores = json.loads(done.stdout)
    mine = sorted(os.sched_getaffinity(0))
    assert niceness == min(19, os.nice(0) + 10)
    assert cores == (mine if len(mine) == 1 else mine[1:])
