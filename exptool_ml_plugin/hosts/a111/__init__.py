"""The A111 app as host, its recordings and its sensors."""

from __future__ import annotations

from ... import hookimpl
from ...core.features.base import Feature
from .features.distance import DistanceEnvelope
from .features.presence import PresenceSparse
from .record_source import A111Source


@hookimpl
def register_sources() -> list[A111Source]:
    """Return the source of A111 recordings and sensors."""
    return [A111Source()]


@hookimpl
def register_features() -> list[type[Feature]]:
    """Return the features that are algorithms of the A111's host."""
    return [PresenceSparse, DistanceEnvelope]
