"""What a feature list makes of a sensor's readings, or why it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..core.issues import Issue, has_errors
from ..core.parts import Parts
from ..core.reading import SERVICES, SensorSetup, service_name
from ..core.recipe import FeatureChoice
from ..core.row_maker import RowMaker


@dataclass(frozen=True)
class FeatureCheck:
    """`issues` are those of the list; `slices` maps the index of each enabled feature to its part of the row.

    `width` is the number of values of a row, 0 where it cannot be told.
    """

    issues: tuple[Issue, ...] = ()
    slices: Mapping[int, slice] = field(default_factory=dict)
    width: int = 0

    def issues_of(self, index: int) -> list[Issue]:
        """The issues of one feature, whatever of it they are about."""
        place = f"features.{index}"
        return [issue for issue in self.issues if issue.where == place or issue.where.startswith(f"{place}.")]

    @property
    def issues_of_list(self) -> list[Issue]:
        """The issues that belong to no single feature."""
        return [issue for issue in self.issues if issue.where == "features"]


def check_features(choices: tuple[FeatureChoice, ...], setup: SensorSetup | None, parts: Parts) -> FeatureCheck:
    """Check a feature list against what the sensor is set to; without a setup nothing can be said.

    A feature that fails, a guest's for instance, is an issue of that feature.
    """
    if setup is None:
        return FeatureCheck()
    try:
        issues = tuple(RowMaker.check(choices, setup, parts))
        maker = None if has_errors(issues) else RowMaker(choices, setup, parts)
    except Exception:  # noqa: BLE001 - a guest may raise anything, and must not take the list away
        return FeatureCheck(issues=tuple(_failures(choices, setup, parts)))
    if maker is None:
        return FeatureCheck(issues=issues)
    enabled = [index for index, choice in enumerate(choices) if choice.enabled]
    return FeatureCheck(issues=issues, slices=dict(zip(enabled, maker.slices, strict=True)), width=maker.width)


def _failures(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> Iterator[Issue]:
    """Say of each feature alone whether it fits, and of those that fail how."""
    for index, choice in enumerate(choices):
        if not choice.enabled:
            continue
        try:
            issues = RowMaker.check((choice,), setup, parts)
            if not has_errors(issues):
                RowMaker((choice,), setup, parts)
        except Exception as error:  # noqa: BLE001 - see above
            message = f"This feature failed: {type(error).__name__}: {error}. Switch it off or remove it."
            yield Issue(f"features.{index}", message)
        else:
            yield from (replace(issue, where=f"features.{index}{issue.where[10:]}") for issue in issues)


def setup_text(setup: SensorSetup) -> list[str]:
    """Describe a sensor's configuration: its service, where there are several, its channels, and the rate."""
    services = SERVICES.get(setup.generation, {})
    many = len({channel.subsweep for channel in setup.channels}) > 1
    lines = [f"Service {service_name(setup.service)}"] if len(services) > 1 else []
    for channel in setup.channels:
        name = f"Sensor {channel.sensor_id}" + (f", subsweep {channel.subsweep + 1}" if many else "")
        sweeps = "1 sweep" if channel.sweeps == 1 else f"{channel.sweeps} sweeps"
        shape = f"{sweeps} × {channel.points} points"
        lines.append(f"{name}: {shape}, {100 * channel.start_m:.3g} to {100 * channel.end_m:.3g}\N{NO-BREAK SPACE}cm")
    return [*lines, f"{setup.reading_rate_hz:.4g} readings per second"]
