"""Frames as points: few principal components for whatever compares frames, two dimensions for a map of them."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frame_at import Step

COMPONENTS = 20
"""Principal components that frames are compared in; more of them bring noise in."""

MOST_POINTS = 5000
"""Frames that t-SNE places at most; of more, so many are drawn."""

_FITTED = 2000
_CHUNK = 2048
_ITERATIONS = 750
_POLL_S = 0.1


def principal_components(values: NDArray[np.float32], *, count: int = COMPONENTS, seed: int = 0) -> NDArray[np.float64]:
    """Return frames `(n, time_steps, width)` in principal components, float64 `(n, at most count)`, the largest first.

    They are those of at most 2,000 frames, drawn at random, of standardised values. `UserError` for less than three
    frames and for values that are not finite.
    """
    from sklearn.decomposition import PCA

    if len(values) < 3:
        raise UserError(f"Expected at least three frames. Received: {len(values)}.", "Collect more frames.")
    flat = values.reshape(len(values), -1)
    drawn = np.sort(np.random.default_rng(seed).choice(len(flat), min(_FITTED, len(flat)), replace=False))
    sample = np.asarray(flat[drawn], dtype=np.float32)
    if not np.isfinite(sample).all():
        raise UserError("Expected frames of finite values. Received: some that are not.", "Remove these frames.")
    mean, factor = _scale(sample)
    kept = min(count, len(sample) - 1, sample.shape[1])
    model = PCA(kept, svd_solver="randomized", random_state=seed).fit((sample - mean) * factor)
    parts = [model.transform((flat[start : start + _CHUNK] - mean) * factor) for start in range(0, len(flat), _CHUNK)]
    return np.asarray(np.concatenate(parts), dtype=np.float64)


def drawn_points(count: int, *, most: int = MOST_POINTS, seed: int = 0) -> NDArray[np.int64]:
    """Return the indices of `most` of `count` frames, ascending; all where there are no more."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False)).astype(np.int64)


def tsne(components: NDArray[np.float64], step: Step, *, seed: int = 0) -> NDArray[np.float64]:
    """Return points in two dimensions, float64 `(n, 2)`, with neighbours near each other: t-SNE.

    Made in a process of its own, so that the window keeps its rhythm and cancelling ends it at once; `step` is called
    ten times a second. van der Maaten and Hinton, Journal of Machine Learning Research 9 (2008).
    """
    with tempfile.TemporaryDirectory(prefix="exptool_ml_map_") as folder:
        given, made, told = (Path(folder) / name for name in ("given.npy", "made.npy", "told.txt"))
        np.save(given, components)
        command = [sys.executable, "-m", __name__, str(given), str(made), str(seed)]
        with told.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
            try:
                while process.poll() is None:
                    step(_iterations_of(told), _ITERATIONS)
                    time.sleep(_POLL_S)
            finally:
                process.kill()
        if not made.exists():
            raise UserError("Expected a map of the frames. Received: none.", told.read_text()[-300:])
        return np.asarray(np.load(made), dtype=np.float64)


def _iterations_of(told: Path) -> int:
    found = re.findall(r"Iteration (\d+)", told.read_text())
    return min(int(found[-1]), _ITERATIONS) if found else 0


def _scale(flat: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    spread = flat.std(axis=0)
    # What never changes says nothing; divided by its rounding errors it would decide.
    still = spread <= 1e-6 * np.abs(flat).max(axis=0) + 1e-30
    return flat.mean(axis=0), np.where(still, 0.0, 1.0 / np.where(still, 1.0, spread)).astype(np.float32)


def _main(given: str, made: str, seed: str) -> None:
    from sklearn.manifold import TSNE

    components = np.load(given)
    perplexity = min(30.0, max(1.0, (len(components) - 1) / 3))
    model = TSNE(
        2, perplexity=perplexity, init="pca", random_state=int(seed), max_iter=_ITERATIONS, verbose=2, n_jobs=1
    )
    points = model.fit_transform(components)
    written = io.BytesIO()
    np.save(written, points)
    Path(made).write_bytes(written.getvalue())


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)
        _main(*sys.argv[1:4])
