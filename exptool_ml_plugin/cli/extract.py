"""`exptool-ml extract`: recordings become a session file of labelled frames."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from . import labelling, output
from .arguments import new_file, positive

if TYPE_CHECKING:
    from ..core.recipe import Recipe
    from ..core.recording import Recording
    from ..core.session import Session
    from ..plugins import Plugins
    from .cutting import Cut
    from .labelling import Labelling


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "extract",
        help="cut labelled frames from recordings",
        description="Cut frames from recordings as a recipe says, and write them to one session file.",
    )
    parser.add_argument("recordings", nargs="+", metavar="RECORDING", help="recording of the Exploration Tool (.h5)")
    parser.add_argument("--recipe", required=True, metavar="RECIPE", help="recipe file, or name of a shipped recipe")
    labelling.add_options(parser)
    parser.add_argument("--out", required=True, metavar="SESSION", help="session file to write (.h5)")
    parser.add_argument(
        "--measurement", type=positive, metavar="N", help="only the N-th measurement of each file, counted from 1"
    )
    parser.add_argument(
        "--processes", type=positive, metavar="N", help="processes that share the files; by default what pays"
    )
    parser.add_argument("--force", action="store_true", help="replace the session file if it exists")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Cut the frames, write the session and say what is in it."""
    from ..core.session_file import save_session
    from ..plugins import load_plugins
    from .inputs import read_recipe, say_problems

    paths = [Path(path) for path in options.recordings]
    out = new_file(options.out, inputs=paths, force=options.force)
    recipe = read_recipe(options.recipe)
    plugins = load_plugins()
    say_problems(plugins)
    labels = labelling.Labelling(options, paths)
    session = _fill(options, recipe, plugins, labels)
    output.warn_if_open(out)
    save_session(session, out, overwrite=options.force)
    _report(session, out, labels.report(), as_json=options.json)


def _fill(options: argparse.Namespace, recipe: Recipe, plugins: Plugins, labels: Labelling) -> Session:
    """Return a session with the frames of all recordings."""
    from ..core.session import Session
    from .cutting import cut_files, sensible_processes

    session: Session | None = None
    used: set[str] = set()
    processes = options.processes or sensible_processes(labels.files)
    with closing(
        cut_files(labels.files, recipe, plugins, processes=processes, measurement=options.measurement)
    ) as files:
        for path in labels.files:
            labels.whole(path)  # a name without a label is said before the file is read
            for cut in next(files):
                fitting = _recipe_for(session.recipe if session else recipe, cut.recording, path)
                session = session or Session(fitting)
                _add(session, cut, path, labels, used)
    if labels.outside and not (session and len(session)):
        raise UserError(
            f"Expected frames whose middle lies in a span of the sheet. Received: {labels.outside} frames outside.",
            "Give the times in seconds from the start of each recording.",
        )
    if session is None or not len(session):
        raise UserError(
            "Expected at least one frame in the recordings. Received: none.",
            "Lower the trigger's threshold in the recipe, or use longer recordings.",
        )
    return session


def _recipe_for(recipe: Recipe, recording: Recording, path: Path) -> Recipe:
    """Return the recipe with the recording's sensor; `UserError` if the recipe is for another."""
    from dataclasses import replace

    from ..core.reading import sensor_kind

    own = replace(recipe, sensor=recording.setup)
    if recipe.sensor is None:
        return own
    if not own.same_frames_as(recipe):
        kinds = [sensor_kind(one) for one in (recording.setup, recipe.sensor)]
        told = kinds if kinds[0] != kinds[1] else [_geometry(one) for one in (own, recipe)]
        raise UserError(
            f"Expected recordings with one sensor configuration. Received: {_place(recording, path)}, with "
            f"{told[0]} instead of {told[1]}.",
            "Extract recordings of different configurations separately, with a recipe for each, and one of several "
            "measurements in a file with --measurement.",
        )
    return recipe


def _place(recording: Recording, path: Path) -> str:
    """Name the file, and the measurement in it where there are several."""
    return str(path) if recording.name == path.stem else f"measurement {recording.tags.get('session')} of {path}"


def _geometry(recipe: Recipe) -> str:
    channels = recipe.sensor.channels if recipe.sensor else ()
    parts = (f"{c.sweeps}x{c.points} from {c.start_m:.3g} m to {c.end_m:.3g} m" for c in channels)
    return " and ".join(parts)


def _add(session: Session, cut: Cut, path: Path, labels: Labelling, used: set[str]) -> None:
    """Add the frames under a name of the recording that is not used yet; raise what stood against cutting them."""
    from .inputs import with_unused_name

    if cut.problem is not None:
        raise cut.problem
    recording = labels.tagged(path, with_unused_name(cut.recording, used))
    index, whole, before = session.add_recording(recording), labels.whole(path), len(session)
    steps = session.recipe.frame.time_steps
    for frame in cut.frames:
        label = labels.of_frame(path, recording, frame.first_reading, steps) if whole is None else whole
        if label is not None:
            session.add(frame, label, index)
    shown = "frames" if whole is None else f"frames '{whole}'"
    seconds, count = _seconds(recording), len(session) - before
    output.progress(f"{recording.name}: {count} {shown} in {seconds:.0f} s ({len(recording)} readings)")


def _seconds(recording: Recording) -> float:
    """Return the length of a recording, the last reading's own time included."""
    count = len(recording)
    return float(recording.time_s[-1] - recording.time_s[0]) * count / (count - 1) if count > 1 else 0.0


def _report(session: Session, out: Path, sheet: dict[str, Any], *, as_json: bool) -> None:
    per_recording = dict.fromkeys((recording.name for recording in session.recordings), 0)
    for index in session.recording_of.tolist():
        per_recording[session.recordings[index].name] += 1
    document = {
        "session": str(out),
        "frames": len(session),
        "frames_per_label": session.counts(),
        "frames_per_recording": per_recording,
        "flagged": int((session.flags != 0).sum()),
        "seconds": sum(_seconds(recording) for recording in session.recordings),
        **sheet,
    }
    counts = ", ".join(f"{label} {count}" for label, count in session.counts().items())
    output.result(document, f"{len(session)} frames ({counts}) written to {out}.", as_json=as_json)
