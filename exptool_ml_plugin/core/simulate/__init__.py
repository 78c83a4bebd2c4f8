"""A physical simulator of A121 Sparse IQ: hands that move, without a sensor."""

from __future__ import annotations

from .a121_config import DEFAULT_SETUP, host_attributes, session_config, subsweep_settings
from .person import Person
from .physics import Echoes, SubsweepSettings, frame, is_saturated, sweep_times
from .scenes import SCENES, HandScene, Scene, make_scene
from .sensor import SimulatedSensor, record

__all__ = [
    "DEFAULT_SETUP",
    "SCENES",
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
