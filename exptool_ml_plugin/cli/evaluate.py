"""`exptool-ml evaluate`: how well a model does on sessions, without TensorFlow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from . import output

if TYPE_CHECKING:
    from ..core.metrics import ConfusionMatrix
    from ..core.session import Session
    from ..runtime.predictor import Predictor


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "evaluate",
        help="count how often a model is right",
        description="Predict the frames of sessions with a model and count. Needs no TensorFlow.",
    )
    parser.add_argument("model", metavar="MODEL", help="trained model (.keras)")
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="session file (.h5)")
    parser.add_argument("--report", metavar="DIR", help="folder for a report in words, the matrix and its picture")
    parser.add_argument("--force", action="store_true", help="replace files in the folder of the report")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Predict, count and say."""
    from ..runtime.predictor import Predictor
    from .inputs import read_sessions

    predictor = Predictor(Path(options.model))
    output.progress(f"Reading {len(options.sessions)} session(s)")
    sessions = read_sessions(options.sessions)
    matrix = count(predictor, sessions)
    document = describe(matrix)
    if options.report:
        from .report import write_report

        title = f"{Path(options.model).name} on {', '.join(Path(path).name for path in options.sessions)}"
        document["report"] = write_report(Path(options.report), matrix, document, title=title, force=options.force)
    output.result(document, in_words(matrix), as_json=options.json)


def count(predictor: Predictor, sessions: list[Session]) -> ConfusionMatrix:
    """Return the confusion matrix of all frames of the sessions; `UserError` if they are not for this model."""
    import numpy as np

    from ..core.metrics import ConfusionMatrix
    from ..core.stacked_frames import chunks
    from ..core.training_data import gather

    recipe = predictor.info.recipe
    for session in sessions:
        if len(session) and not session.recipe.same_frames_as(recipe):
            raise UserError(
                f"Expected sessions made with the model's features and sensor settings. Received: {session.path}.",
                "Extract the recordings again with the model's recipe.",
            )
    data = gather(sessions)
    true = data.codes(predictor.labels)
    output.progress(f"Predicting {len(data)} frames")
    predicted = np.concatenate([predictor.predict_many(chunk).argmax(axis=1) for chunk in chunks(data.values)])
    return ConfusionMatrix.from_predictions(true, predicted, labels=predictor.labels)


def describe(matrix: ConfusionMatrix) -> dict[str, Any]:
    """Return the figures for JSON: rows of the confusion are true labels, columns predicted ones."""
    figures = zip(matrix.labels, matrix.precision(), matrix.recall(), matrix.f1(), matrix.true_totals, strict=True)
    return {
        "frames": matrix.total,
        "accuracy": matrix.accuracy,
        "labels": list(matrix.labels),
        "confusion": matrix.counts.tolist(),
        "per_label": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "frames": int(n)}
            for label, p, r, f, n in figures
        },
    }


def in_words(matrix: ConfusionMatrix) -> str:
    """Return the figures for people."""
    width = max(len(label) for label in matrix.labels)
    lines = [f"{matrix.accuracy:.1%} of {matrix.total} frames are predicted right."]
    for label, *figures in zip(matrix.labels, matrix.precision(), matrix.recall(), matrix.f1(), strict=True):
        precision, recall, f1 = (output.figure_text(figure) for figure in figures)
        lines.append(f"  {label:<{width}}  precision {precision}  recall {recall}  F1 {f1}")
    return "\n".join(lines)
