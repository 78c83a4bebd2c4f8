"""What the start-up file calls when an app of the host is imported.

The A121's then loads the installed plugins, too; the A111's, which knows no plugins, gets our tabs.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import logging
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)


def spec_of_app(name: str) -> ModuleSpec | None:
    """Return the spec of an app's module, which is added to when it is loaded."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.loader is not None:
        spec.loader = _Loader(spec.loader)
    return spec


class _Loader(importlib.abc.Loader):
    """Loads the module as its own loader does, then adds to it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if module.__name__.endswith(".old.app"):
            module.main = with_tabs(module.main)  # type: ignore[attr-defined]
        else:
            load_group_too(module)


def with_tabs(main: Callable[[], Any]) -> Callable[[], Any]:
    """Return the A111 app's `main`, waiting for its window to add the tabs to it."""

    @functools.wraps(main)
    def main_with_tabs() -> Any:
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QApplication

        from .attach import register

        if QApplication.instance() is None:
            # As the host does it; it takes the application that is there.
            policy = Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
            QApplication.setHighDpiScaleFactorRoundingPolicy(policy)
            _applications.append(QApplication(sys.argv))
        register()
        return main()

    return main_with_tabs


_applications: list[object] = []
"""An application lives as long as somebody holds it."""


def load_group_too(app_module: Any) -> None:
    """Let the host load the group where it loads its own plugins: there is an application then, and no window yet."""
    own = getattr(app_module, "load_plugins", None)
    if own is None:
        log.warning("This Exploration Tool loads its plugins in another way: start it with `exptool-ml app`.")
        return

    @functools.wraps(own)
    def load_plugins() -> Any:
        from .host_plugins import register

        try:
            register()
        except Exception:
            log.exception("The plugins of the group could not be loaded")
        return own()

    app_module.load_plugins = load_plugins
