from __future__ import annotations

import pytest

from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.plugins import builtin


@pytest.fixture
def parts() -> Parts:
    """All features and triggers that ship with the package."""
    return Parts(
        features={kind.key: kind for kind in builtin.register_features()},
        triggers={kind.key: kind for kind in builtin.register_triggers()},
        layers={},
    )
