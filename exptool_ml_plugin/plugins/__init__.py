"""Find what is installed; keep and show what failed to load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from .. import hookspecs
from ..core.features.base import Feature
from ..core.network import LayerType
from ..core.parts import Parts
from ..core.triggers.base import Trigger

GROUP = "exptool_ml"
_OWN = "builtin"

_HOOKS: dict[str, str] = {
    "register_features": "features",
    "register_triggers": "triggers",
    "register_layers": "layers",
    "register_sources": "sources",
}


@dataclass(frozen=True)
class PluginProblem:
    """A plugin, or one part of it, that cannot be used; shown to the user, hides nothing else."""

    plugin: str
    message: str


@dataclass
class Plugins:
    """What the installed plugins offer, by key, in the order they came."""

    names: list[str] = field(default_factory=list)
    features: dict[str, type[Feature]] = field(default_factory=dict)
    triggers: dict[str, type[Trigger]] = field(default_factory=dict)
    layers: dict[str, LayerType] = field(default_factory=dict)
    sources: dict[str, hookspecs.Source] = field(default_factory=dict)
    problems: list[PluginProblem] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        """The parts a recipe can be built of."""
        return Parts(features=self.features, triggers=self.triggers, layers=self.layers)


def load_plugins(found: Iterable[EntryPoint] | None = None) -> Plugins:
    """Load every entry point of the group `exptool_ml`, one by one; a failure becomes a problem."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    plugins = Plugins()
    for entry_point in entry_points(group=GROUP) if found is None else found:
        _guard(plugins, entry_point.name, lambda entry=entry_point: _admit(manager, plugins, entry))  # type: ignore[misc]
    for hook_name, kind in _HOOKS.items():
        implementations = getattr(manager.hook, hook_name).get_hookimpls()
        # What everybody uses stands first in the menus.
        for implementation in sorted(implementations, key=lambda implementation: implementation.plugin_name != _OWN):
            _collect(plugins, kind, implementation)
    return plugins


def _admit(manager: pluggy.PluginManager, plugins: Plugins, entry_point: EntryPoint) -> None:
    if entry_point.name in plugins.names:
        return  # the same distribution seen twice, as in an editable install
    module = entry_point.load()
    try:
        manager.register(module, name=entry_point.name)
        manager.check_pending()
    except Exception:
        manager.set_blocked(entry_point.name)
        raise
    plugins.names.append(entry_point.name)


def _collect(plugins: Plugins, kind: str, implementation: pluggy.HookImpl) -> None:
    name = implementation.plugin_name
    offered: list[Any] = []
    _guard(plugins, name, lambda: offered.extend(_call(implementation)))
    known = getattr(plugins, kind)
    for part in offered:
        key = getattr(part, "key", None)
        if not isinstance(key, str) or not key:
            plugins.problems.append(
                PluginProblem(name, f"Expected a text 'key' on each of its {kind}. Received: {part!r}.")
            )
        elif key in known:
            plugins.problems.append(PluginProblem(name, f"Its {kind} '{key}' is left out: the key is taken."))
        else:
            known[key] = part


def _guard(plugins: Plugins, name: str, action: Callable[[], None]) -> None:
    try:
        action()
    except Exception as error:  # noqa: BLE001 - a guest may raise anything, and one guest never hides the others
        plugins.problems.append(PluginProblem(name, f"{type(error).__name__}: {error}"))


def _call(implementation: pluggy.HookImpl) -> Iterable[Any]:
    returned: Any = implementation.function()
    return tuple(returned)
