"""A feature list in a file of its own: the part of a recipe that says what is computed of a reading."""

from __future__ import annotations

import json
from pathlib import Path

from ..core.atomic import write_bytes
from ..core.errors import UserError
from ..core.recipe import FeatureChoice, Recipe

LARGEST_FILE = 1_000_000
"""Bytes above which a file is surely no feature list."""

_PARTS = ("schema", "name", "features")


def save_features(features: tuple[FeatureChoice, ...], path: Path, *, overwrite: bool = False) -> None:
    """Write a feature list as a recipe without its other parts."""
    document = json.loads(Recipe(name=path.stem, features=features).to_json())
    text = json.dumps({name: document[name] for name in _PARTS}, indent=2, sort_keys=True)
    write_bytes(path, text.encode(), overwrite=overwrite)


def load_features(path: Path) -> tuple[FeatureChoice, ...]:
    """Read the features of a feature list, or of a whole recipe; raise `UserError` if the file is neither."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(f"Expected a feature list in {path.name}. Received: a file of {path.stat().st_size} bytes.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"Expected a file that can be read. Received: {path} ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"Expected a feature list as JSON in {path.name}. Received: a file that is no text.",
            "Choose a file that was saved with “Save features”.",
        ) from error
    features = Recipe.from_json(text, source=path.name).features
    if not features:
        raise UserError(f"Expected at least one feature in {path.name}. Received: none.", "Choose another file.")
    return features
