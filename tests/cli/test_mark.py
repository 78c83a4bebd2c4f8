"""`exptool-ml mark` against a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.workbench.markers import Markers


class Listener:
    """A listener on a free port that measures, or not."""

    def __init__(self) -> None:
        self.measuring = True
        self.markers = Markers(lambda: self.measuring)
        self.markers.listen(0)

    @property
    def port(self) -> str:
        return str(self.markers.port)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.markers.stop()


def test_a_marker_arrives(listener: Listener, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", "--port", listener.port]) == 0
    assert capsys.readouterr().out == "Marked.\n"
    assert listener.markers.received == 1


def test_it_answers_in_json(listener: Listener, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", "--port", listener.port, "--json"]) == 0
    expected = f'{{"marked": true, "host": "127.0.0.1", "port": {listener.port}}}\n'
    assert capsys.readouterr().out == expected


def test_without_a_measurement_it_complains(listener: Listener, capsys: pytest.CaptureFixture[str]) -> None:
    listener.measuring = False
    assert main(["mark", "--port", listener.port]) == 1
    assert "Expected a running measurement" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["", "-1", "70000"])
def test_where_nobody_listens_it_complains(listener: Listener, capsys: pytest.CaptureFixture[str], port: str) -> None:
    listener.markers.stop()
    assert main(["mark", "--port", port or listener.port]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Listen for markers" in said.err
    assert len(said.err.splitlines()) == 1
