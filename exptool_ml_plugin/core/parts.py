"""The features, triggers and layers that can be used, by key: what the plugins brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .features.base import Feature
from .network import LayerType
from .triggers.base import Trigger


@dataclass(frozen=True)
class Parts:
    """What a recipe can be built of."""

    features: Mapping[str, type[Feature]]
    triggers: Mapping[str, type[Trigger]]
    layers: Mapping[str, LayerType]
