"""Stands in for the training worker where Keras is not what is tested: does what its first argument says."""

from __future__ import annotations

import os
import signal
import sys
import time

from exptool_ml_plugin.core.messages import (
    BatchEnd,
    Message,
    Progress,
    TrainingStarted,
    WorkerReady,
    encode,
)


def say(message: Message) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def main() -> None:
    what = sys.argv[1]
    say(WorkerReady(os.getpid(), 1, "0"))
    sys.stdin.buffer.readline()
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    if what == "exit":
        sys.exit(3)
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "babble":
        sys.stdout.buffer.write(b"this is no message\n")
        say(Progress("still here"))
        sys.exit(3)
    if what == "train":
        say(TrainingStarted(1, 5, 4, 64, 0, 10))
        say(BatchEnd(1, 1, 0.5, 0.5))
    if what == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    sys.stdin.buffer.read()


main()
