"""A window in a process of its own, told what to do by lines: `window_process.py SESSION.h5 JOURNALS`.

It opens the session and answers "ready"; "relabel LABEL" changes the first frame and saves, "end" ends it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exptool_ml_plugin.workbench.workbench import Workbench


def main(path: Path, journals: Path) -> None:
    workbench = Workbench(journals=journals)
    workbench.open_session(path)
    say("ready")
    for line in sys.stdin:
        what, _, label = line.strip().partition(" ")
        if what == "relabel":
            workbench.relabel([0], label)
            workbench.save_session()
        elif what == "end":
            break
        say("done")
    workbench.close(discard=True)
    say("ended")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
