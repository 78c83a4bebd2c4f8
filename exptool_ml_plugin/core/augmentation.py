"""Variants of frames as the radar might have measured them, made from the readings with their full history.

Every change is made to the readings before the features see them, so that features with memory, logarithms and spectra
come out as they would have for such a measurement:

* **Time shift**: the frame begins some readings earlier or later.
* **Time stretch**: the motion is faster or slower. Complex readings are interpolated in amplitude and in unwrapped
  phase, because their real and imaginary parts turn too fast between two readings to be interpolated. The Doppler
  within a reading stays as it was measured. Of Sparse, which has no phase, the nearest reading is taken.
* **Amplitude**: all readings times a factor, as of a larger or smaller target.
* **Range shift**: all points moved by whole steps, as of a target nearer or further. The phase of a point depends on
  its distance from the target alone (`simulate.physics`), so it moves along. Points from outside hold noise.
* **Noise**: white noise at a multiple of the measured noise level, complex where the readings are.
* **Random phase**: one turn for the whole recording; the phase of a target at an unknown distance is any. Envelope and
  Sparse have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .augmentation_settings import AugmentationSettings
from .frame_at import RecordedRows, Step
from .frames import Frame
from .parts import Parts
from .reading import SPARSE, is_real, zero_of
from .recipe import Recipe
from .recording import Recording

_MAD_TO_STD = 1.4826
"""Standard deviation of a normal distribution over the median of its absolute values."""


@dataclass(frozen=True)
class Change:
    """One draw: `stretch` > 1 is slower, `points` steps further away, `noise` in noise levels, `phase` in radians."""

    stretch: float = 1.0
    factor: float = 1.0
    points: int = 0
    noise: float = 0.0
    phase: float = 0.0


def draw(settings: AugmentationSettings, random: np.random.Generator) -> Change:
    """Draw a change within the settings, each part uniformly; the amplitude uniformly in decibels."""
    decibels = settings.amplitude_db * random.uniform(-1, 1)
    return Change(
        stretch=float(1 + settings.time_stretch * random.uniform(-1, 1)),
        factor=float(10 ** (decibels / 20)),
        points=int(random.integers(-settings.range_shift, settings.range_shift + 1)),
        noise=float(settings.noise * random.uniform()),
        phase=float(random.uniform(0, 2 * np.pi)) if settings.random_phase else 0.0,
    )


def noise_level(matrix: NDArray[np.complex64], *, real: bool = False) -> float:
    """Return the standard deviation of the noise of complex64 `(readings, sweeps, points)`, `real` without phase.

    From the second differences along the sweeps, or the readings where there are fewer than three sweeps, in which
    whatever changes evenly cancels: their variance is 6 times that of white noise (1 + 4 + 1). The median of the
    readings' medians does not mind motion that fills less than half of the time.
    """
    axis = 1 if matrix.shape[1] > 2 else 0
    if matrix.shape[axis] < 3:
        return 0.0
    second = np.diff(matrix, n=2, axis=axis)
    parts = [second.real] if real else [second.real, second.imag]
    sizes = np.abs(np.concatenate(parts, axis=2)).reshape(len(second), -1)
    return float(_MAD_TO_STD * np.median(np.median(sizes, axis=1)) * np.sqrt(len(parts) / 6))


def changed_recording(recording: Recording, change: Change, random: np.random.Generator) -> Recording:
    """Return the recording as it would have been; as many readings as the stretch makes of it."""
    service = recording.setup.service
    matrices = [_changed(matrix, change, random, service=service) for matrix in recording.matrices]
    count = len(matrices[0])
    nearest = np.minimum(np.rint(np.arange(count) / change.stretch).astype(np.int64), len(recording) - 1)
    return replace(
        recording,
        matrices=tuple(matrices),
        time_s=recording.time_s[0] + np.arange(count) / recording.setup.reading_rate_hz,
        quality=tuple(recording.quality[index] for index in nearest),
        marks=(),
    )


def variants(
    recording: Recording,
    recipe: Recipe,
    parts: Parts,
    *,
    first_readings: Sequence[int],
    settings: AugmentationSettings,
    seed: Sequence[int],
    step: Step | None = None,
) -> Iterator[tuple[int, Frame]]:
    """Yield `settings.copies` times a variant of each frame of a recording: the frame's place in the list, and it.

    A copy of the recording is changed as a whole and gone through from its start, so that the history fits. A frame
    that would reach beyond the recording is moved inside. The same seed gives the same variants.
    """
    for copy in range(settings.copies):
        random = np.random.default_rng([*seed, copy])
        change = draw(settings, random)
        rows = RecordedRows(changed_recording(recording, change, random), recipe, parts, step=step)
        if rows.last_first < 0:
            continue
        for place, first in enumerate(first_readings):
            # Each frame has a shift of its own; the rest belongs to the recording as a whole.
            shift = int(random.integers(-settings.time_shift, settings.time_shift + 1))
            middle = (first + rows.time_steps / 2) * change.stretch
            begin = round(middle - rows.time_steps / 2) + shift
            yield place, rows.frame(int(np.clip(begin, 0, rows.last_first)))


def _changed(
    matrix: NDArray[np.complex64], change: Change, random: np.random.Generator, *, service: str
) -> NDArray[np.complex64]:
    real, zero = is_real(service), np.float32(zero_of(service))
    level = noise_level(matrix, real=real) if change.noise or change.points else 0.0
    made = _stretched(matrix - zero, change.stretch, nearest=service == SPARSE)
    made = _moved(made, change.points, level=level, random=random, real=real)
    made = made * np.complex64(change.factor * np.exp(0.0 if real else 1j * change.phase))
    if change.noise:
        made = made + _white(made.shape, change.noise * level, random, real=real)
    return np.asarray(made + zero, dtype=np.complex64)


def _stretched(matrix: NDArray[np.complex64], stretch: float, *, nearest: bool) -> NDArray[np.complex64]:
    """Return complex64 `(about readings * stretch, sweeps, points)`: readings between two are interpolated.

    All sweeps of a reading are turned alike, from where they stand in the nearer of the two: turned one by one, each
    the shorter way round, fast motion would tear them apart and fill the whole Doppler spectrum.
    """
    if stretch == 1.0 or len(matrix) < 2:
        return matrix
    places = np.arange(int((len(matrix) - 1) * stretch) + 1) / stretch
    if nearest:
        return matrix[np.rint(places).astype(np.int64)]
    before = np.minimum(places.astype(np.int64), len(matrix) - 2)
    part = (places - before)[:, None, None].astype(np.float32)
    one, other = matrix[before], matrix[before + 1]
    amplitude = np.abs(one) * (1 - part) + np.abs(other) * part
    turn = np.angle((other * one.conj()).sum(axis=1, keepdims=True))  # the shorter way round
    phase = np.where(part < 0.5, np.angle(one) + part * turn, np.angle(other) + (part - 1) * turn)
    return np.asarray(amplitude * np.exp(1j * phase), dtype=np.complex64)


def _moved(
    matrix: NDArray[np.complex64], points: int, *, level: float, random: np.random.Generator, real: bool
) -> NDArray[np.complex64]:
    """Return the readings with everything `points` steps further away."""
    points = int(np.clip(points, -matrix.shape[2], matrix.shape[2]))
    if points == 0:
        return matrix
    moved = np.roll(matrix, points, axis=2)
    outside = slice(0, points) if points > 0 else slice(matrix.shape[2] + points, None)
    moved[:, :, outside] = _white(moved[:, :, outside].shape, level, random, real=real)
    return moved


def _white(shape: tuple[int, ...], level: float, random: np.random.Generator, *, real: bool) -> NDArray[np.complex64]:
    """Return white noise whose standard deviation, of real and imaginary part together, is `level`."""
    if real:
        return np.asarray(random.standard_normal(shape, dtype=np.float32) * level, dtype=np.complex64)
    parts = random.standard_normal((2, *shape), dtype=np.float32)
    return np.asarray((parts[0] + 1j * parts[1]) * np.float32(level / np.sqrt(2)), dtype=np.complex64)
