"""Every feature on every service of both sensors: a row, or a sentence that says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.issues import Severity, has_errors
from exptool_ml_plugin.core.reading import SERVICES, SPARSE, SPARSE_ZERO, Channel, Reading, SensorSetup, service_name
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.row_maker import RowMaker
from exptool_ml_plugin.plugins import load_plugins

PARTS = load_plugins().parts
EVERY_SERVICE = [(generation, service) for generation, names in SERVICES.items() for service in names]
ALL = {"range_segment", "peak", "averages", "amplitude_ratio", "slow_time"}
FITTING = {
    "sparse_iq": ALL | {"doppler_spectrum", "sparse_fft", "phase", "micro_doppler", "raw_iq", "presence", "distance"},
    "envelope": ALL | {"distance_envelope"},
    "iq": ALL | {"phase", "raw_iq"},
    "sparse": ALL | {"doppler_spectrum", "sparse_fft", "micro_doppler", "presence_sparse"},
}
"""What makes sense: phases need complex samples, speeds within a reading need sweeps, and detectors their sensor."""


def setup_of(generation: str, service: str) -> SensorSetup:
    sweeps, points, step_m = {"sparse": (16, 5, 0.06), "sparse_iq": (16, 12, 0.06)}.get(service, (1, 124, 0.0005))
    channels = tuple(Channel(sensor, 0, sweeps, points, 0.2, step_m, 5000.0) for sensor in (2, 4))
    return SensorSetup(generation, channels, 50.0, service=service)


def reading_of(setup: SensorSetup) -> Reading:
    random = np.random.default_rng(0)
    shapes = [(channel.sweeps, channel.points) for channel in setup.channels]
    values = [np.round(900 * random.standard_normal(shape)) for shape in shapes]
    zero = SPARSE_ZERO if setup.service == SPARSE else 0.0
    phase = 1j if setup.service in ("iq", "sparse_iq") else 0.0
    return Reading(0.0, tuple((zero + np.abs(v) + phase * v).astype(np.complex64) for v in values))


@pytest.mark.parametrize(("generation", "service"), EVERY_SERVICE)
@pytest.mark.parametrize("key", list(PARTS.features))
def test_every_output_is_a_row_or_is_refused_with_a_sentence(generation: str, service: str, key: str) -> None:
    setup = setup_of(generation, service)
    fits = key in FITTING[service]
    for number, output in enumerate(PARTS.features[key].outputs):
        choice = FeatureChoice(key, outputs=(output,))
        issues = RowMaker.check((choice,), setup, PARTS)
        if number == 0:
            assert has_errors(issues) != fits, issues
        if has_errors(issues):
            errors = [issue.message for issue in issues if issue.severity is Severity.ERROR]
            assert len(errors) == 1, "one reason, not all that follow from it"
            assert "Expected" in errors[0]
            assert service_name(service) in errors[0]
        else:
            assert np.isfinite(RowMaker((choice,), setup, PARTS).row(reading_of(setup))).all()


@pytest.mark.parametrize(
    ("service", "choice", "words"),
    [
        (
            "envelope",
            FeatureChoice("phase"),
            "Expected readings of Sparse IQ (A121) or IQ (A111) for Phase. Received: Envelope.",
        ),
        ("sparse", FeatureChoice("slow_time", outputs=("angle",)), "phase for the angle. Received: Sparse."),
        ("sparse", FeatureChoice("doppler_spectrum", {"remove_mean": False}), "lie around 32,768"),
        ("sparse", FeatureChoice("range_segment"), "whatever is there: Range segment says little"),
        ("sparse", FeatureChoice("micro_doppler"), "does not tell directions apart"),
    ],
)
def test_what_a_service_cannot_give_is_said_at_the_feature(service: str, choice: FeatureChoice, words: str) -> None:
    issues = RowMaker.check((choice,), setup_of("a111", service), PARTS)
    assert any(words in issue.message for issue in issues)
    assert all(issue.where.startswith("features.0") for issue in issues)


def test_a_service_nobody_knows_is_given_to_those_that_take_any() -> None:
    setup: Any = replace(setup_of("a121", "sparse_iq"), generation="other", service="chirps")
    assert not has_errors(RowMaker.check((FeatureChoice("range_segment"),), setup, PARTS))
    (issue,) = RowMaker.check((FeatureChoice("phase"),), setup, PARTS)
    assert "Received: chirps" in issue.message
