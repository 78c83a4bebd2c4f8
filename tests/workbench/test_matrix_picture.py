"""The picture of a confusion matrix."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest

from exptool_ml_plugin.core.metrics import ConfusionMatrix

matplotlib = pytest.importorskip("matplotlib")

from exptool_ml_plugin.workbench.matrix_picture import matrix_png  # noqa: E402

MATRIX = ConfusionMatrix(("push", "pull", "never seen"), np.array([[8, 2, 0], [0, 10, 0], [0, 0, 0]]))


def pixels(png: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(io.BytesIO(png)))[..., :3]


def test_right_ones_are_green_and_wrong_ones_orange_to_red() -> None:
    picture = pixels(matrix_png(MATRIX, title="A title"))

    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    assert np.count_nonzero((green > red + 0.2) & (green > blue + 0.1)) > 1000
    assert np.count_nonzero((red > 0.7) & (red > green + 0.15) & (blue < 0.5)) > 1000


def test_an_empty_matrix_and_many_labels_can_be_drawn() -> None:
    labels = tuple(f"label {number}" for number in range(20))

    small = pixels(matrix_png(ConfusionMatrix(("a", "b"), np.zeros((2, 2), dtype=np.int64))))
    large = pixels(matrix_png(ConfusionMatrix(labels, np.eye(20, dtype=np.int64))))

    assert large.size > small.size


def test_drawing_needs_no_window() -> None:
    script = (
        "import sys, numpy as np\n"
        "from exptool_ml_plugin.core.metrics import ConfusionMatrix\n"
        "from exptool_ml_plugin.workbench.matrix_picture import matrix_png\n"
        "matrix_png(ConfusionMatrix(('a', 'b'), np.eye(2, dtype=np.int64)))\n"
        "print({'PySide6', 'PyQt5', 'tkinter', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
