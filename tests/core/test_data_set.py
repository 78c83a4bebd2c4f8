from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exptool_ml_plugin.core.data_set import DataSet, DataSetFile, describe_file, load_data_set, locate, save_data_set
from exptool_ml_plugin.core.errors import UserError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three files in two folders and a data set of them."""
    path = tmp_path / "set" / "gestures.json"
    (path.parent / "monday").mkdir(parents=True)
    files = []
    for number, (name, role) in enumerate(
        [("monday/ada.h5", "training"), ("bo.h5", "validation"), ("monday/cy.h5", "test")]
    ):
        file = path.parent / name
        file.write_bytes(bytes([number]) * 1000)
        files.append(describe_file(file, project=path, role=role, tags={"person": name}))
    save_data_set(DataSet(tuple(files), "gestures"), path)
    return path


def notes(project: Path) -> list[str]:
    return [located.note for located in locate(load_data_set(project), project)]


def test_a_data_set_is_read_as_it_was_written_with_relative_paths(project: Path) -> None:
    data_set = load_data_set(project)
    assert [(file.path, file.role) for file in data_set.files] == [
        ("monday/ada.h5", "training"), ("bo.h5", "validation"), ("monday/cy.h5", "test"),
    ]  # fmt: skip
    assert data_set.files[0].tags == {"person": "monday/ada.h5"}
    assert DataSet(data_set.files, data_set.name).to_json() == project.read_text()


def test_the_whole_folder_may_move(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.move(project.parent, moved)
    located = locate(load_data_set(moved / project.name), moved / project.name)
    assert [(one.path, one.note) for one in located] == [(moved / file.file.path, "") for file in located]


def test_moved_files_are_found_beside_the_project_file_and_by_their_content(project: Path) -> None:
    folder = project.parent
    (folder / "monday" / "ada.h5").rename(folder / "ada.h5")
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "bo.h5").rename(folder / "deep" / "er" / "renamed.h5")
    assert notes(project) == ["was moved to ada.h5", "was moved to deep/er/renamed.h5", ""]


def test_changed_and_missing_files_are_said(project: Path) -> None:
    folder = project.parent
    (folder / "monday" / "ada.h5").write_bytes(b"x" * 1000)
    (folder / "bo.h5").unlink()
    (folder / "monday" / "cy.h5").unlink()
    (folder / "cy.h5").write_bytes(b"other")
    assert notes(project) == ["has changed", "is missing", "was moved to cy.h5 and has changed"]


def test_an_existing_project_file_is_only_replaced_when_asked(project: Path) -> None:
    with pytest.raises(UserError, match="exists"):
        save_data_set(DataSet(()), project)
    save_data_set(DataSet(()), project, overwrite=True)
    assert load_data_set(project).files == ()


GOOD = {"path": "a.h5", "role": "training", "blake2b": "00", "bytes": 1, "tags": {}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[]", "something else"),
        (b'{"schema": 1}', "something else"),
        ({"schema": 2}, "schema=2"),
        ({"files": {}}, "list of files"),
        ({"files": ["a.h5"]}, "Expected an object at"),
        ({"files": [{**GOOD, "role": "teacher"}]}, "Expected a role among training, validation, test"),
        ({"files": [{**GOOD, "path": 7}]}, "path="),
        ({"files": [{**GOOD, "bytes": -1}]}, "number of bytes"),
        ({"files": [{**GOOD, "tags": {"person": 5}}]}, "Expected tags"),
    ],
)
def test_a_broken_data_set_is_refused_in_words(tmp_path: Path, content: object, said: str) -> None:
    path = tmp_path / "set.json"
    if isinstance(content, dict):
        content = json.dumps({"schema": 1, "kind": "exptool-ml data set", "name": "", "files": [], **content}).encode()
    assert isinstance(content, bytes)
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        load_data_set(path)


def test_a_path_that_no_system_knows_is_said_and_raises_nothing(tmp_path: Path) -> None:
    files = tuple(DataSetFile(name, "training", "00", 5) for name in ("a\0b.h5", "x" * 5000, "../../nowhere.h5"))
    located = locate(DataSet(files), tmp_path / "set.json")
    assert [one.path for one in located] == [None, None, None]
    assert all(one.note for one in located)
