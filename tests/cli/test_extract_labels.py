"""`exptool-ml extract --labels`: labels from a sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session

Run = Callable[..., Any]


def test_every_file_gets_the_label_and_tags_of_its_row(
    exptool_ml: Run, recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "labels.csv"
    sheet.write_text("file,label,person,comment\nstill_1,nothing,Ann,\npush_1.h5,hand,Bob,moved late\nlost,hand,,\n")
    files = [recordings[name] for name in ("still_1", "push_1", "circle_1")]
    out = tmp_path / "session.h5"

    done = exptool_ml("extract", *files, "--recipe", recipe_file, "--labels", sheet, "--out", out, "--json")

    assert done.answer["frames_per_label"] == {"hand": 50, "nothing": 50}
    assert done.answer["sheet"] == {
        "files_without_row": [str(recordings["circle_1"])],
        "rows_without_file": [{"row": 4, "file": "lost", "label": "hand"}],
        "doubtful": [{"row": 3, "file": "push_1.h5", "label": "hand", "comment": "moved late"}],
        "frames_outside": 0,
    }
    assert "circle_1.h5 has no row" in done.err
    assert "moved late" in done.err
    tags = [recording.tags for recording in load_session(out).recordings]
    assert [(one.get("person"), one.get("note")) for one in tags] == [("Ann", None), ("Bob", "moved late")]


def test_frames_take_the_label_of_their_span_and_others_are_counted(
    exptool_ml: Run, recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "spans.csv"
    sheet.write_text("file,start_s,stop_s,label\npush_1,0,2,before\npush_1,4,,after\n")
    out = tmp_path / "session.h5"

    done = exptool_ml(
        "extract", recordings["push_1"], "--recipe", recipe_file, "--labels", sheet, "--out", out, "--json"
    )

    # 20 readings a second, a frame every 4: middles at 0.075 s, 0.275 s, ...
    assert done.answer["frames_per_label"] == {"after": 30, "before": 10}
    assert done.answer["sheet"]["frames_outside"] == 10
    session = load_session(out)
    starts_s = session.recordings[0].time_s[session.first_reading]
    before = np.array([label == "before" for label in session.labels])
    assert starts_s[before].max() < 2.0
    assert starts_s[~before].min() >= 3.9


def test_the_real_protocol_labels_the_real_recordings(exptool_ml: Run, shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "a121_grass"
    recipe = Recipe(
        name="ground",
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=100),
        trigger=TriggerChoice("continuous", {"hop": 100}),
    )
    path, out = tmp_path / "ground.json", tmp_path / "ground.h5"
    path.write_text(recipe.to_json())

    done = exptool_ml(
        "extract", folder / "15.h5", folder / "6.h5", "--recipe", path, "--labels", folder / "protocol.ods",
        "--label-column", "surface type", "--file-column", "id", "--out", out, "--json",
    )  # fmt: skip

    assert set(done.answer["frames_per_label"]) == {"grass", "stone"}
    assert [row["file"] for row in done.answer["sheet"]["doubtful"]] == ["15"]
    assert len(done.answer["sheet"]["rows_without_file"]) == 41


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,label\nlost,a\n", "which names none of them"),
        ("file,start_s,stop_s,label\npush_1,1000,2000,a\n", "50 frames outside"),
        ("file,surface\npush_1,a\n", "Expected a column label"),
    ],
)
def test_a_sheet_that_labels_nothing_is_refused(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    text: str, said: str,
) -> None:  # fmt: skip
    sheet, out = tmp_path / "labels.csv", tmp_path / "s.h5"
    sheet.write_text(text)
    command = ["extract", str(recordings["push_1"]), "--recipe", str(recipe_file), "--out", str(out)]

    assert main([*command, "--labels", str(sheet)]) == 1

    assert said in capsys.readouterr().err
    assert not out.exists()
