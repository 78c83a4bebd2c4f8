"""Which part of a frame is which feature."""

from __future__ import annotations

from ...core.parts import Parts
from ...core.reading import SensorSetup
from ...core.recipe import Recipe
from ...workbench.feature_check import check_features
from .. import style
from .frame_image import Outline


def feature_outlines(recipe: Recipe, setup: SensorSetup | None, parts: Parts) -> tuple[Outline, ...]:
    """Frame the features of a recipe in their colours; a single feature needs no frame."""
    slices = check_features(recipe.features, setup, parts).slices
    if len(slices) < 2:
        return ()
    return tuple(
        Outline(place.start, place.stop, style.series_color(index), parts.features[recipe.features[index].key].name)
        for index, place in slices.items()
    )
