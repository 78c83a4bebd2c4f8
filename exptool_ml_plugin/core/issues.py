"""Problems with settings: collected and shown, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much an issue matters: an error must be mended first, a warning may be ignored, info only tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Issue:
    """One problem with one setting.

    `where` names the place in the recipe, dotted ("features.0.start_m", "network.3", "training.batch_size"),
    `message` says what was expected, what came and what to do.
    """

    where: str
    message: str
    severity: Severity = Severity.ERROR


def has_errors(issues: Iterable[Issue]) -> bool:
    """Tell whether any of the issues must be mended before going on."""
    return any(issue.severity is Severity.ERROR for issue in issues)
