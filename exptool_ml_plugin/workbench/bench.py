"""What the parts of the workbench see of it, so that they need not import what is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from psygnal import SignalInstance

from ..core.recipe import Recipe
from ..core.session import Session
from ..plugins import Plugins
from .open_model import OpenModel
from .session_store import SessionStore
from .training import Training


class Bench(Protocol):
    """The workbench, as far as its training needs it; see `workbench.workbench.Workbench`."""

    plugins: Plugins
    sessions: SessionStore

    @property
    def recipe(self) -> Recipe:
        """The settings of now."""

    @property
    def session(self) -> Session:
        """The open session."""

    @property
    def measuring(self) -> bool:
        """Whether readings come."""

    @property
    def model(self) -> OpenModel | None:
        """The open model."""

    @property
    def training(self) -> Training:
        """The controller of the worker."""

    @property
    def session_changed(self) -> SignalInstance:
        """Emitted when frames or their labels change."""

    @property
    def model_changed(self) -> SignalInstance:
        """Emitted when another model is open."""

    @property
    def data_changed(self) -> SignalInstance:
        """Emitted when the training data change."""

    def load_model(self, path: Path, *, adopt: bool = True) -> None:
        """Open a model."""

    def report(self, problem: Exception, where: str) -> None:
        """Show a problem."""
