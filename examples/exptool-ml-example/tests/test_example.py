"""What a guest tests of its own: that its parts keep the promises of the plugin."""

from __future__ import annotations

from exptool_ml_example import CentreOfMotion, EveryFewSeconds

from exptool_ml_plugin.plugins.checks import check_feature, check_trigger


def test_the_feature_keeps_its_promises() -> None:
    check_feature(CentreOfMotion)


def test_the_trigger_keeps_its_promises() -> None:
    check_trigger(EveryFewSeconds)
