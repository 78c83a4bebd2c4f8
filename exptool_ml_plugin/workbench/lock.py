"""A model fixes features and frame length: they stay as it was trained with until somebody unlocks them."""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal

from ..core.errors import UserError
from ..core.recipe import Recipe
from .open_model import OpenModel


class Lock:
    """Keeps features and frame length those of the model.

    `changed` is emitted when it is locked or unlocked; whether it holds also follows the recipe, since opening
    another session may bring other features.
    """

    changed = Signal()

    def __init__(self, recipe: Callable[[], Recipe]) -> None:
        self._recipe = recipe
        self._model: OpenModel | None = None
        self._open = False

    @property
    def locked(self) -> bool:
        """True while the features and the frame length are the model's and may not be edited."""
        return self._model is not None and not self._open and self.matches

    @property
    def matches(self) -> bool:
        """Whether features and frame length are those of the model; True without one."""
        if self._model is None:
            return True
        own, now = self._model.info.recipe, self._recipe()
        return own.features == now.features and own.frame.time_steps == now.frame.time_steps

    @property
    def model_name(self) -> str:
        """Name of the model's file, "" without a model."""
        return "" if self._model is None else self._model.path.name

    def set_model(self, model: OpenModel | None) -> None:
        """Follow the model that is open: another one locks."""
        self._model = model
        self._open = False
        self.changed.emit()

    def unlock(self) -> None:
        """Let features and frame length be edited though there is a model."""
        self._open = True
        self.changed.emit()

    def lock(self) -> None:
        """Lock again; that features and frame length are the model's is the caller's care."""
        self._open = False
        self.changed.emit()

    def refuse(self) -> None:
        """Raise `UserError` while it is locked."""
        if self.locked:
            raise UserError(
                f"Expected settings that may be edited. Received: settings locked by the model {self.model_name}.",
                "Press Unlock in the Features tab; the model predicts again when the settings are its own.",
            )
