from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from ods import write_ods
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.label_sheet import match, read_label_sheet
from exptool_ml_plugin.core.sheets import MAX_BYTES, read_sheet

ENTITIES = "<!DOCTYPE bomb [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


def sheet(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_protocol_of_the_grass_recordings_gives_every_file_its_surface(shared_data: Path) -> None:
    folder = shared_data / "a121_grass"
    rows = read_label_sheet(folder / "protocol.ods", label_column="surface type")
    matched = match(rows, sorted(folder.glob("*.h5")))

    assert {file.stem: labels.label_at(0.0) for file, labels in matched.labels.items()} == {
        "6": "grass", "10": "asphalt", "12": "wood", "15": "stone", "17": "stone", "18": "gravel", "20": "sand",
        "24": "grass", "42": "gravel",
    }  # fmt: skip
    assert [row.file for row in matched.doubtful] == ["15"]
    assert matched.doubtful[0].comment == "stone with about 1 cm of grass between the slabs"
    assert len(rows) == 43
    assert len(matched.without_file) == 34
    assert matched.without_row == ()


def test_rows_without_file_and_files_without_row_are_both_named(tmp_path: Path) -> None:
    path = sheet(tmp_path / "labels.csv", "file,label,person\na.h5,push,Ann\nb,pull,\ngone,push,Bob\n")

    matched = match(read_label_sheet(path), [Path("x/a.h5"), Path("x/B.h5"), Path("x/c.h5")])

    assert matched.labels[Path("x/a.h5")].label_at(1e6) == "push"
    assert matched.labels[Path("x/a.h5")].tags == {"person": "Ann"}
    assert matched.labels[Path("x/B.h5")].label_at(0.0) == "pull"
    assert matched.without_row == (Path("x/c.h5"),)
    assert [(row.number, row.file) for row in matched.without_file] == [(4, "gone")]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    path = sheet(tmp_path / "labels.csv", "file,label\nann/1,push\nbob/1,pull\n")

    matched = match(read_label_sheet(path), [Path("/data/ann/1.h5"), Path("/data/bob/1.h5")])

    assert [labels.label_at(0.0) for labels in matched.labels.values()] == ["push", "pull"]


def test_a_frame_takes_the_label_of_the_span_its_middle_lies_in(tmp_path: Path) -> None:
    path = sheet(tmp_path / "spans.csv", "file;start_s;stop_s;label\nwalk;0;1;still\nwalk;1;2,5;push\n")
    labels = match(read_label_sheet(path), [Path("walk.h5")]).labels[Path("walk.h5")]
    recording = recording_of(setup_of(), 200)  # 50 readings a second

    # A frame of 11 readings: its middle is the sixth of them.
    found = [labels.label_of(recording, first, 11) for first in (0, 44, 45, 119, 120)]

    assert found == ["still", "still", "push", "push", None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "which is empty"),
        ("\n,,,\n", "which is empty"),
        ("file,surface\na,grass\n", "Expected a column label"),
        ("file,label\n", "Expected rows with a file and a label"),
        ("file,label\na,\n", "none in row 2 (a)"),
        ("file,label\na,push\na,pull\n", "rows 2 and 3, both about a"),
        ("file,start_s,stop_s,label\na,0,2,x\na,1,3,y\n", "spans that do not overlap"),
        ("file,start_s,stop_s,label\na,2,1,x\n", "a span that ends after its start"),
        ("file,start_s,label\na,soon,x\n", "'soon' in row 2"),
        ("file,start_s,label\na,-1,x\n", "'-1' in row 2"),
        ("file,label" + ",x" * 300, "which is larger"),
        ("file\0,label", "neither"),
    ],
)
def test_a_sheet_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = sheet(tmp_path / "labels.csv", text)

    with pytest.raises(UserError) as error:
        match(read_label_sheet(path), [Path("a.h5")])

    assert said in str(error.value)


def test_a_chosen_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = sheet(tmp_path / "labels.csv", "file,label\na,push\n")

    with pytest.raises(UserError, match=r"Expected a column 'surface'. Received: columns file, label"):
        read_label_sheet(path, label_column="surface")


def test_an_ods_sheet_reads_like_the_csv_of_it(tmp_path: Path) -> None:
    rows = [["file", "label"], ["a & b", "push <1>"], ["c", "pull"]]

    assert read_sheet(write_ods(tmp_path / "labels.ods", rows)) == rows
    assert read_sheet(sheet(tmp_path / "labels.csv", "file,label\na & b,push <1>\n\nc,pull,,\n")) == rows


def test_a_zip_bomb_ends_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ods"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w", force_zip64=True) as member,
    ):
        member.write(b"<a>")
        for _ in range(300):
            member.write(b" " * 1_000_000)

    tracemalloc.start()
    with pytest.raises(UserError, match="which is larger"):
        read_sheet(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_BYTES


@pytest.mark.parametrize(
    ("extra", "doctype", "said"),
    [
        ("", ENTITIES, "with a document type inside"),
        ("<table:table-row>", "", "well-formed XML"),
        (
            '<table:table-row table:number-rows-repeated="900000000"><table:table-cell><text:p>x</text:p>'
            "</table:table-cell></table:table-row>",
            "",
            "which is larger",
        ),
        (
            '<table:table-row><table:table-cell table:number-columns-repeated="900000000"><text:p>x</text:p>'
            "</table:table-cell></table:table-row>",
            "",
            "which is larger",
        ),
    ],
)
def test_a_hostile_sheet_is_refused(tmp_path: Path, extra: str, doctype: str, said: str) -> None:
    path = write_ods(tmp_path / "bad.ods", [["file", "label"]], extra=extra, doctype=doctype)

    with pytest.raises(UserError, match=said):
        read_sheet(path)


def test_a_sheet_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = write_ods(tmp_path / "labels.ods", [["file", "label"], *([f"file {n}", "push"] for n in range(50))])
    data = whole.read_bytes()
    for length in range(1, len(data), 37):
        path = tmp_path / "short.ods"
        path.write_bytes(data[:length])
        with pytest.raises(UserError):
            read_label_sheet(path)


def test_a_sheet_with_any_byte_changed_reads_or_is_refused(tmp_path: Path) -> None:
    data = write_ods(tmp_path / "labels.ods", [["file", "label"], ["a", "push"]]).read_bytes()
    path = tmp_path / "changed.ods"
    refused = 0
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            read_sheet(path)
        except UserError:
            refused += 1
    assert refused > 20
