"""The checks for guests accept all of ours, and find each broken promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.triggers.base import Trigger
from exptool_ml_plugin.core.triggers.continuous import Continuous
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.plugins.checks import check_feature, check_trigger

PLUGINS = load_plugins()
NEEDS_A_MODEL = "model"


class Good(Feature):
    key = "good"
    name = "Good"
    description = "Largest amplitude."
    outputs = {"largest": "Largest"}  # noqa: RUF012

    @property
    def width(self) -> int:
        return len(self.channels)

    def row(self, matrices: Any) -> Any:
        return np.array([np.abs(matrix).max() for matrix in matrices])


class Forgetful(Good):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = 0

    def row(self, matrices: Any) -> Any:
        self.count += 1
        return super().row(matrices) + self.count


class TooWide(Good):
    @property
    def width(self) -> int:
        return 7


class Nameless(Good):
    name = ""


class NotANumber(Good):
    def row(self, matrices: Any) -> Any:
        return super().row(matrices) * np.nan


class Writing(Good):
    def row(self, matrices: Any) -> Any:
        matrices[0][:] = 0
        return super().row(matrices)


class Different(Good):
    def rows(self, stacks: Any) -> Any:
        return super().rows(stacks) * 1.001


class Impatient(Good):
    def finish(self, block: Any) -> Any:
        return block / block.max() if block.any() else block[:0]


@pytest.mark.parametrize("feature", PLUGINS.features.values(), ids=list(PLUGINS.features))
def test_all_our_features_keep_their_promises(feature: type[Feature]) -> None:
    check_feature(feature)


@pytest.mark.parametrize("key", [key for key in PLUGINS.triggers if key != NEEDS_A_MODEL])
def test_all_our_triggers_keep_their_promises(key: str) -> None:
    check_trigger(PLUGINS.triggers[key])


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (Forgetful, "same rows after `reset`"),
        (TooWide, "rows of shape"),
        (Nameless, "a text in `name`"),
        (NotANumber, "finite values"),
        (Writing, "left as they are"),
        (Different, "`rows` to do as `row`"),
        (Impatient, "`finish` to keep"),
    ],
)
def test_each_broken_promise_is_found(feature: type[Feature], words: str) -> None:
    check_feature(Good)
    with pytest.raises(AssertionError, match=words):
        check_feature(feature)


def test_a_trigger_that_does_not_reset_is_found() -> None:
    class Stubborn(Continuous):
        key = "stubborn"

        def reset(self) -> None:
            return

    check_trigger(Continuous)
    with pytest.raises(AssertionError, match="same frames after `reset`"):
        check_trigger(Stubborn)


def test_triggers_are_checked_with_the_options_given() -> None:
    assert issubclass(Continuous, Trigger)
    check_trigger(Continuous, Continuous.Options(hop=3))
