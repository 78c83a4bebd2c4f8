"""The network of the recipe on the frames at hand: which layers, on which shape, for how many labels."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.issues import Issue
from ..core.network import NetworkSummary, default_network, summarise
from ..core.recipe import LayerChoice
from .feature_check import check_features
from .workbench import Workbench

ASSUMED_FRAME = (40, 32)
"""Frame size by which a network is judged while no features and no data say another."""

ASSUMED_LABELS = 2


@dataclass(frozen=True)
class NetworkPlan:
    """`layers` are those of the recipe, or the default ones for the frame (`is_default`).

    `frame_shape` is `(time_steps, width)`, `labels` the labels that are known; what is `assumed` says in words what
    of this is not known yet.
    """

    layers: tuple[LayerChoice, ...]
    is_default: bool
    frame_shape: tuple[int, int]
    labels: tuple[str, ...]
    summary: NetworkSummary
    assumed: str = ""

    @property
    def last_active(self) -> int | None:
        """Index of the layer that gives the probabilities, None without an active one."""
        active = [index for index, layer in enumerate(self.layers) if layer.active]
        return active[-1] if active else None

    def issues_of(self, index: int) -> list[Issue]:
        """The issues of one layer, whatever of it they are about."""
        place = f"network.{index}"
        return [issue for issue in self.summary.issues if issue.where == place or issue.where.startswith(f"{place}.")]

    @property
    def issues_of_list(self) -> list[Issue]:
        """The issues that belong to no single layer."""
        return [issue for issue in self.summary.issues if issue.where == "network"]


def plan_network(workbench: Workbench) -> NetworkPlan:
    """Work out the network of the workbench's recipe for its data, else for its model, else for its features."""
    frame_shape, labels = _frame_and_labels(workbench)
    assumed = []
    if frame_shape is None:
        assumed.append(f"The size of the frames is not known yet: {ASSUMED_FRAME[0]} × {ASSUMED_FRAME[1]} is assumed.")
    if not labels:
        assumed.append(f"No labels are known yet: {ASSUMED_LABELS} are assumed.")
    shape = frame_shape or ASSUMED_FRAME
    chosen = workbench.recipe.network.layers
    layers = chosen or default_network(*shape)
    summary = summarise(
        layers, frame_shape=shape, labels=len(labels) or ASSUMED_LABELS, layers_types=workbench.plugins.layers
    )
    return NetworkPlan(layers, not chosen, shape, labels, summary, " ".join(assumed))


def _frame_and_labels(workbench: Workbench) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Training data know best what comes in and out; then the model; then the features and the session."""
    data = workbench.training_data.data
    if data is not None:
        return (data.values.shape[1], data.values.shape[2]), tuple(data.label_names)
    if workbench.model is not None:
        return workbench.model.info.frame_shape, workbench.model.info.labels
    recipe = workbench.recipe
    setup = workbench.setup or recipe.sensor
    width = check_features(recipe.features, setup, workbench.plugins.parts).width
    shape = (recipe.frame.time_steps, width) if width else None
    return shape, workbench.session.label_names()
