"""Where the files of `resources/` are: inside the package in a wheel, beside it in the source tree."""

from __future__ import annotations

from pathlib import Path

from .errors import UserError

_PACKAGE = Path(__file__).resolve().parents[1]


def resources_dir() -> Path:
    """Return the folder of the shipped resources."""
    inside = _PACKAGE / "resources"
    return inside if inside.is_dir() else _PACKAGE.parent / "resources"


def find_recipe(name_or_path: str) -> Path:
    """Return the file of a recipe given by path or by the name of a shipped one ("gesture")."""
    path = Path(name_or_path)
    if path.is_file():
        return path
    shipped = resources_dir() / "recipes" / f"{name_or_path}.json"
    if shipped.is_file():
        return shipped
    known = ", ".join(sorted(item.stem for item in shipped.parent.glob("*.json"))) or "none"
    raise UserError(f"Expected a recipe file or one of the shipped recipes: {known}. Received: {name_or_path}.")
