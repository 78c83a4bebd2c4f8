from __future__ import annotations

from pathlib import Path

import pytest

from exptool_ml_plugin.core import atomic
from exptool_ml_plugin.core.atomic import replacing, write_bytes
from exptool_ml_plugin.core.errors import UserError


def test_the_file_appears_when_the_block_ends_and_nothing_else_remains(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with replacing(path) as temporary:
        temporary.write_bytes(b"new")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), replacing(path, overwrite=True) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_not_replaced_unasked_not_even_one_that_appeared_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(UserError, match="exists"), replacing(path) as temporary:
        temporary.write_bytes(b"new")
        path.write_bytes(b"somebody else's")
    assert path.read_bytes() == b"somebody else's"
    with pytest.raises(UserError, match="exists"):
        write_bytes(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_overwriting_replaces(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a.bin", b"one")
    write_bytes(tmp_path / "a.bin", b"two", overwrite=True)
    assert (tmp_path / "a.bin").read_bytes() == b"two"


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(atomic.os, "link", refuse)
    write_bytes(tmp_path / "a.bin", b"one")
    assert (tmp_path / "a.bin").read_bytes() == b"one"
    with pytest.raises(UserError, match="exists"), replacing(tmp_path / "b.bin") as temporary:
        temporary.write_bytes(b"new")
        (tmp_path / "b.bin").write_bytes(b"other")


def test_a_folder_that_is_not_there_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Expected to write"):
        write_bytes(tmp_path / "missing" / "a.bin", b"")


def test_the_data_are_on_the_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_fsync, real_link = atomic.os.fsync, atomic.os.link

    def fsync(descriptor: int) -> None:
        order.append("fsync")
        real_fsync(descriptor)

    def link(*paths: Path) -> None:
        order.append("name")
        real_link(*paths)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    monkeypatch.setattr(atomic.os, "link", link)
    write_bytes(tmp_path / "a.bin", b"x")
    assert order[:2] == ["fsync", "name"]
