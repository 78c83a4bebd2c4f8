"""Old pickles are read, hostile ones are refused, and nothing of either is run."""

from __future__ import annotations

import builtins
import collections
import io
import os
import pickle
import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.dli.pickled_values import Inert
from exptool_ml_plugin.core.dli.restricted_pickle import read_npy, read_pickle
from exptool_ml_plugin.core.errors import UserError


def _npy(content: bytes) -> bytes:
    """The header that `np.save` writes in front of the pickle of one object."""
    file = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + content


def _call(name: str, *arguments: bytes) -> bytes:
    """A pickle that has `name` ("os system") called with arguments given as pickled values."""
    return b"\x80\x03c" + name.replace(" ", "\n").encode() + b"\n(" + b"".join(arguments) + b"tR."


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_and_arrays_come_back(protocol: int) -> None:
    big_endian = np.arange(6, dtype=">u2").reshape(2, 3)
    document = {
        "text": "Höhe",
        "numbers": [1, -2, 2**70, 1.5, None, True, 3 + 4j],
        "bytes": b"\x00\xff",
        "pair": (1, (2, 3)),
        "ordered": collections.OrderedDict(a=1),
        "map": np.arange(12, dtype=np.float64).reshape(3, 4),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "complex": np.array([1 + 2j, 3 - 1j]),
        "scalar": np.float64(2.5),
        "big": big_endian,
        "empty": np.zeros((0, 4)),
        "again": big_endian,
    }

    found = read_pickle(pickle.dumps(document, protocol=protocol), source="document")

    for name in ("text", "numbers", "bytes", "pair", "ordered", "scalar"):
        assert found[name] == document[name], name
    for name in ("map", "fortran", "complex", "big", "empty", "again"):
        np.testing.assert_array_equal(found[name], document[name], err_msg=name)


def test_what_numpy_saves_as_one_object_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "saved.npy"
    np.save(path, {"a": [np.ones((2, 2))], "b": "text"}, allow_pickle=True)

    found = read_npy(path)

    np.testing.assert_array_equal(found["a"][0], np.ones((2, 2)))
    assert found["b"] == "text"


def test_an_object_of_the_old_tool_stays_inert() -> None:
    content = _call("acconeer.exptool.configs SparseServiceConfig", _text("x"))[:-1]
    content += b"}" + _text("_range_start") + b"G" + struct.pack(">d", 0.5) + b"sb."

    found = read_pickle(content, source="config")

    assert isinstance(found, Inert)
    assert found.name == "acconeer.exptool.configs.SparseServiceConfig"
    assert (found.arguments, found.state) == (("x",), {"_range_start": 0.5})


def _hostile(marker: Path) -> dict[str, bytes]:
    """Pickles that would write `marker`, or fill the memory, or crash the reader, if anything of them were followed."""
    command = _text(f"touch {marker}")
    python = _text(f"open({str(marker)!r}, 'w')")
    os_name = os.system.__module__  # "posix" or "nt"
    nested = pickle.dumps(_Runs(f"touch {marker}"), protocol=4)
    chain = b"\x80\x03cbuiltins\ngetattr\n(cbuiltins\n__import__\n(" + _text("os") + b"tR" + _text("system") + b"tR("
    huge = "numpy.core.multiarray _reconstruct"
    array = b"\x80\x03c" + huge.replace(" ", "\n").encode() + b"\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    return {
        "os.system": _call("os system", command),
        "platform's system": _call(f"{os_name} system", command),
        "as pickled by Python": nested,
        "in a list of a dict": pickle.dumps({"a": [_Runs(f"touch {marker}")]}, protocol=2),
        "eval": _call("builtins eval", python),
        "exec": _call("__builtin__ exec", python),
        "getattr chain": chain + command + b"tR.",
        "import": _call("builtins __import__", _text("antigravity")),
        "subprocess": _call("subprocess check_output", command),
        "codecs open": _call("codecs open", _text(str(marker)), _text("w")),
        "numpy's own loader": _call("numpy load", _text(str(marker))),
        "numpy's test runner": _call("numpy.testing._private.utils runstring", python, b"}"),
        "dotted name": b"\x80\x04" + _text("collections") + _text("OrderedDict.fromkeys") + b"\x93)R.",
        "marker as call": _call("numpy ndarray", b"K\x01"),
        "instance": b"(ios\nsystem\n" + b".",
        "object": b"(cos\nsystem\n" + command + b"o.",
        "persistent": b"Pmine\n.",
        "extension": b"\x82\x01.",
        "inst": b"(S'touch x'\nios\nsystem\n.",
        "keywords": b"\x80\x04cos\nsystem\n)}\x92.",
        "huge shape": array
        + b"(K\x01"
        + b"\x8a\x06"
        + b"\xff" * 5
        + b"\x00\x85cnumpy\ndtype\n("
        + _text("f8")
        + b"K\x00K\x01tR\x89C\x00tb.",
        "huge zero shape": array
        + b"(K\x01("
        + (b"\x8a\x04\xff\xff\xff\x7f" * 9)
        + b"tcnumpy\ndtype\n("
        + _text("f8")
        + b"K\x00K\x01tR\x89C\x00tb.",
        "huge length": b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",
        "huge memo place": b"\x80\x03K\x01r\xff\xff\xff\xff" + b"h\x00.",
        "text copied again and again": b"\x80\x03"
        + _text("x" * 100_000)
        + b"q\x000("
        + b"c_codecs\nencode\nh\x00"
        + _text("latin1")
        + b"\x86R" * 1
        + (b"c_codecs\nencode\nh\x00" + _text("latin1") + b"\x86R") * 5000
        + b"l.",
        "tuples in tuples": b"\x80\x03)" + b"\x85" * 500_000 + b".",
        "doubled and doubled": b"\x80\x03K\x01" + b"2\x86" * 200_000 + b".",
        "lists in lists": b"\x80\x03" + b"]" * 500_000 + b"a" * 499_999 + b".",
        "marks in marks": b"\x80\x03" + b"(" * 500_000 + b"t" * 500_000 + b".",
        "tuple as key": b"\x80\x03})" + b"\x85" * 50 + b"K\x01s.",
        "array as dictionary": b"\x80\x03]K\x01K\x02s.",
        "state of a number": b"\x80\x03K\x01}b.",
        "nothing on the stack": b"\x80\x03.",
        "no end": b"\x80\x03K\x01",
        "nothing": b"",
        "structured type": array + b"(K\x01K\x01\x85cnumpy\ndtype\n(" + _text("V8") + b"K\x00K\x01tR\x89C\x00tb.",
    }


class _Runs:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


@pytest.mark.parametrize("kind", sorted(_hostile(Path("marker"))))
def test_a_hostile_file_ends_in_a_sentence_and_nothing_runs(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, path = tmp_path / "ran", tmp_path / "hostile.npy"
    path.write_bytes(_npy(_hostile(marker)[kind]))
    imported: list[str] = []
    monkeypatch.setattr(builtins, "__import__", _noting(imported))
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match="Expected a file of the Deep Learning Interface"):
            read_npy(path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert not marker.exists()
    assert not {"antigravity", "subprocess"} & set(imported)
    assert most < 200_000_000


def _noting(imported: list[str]) -> Any:
    original = builtins.__import__

    def note(name: str, *arguments: Any, **named: Any) -> Any:
        imported.append(name)
        return original(name, *arguments, **named)

    return note


def test_every_cut_and_every_flipped_byte_ends_in_a_sentence_or_a_value(tmp_path: Path) -> None:
    whole = _npy(pickle.dumps({"a": [np.ones((2, 2)), "text"], "b": {"c": 1.5}}, protocol=3))
    path, generator = tmp_path / "mutated.npy", random.Random(1)
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError):
            read_npy(path)
    for _ in range(500):
        mutated = bytearray(whole)
        for _ in range(generator.randint(1, 4)):
            mutated[generator.randrange(len(mutated))] = generator.randrange(256)
        path.write_bytes(mutated)
        try:
            read_npy(path)
        except UserError as error:
            assert "\n" not in str(error)


def test_random_bytes_and_other_files_end_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.npy"
    contents = [random.Random(seed).randbytes(2000) for seed in range(50)]
    for content in [*contents, b"", _npy(b"")[:20], *(_npy(content) for content in contents)]:
        path.write_bytes(content)
        with pytest.raises(UserError, match="Deep Learning Interface"):
            read_npy(path)
    np.save(path, np.ones(3))
    with pytest.raises(UserError, match="array of shape"):
        read_npy(path)
    with pytest.raises(UserError, match="does not exist"):
        read_npy(tmp_path / "missing.npy")
