"""The line that shows long work."""

from __future__ import annotations

import threading
from typing import Any

from exptool_ml_plugin.qt.widgets.work_bar import WorkBar
from exptool_ml_plugin.workbench.long_work import LongWork


def raise_it(error: Exception, _where: str) -> None:
    raise error


def test_what_came_of_work_is_shown_although_it_is_said_before_the_work_has_ended(qtbot: Any) -> None:
    work, may_end = LongWork(raise_it), threading.Event()
    bar = WorkBar(work)
    qtbot.addWidget(bar)
    bar.say("what came of earlier work")
    work.run("Adding", lambda step: may_end.wait(10))
    assert bar.text == "Adding…"
    bar.say("3 frames")
    assert bar.text == "Adding…"
    may_end.set()
    qtbot.waitUntil(lambda: bar.text == "3 frames")
    work.run("Adding", lambda step: None)
    qtbot.waitUntil(lambda: not work.doing and bar.isHidden())
    assert bar.text == ""
