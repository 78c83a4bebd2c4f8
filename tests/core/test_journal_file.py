"""Journal files: what was written whole is read back, whatever happened to the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.journal_file import (
    EVENT,
    FRAME,
    MAGIC,
    READING,
    DamagedError,
    JournalReader,
    decode_event,
    decode_frame,
    decode_reading,
    encode_event,
    encode_frame,
    encode_reading,
    record,
)
from exptool_ml_plugin.core.journal_session import recover, summarize
from exptool_ml_plugin.core.reading import GOOD, Channel, Flag, Quality, Reading, SensorSetup
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe, setup_to_json

SETUP = SensorSetup("a121", (Channel(1, 0, 2, 3, 0.2, 0.1), Channel(2, 0, 1, 2, 0.2, 0.1)), 50.0)
RECIPE = Recipe("journal", SETUP, frame=FrameSettings(time_steps=2))


def reading(number: int, quality: Quality = GOOD, *, marked: bool = False) -> Reading:
    random = np.random.default_rng(number)
    matrices = tuple(
        (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(np.complex64) for shape in ((2, 3), (1, 2))
    )
    return Reading(number / 50.0, matrices, quality, marked)


def frame(number: int, flags: int = 0) -> Frame:
    values = np.random.default_rng(number).normal(size=(2, 4)).astype(np.float32)
    return Frame(values, number, number / 50.0, 0.5, flags)


def records() -> list[bytes]:
    """A short measurement: five readings, two frames."""
    return [
        encode_event("journal", schema=1, started="2026-11-23 14:03:00", recipe=RECIPE.to_json(), base=None),
        encode_event("recording", name="push", setup=setup_to_json(SETUP), tags={}, recipe=RECIPE.to_json()),
        encode_reading(reading(0)),
        encode_reading(reading(1)),
        encode_frame(frame(0), "push"),
        encode_reading(reading(2, Quality(saturated=True, lost_before=3))),
        encode_reading(reading(3, marked=True)),
        encode_frame(frame(2, Flag.SATURATED), "größer 🖐"),
    ]


WHOLE = MAGIC + b"".join(records())
ENDS = [len(MAGIC), *(len(MAGIC) + int(end) for end in np.cumsum([len(item) for item in records()]))]


def read(path: Path, data: bytes) -> tuple[list[tuple[int, bytes]], JournalReader]:
    path.write_bytes(data)
    reader = JournalReader(path)
    return list(reader), reader


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journal") / "some.journal"


def test_readings_frames_and_events_come_back_bit_for_bit(path: Path) -> None:
    found, reader = read(path, WHOLE)
    assert [kind for kind, _ in found] == [EVENT, EVENT, READING, READING, FRAME, READING, READING, FRAME]
    third = decode_reading(found[5][1], SETUP)
    assert third.quality == Quality(saturated=True, lost_before=3)
    assert third.time_s == reading(2).time_s
    assert [m.tobytes() for m in third.matrices] == [m.tobytes() for m in reading(2).matrices]
    assert decode_reading(found[6][1], SETUP).marked
    last = decode_frame(found[7][1])
    assert (last.label, last.first_reading, last.flags) == ("größer 🖐", 2, Flag.SATURATED)
    assert last.values.tobytes() == frame(2).values.tobytes()
    assert (reader.good_bytes, reader.damage) == (len(WHOLE), "")


@given(cut=st.integers(0, len(WHOLE)))
@settings(max_examples=len(WHOLE), deadline=None)
def test_a_file_cut_anywhere_keeps_every_whole_record_and_says_nothing(path: Path, cut: int) -> None:
    found, reader = read(path, WHOLE[:cut])
    whole = [end for end in ENDS if end <= cut]
    assert len(found) == max(len(whole) - 1, 0)
    assert reader.good_bytes == (whole[-1] if whole else cut)
    assert reader.damage == ""


@given(place=st.integers(len(MAGIC), len(WHOLE) - 1), bit=st.integers(0, 7))
@settings(max_examples=400, deadline=None)
def test_a_flipped_bit_costs_its_record_and_what_follows_and_never_brings_anything_wrong(
    path: Path, place: int, bit: int
) -> None:
    broken = bytearray(WHOLE)
    broken[place] ^= 1 << bit
    found, reader = read(path, bytes(broken))
    before = sum(end <= place for end in ENDS) - 1
    assert [record(*item) for item in found] == records()[:before]
    assert reader.good_bytes == ENDS[before]
    # The last record looks as if it had been cut short, unless its very beginning is wrong.
    assert reader.damage or before == len(records()) - 1


@given(zeros=st.integers(1, 5000), cut=st.sampled_from(ENDS))
@settings(max_examples=40, deadline=None)
def test_zeros_at_the_end_as_a_power_failure_leaves_them_are_no_damage(path: Path, zeros: int, cut: int) -> None:
    found, reader = read(path, WHOLE[:cut] + bytes(zeros))
    assert len(found) == ENDS.index(cut)
    assert reader.damage == ""


@given(data=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_anything_at_all_may_stand_behind_the_good_records(path: Path, data: bytes) -> None:
    found, _ = read(path, WHOLE + data)
    assert [record(*item) for item in found] == records()


def test_another_file_is_refused_in_words(path: Path) -> None:
    with pytest.raises(UserError, match="Expected a journal"):
        read(path, b"PK\x03\x04 and so on, a zip file")
    with pytest.raises(UserError, match="No such file"):
        list(JournalReader(path.with_name("missing.journal")))


def test_a_journal_of_a_newer_version_is_refused_in_words(path: Path) -> None:
    path.write_bytes(MAGIC + encode_event("journal", schema=2, anything=1))
    with pytest.raises(UserError, match=r"schema=2[\s\S]*Update"):
        summarize(path)


@pytest.mark.parametrize(
    "wrong",
    [
        record(EVENT, b"no json"),
        record(EVENT, b"[1]"),
        encode_event("nonsense"),
        encode_event("relabel", indices=[99], label="push"),
        encode_event("remove", indices=["x"]),
        encode_event("session"),
        record(FRAME, b"short"),
        record(READING, b"of another size"),
        record(77, b""),
    ],
    ids=["text", "list", "unknown", "far index", "odd index", "no session", "short frame", "long reading", "kind"],
)
def test_a_record_that_says_something_impossible_ends_the_journal_in_words(path: Path, wrong: bytes) -> None:
    path.write_bytes(WHOLE + wrong + encode_reading(reading(9)))
    recovered = recover(path)
    assert recovered.summary.damage
    assert recovered.summary.good_bytes == len(WHOLE)
    assert recovered.session.labels == ["push", "größer 🖐"]
    assert len(recovered.session.recordings[0]) == 4


def test_wrong_payloads_are_named() -> None:
    with pytest.raises(DamagedError, match="name"):
        decode_event(b"{}")
    with pytest.raises(DamagedError, match="size"):
        decode_frame(encode_frame(frame(0), "push")[13:-1])
