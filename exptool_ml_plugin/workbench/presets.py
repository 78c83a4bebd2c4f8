"""Presets: sensor settings, features, frame and trigger that suit a use, as files in `resources/presets`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..core.errors import UserError
from ..core.recipe import Recipe
from ..core.resources import resources_dir


@dataclass(frozen=True)
class Preset:
    """A starting point: `name` and `description` (why it is set so) are for people."""

    key: str
    name: str
    description: str
    recipe: Recipe

    @classmethod
    def from_json(cls, text: str, *, key: str) -> Preset:
        """Read a preset: an object of name, description and recipe; raise `UserError` for anything else."""
        try:
            document = json.loads(text)
            name, description, recipe = (document[part] for part in ("name", "description", "recipe"))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"Expected a preset with name, description and recipe in {key}. Received: {error}."
            ) from error
        return cls(key, str(name), str(description), Recipe.from_json(json.dumps(recipe), source=key))


def load_presets() -> tuple[Preset, ...]:
    """Return the presets that ship with the package, in the order of their files' names."""
    files = sorted((resources_dir() / "presets").glob("*.json"))
    return tuple(Preset.from_json(path.read_text(encoding="utf-8"), key=path.stem) for path in files)
