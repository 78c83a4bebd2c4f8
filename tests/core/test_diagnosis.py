from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from exptool_ml_plugin.core.diagnosis import MIN_EPOCHS, Curves, Finding, diagnose
from exptool_ml_plugin.core.messages import EpochEnd

Array = NDArray[np.float64]
EPOCHS = np.arange(40, dtype=np.float64)


def curves(
    loss: Array,
    accuracy: Array | None = None,
    val_loss: Array | None = None,
    *,
    labels: int = 4,
    frames: int = 800,
) -> Curves:
    rising = np.clip(1.0 - 0.7 * loss / loss[0], 0.0, 1.0) if accuracy is None else accuracy
    return Curves(loss, rising, val_loss, None, labels=labels, training_frames=frames)


def falling(floor: float = 0.1, tau: float = 6.0, start: float = 1.5) -> Array:
    return floor + (start - floor) * np.exp(-EPOCHS / tau)


def titles(findings: list[Finding]) -> list[str]:
    return [finding.title for finding in findings]


def test_healthy_curves_raise_no_alarm() -> None:
    assert diagnose(curves(falling(), val_loss=1.2 * falling())) == []


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("noise", [0.02, 0.08])
def test_healthy_curves_with_noise_raise_no_alarm(seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    loss = falling() * np.exp(rng.normal(0.0, noise, EPOCHS.shape))
    val_loss = 1.3 * falling(0.2) * np.exp(rng.normal(0.0, 2 * noise, EPOCHS.shape))
    accuracy = np.clip(1.0 - 0.7 * falling() / 1.5 + rng.normal(0.0, noise / 4, EPOCHS.shape), 0.0, 1.0)
    for length in range(1, len(EPOCHS) + 1):
        found = diagnose(curves(loss[:length], accuracy[:length], val_loss[:length]))
        assert found == [], (length, found)


def test_a_model_that_is_trained_on_starts_low_and_is_no_alarm() -> None:
    rng = np.random.default_rng(1)
    loss = 0.05 + 0.005 * rng.standard_normal(20)
    accuracy = np.full(20, 0.99)
    assert diagnose(curves(loss, accuracy, 1.4 * loss)) == []


def test_a_slow_start_that_then_learns_is_no_alarm() -> None:
    loss = 1.4 / (1.0 + np.exp((EPOCHS - 20) / 3.0)) + 0.1
    accuracy = 1.0 - 0.7 * loss / loss[0]
    assert diagnose(curves(loss, accuracy)) == []


@pytest.mark.parametrize("labels", [2, 4, 10])
@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_stays_where_guessing_puts_it_does_not_decrease(labels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    loss = math.log(labels) + 0.01 * rng.standard_normal(20)
    accuracy = 1.0 / labels + 0.01 * rng.standard_normal(20)
    found = diagnose(curves(loss, accuracy, labels=labels))
    assert titles(found) == ["Loss does not decrease"]


@pytest.mark.parametrize("seed", range(20))
def test_validation_loss_that_turns_is_overfitting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    val_loss = falling(0.5) + np.maximum(EPOCHS - 12, 0) * 0.03 + 0.02 * rng.standard_normal(EPOCHS.shape)
    found = diagnose(curves(falling(0.02), val_loss=val_loss))
    assert titles(found) == ["Validation loss rises while training loss falls"]
    assert "Overfitting" in found[0].likely_cause


def test_both_losses_rising_is_not_called_overfitting() -> None:
    loss = np.concatenate([falling()[:10], np.linspace(0.4, 0.5, 30)])
    val_loss = np.concatenate([falling()[:10], np.linspace(0.5, 0.9, 30)])
    assert "Validation loss rises while training loss falls" not in titles(diagnose(curves(loss, val_loss=val_loss)))


@pytest.mark.parametrize("at", [5, 15, 30])
@pytest.mark.parametrize("seed", range(5))
def test_a_jump_of_the_loss_that_stays_is_found_with_its_epoch(at: int, seed: int) -> None:
    loss = falling() * np.exp(np.random.default_rng(seed).normal(0.0, 0.03, EPOCHS.shape))
    loss[at:] += 1.5
    found = diagnose(curves(loss, 1.0 - 0.5 * falling()))
    assert "Loss suddenly rises" in titles(found)
    assert f"epoch {at + 1} " in next(f.evidence for f in found if f.title == "Loss suddenly rises")


def test_a_single_spike_that_recovers_is_no_alarm() -> None:
    loss = falling()
    loss[20] = 2.0
    assert diagnose(curves(loss, 1.0 - 0.5 * falling())) == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_no_number_is_said_at_once_and_alone(value: float) -> None:
    found = diagnose(curves(np.array([1.0, 0.9, value]), np.array([0.3, 0.3, 0.3])))
    assert titles(found) == ["Loss suddenly rises"]
    assert "epoch 3" in found[0].evidence


@pytest.mark.parametrize(
    "shape",
    [lambda rng: 0.6 + 0.15 * rng.standard_normal(40), lambda rng: 0.6 + 0.15 * np.sign(np.sin(2.5 * EPOCHS))],
    ids=["random", "periodic"],
)
def test_swinging_accuracy_does_not_converge(shape: Callable[[np.random.Generator], Array]) -> None:
    accuracy = np.clip(shape(np.random.default_rng(3)), 0.0, 1.0)
    found = diagnose(curves(falling(0.8), accuracy))
    assert titles(found) == ["Accuracy does not converge"]
    assert "swings" in found[0].evidence


def test_accuracy_that_stays_low_does_not_converge() -> None:
    accuracy = 0.3 + 0.01 * np.random.default_rng(0).standard_normal(40)
    found = diagnose(curves(falling(1.2), accuracy))
    assert titles(found) == ["Accuracy does not converge"]
    assert "guessing gives 25 %" in found[0].evidence


def test_few_frames_swing_by_counting_alone_and_raise_no_alarm() -> None:
    rng = np.random.default_rng(5)
    accuracy = rng.binomial(20, 0.9, 40) / 20
    assert diagnose(curves(falling(), accuracy, frames=20)) == []


def test_curves_too_short_to_judge_raise_no_alarm() -> None:
    short = np.full(MIN_EPOCHS - 1, math.log(4))
    assert diagnose(curves(short, np.full_like(short, 0.25))) == []
    assert diagnose(curves(short[:0], short[:0])) == []


def test_every_finding_says_what_is_seen_why_and_what_to_try() -> None:
    found = diagnose(curves(np.full(20, math.log(4)), np.full(20, 0.25)))
    assert all(f.evidence and f.likely_cause and len(f.suggestions) >= 2 for f in found)


def epoch(number: int, val_loss: float | None) -> EpochEnd:
    return EpochEnd(
        epoch=number,
        loss=1.0 / number,
        accuracy=0.5,
        val_loss=val_loss,
        val_accuracy=None if val_loss is None else 0.4,
        learning_rate=0.001,
        seconds=1.0,
        best_epoch=1,
        is_best=number == 1,
        patience_left=None,
    )


def test_curves_come_from_the_messages_of_a_training() -> None:
    made = Curves.of([epoch(1, 0.9), epoch(2, 0.8)], labels=3, training_frames=10)
    np.testing.assert_allclose(made.loss, [1.0, 0.5])
    assert made.val_loss is not None
    np.testing.assert_allclose(made.val_loss, [0.9, 0.8])


def test_without_validation_in_every_epoch_there_is_no_validation_curve() -> None:
    assert Curves.of([epoch(1, 0.9), epoch(2, None)], labels=3, training_frames=10).val_loss is None
    assert Curves.of([], labels=3, training_frames=10).epochs == 0
