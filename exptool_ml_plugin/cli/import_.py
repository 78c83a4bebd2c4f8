"""`exptool-ml import`: files of the old Deep Learning Interface, arrays and tables become sessions and models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from . import output
from .arguments import new_file

if TYPE_CHECKING:
    from ..core.dli.session import ImportedSession

_ARRAYS = (".npz", ".csv")
_LAYERS = (".yaml", ".yml")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "import",
        help="make sessions and models of arrays, tables, and files of the old Deep Learning Interface",
        description="Make a session of session files (.npy), or a model with its weights of a model file (.npy) or "
        "folder, of the Deep Learning Interface of Exploration Tool 3; or a session of labelled frames in NumPy arrays "
        "(.npz) or tables (.csv). Nothing in the files is run.",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="sessions (.npy, .npz, .csv), or one model (.npy, or a folder)"
    )
    parser.add_argument("--out", required=True, metavar="NEW_FILE", help="session (.h5) or model (.keras) to write")
    parser.add_argument("--force", action="store_true", help="overwrite NEW_FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read the old files, write the new one, and say what is not as it was."""
    from ..core.dli.model import is_model

    paths = [Path(name) for name in options.files]
    out = new_file(options.out, inputs=paths, force=options.force)
    arrays = [path for path in paths if path.suffix.lower() in _ARRAYS]
    if arrays and len(arrays) == len(paths):
        _write_arrays(paths, out, options)
        return
    documents = {path: None if path.is_dir() else _read(path) for path in paths}
    models = [path for path, document in documents.items() if path.is_dir() or is_model(document)]
    if not models:
        _write_session(documents, out, options)
    elif len(paths) == 1:
        documents.clear()
        _write_model(models[0], out, options)
    else:
        raise UserError(
            f"Expected session files, or one model. Received: the model {models[0].name} among {len(paths)} files.",
            "Import each model by itself.",
        )


def _read(path: Path) -> Any:
    from ..core.dli.restricted_pickle import read_npy

    if path.suffix.lower() in _LAYERS:
        raise UserError(
            f"Expected a session or a model. Received: the layer list {path.name}.",
            "Layer lists need no import: open them with “Load layers” in the Model tab.",
        )
    return read_npy(path)


def _write_arrays(paths: list[Path], out: Path, options: argparse.Namespace) -> None:
    from ..core.import_arrays import read_arrays
    from ..core.joining import joined
    from ..core.session_file import save_session

    session = joined([read_arrays(path) for path in paths])
    output.warn_if_open(out)
    save_session(session, out, overwrite=options.force)
    note = "There are no readings behind these frames: features and frame length cannot be changed any more."
    output.progress(note)
    counts = session.counts()
    document = {"session": str(out), "frames": len(session), "frames_per_label": counts, "readings": 0, "notes": [note]}
    listed = ", ".join(f"{label} {count}" for label, count in counts.items())
    output.result(document, f"{len(session)} frames ({listed}) written to {out}.", as_json=options.json)


def _write_session(documents: dict[Path, Any], out: Path, options: argparse.Namespace) -> None:
    from ..core.dli.session import merged, session_of
    from ..core.session_file import save_session
    from ..plugins import load_plugins
    from .inputs import say_problems

    plugins = load_plugins()
    say_problems(plugins)
    made = merged([session_of(document, name=path.stem, parts=plugins.parts) for path, document in documents.items()])
    output.warn_if_open(out)
    save_session(made.session, out, overwrite=options.force)
    for note in made.notes:
        output.progress(note)
    counts = made.session.counts()
    document = {
        "session": str(out),
        "frames": len(made.session),
        "frames_per_label": counts,
        "readings": sum(len(recording) for recording in made.session.recordings),
        "equal_frames": made.equal,
        "notes": list(made.notes),
    }
    output.result(document, _session_in_words(made, counts, out), as_json=options.json)


def _session_in_words(made: ImportedSession, counts: dict[str, int], out: Path) -> str:
    listed = ", ".join(f"{label} {count}" for label, count in counts.items()) or "none"
    lines = [f"{len(made.session)} frames ({listed}) written to {out}."]
    if made.equal is not None and len(made.session):
        lines.append(f"{made.equal} of them are what the same features make of the readings here.")
    return "\n".join(lines)


def _write_model(path: Path, out: Path, options: argparse.Namespace) -> None:
    from ..workbench.model_import import import_model

    output.progress(f"Making a Keras model of {path.name}…")
    made = import_model(path, out)
    for note in made.notes:
        output.progress(note)
    output.result({"model": str(out), **made.facts}, made.in_words(), as_json=options.json)
