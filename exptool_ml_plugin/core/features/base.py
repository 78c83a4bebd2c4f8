"""What a feature is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..reading import SERVICES, Channel, service_name


@dataclass(frozen=True)
class NoOptions:
    """Settings of a part that has none."""


class Feature(ABC):
    """Makes part of a row of a reading; one instance per entry of the feature list.

    A subclass names itself (`key` in files, `name` and `description` for people), its `outputs` (key to caption,
    the first is the default) and its `Options` (a frozen dataclass of `core.options.option` fields). `services` are
    those whose readings it can be made of, empty for all. All state is in the instance and starts afresh with `reset`,
    so that the same readings always give the same rows.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    outputs: ClassVar[Mapping[str, str]]
    Options: ClassVar[type] = NoOptions
    services: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        options: Any,
        *,
        outputs: tuple[str, ...],
        channels: tuple[Channel, ...],
        reading_rate_hz: float,
    ) -> None:
        self.options = options
        self.chosen_outputs = outputs
        self.channels = channels
        self.reading_rate_hz = reading_rate_hz

    @property
    @abstractmethod
    def width(self) -> int:
        """Number of values this feature adds to a row."""

    @abstractmethod
    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(width,)` for one reading; `matrices[i]` is complex64 `(sweeps, points)` of channel `i`."""

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(readings, width)`, bit for bit the rows of the same readings one by one.

        `stacks[i]` is complex64 `(readings, sweeps, points)` of channel `i`.
        """
        made = [self.row([stack[index] for stack in stacks]) for index in range(len(stacks[0]))]
        return np.stack(made) if made else np.zeros((0, self.width), dtype=np.float32)

    def finish(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what becomes of this feature's rows in a complete frame: float32 `(time_steps, width)` to the same.

        For what depends on the frame as a whole; nothing of it comes back into the rows.
        """
        return block

    def reset(self) -> None:
        """Forget all earlier readings; a feature without memory has nothing to do."""
        return

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Say what about the options does not fit the channels; `Issue.where` is the name of the option."""
        return []

    @classmethod
    def check_service(cls, options: Any, outputs: tuple[str, ...], service: str) -> list[Issue]:
        """Say what cannot be made of the readings of a service, or means less there; `where` as in `check`."""
        if not cls.services or service in cls.services:
            return []
        message = (
            f"Expected readings of {services_text(cls.services)} for {cls.name}. Received: {service_name(service)}. "
            "Choose another service or feature."
        )
        return [Issue("", message)]


def services_text(services: Sequence[str]) -> str:
    """List services with their sensors: "Sparse IQ (A121) or IQ (A111)"."""
    found = []
    for generation, names in SERVICES.items():
        own = [name for key, name in names.items() if key in services]
        if own:
            found.append(f"{' or '.join(own)} ({generation.upper()})")
    return " or ".join(found)


class Vectorised(Feature):
    """A feature that computes many readings as cheaply as one: a subclass gives `rows`, not `row`.

    One with memory leaves it as it is after the last of the readings, so that the next ones go on from there.
    """

    @abstractmethod
    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(readings, width)`; `stacks[i]` is complex64 `(readings, sweeps, points)` of channel `i`."""

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(width,)`: the rows of one reading."""
        row: NDArray[np.floating] = self.rows([matrix[None] for matrix in matrices])[0]
        return row
