"""The report of an evaluation: words, figures, the matrix and its picture in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.atomic import write_bytes
from ..core.errors import UserError
from ..core.metrics import ConfusionMatrix
from ..workbench.matrix_picture import matrix_png
from . import output

_PICTURE = "confusion.png"


def write_report(
    folder: Path, matrix: ConfusionMatrix, document: dict[str, Any], *, title: str, force: bool = False, text: str = ""
) -> str:
    """Write report.md, report.json, confusion.csv and confusion.png; return the path of the report in words.

    `text` stands at the top of the report. Without matplotlib (an extra) the picture is left out, and said so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Expected a folder for the report. Received: {folder}: {error.strerror}.") from error
    files = {"report.json": f"{output.to_json(document)}\n".encode(), "confusion.csv": matrix.to_csv().encode()}
    try:
        files[_PICTURE] = matrix_png(matrix, title=title)
    except ImportError:
        output.progress("Without a picture of the matrix: it needs matplotlib (pip install matplotlib).")
    picture = f"![Confusion matrix]({_PICTURE})" if _PICTURE in files else ""
    files["report.md"] = "\n\n".join(filter(None, [f"# {title}", text, picture, _tables(matrix)])).encode() + b"\n"
    for name in files:
        if (folder / name).exists() and not force:
            raise UserError(f"Expected a folder without a report. Received: {folder / name} exists.", "Use --force.")
    for name, content in files.items():
        write_bytes(folder / name, content, overwrite=force)
    return str(folder / "report.md")


def _tables(matrix: ConfusionMatrix) -> str:
    lines = [
        f"{matrix.accuracy:.1%} of {matrix.total} frames are predicted right.",
        "",
        "| label | frames | precision | recall | F1 | most often taken for |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for index, label in enumerate(matrix.labels):
        figures = (matrix.precision()[index], matrix.recall()[index], matrix.f1()[index])
        cells = [label, str(matrix.true_totals[index]), *map(output.figure_text, figures)]
        lines.append(f"| {' | '.join(cells)} | {_mistaken(matrix, index)} |")
    lines += ["", "Rows are the true labels, columns the predicted ones:", "", _markdown(matrix)]
    return "\n".join(lines)


def _mistaken(matrix: ConfusionMatrix, index: int) -> str:
    wrong = matrix.counts[index].copy()
    wrong[index] = 0
    return f"{matrix.labels[int(wrong.argmax())]} ({wrong.max()})" if wrong.any() else "never"


def _markdown(matrix: ConfusionMatrix) -> str:
    rows = [["true \\\\ predicted", *matrix.labels], ["---", *("---:" for _ in matrix.labels)]]
    rows += [[label, *map(str, counts)] for label, counts in zip(matrix.labels, matrix.counts.tolist(), strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
