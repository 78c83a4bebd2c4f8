from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.options import coerce, describe, mismatches, option


@dataclass(frozen=True)
class Settings:
    """Settings of a thing."""

    start_m: float = option(0.2, text="Start", unit="m", doc="Nearest distance.", minimum=0.0, maximum=1.0)
    count: int = option(3, text="Count", doc="How many.", minimum=1)
    flip: bool = option(False, text="Flip", doc="The other way round.")
    label: str = option("", text="Label", doc="Free text.")
    kind: str = option("a", text="Kind", doc="Which.", choices={"a": "First", "b": "Second"})
    internal: int = 7


def test_the_documented_fields_describe_themselves_in_their_order() -> None:
    infos = describe(Settings)
    assert [info.name for info in infos] == ["start_m", "count", "flip", "label", "kind"]
    assert [info.kind for info in infos] == [float, int, bool, str, str]
    start = infos[0]
    assert (start.text, start.unit, start.doc, start.minimum, start.maximum, start.default) == (
        "Start",
        "m",
        "Nearest distance.",
        0.0,
        1.0,
        0.2,
    )


def test_values_that_fit_are_taken_without_a_word() -> None:
    settings, issues = coerce(Settings, {"start_m": 1, "count": 4.0, "flip": True, "label": "x", "kind": "b"})
    assert settings == Settings(1.0, 4, True, "x", "b")
    assert isinstance(settings.count, int)
    assert issues == []


@pytest.mark.parametrize(
    ("values", "used"),
    [
        ({"start_m": 2.0}, {"start_m": 1.0}),
        ({"start_m": -1}, {"start_m": 0.0}),
        ({"start_m": "far"}, {"start_m": 0.2}),
        ({"start_m": math.nan}, {"start_m": 0.2}),
        ({"start_m": True}, {"start_m": 0.2}),
        ({"count": 2.5}, {"count": 3}),
        ({"count": 0}, {"count": 1}),
        ({"count": 10**400}, {"count": 3}),
        ({"flip": 1}, {"flip": False}),
        ({"label": 5}, {"label": ""}),
        ({"kind": "c"}, {"kind": "a"}),
        ({"kind": ["a"]}, {"kind": "a"}),
    ],
)
def test_what_does_not_fit_is_mended_and_said(values: dict[str, object], used: dict[str, object]) -> None:
    settings, issues = coerce(Settings, values, "features.0")
    ((name, value),) = used.items()
    assert getattr(settings, name) == value
    (issue,) = issues
    assert issue.where == f"features.0.{name}"
    assert issue.severity is Severity.WARNING
    assert issue.message.startswith("Expected")
    assert issue.message.endswith(f"{value!r} is used.")


def test_unknown_values_are_ignored_and_said() -> None:
    settings, issues = coerce(Settings, {"colour": "red"})
    assert settings == Settings()
    assert "colour='red'. It is ignored." in issues[0].message


def test_without_mending_the_same_problems_are_errors() -> None:
    issues = mismatches(Settings, {"count": 0, "colour": "red", "flip": True}, "x")
    assert [(issue.where, issue.severity) for issue in issues] == [
        ("x.count", Severity.ERROR),
        ("x.colour", Severity.ERROR),
    ]
    assert not any("used" in issue.message for issue in issues)
