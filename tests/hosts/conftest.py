"""Hosts, offscreen, in a home of their own; nothing survives a test."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import warnings
from pathlib import Path

import pytest

os.environ.setdefault("PYTEST_QT_API", "pyside6")
# Built once for all tests: matplotlib needs seconds for it, in the host's GUI thread.
os.environ.setdefault("MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / "exptool_ml_tests_matplotlib"))
# Before the host is imported: it looks for its folders then.
_home = tempfile.TemporaryDirectory(prefix="exptool_ml_home_")
for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = _home.name

with warnings.catch_warnings():
    # The older host warns of its own use of old Python functions when it is imported.
    warnings.simplefilter("ignore")
    if importlib.util.find_spec("qdarktheme") is not None:
        import acconeer.exptool.app.new
    else:  # there is its library only, as for the stand-alone window
        import acconeer.exptool.a121  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the host and its plots warn of themselves; what we do must be free of warnings all the same."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for module in ("acconeer", "pyqtgraph"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:::{module}"))
