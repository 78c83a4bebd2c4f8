"""Machine learning for radar inside Acconeer's Exploration Tool.

Importing this package imports nothing heavy. The host calls `register`, guests use `hookimpl`.
"""

from __future__ import annotations

import importlib

import pluggy

__version__ = "0.1.0"
__all__ = ["__version__", "hookimpl", "register"]

hookimpl = pluggy.HookimplMarker("exptool_ml")
"""Marks the functions of a plugin of ours that implement one of the hooks in `hookspecs`."""


def register() -> None:
    """Add the machine learning tabs to the host window that is about to be shown.

    This is the contract of the host's `--plugin-module` option and of the entry-point group
    `acconeer_exptool.plugins`: called once, after the `QApplication` exists and before the main window does.
    """
    # By name, so that nobody who imports this package imports a host.
    importlib.import_module("exptool_ml_plugin.hosts.attach").register()
