"""`exptool-ml demo`: the main job from beginning to end on simulated people, without a sensor or a window."""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from ..core.extras import need_tensorflow
from . import output
from .arguments import whole

if TYPE_CHECKING:
    from ..core.messages import TrainingDone
    from ..core.metrics import ConfusionMatrix
    from ..plugins import Plugins

RECIPES = {"sparse_iq": "demo", "envelope": "demo_envelope", "iq": "demo_iq", "sparse": "demo_sparse"}
"""The shipped recipe for each service, Sparse IQ of an A121 and those of an A111."""
GESTURES = ("push", "pull", "swipe", "circle")


@dataclasses.dataclass(frozen=True)
class Part:
    """Who is recorded for one session: numbers of simulated people, and how often each makes every gesture."""

    name: str
    people: tuple[int, ...]
    repetitions: int


PARTS = (
    Part("training", people=(1, 2, 3, 4, 5), repetitions=10),
    Part("validation", people=(6,), repetitions=10),
    Part("test", people=(7, 8), repetitions=10),
)


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "demo",
        help="record simulated gestures, train and evaluate",
        description="Record hand gestures of several simulated people, train a model, and test it on people it has "
        "never seen. Leaves sessions, model, confusion matrix and a report.",
    )
    parser.add_argument("--out", default="demo", metavar="DIR", help="new folder for everything (default: demo)")
    parser.add_argument(
        "--service",
        choices=RECIPES,
        default="sparse_iq",
        help="what the simulated sensor measures: sparse_iq (A121, the default), envelope, iq or sparse (A111)",
    )
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="start of all random numbers")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Record, train, evaluate and report."""
    from .evaluate import count, in_words
    from .inputs import read_sessions

    need_tensorflow()
    started = time.monotonic()
    out = Path(options.out)
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise UserError(f"Expected a new or empty folder. Received: {out}.", "Choose another with --out.")
    out.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        _record(part, out / f"{part.name}.h5", service=options.service, seed=options.seed)
    done = _train(out, service=options.service, seed=options.seed)

    from ..runtime.predictor import Predictor

    matrix = count(Predictor(Path(done.model_path)), read_sessions([str(out / "test.h5")]))
    document = _document(done, matrix, seconds=time.monotonic() - started)
    document["report"] = _report(out, done, matrix, document, service=options.service)
    output.result(document, f"{in_words(matrix)}\nReport: {document['report']}", as_json=options.json)


def _record(part: Part, path: Path, *, service: str, seed: int) -> None:
    """Record every gesture of every person of a part, cut frames, and write the session."""
    from ..core.pipeline import frames_of
    from ..core.session import Session
    from ..core.session_file import save_session
    from ..core.simulate import SETUPS, Person, record
    from ..plugins import load_plugins
    from .inputs import read_recipe

    plugins: Plugins = load_plugins()
    setup = SETUPS[service]
    session = Session(dataclasses.replace(read_recipe(RECIPES[service]), sensor=setup))
    for number in part.people:
        person = Person.random(number)
        for index, gesture in enumerate(GESTURES):
            recording = record(
                setup,
                gesture,
                part.repetitions * person.interval_s,
                name=f"{gesture}_{person.name}",
                seed=1000 * seed + 10 * number + index,
                person=person,
            )
            place = session.add_recording(recording)
            for frame in frames_of(recording, session.recipe, plugins.parts):
                session.add(frame, gesture, place)
    save_session(session, path)
    counts = ", ".join(f"{label} {count}" for label, count in session.counts().items())
    output.progress(f"Recorded {len(part.people)} simulated people for {part.name}: {counts} frames")


def _train(out: Path, *, service: str, seed: int) -> TrainingDone:
    from .train import options_of, train

    sessions = (str(out / "training.h5"), "--validate", str(out / "validation.h5"))
    options = options_of(*sessions, "--recipe", RECIPES[service], "--seed", str(seed), "--out", str(out / "run"))
    return train(out / "run", options)


def _document(done: TrainingDone, matrix: ConfusionMatrix, *, seconds: float) -> dict[str, Any]:
    from .evaluate import describe
    from .train import describe as describe_training

    return {"training": describe_training(done), **describe(matrix), "model": done.model_path, "seconds": seconds}


def _report(out: Path, done: TrainingDone, matrix: ConfusionMatrix, document: dict[str, Any], *, service: str) -> str:
    from ..core.reading import sensor_kind
    from ..core.simulate import SETUPS
    from .report import write_report
    from .train import in_words

    people = {part.name: len(part.people) for part in PARTS}
    text = (
        f"A simulated {sensor_kind(SETUPS[service])} watched {sum(people.values())} simulated people make "
        f"{len(GESTURES)} hand gestures: {', '.join(GESTURES)}. Every burst of motion became a frame. "
        f"A network learned from {people['training']} of them, {people['validation']} decided when to stop, and the "
        f"{people['test']} below it had never seen.\n\n"
        f"{in_words(done)}\n\n"
        "Try the model on a scene it has not seen either:\n\n"
        f"    exptool-ml predict {done.model_path} --simulated push --seconds 20"
    )
    return write_report(out, matrix, document, title="Simulated hand gestures", text=text)
