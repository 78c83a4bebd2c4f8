"""What a window takes up again at its next start: settings, labels, who and where, the plan of guided collection."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..core.atomic import write_bytes
from ..core.errors import UserError
from ..core.options import coerce
from ..core.recipe import Recipe
from .collecting import Collecting
from .guided import GuidedSettings, Quota

NAME = "remembered.json"
_SCHEMA = 1
_LARGEST = 100_000
_LONGEST = 200
_MOST = 100
_NOTED = ("person", "place")
"""Tags that stay from one start to the next; a note belongs to its recordings."""


class Remembered:
    """Keeps a small file beside the journals; one that cannot be read or written is no reason to complain.

    `recipe` returns the settings to keep, after `load` they are in `settings`, None where there are none: features,
    frames, trigger, network and training. The sensor's are the host's, a calibration belongs to its session.
    """

    def __init__(self, collecting: Collecting, folder: Path, recipe: Callable[[], Recipe]) -> None:
        self.settings: Recipe | None = None
        self._recipe = recipe
        self._collecting = collecting
        self._path = folder / NAME
        self._saved = ""

    def load(self) -> None:
        """Take up what was kept at an earlier end, as far as it makes sense."""
        kept: Any = None
        with contextlib.suppress(OSError, ValueError, RecursionError), self._path.open("rb") as file:
            kept = json.loads(file.read(_LARGEST))
        if isinstance(kept, dict) and kept.get("schema") == _SCHEMA:
            self._take_up(kept)
        self._saved = self._document(self.settings or self._recipe())

    def save(self) -> None:
        """Keep what there is now, if it is not what is kept already."""
        document = self._document(self._recipe())
        if document == self._saved:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self._path, document.encode(), overwrite=True)
        except (OSError, UserError):
            return
        self._saved = document

    def _document(self, settings: Recipe) -> str:
        collecting, guided = self._collecting, self._collecting.guided
        kept = {
            "schema": _SCHEMA,
            "labels": list(collecting.remembered_labels),
            "tags": {name: list(collecting.tags.history(name)) for name in _NOTED},
            "noted": {name: collecting.tags.get(name) for name in _NOTED},
            "guided": asdict(guided.settings),
            "plan": [[quota.label, quota.frames] for quota in guided.plan],
            "settings": json.loads(_of_any_session(settings).to_json()),
        }
        return json.dumps(kept, indent=1)

    def _take_up(self, kept: dict[str, Any]) -> None:
        collecting = self._collecting
        collecting.remember_labels(_texts(kept.get("labels")))
        tags, noted, guided = (_object(kept.get(name)) for name in ("tags", "noted", "guided"))
        for name in _NOTED:
            for text in reversed(_texts(tags.get(name))):
                collecting.tags.set(name, text)
            collecting.tags.set(name, next(iter(_texts([noted.get(name)])), ""))
        collecting.guided.settings, _ = coerce(GuidedSettings, guided)
        collecting.guided.plan = tuple(_quotas(kept.get("plan")))
        with contextlib.suppress(UserError):
            self.settings = _of_any_session(Recipe.from_json(json.dumps(kept.get("settings"))))


def _of_any_session(recipe: Recipe) -> Recipe:
    return replace(recipe, sensor=None, calibration="")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    texts = [text.strip() for text in value if isinstance(text, str)] if isinstance(value, list) else []
    return [text for text in dict.fromkeys(texts) if text and len(text) <= _LONGEST and text.isprintable()][:_MOST]


def _quotas(value: Any) -> list[Quota]:
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2] if isinstance(value, list) else []
    return [
        Quota(label, frames)
        for label, frames in pairs[:_MOST]
        if _texts([label]) == [label] and type(frames) is int and 1 <= frames <= 100_000
    ]
