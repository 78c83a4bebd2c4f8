"""What several commands read: recipes, sessions and recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..core.errors import UserError
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..core.resources import find_recipe
from ..core.session import Session
from ..core.session_file import load_session
from ..hookspecs import Source
from ..plugins import Plugins
from . import output


def read_recipe(name_or_path: str) -> Recipe:
    """Read a recipe given by path or by the name of a shipped one."""
    path = find_recipe(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Expected a recipe that can be read. Received: {path}: {error}.") from error
    return Recipe.from_json(text, source=str(path))


def read_sessions(paths: Iterable[str]) -> list[Session]:
    """Read session files."""
    return [load_session(Path(path)) for path in paths]


def read_recordings(path: Path, plugins: Plugins) -> list[Recording]:
    """Read a file with the first source that knows its kind; each recording gets a name of its own."""
    if not path.is_file():
        raise UserError(f"Expected a recording. Received: {path}, which does not exist.")
    for source in plugins.sources.values():
        recordings = source.read(path)
        if recordings is not None:
            return recordings
    raise UserError(_unknown_kind(path, plugins.sources.values(), plugins))


def _unknown_kind(path: Path, sources: Iterable[Source], plugins: Plugins) -> str:
    known = ", ".join(source.key for source in sources) or "none"
    failed = "".join(f" {problem.plugin} could not be loaded: {problem.message}" for problem in plugins.problems)
    return f"Expected a recording of a known kind ({known}). Received: {path}.{failed}"


def with_unused_name(recording: Recording, used: set[str]) -> Recording:
    """Return the recording under a name that is not used yet, and note it as used."""
    name, number = recording.name, 2
    while name in used:
        name, number = f"{recording.name} ({number})", number + 1
    used.add(name)
    return recording if name == recording.name else replace(recording, name=name)


def say_problems(plugins: Plugins) -> None:
    """Tell which plugins could not be loaded: the work may not need them."""
    for problem in plugins.problems:
        output.progress(f"Plugin {problem.plugin} could not be loaded: {problem.message}")
