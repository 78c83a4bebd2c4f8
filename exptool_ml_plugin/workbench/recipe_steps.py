"""What the user changed about the recipe, so that it can be taken back and done again."""

from __future__ import annotations

from typing import Any, Protocol

from ..core.recipe import Recipe

_STEPS = 100


class HasRecipe(Protocol):
    """What holds the recipe; see `workbench.workbench.Workbench`."""

    @property
    def recipe(self) -> Recipe:
        """The settings of now."""

    def change_recipe(self, **fields: Any) -> None:
        """Replace fields of the recipe."""


class RecipeSteps:
    """Changes fields of the recipe and remembers what they were.

    Where one of the `watched` fields is changed by somebody else, there is nothing to take back any more: it would
    mix what does not belong together.
    """

    def __init__(self, owner: HasRecipe, *watched: str) -> None:
        self._owner = owner
        self._watched = watched
        self._past: list[dict[str, Any]] = []
        self._future: list[dict[str, Any]] = []
        self._left = self._now(watched)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._still_ours and bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change that was taken back."""
        return self._still_ours and bool(self._future)

    def change(self, **fields: Any) -> None:
        """Replace fields of the recipe as one step; what is as it was is no step."""
        before = self._now(fields)
        if before == fields:
            return
        if self._owner.recipe.calibration:  # other frames lose it, and get it back with what they were
            before |= self._now(("calibration",))
        past = self._past if self._still_ours else []
        self._past, self._future = [*past, before][-_STEPS:], []
        self._put(fields)

    def undo(self) -> None:
        """Take back the last step."""
        if self.can_undo:
            fields = self._past.pop()
            self._future.append(self._now(fields))
            self._put(fields)

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        if self.can_redo:
            fields = self._future.pop()
            self._past.append(self._now(fields))
            self._put(fields)

    @property
    def _still_ours(self) -> bool:
        return self._left == self._now(self._watched)

    def _now(self, names: Any) -> dict[str, Any]:
        return {name: getattr(self._owner.recipe, name) for name in names}

    def _put(self, fields: dict[str, Any]) -> None:
        # Before the change, because those who are told of it ask what can be taken back.
        self._left = self._now(self._watched) | {name: fields[name] for name in self._watched if name in fields}
        self._owner.change_recipe(**fields)
