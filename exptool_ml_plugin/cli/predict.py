"""`exptool-ml predict`: what a model says of recordings, or of a sensor that is measuring. Needs no TensorFlow."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from . import output

if TYPE_CHECKING:
    from ..core.reading import Reading
    from ..hookspecs import LiveSource
    from ..plugins import Plugins
    from ..runtime.live import LivePredictor, Prediction

_LIVE = ("simulated", "serial", "usb", "socket")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "predict",
        help="predict recordings or a live sensor",
        description="Print a line per frame: time, label, confidence. Needs no TensorFlow.",
    )
    parser.add_argument("model", metavar="MODEL", help="trained model (.keras)")
    # An empty list as default, so that argparse takes the recordings for one of the alternatives.
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("recordings", nargs="*", default=[], metavar="RECORDING", help="recording to predict (.h5)")
    source.add_argument("--simulated", metavar="SCENE", help="simulated scene: push, pull, swipe, circle or still")
    source.add_argument("--serial", metavar="PORT", help="sensor at a serial port")
    source.add_argument("--usb", nargs="?", const=True, metavar="SERIAL", help="sensor at USB, the first or by number")
    source.add_argument("--socket", metavar="IP", help="sensor at a network address")
    parser.add_argument("--seconds", type=float, metavar="S", help="stop a live prediction after so much sensor time")
    parser.add_argument("--json", action="store_true", help="print JSON lines; the last one counts the frames")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Predict until the readings end, the time is up, or Ctrl-C."""
    from ..core.model_file import read_model_info
    from ..plugins import load_plugins
    from .inputs import say_problems

    model = Path(options.model)
    read_model_info(model)  # says what is wrong with the model before a sensor is touched
    plugins = load_plugins()
    say_problems(plugins)
    counts: Counter[str] = Counter()
    for prediction, name in _predictions(options, model, plugins):
        counts[prediction.label] += 1
        _say(prediction, name, as_json=options.json)
    total = {"frames": counts.total(), "frames_per_label": dict(sorted(counts.items()))}
    if options.json:
        output.say(output.to_json(total))
    else:
        output.progress(f"{counts.total()} frames")


def _predictions(options: argparse.Namespace, model: Path, plugins: Plugins) -> Iterator[tuple[Prediction, str]]:
    if options.recordings:
        yield from _of_recordings(options, model, plugins)
        return
    with _live(options, model, plugins) as source:
        predictor = _predictor(model, plugins, source.setup, name="the sensor")
        try:
            for reading in _until(source, options.seconds):
                prediction = predictor.push(reading)
                if prediction is not None:
                    yield prediction, ""
        except KeyboardInterrupt:
            output.progress("Stopped.")


def _of_recordings(options: argparse.Namespace, model: Path, plugins: Plugins) -> Iterator[tuple[Prediction, str]]:
    from .inputs import read_recordings

    for path in map(Path, options.recordings):
        for recording in read_recordings(path, plugins):
            predictor = _predictor(model, plugins, recording.setup, name=str(path))
            for reading in recording:
                prediction = predictor.push(reading)
                if prediction is not None:
                    yield prediction, recording.name


def _predictor(model: Path, plugins: Plugins, setup: Any, *, name: str) -> LivePredictor:
    """Return a predictor for readings of a setup; `UserError` if the model was trained with another."""
    from dataclasses import replace

    from ..core.reading import sensor_kind
    from ..runtime.live import LivePredictor

    predictor = LivePredictor(model, plugins.parts, setup)
    recipe = predictor.predictor.info.recipe
    if recipe.sensor is not None and not replace(recipe, sensor=setup).same_frames_as(recipe):
        kinds = [sensor_kind(one) for one in (recipe.sensor, setup)]
        received = "another" if kinds[0] == kinds[1] else f"{kinds[1]} instead of {kinds[0]}"
        raise UserError(
            f"Expected the sensor configuration the model was trained with. Received: {received} in {name}.",
            "Record with the model's configuration.",
        )
    return predictor


@contextmanager
def _live(options: argparse.Namespace, model: Path, plugins: Plugins) -> Iterator[LiveSource]:
    from ..core.model_file import read_model_info

    setup = read_model_info(model).recipe.sensor
    if setup is None:
        raise UserError("Expected a model that knows its sensor configuration. Received: one without.")
    address = {name: getattr(options, name) for name in _LIVE if getattr(options, name) is not None}
    source = _open(plugins, address, setup)
    output.progress("Measuring; Ctrl-C stops.")
    try:
        yield source
    finally:
        source.close()


def _open(plugins: Plugins, address: dict[str, Any], setup: Any) -> LiveSource:
    for source in plugins.sources.values():
        opened = source.open(address, setup)
        if opened is not None:
            return opened
    what = ", ".join(f"{name}={value}" for name, value in address.items())
    raise UserError(f"Expected a sensor that an installed plugin can open. Received: {what}.")


def _until(readings: Iterable[Reading], seconds: float | None) -> Iterator[Reading]:
    for reading in readings:
        if seconds is not None and reading.time_s >= seconds:
            return
        yield reading


def _say(prediction: Prediction, name: str, *, as_json: bool) -> None:
    if as_json:
        document = {"time": prediction.time_s, "label": prediction.label, "confidence": prediction.confidence}
        output.say(output.to_json({**({"recording": name} if name else {}), **document}))
    else:
        place = f"{name}  " if name else ""
        output.say(f"{place}{prediction.time_s:9.2f} s  {prediction.label}  {prediction.confidence:.0%}")
