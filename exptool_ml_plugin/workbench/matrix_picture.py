"""A picture of a confusion matrix, drawn without a window."""

from __future__ import annotations

import io

from ..core.metrics import ConfusionMatrix

_RIGHT = (0.20, 0.63, 0.35)
_FEW_WRONG = (0.98, 0.68, 0.25)
_MANY_WRONG = (0.84, 0.22, 0.16)


def matrix_png(matrix: ConfusionMatrix, *, title: str = "") -> bytes:
    """Return a PNG with counts and row percent: right ones green, wrong ones orange to red.

    Raises `ImportError` where matplotlib is missing; it comes with the extras `train` and `app`.
    """
    # Here, because matplotlib takes half a second; its Figure alone opens no window and needs no Qt.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = max(4.5, 1.6 + 0.9 * len(matrix.labels))
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(_colours(matrix))
    percent = matrix.row_percent()
    for row, counts in enumerate(matrix.counts.tolist()):
        for column, count in enumerate(counts):
            share = "" if not matrix.true_totals[row] else f"\n{percent[row, column]:.0f} %"
            axes.text(column, row, f"{count}{share}", ha="center", va="center", fontsize=9, color="black")
    places = range(len(matrix.labels))
    axes.set_xticks(places, matrix.labels, rotation=30, ha="right")
    axes.set_yticks(places, matrix.labels)
    axes.set_xlabel("Predicted label")
    axes.set_ylabel("True label")
    axes.set_title(f"{title}\n{matrix.total} frames, {matrix.accuracy:.1%} right".strip(), fontsize=10)
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def _colours(matrix: ConfusionMatrix) -> list[list[tuple[float, float, float]]]:
    """Return a colour per cell: the share of its row decides how strong."""
    colours = []
    for row, shares in enumerate((matrix.row_percent() / 100.0).tolist()):
        colours.append([_colour(share, right=row == column) for column, share in enumerate(shares)])
    return colours


def _colour(share: float, *, right: bool) -> tuple[float, float, float]:
    if not share > 0.0:  # nothing there, or NaN for a label without frames
        return (1.0, 1.0, 1.0)
    if right:
        return _mix((1.0, 1.0, 1.0), _RIGHT, 0.25 + 0.75 * share)
    return _mix(_FEW_WRONG, _MANY_WRONG, min(2.0 * share, 1.0))


def _mix(one: tuple[float, float, float], other: tuple[float, float, float], part: float) -> tuple[float, float, float]:
    red, green, blue = ((1.0 - part) * a + part * b for a, b in zip(one, other, strict=True))
    return (red, green, blue)
