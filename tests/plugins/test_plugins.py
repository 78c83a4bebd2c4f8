"""One plugin's failure is a note about that plugin and nothing else."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from exptool_ml_plugin import hookimpl
from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.plugins import GROUP, load_plugins


class Guest(RangeSegment):
    key = "guest"


def entry(name: str, module: str) -> EntryPoint:
    return EntryPoint(name=name, value=module, group=GROUP)


BUILTIN = entry("builtin", "exptool_ml_plugin.plugins.builtin")


@pytest.fixture
def guest(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("a_guest")
    monkeypatch.setitem(sys.modules, "a_guest", module)
    return module


def offer(module: ModuleType, hook: str, function: object) -> None:
    function.__name__ = hook  # type: ignore[attr-defined]
    setattr(module, hook, hookimpl(function))


def test_what_ships_with_the_package_comes_in_through_the_door() -> None:
    plugins = load_plugins([BUILTIN])

    assert plugins.problems == []
    assert {"range_segment", "doppler_spectrum"} <= set(plugins.features)
    assert {"continuous", "presence"} <= set(plugins.triggers)
    assert {"conv2d", "dense", "lstm"} <= set(plugins.layers)


def test_a_guest_adds_a_feature(guest: ModuleType) -> None:
    def features() -> list[type[Feature]]:
        return [Guest]

    offer(guest, "register_features", features)

    plugins = load_plugins([BUILTIN, entry("guest", "a_guest")])

    assert plugins.features["guest"] is Guest
    assert plugins.problems == []


def test_a_guest_that_cannot_be_imported_hides_nobody() -> None:
    plugins = load_plugins([entry("broken", "no_such_module"), BUILTIN])

    assert [problem.plugin for problem in plugins.problems] == ["broken"]
    assert "no_such_module" in plugins.problems[0].message
    assert "range_segment" in plugins.features


def test_a_guest_that_raises_in_a_hook_hides_nobody(guest: ModuleType) -> None:
    def features() -> list[type[Feature]]:
        raise RuntimeError("out of luck")

    offer(guest, "register_features", features)

    plugins = load_plugins([entry("guest", "a_guest"), BUILTIN])

    assert [(problem.plugin, problem.message) for problem in plugins.problems] == [
        ("guest", "RuntimeError: out of luck")
    ]
    assert "range_segment" in plugins.features


def test_a_hook_that_does_not_exist_is_said(guest: ModuleType) -> None:
    def typo() -> list[type[Feature]]:
        return []

    offer(guest, "register_featurs", typo)

    plugins = load_plugins([entry("guest", "a_guest"), BUILTIN])

    assert [problem.plugin for problem in plugins.problems] == ["guest"]
    assert "register_featurs" in plugins.problems[0].message


def test_a_taken_key_is_refused_and_the_first_stays(guest: ModuleType) -> None:
    def features() -> list[type[Feature]]:
        return [RangeSegment]

    offer(guest, "register_features", features)

    plugins = load_plugins([BUILTIN, entry("guest", "a_guest")])

    assert [problem.plugin for problem in plugins.problems] == ["guest"]
    assert "taken" in plugins.problems[0].message


def test_a_part_without_a_key_is_refused_in_words(guest: ModuleType) -> None:
    def features() -> list[object]:
        return [object()]

    offer(guest, "register_features", features)

    plugins = load_plugins([BUILTIN, entry("guest", "a_guest")])

    assert "key" in plugins.problems[0].message
