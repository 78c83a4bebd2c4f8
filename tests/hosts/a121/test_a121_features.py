"""The host's algorithms as features: against the vendor's own results, and against what is physically there."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import attrs
import h5py
import numpy as np
import pytest

from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, Echoes, SimulatedSensor, record
from exptool_ml_plugin.core.simulate.physics import ENVELOPE_FWHM_M as OUR_WIDTHS_M
from exptool_ml_plugin.hosts.a121.features.distance import DistanceFeature, DistanceOptions
from exptool_ml_plugin.hosts.a121.features.distance_finder import training_points
from exptool_ml_plugin.hosts.a121.features.presence import PresenceFeature, PresenceOptions
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source
from exptool_ml_plugin.hosts.noise_sweeps import MOST_SWEEPS_TO_DIFFER

LINE = Channel(sensor_id=1, subsweep=0, sweeps=4, points=160, start_m=0.4, step_m=0.005, sweep_rate_hz=1000.0)


def presence(channels: tuple[Channel, ...], outputs: tuple[str, ...], **options: float) -> PresenceFeature:
    return PresenceFeature(PresenceOptions(**options), outputs=outputs, channels=channels, reading_rate_hz=50.0)


def distance(options: DistanceOptions, *channels: Channel, outputs: tuple[str, ...] = ("distance",)) -> DistanceFeature:
    return DistanceFeature(options, outputs=outputs, channels=channels or (LINE,), reading_rate_hz=50.0)


class Reflectors:
    """Things that stand still."""

    name = "reflectors"

    def __init__(self, **at: float) -> None:
        self.range_m = np.array(list(at.values()))

    def echoes(self, times_s: np.ndarray, *, sensor_id: int = 1) -> Echoes:
        range_m = np.repeat(self.range_m[:, np.newaxis], len(times_s), axis=1)
        return Echoes(range_m, np.full_like(range_m, 0.5))


def seen(*channels: Channel, **at: float) -> tuple[np.ndarray, ...]:
    """One reading of reflectors at distances in metres."""
    return SimulatedSensor(SensorSetup("a121", channels, 50.0), Reflectors(**at)).reading(0).matrices


@pytest.fixture(scope="module")
def still_then_push() -> Recording:
    return record(DEFAULT_SETUP, "push", 8.0, name="push")


def test_presence_is_the_vendors_own_result(shared_data: Path) -> None:
    (recording,) = A121Source().read(shared_data / "a121_host" / "presence-default.h5")
    # The configuration in the file, of a sensor with four subsweeps of different steps.
    options = PresenceOptions(
        inter_frame_fast_cutoff=6.0,
        inter_output_time_const=2.0,
        intra_output_time_const=0.3,
        inter_frame_presence_timeout=3,
        intra_weight=0.25,
    )
    made = PresenceFeature(
        options,
        outputs=("intra", "inter", "distance", "map"),
        channels=recording.setup.channels,
        reading_rate_hz=recording.setup.reading_rate_hz,
    )
    rows = made.rows(recording.matrices)
    assert rows.shape == (137, made.width) == (137, 3 + 11)
    with h5py.File(shared_data / "a121_host" / "expected_output" / "presence-default.h5") as file:
        intra, inter = np.stack(file["intra"][()]), np.stack(file["inter"][()])
        scores = [file[name][()] for name in ("intra_presence_score", "inter_presence_score", "presence_distance")]
    assert max(scores[1]) > 10, "somebody was there"
    np.testing.assert_allclose(rows[:, :3], np.stack(scores, axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(rows[:, 3:], 0.25 * intra + 0.75 * inter, rtol=0, atol=1e-9)


def test_each_sensor_has_its_own_presence(still_then_push: Recording) -> None:
    one = DEFAULT_SETUP.channels[0]
    outputs = ("intra", "map")
    channels = (one, replace(one, sensor_id=3))
    matrices = still_then_push.matrices[0][:80]
    both = presence(channels, outputs).rows([matrices, matrices[::-1]])
    first, second = (presence((one,), outputs).rows([part]) for part in (matrices, matrices[::-1]))
    expected = [first[:, :1], second[:, :1], first[:, 1:], second[:, 1:]]
    np.testing.assert_array_equal(both, np.concatenate(expected, axis=1))


def test_a_sensor_measured_twice_is_seen_twice_and_its_subsweeps_together() -> None:
    one = DEFAULT_SETUP.channels[0]
    channels = (one, replace(one, subsweep=1, points=3), one)
    assert presence(channels, ("inter",)).width == 2
    assert presence(channels, ("map",)).width == 27


def test_presence_begins_anew_after_a_reset(still_then_push: Recording) -> None:
    made = presence(DEFAULT_SETUP.channels, tuple(PresenceFeature.outputs), background_readings=20)
    first = made.rows(still_then_push.matrices)
    made.reset()
    assert made.rows(still_then_push.matrices).tobytes() == first.tobytes()


def test_the_time_average_is_the_mean_of_the_last_maps(still_then_push: Recording) -> None:
    made = presence(DEFAULT_SETUP.channels, ("map", "time_average"), average_readings=5)
    rows = made.rows(still_then_push.matrices)
    maps, averages = rows[:, :12], rows[:, 12:]
    for n in (0, 3, 4, 5, 200):
        np.testing.assert_allclose(averages[n], maps[max(n - 4, 0) : n + 1].mean(axis=0), rtol=1e-9)


def test_with_a_background_the_time_average_is_a_multiple_of_it(still_then_push: Recording) -> None:
    outputs = ("time_average",)
    plain = presence(DEFAULT_SETUP.channels, outputs, average_readings=5).rows(still_then_push.matrices)
    options = {"average_readings": 5, "background_readings": 30}
    rows = presence(DEFAULT_SETUP.channels, outputs, **options).rows(still_then_push.matrices)
    assert (rows[:30] == 1.0).all(), "the background itself"
    background = 1.2 * plain[:30].max(axis=0)
    np.testing.assert_allclose(rows[30:], np.maximum(plain[30:] / background, 1.0), rtol=1e-9)
    assert rows[30:].max() > 1.5, "the hand shows"


@pytest.mark.filterwarnings("error")
def test_a_background_of_next_to_nothing_is_not_divided_by(still_then_push: Recording) -> None:
    # In the first reading there is no slow motion yet, and this weight leaves next to nothing of the fast one.
    options = {"intra_weight": 5e-324, "background_readings": 1, "average_readings": 5}
    rows = presence(DEFAULT_SETUP.channels, ("time_average",), **options).rows(still_then_push.matrices)
    assert np.isfinite(rows.astype(np.float32)).all()
    assert 1.0 < rows.max() < 10_000.0


def test_too_few_sweeps_for_the_presence_detector_are_an_error_that_names_the_setting() -> None:
    (issue,) = PresenceFeature.check(PresenceOptions(), (replace(LINE, sweeps=3),))
    assert issue.severity is Severity.ERROR
    assert "Sweeps per frame" in issue.message
    assert PresenceFeature.check(PresenceOptions(), (LINE,)) == []


@pytest.mark.parametrize("threshold", ["cfar", "fixed"])
@pytest.mark.parametrize("at_m", [0.7, 0.8125, 0.9013])
def test_the_distance_is_that_of_the_reflector_finer_than_the_points(at_m: float, threshold: str) -> None:
    coarse = replace(LINE, step_m=0.02, points=60)
    row = distance(DistanceOptions(threshold=threshold), coarse).row(seen(coarse, reflector=at_m))
    assert row[0] == pytest.approx(at_m, abs=0.005)


@pytest.mark.parametrize("sorting", ["closest", "strongest"])
def test_two_reflectors_are_two_echoes_in_the_order_that_was_asked_for(sorting: str) -> None:
    outputs = ("distance", "amplitude", "count")
    options = DistanceOptions(threshold="fixed", amplitude=60.0, echoes=3, sorting=sorting)
    weak_first = replace(LINE, points=200)
    matrices = (seen(weak_first, near=0.6)[0] * np.float32(0.1) + seen(weak_first, far=1.1)[0],)
    row = distance(options, weak_first, outputs=outputs).row(matrices)
    expected = [0.6, 1.1, 0.0] if sorting == "closest" else [1.1, 0.6, 0.0]
    np.testing.assert_allclose(row[:3], expected, atol=0.02)
    assert row[5] == 0.0
    assert row[6] == 2.0


def test_where_there_is_no_echo_the_distance_is_zero() -> None:
    matrices = seen(LINE, too_far=9.0)
    made = distance(DistanceOptions(threshold="fixed", amplitude=200.0), outputs=("distance", "amplitude", "count"))
    assert made.row(matrices).tolist() == [0.0, 0.0, 0.0]


def test_channels_are_searched_one_by_one() -> None:
    far = replace(LINE, sensor_id=2, start_m=1.2)
    matrices = seen(LINE, far, one=0.7, two=1.5)
    row = distance(DistanceOptions(), LINE, far, outputs=("distance", "sweep")).row(matrices)
    assert len(row) == 2 + 160 + 160
    np.testing.assert_allclose(row[:2], [0.7, 1.5], atol=0.01)


@pytest.mark.parametrize(
    ("channel", "where"), [(replace(LINE, points=2), "stop_m"), (replace(LINE, points=40), "threshold")]
)
def test_a_range_too_short_for_an_echo_is_a_warning_and_gives_none(channel: Channel, where: str) -> None:
    (issue,) = DistanceFeature.check(DistanceOptions(), (channel,))
    assert (issue.where, issue.severity) == (where, Severity.WARNING)
    assert distance(DistanceOptions(), channel).row(seen(channel, reflector=0.45)).tolist() == [0.0]


def test_defaults_and_constants_are_those_of_the_host() -> None:
    from acconeer.exptool.a121 import Profile
    from acconeer.exptool.a121.algo import ENVELOPE_FWHM_M
    from acconeer.exptool.a121.algo.distance import Processor as DistanceProcessor
    from acconeer.exptool.a121.algo.presence import Processor, ProcessorConfig

    ours = dataclasses.asdict(PresenceOptions())
    theirs = {name: value for name, value in attrs.asdict(ProcessorConfig()).items() if name in ours}
    assert len(theirs) == 9
    assert {**ours, **theirs, "inter_frame_presence_timeout": 0} == ours
    assert theirs["inter_frame_presence_timeout"] is None
    assert Processor.NOISE_ESTIMATION_DIFF_ORDER == MOST_SWEEPS_TO_DIFFER
    assert {Profile(number): width for number, width in OUR_WIDTHS_M.items()} == dict(ENVELOPE_FWHM_M)
    around = training_points(400, 0.0025, 3)[200].nonzero()[0] - 200
    guard = DistanceProcessor._calc_cfar_guard_half_length(Profile.PROFILE_3, 1)
    window = DistanceProcessor._calc_cfar_window_length(Profile.PROFILE_3, 1)
    assert around[around > 0].tolist() == list(range(guard + 1, guard + window + 1))


def test_the_algorithms_are_imported_when_a_feature_is_made_and_need_no_qt() -> None:
    script = """
import sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "PyQt5", "qtpy", "pyqtgraph"):
            raise ImportError(name)
sys.meta_path.insert(0, Wall())
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.plugins import load_plugins
features = load_plugins().parts.features
print(any(name.startswith("acconeer") for name in sys.modules))
for key in ("presence", "distance"):
    kind = features[key]
    kind.check(kind.Options(), DEFAULT_SETUP.channels)
    print(any(name.startswith("acconeer.exptool.a121.algo." + key) for name in sys.modules))
    kind(kind.Options(), outputs=tuple(kind.outputs), channels=DEFAULT_SETUP.channels, reading_rate_hz=50.0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["False", "False"]
