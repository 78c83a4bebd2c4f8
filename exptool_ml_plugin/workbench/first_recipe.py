"""What a new window starts with."""

from __future__ import annotations

from ..core.reading import ENVELOPE, IQ, SPARSE_IQ
from ..core.recipe import FeatureChoice, Recipe, TriggerChoice
from ..plugins import Plugins


def first_recipe(plugins: Plugins) -> Recipe:
    """Return what a new window starts with: one feature, and frames cut where something moves."""
    trigger = TriggerChoice("presence") if "presence" in plugins.triggers else TriggerChoice()
    return Recipe(features=first_features(plugins, SPARSE_IQ), trigger=trigger)


def first_features(plugins: Plugins, service: str) -> tuple[FeatureChoice, ...]:
    """Return the feature to begin with on a service: motion where it is in a reading, else where something is."""
    first = FeatureChoice("doppler_spectrum")
    if service in (ENVELOPE, IQ):
        first = FeatureChoice("range_segment", {"scale": "log1p", "downsample": 8})
    return (first,) if first.key in plugins.features else ()
