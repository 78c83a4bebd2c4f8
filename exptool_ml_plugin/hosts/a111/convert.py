"""The A111 host's words for sensor configurations and readings, put into ours.

A channel of ours is a sensor of the host's configuration, in that order. `core.a111` knows what the words mean; here
they are the host's own objects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from acconeer.exptool import a111

from ...core.a111 import setup_of
from ...core.errors import UserError
from ...core.reading import A111, ENVELOPE, IQ, SERVICES, SPARSE, SensorSetup
from ...core.simulate import a111_config

CONFIGS: Mapping[str, Any] = {
    ENVELOPE: a111.EnvelopeServiceConfig,
    IQ: a111.IQServiceConfig,
    SPARSE: a111.SparseServiceConfig,
}


def document_of(config: Any) -> dict[str, Any]:
    """Return a configuration as the host writes it down."""
    document: dict[str, Any] = json.loads(config._dumps())
    return document


def setup_of_config(config: Any, *, info: Any = None) -> SensorSetup:
    """Return what a configuration of the host means for the data; `info` is what the sensor answered to it."""
    return setup_of(document_of(config), service=config.mode.value, info=info)


def config_of(setup: SensorSetup) -> Any:
    """Return the host's configuration that measures a setup; `UserError` for a setup of another sensor."""
    if setup.generation != A111 or setup.service not in CONFIGS:
        raise UserError(
            f"Expected a sensor configuration of an A111. Received: generation={setup.generation}.",
            "Use data or a model of an A111.",
        )
    return config_from(a111_config.config_of(setup), setup.service)


def config_from(document: Mapping[str, Any], service: str) -> Any:
    """Return the host's configuration of a service from how it is written down; `UserError` where it is not valid."""
    config = CONFIGS[service]()
    known = {name for name in dir(config) if not name.startswith("_")}
    try:
        config._loads(json.dumps({key: value for key, value in document.items() if key in known}))
    except ValueError as error:
        raise UserError(
            f"Expected a configuration of {SERVICES[A111][service]} that the sensor can measure. Received: {error}.",
            "Limit the features to less, or set the sensor by hand.",
        ) from error
    except (TypeError, KeyError, AttributeError, AssertionError) as error:
        raise UserError(
            f"Expected a configuration of {SERVICES[A111][service]} that this Exploration Tool understands. "
            f"Received: {error}.",
            "It may come from another version: set the sensor by hand.",
        ) from error
    return config


def refuse_errors(config: Any) -> None:
    """Raise `UserError` for a configuration that no sensor can measure."""
    for alert in config.check():
        if alert.severity.name == "ERROR":
            name = str(alert.param).replace("_", " ")
            raise UserError(
                f"Expected a configuration the sensor can measure. Received: {name}: {alert.msg}.",
                "Limit the features to less, or set the sensor by hand.",
            )
