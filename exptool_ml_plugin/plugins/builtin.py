"""What ships with the package, let in through the guests' door."""

from __future__ import annotations

from .. import hookimpl
from ..core.features.amplitude_ratio import AmplitudeRatio
from ..core.features.averages import Averages
from ..core.features.base import Feature
from ..core.features.doppler_spectrum import DopplerSpectrum
from ..core.features.micro_doppler import MicroDoppler
from ..core.features.peak import Peak
from ..core.features.phase import Phase
from ..core.features.range_segment import RangeSegment
from ..core.features.raw_iq import RawIQ
from ..core.features.slow_time import SlowTime
from ..core.features.sparse_fft import SparseFFT
from ..core.network import LAYERS, LayerType
from ..core.triggers.base import Trigger
from ..core.triggers.continuous import Continuous
from ..core.triggers.feature_level import FeatureLevel
from ..core.triggers.feature_shape import FeatureShape
from ..core.triggers.presence import Presence
from ..core.triggers.single import Single


@hookimpl
def register_features() -> list[type[Feature]]:
    """Return the features that ship with the package."""
    return [
        RangeSegment,
        Peak,
        Averages,
        AmplitudeRatio,
        DopplerSpectrum,
        SparseFFT,
        Phase,
        SlowTime,
        MicroDoppler,
        RawIQ,
    ]


@hookimpl
def register_triggers() -> list[type[Trigger]]:
    """Return the triggers for free running and for events."""
    return [Continuous, Single, Presence, FeatureShape, FeatureLevel]


@hookimpl
def register_layers() -> list[LayerType]:
    """Return the layers the Deep Learning Interface had, and LSTM and GRU."""
    return list(LAYERS)
