"""The network between frame and labels: layer types, shapes and parameter counts, without Keras."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerType:
    """A kind of layer."""

    key: str


LAYERS: tuple[LayerType, ...] = ()
