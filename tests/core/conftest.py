from __future__ import annotations

import pytest

from exptool_ml_plugin.core.features.doppler_spectrum import DopplerSpectrum
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.triggers.continuous import Continuous
from exptool_ml_plugin.core.triggers.presence import Presence


@pytest.fixture
def parts() -> Parts:
    """The features and triggers that ship with the package."""
    return Parts(
        features={kind.key: kind for kind in (RangeSegment, DopplerSpectrum)},
        triggers={kind.key: kind for kind in (Continuous, Presence)},
        layers={},
    )
