"""Markers over the network, and the marks of readings that come of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.marker import MARK, MARKED, NOT_MEASURING, send_mark
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench import engine as engine_module
from exptool_ml_plugin.workbench.markers import Markers
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 4.0, name="push", seed=1)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("single"),
    )
    yield made
    made.close()


class Listener:
    """Markers on a free port, and how often they called."""

    def __init__(self) -> None:
        self.calls = 0
        self.measuring = True
        self.markers = Markers(self.mark)
        self.markers.listen(0)

    def mark(self) -> bool:
        self.calls += 1
        return self.measuring

    def send(self, content: bytes) -> bytes | None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0.3)
            sender.sendto(content, ("127.0.0.1", self.markers.port))
            try:
                return sender.recv(100)
            except TimeoutError:
                return None


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.markers.stop()


def play(workbench: Workbench, start: int, stop: int) -> None:
    for index in range(start, stop):
        workbench.engine.push(PUSH.reading(index))


@pytest.mark.parametrize("content", [MARK, MARK + b"\n"])
def test_a_marker_marks_and_is_answered(listener: Listener, content: bytes) -> None:
    assert listener.send(content) == MARKED
    assert (listener.calls, listener.markers.received, listener.markers.ignored) == (1, 1, 0)


def test_without_a_measurement_the_answer_says_so(listener: Listener) -> None:
    listener.measuring = False
    assert listener.send(MARK) == NOT_MEASURING
    assert not send_mark(port=listener.markers.port)


@pytest.mark.parametrize(
    "content", [b"", b"mark", MARK.upper(), MARK + b" ", MARK + b"\n\n", MARK + b"x" * 1000, MARKED]
)
def test_anything_else_is_ignored_and_counted(listener: Listener, content: bytes) -> None:
    assert listener.send(content) is None
    assert listener.send(MARK) == MARKED
    assert (listener.calls, listener.markers.received, listener.markers.ignored) == (1, 1, 1)


def test_it_hears_this_machine_only(listener: Listener) -> None:
    bound = listener.markers._socket
    assert bound is not None
    assert bound.getsockname()[0] == "127.0.0.1"


def test_stopping_ends_the_thread_and_frees_the_port(listener: Listener) -> None:
    port = listener.markers.port
    listener.markers.stop()
    listener.markers.stop()
    assert not listener.markers.listening
    assert not [thread for thread in threading.enumerate() if thread.name == "exptool-ml markers"]
    with pytest.raises(UserError, match="Expected an answer to the marker"):
        send_mark(port=port, timeout_s=0.2)
    listener.markers.listen(port)
    assert listener.send(MARK) == MARKED


def test_a_port_in_use_is_said(listener: Listener) -> None:
    other = Markers(lambda: True)
    with pytest.raises(UserError, match=f"port={listener.markers.port}"):
        other.listen(listener.markers.port)
    assert not other.listening


def test_an_answer_of_another_program_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))

        def echo() -> None:
            content, sender = other.recvfrom(100)
            other.sendto(content, sender)

        thread = threading.Thread(target=echo)
        thread.start()
        with pytest.raises(UserError, match="Another program listens there"):
            send_mark(port=other.getsockname()[1])
        thread.join()


def test_a_marker_cuts_a_frame_and_the_session_cuts_it_again(workbench: Workbench, tmp_path: Any) -> None:
    workbench.collecting.label = "push"
    workbench.engine.set_mode("collect")
    workbench.markers.listen(0)
    assert not send_mark(port=workbench.markers.port), "nothing is measured yet"
    workbench.engine.begin(PUSH.setup, source="simulated", host_attributes=PUSH.host_attributes)
    play(workbench, 0, 30)
    assert send_mark(port=workbench.markers.port)
    play(workbench, 30, 60)
    workbench.engine.end()
    assert workbench.engine.wait(30)
    workbench.save_session(tmp_path / "session.h5")

    session = load_session(tmp_path / "session.h5")
    assert session.recordings[0].marks == (30,)
    again = frames_of(session.recordings[0], session.recipe, workbench.plugins.parts)
    assert [frame.first_reading for frame in again] == [25]
    assert again[0].values.tobytes() == session.values[0].tobytes()


def test_a_mark_made_before_the_measurement_is_forgotten(workbench: Workbench) -> None:
    assert not workbench.mark()
    workbench.engine.begin(PUSH.setup)
    play(workbench, 0, 40)
    workbench.engine.end()
    assert workbench.engine.wait(30)
    assert workbench.engine.latest().frames == 0


def test_the_mark_of_a_reading_that_is_skipped_goes_to_the_next(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "MOST_BEHIND", 10)
    engine = workbench.engine
    held = threading.Event()
    marked: list[bool] = []
    monkeypatch.setattr(
        engine._users["preview"],
        "take_readings",
        lambda readings: (held.wait(), marked.extend(reading.marked for reading in readings)),
    )
    engine.begin(PUSH.setup)
    play(workbench, 0, 5)
    assert engine.mark()
    play(workbench, 5, 60)
    held.set()
    play(workbench, 60, 80)
    engine.end()
    assert engine.wait(30)
    assert engine.latest().dropped >= 50, "reading 5 among them"
    assert marked.count(True) == 1


def test_the_scores_of_the_last_seconds_are_kept_until_the_trigger_changes(workbench: Workbench) -> None:
    workbench.change_recipe(trigger=TriggerChoice("presence"))
    engine = workbench.engine
    engine.begin(replace(PUSH.setup, reading_rate_hz=10.0))
    play(workbench, 0, 60)
    assert engine.wait()
    assert len(engine.scores(3.0)) == 30
    assert len(engine.scores(100.0)) == 60
    assert engine.scores(1.0)[-1] == engine.latest().score
    workbench.change_recipe(trigger=TriggerChoice("presence", {"threshold": 5.0}))
    play(workbench, 60, 64)
    assert engine.wait()
    assert len(engine.scores(3.0)) == 4
