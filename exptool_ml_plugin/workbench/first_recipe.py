"""What a new window starts with."""

from __future__ import annotations

from ..core.recipe import FeatureChoice, Recipe, TriggerChoice
from ..plugins import Plugins


def first_recipe(plugins: Plugins) -> Recipe:
    """Return what a new window starts with: one feature, and frames cut where something moves."""
    features = tuple(FeatureChoice(key) for key in ("doppler_spectrum",) if key in plugins.features)
    trigger = TriggerChoice("presence") if "presence" in plugins.triggers else TriggerChoice()
    return Recipe(features=features, trigger=trigger)
