"""A physical simulator of both sensors, A121 and A111: hands that move, without a sensor."""

from __future__ import annotations

from .a111_config import A111_SETUPS
from .a121_config import DEFAULT_SETUP, host_attributes, session_config, subsweep_settings
from .person import Person
from .physics import Echoes, SubsweepSettings, frame, is_saturated, sweep_times
from .scenes import SCENES, HandScene, Scene, make_scene
from .sensor import SimulatedSensor, record

SETUPS = {DEFAULT_SETUP.service: DEFAULT_SETUP, **A111_SETUPS}
"""For each service of either sensor a setup for a hand in front of it."""

__all__ = [
    "A111_SETUPS",
    "DEFAULT_SETUP",
    "SCENES",
    "SETUPS",
    "Echoes",
    "HandScene",
    "Person",
    "Scene",
    "SimulatedSensor",
    "SubsweepSettings",
    "frame",
    "host_attributes",
    "is_saturated",
    "make_scene",
    "record",
    "session_config",
    "subsweep_settings",
    "sweep_times",
]
