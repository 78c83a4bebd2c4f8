"""Frames as points: few principal components for whatever compares frames, two dimensions for a map of them."""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.picked_frames import PickedFrames
from ..core.stand_back import stand_back
from .helper_process import run_apart

Frames = NDArray[np.float32] | PickedFrames

COMPONENTS = 20
"""Principal components that frames are compared in; more of them bring noise in."""

MOST_POINTS = 5000
"""Frames that t-SNE places at most; of more, so many are drawn."""

_FITTED = 2000
_CHUNK = 512
_OVERSAMPLED, _POWERS = 10, 4
_ITERATIONS = 750


def principal_components(
    values: Frames, *, count: int = COMPONENTS, seed: int = 0, step: Step | None = None
) -> NDArray[np.float64]:
    """Return frames `(n, time_steps, width)` in principal components, float64 `(n, at most count)`, the largest first.

    They are those of at most 2,000 frames, drawn at random, of standardised values. `UserError` for less than three
    frames and for values that are not finite. `step` is called after every few frames.
    """
    if len(values) < 3:
        raise UserError(f"Expected at least three frames. Received: {len(values)}.", "Collect more frames.")
    drawn = np.sort(np.random.default_rng(seed).choice(len(values), min(_FITTED, len(values)), replace=False))
    sample = np.asarray(values[drawn], dtype=np.float32).reshape(len(drawn), -1)
    if not np.isfinite(sample).all():
        raise UserError("Expected frames of finite values. Received: some that are not.", "Remove these frames.")
    mean, factor = _scale(sample)
    axes = _principal_axes((sample - mean) * factor, min(count, len(sample) - 1, sample.shape[1]), seed=seed)
    found = np.empty((len(values), len(axes)))
    for start in range(0, len(values), _CHUNK):
        part = np.asarray(values[start : start + _CHUNK], dtype=np.float32).reshape(-1, sample.shape[1])
        found[start : start + len(part)] = ((part - mean) * factor) @ axes.T
        if step is not None:
            step(start + len(part), len(values))
    return found


def _principal_axes(centred: NDArray[np.float32], count: int, *, seed: int) -> NDArray[np.float32]:
    """Return the directions of largest variance of the rows, float32 `(count, values)`.

    By a randomised singular value decomposition: Halko, Martinsson and Tropp, SIAM Review 53 (2011), algorithm 4.4.
    The largest part of each direction is positive, so that maps do not turn over.
    """
    random = np.random.default_rng(seed)
    width = min(count + _OVERSAMPLED, *centred.shape)
    sketch = centred @ random.standard_normal((centred.shape[1], width), dtype=np.float32)
    for _ in range(_POWERS):
        sketch = centred @ (centred.T @ np.linalg.qr(sketch)[0])
    basis = np.linalg.qr(sketch)[0]
    axes = np.linalg.svd(basis.T @ centred, full_matrices=False)[2][:count]
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    return np.asarray(axes * np.sign(largest)[:, np.newaxis], dtype=np.float32)


def drawn_points(count: int, *, most: int = MOST_POINTS, seed: int = 0) -> NDArray[np.int64]:
    """Return the indices of `most` of `count` frames, ascending; all where there are no more."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False)).astype(np.int64)


def tsne(components: NDArray[np.float64], step: Step, *, seed: int = 0) -> NDArray[np.float64]:
    """Return points in two dimensions, float64 `(n, 2)`, with neighbours near each other: t-SNE.

    Made in a process of its own; `step` is called ten times a second. van der Maaten and Hinton, Journal of Machine
    Learning Research 9 (2008).
    """
    with tempfile.TemporaryDirectory(prefix="exptool_ml_map_") as name:
        folder = Path(name)
        given, made = folder / "given.npy", folder / "made.npy"
        np.save(given, components)
        arguments = [str(given), str(made), str(seed)]
        run_apart(__name__, arguments, folder, follow=lambda told: step(_iterations_of(told), _ITERATIONS))
        return np.asarray(np.load(made), dtype=np.float64)


def _iterations_of(told: str) -> int:
    found = re.findall(r"Iteration (\d+)", told)
    return min(int(found[-1]), _ITERATIONS) if found else 0


def _scale(flat: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    spread = flat.std(axis=0)
    # What never changes says nothing; divided by its rounding errors it would decide.
    still = spread <= 1e-6 * np.abs(flat).max(axis=0) + 1e-30
    return flat.mean(axis=0), np.where(still, 0.0, 1.0 / np.where(still, 1.0, spread)).astype(np.float32)


def _main(given: str, made: str, seed: str) -> None:
    stand_back()
    from sklearn.manifold import TSNE

    components = np.load(given)
    perplexity = min(30.0, max(1.0, (len(components) - 1) / 3))
    model = TSNE(
        2, perplexity=perplexity, init="pca", random_state=int(seed), max_iter=_ITERATIONS, verbose=2, n_jobs=1
    )
    np.save(made, model.fit_transform(components))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _main(*sys.argv[1:4])
