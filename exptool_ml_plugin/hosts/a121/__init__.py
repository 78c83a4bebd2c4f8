"""The A121 Exploration Tool as host, its recordings and its sensors."""

from __future__ import annotations

from ... import hookimpl
from ...core.features.base import Feature
from ..a121_library.record_source import A121Source
from .features.distance import DistanceFeature
from .features.presence import PresenceFeature


@hookimpl
def register_sources() -> list[A121Source]:
    """Return the source of A121 recordings and sensors."""
    return [A121Source()]


@hookimpl
def register_features() -> list[type[Feature]]:
    """Return the features that are algorithms of the A121's host."""
    return [PresenceFeature, DistanceFeature]
