"""Makes the trigger that a recipe names, or says why it cannot be used."""

from __future__ import annotations

from typing import Any

from .errors import UserError
from .issues import Issue, Severity, has_errors
from .options import coerce
from .parts import Parts
from .reading import SensorSetup
from .recipe import Recipe
from .row_maker import RowMaker
from .triggers.base import RowSource, Trigger


def make_trigger(recipe: Recipe, parts: Parts, setup: SensorSetup, rows: RowMaker) -> Trigger:
    """Return the recipe's trigger for readings of a setup and the rows made of them; `UserError` if it cannot be."""
    trigger_type = parts.triggers.get(recipe.trigger.key)
    if trigger_type is None:
        raise UserError(_not_installed(recipe, parts), "Install the package it comes from, or choose another trigger.")
    options: Any
    options, _ = coerce(trigger_type.Options, recipe.trigger.options)
    source = _row_source(recipe, parts, setup, rows)
    for issue in trigger_type.check(options, time_steps=recipe.frame.time_steps, source=source):
        if issue.severity is Severity.ERROR:
            raise UserError(issue.message)
    trigger = trigger_type(
        options,
        channels=setup.channels,
        reading_rate_hz=setup.reading_rate_hz,
        time_steps=recipe.frame.time_steps,
    )
    trigger.prepare(source)
    return trigger


def check_trigger(recipe: Recipe, parts: Parts, setup: SensorSetup | None) -> list[Issue]:
    """Say what about the recipe's trigger cannot be used; `Issue.where` is "trigger" or "trigger.<option>"."""
    trigger_type = parts.triggers.get(recipe.trigger.key)
    if trigger_type is None:
        return [Issue("trigger", f"{_not_installed(recipe, parts)} Choose another trigger.")]
    options: Any
    options, issues = coerce(trigger_type.Options, recipe.trigger.options, "trigger")
    try:
        source = None if setup is None else _source_to_check(recipe, parts, setup)
        found = trigger_type.check(options, time_steps=recipe.frame.time_steps, source=source)
    except Exception as error:  # noqa: BLE001 - a guest may raise anything, and the form must go on
        message = f"The trigger {trigger_type.name} cannot check its settings ({type(error).__name__}: {error})."
        return [*issues, Issue("trigger", message)]
    for issue in found:
        where = f"trigger.{issue.where}" if issue.where else "trigger"
        issues.append(Issue(where, issue.message, issue.severity))
    return issues


def _source_to_check(recipe: Recipe, parts: Parts, setup: SensorSetup) -> RowSource | None:
    """Return what the trigger would work on, None where the features are at fault, which is said beside them."""
    try:
        if has_errors(RowMaker.check(recipe.features, setup, parts)):
            return None
        return _row_source(recipe, parts, setup, RowMaker(recipe.features, setup, parts))
    except Exception:  # noqa: BLE001 - a guest's feature may raise anything; `check_features` names it
        return None


def _row_source(recipe: Recipe, parts: Parts, setup: SensorSetup, rows: RowMaker) -> RowSource:
    enabled = [place for place, choice in enumerate(recipe.features) if choice.enabled]
    return RowSource(setup, dict(zip(enabled, rows.slices, strict=True)), parts.features)


def _not_installed(recipe: Recipe, parts: Parts) -> str:
    known = ", ".join(parts.triggers) or "none"
    return f"Expected a trigger that is installed: {known}. Received: {recipe.trigger.key}."
