"""What this package adds to a Keras file."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import (
    INFO_MEMBER,
    LITERT_MEMBER,
    ModelInfo,
    add_members,
    read_litert,
    read_model_info,
)
from exptool_ml_plugin.core.recipe import Recipe

INFO = ModelInfo(
    recipe=Recipe(name="waving"),
    labels=("pull", "push"),
    frame_shape=(40, 100),
    counts={"training": 10},
    recordings=("r1", "r2"),
    metrics={"loss": 0.5, "val_loss": None},
    epochs=3,
)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    return path


def test_recipe_labels_and_litert_come_back_and_the_rest_is_untouched(plain: Path, tmp_path: Path) -> None:
    add_members(plain, tmp_path / "model.keras", info=INFO, litert=b"tflite", overwrite=False)

    info = read_model_info(tmp_path / "model.keras")
    assert replace(info, litert_sha256="") == INFO
    assert read_litert(tmp_path / "model.keras", info) == b"tflite"
    assert zipfile.ZipFile(tmp_path / "model.keras").read("config.json") == b"{}"


def test_members_are_replaced_not_doubled(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    add_members(plain, path, info=INFO, litert=b"old", overwrite=False)
    add_members(path, path, info=INFO, litert=None, overwrite=True)

    assert zipfile.ZipFile(path).namelist().count(INFO_MEMBER) == 1
    with pytest.raises(UserError, match=r"without exptool_ml\.tflite"):
        read_litert(path, read_model_info(path))


def test_a_litert_model_that_was_changed_or_comes_from_another_file_is_refused(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    add_members(plain, path, info=INFO, litert=b"tflite", overwrite=False)
    info = read_model_info(path)
    with zipfile.ZipFile(plain, "a") as archive:
        archive.writestr(INFO_MEMBER, info.to_json())
        archive.writestr(LITERT_MEMBER, b"another")

    with pytest.raises(UserError, match="Received: another"):
        read_litert(plain, info)


def test_a_member_that_says_it_is_huge_is_refused_before_it_is_unpacked(plain: Path) -> None:
    with zipfile.ZipFile(plain, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INFO_MEMBER, bytes(17 << 20))

    with pytest.raises(UserError, match="at most 16,777,216 bytes"):
        read_model_info(plain)


def test_a_model_is_not_overwritten_without_being_asked(plain: Path) -> None:
    with pytest.raises(UserError, match="exists"):
        add_members(plain, plain, info=INFO, litert=None, overwrite=False)


def test_a_keras_file_of_somebody_else_is_refused_in_words(plain: Path) -> None:
    with pytest.raises(UserError, match="trained with this package"):
        read_model_info(plain)


@pytest.mark.parametrize("content", [b"", b"no zip archive at all"])
def test_a_file_that_is_no_keras_file_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)

    with pytest.raises(UserError, match=r"\.keras"):
        read_model_info(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_model_info(tmp_path / "model.keras")


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": 99}', '{"schema": 1, "recipe": 5}', "not json"])
def test_a_description_this_version_cannot_read_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INFO_MEMBER, text)

    with pytest.raises(UserError, match="Expected"):
        read_model_info(path)
