"""Recordings played in the stand-alone window's own way, and the frames that `exptool-ml extract` makes of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.hosts.standalone.sensor.replay import AS_FAST_AS_IT_GOES


def wait(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.002)


def open_file(control: SensorControl, path: Path) -> None:
    control.replay.open(path)
    control.replay.wait()


def play(control: SensorControl) -> float:
    """Play to the end; return the seconds it took."""
    begun = time.monotonic()
    control.start()
    wait(lambda: not control.busy)
    took = time.monotonic() - begun
    assert control.workbench.engine.wait(30)
    return took


def collect(control: SensorControl, recipe: Recipe, speed: float = AS_FAST_AS_IT_GOES) -> Session:
    """Return a new session with the frames of the open recording."""
    workbench = control.workbench
    workbench.new_session()
    workbench.change_recipe(features=recipe.features, frame=recipe.frame, trigger=recipe.trigger)
    workbench.collecting.label = "any"
    workbench.engine.set_mode("collect")
    control.replay.set_speed(speed)
    play(control)
    return workbench.session


def extract(recording: Path, recipe: Recipe, folder: Path) -> Session:
    """Return what `exptool-ml extract` makes of the file."""
    (folder / "recipe.json").write_text(replace(recipe, sensor=None).to_json())
    out = folder / "extracted.h5"
    arguments = [str(recording), "--recipe", str(folder / "recipe.json"), "--label", "any", "--out", str(out)]
    assert main(["extract", *arguments]) == 0
    return load_session(out)


def assert_same_frames(one: Session, other: Session) -> None:
    assert len(one) == len(other) > 0
    assert np.asarray(one.values).tobytes() == np.asarray(other.values).tobytes()
    np.testing.assert_array_equal(one.first_reading, other.first_reading)
    np.testing.assert_array_equal(one.flags, other.flags)
