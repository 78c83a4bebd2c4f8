"""The File menu of the session box: recordings with labels come in, frames go out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtWidgets import QDialog, QFileDialog, QMessageBox

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.label_sheet import FileLabels, SheetRow
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.qt.widgets.batch_dialog import BatchDialog
from exptool_ml_plugin.qt.widgets.import_dialog import ImportDialog
from exptool_ml_plugin.qt.widgets.session_box import SessionBox
from exptool_ml_plugin.workbench.workbench import Workbench

SETUP = SensorSetup("a121", (Channel(1, 0, sweeps=8, points=3, start_m=0.1, step_m=0.12, sweep_rate_hz=1000.0),), 20.0)
RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=4),
    trigger=TriggerChoice("continuous", {"hop": 4}),
)


A111_SETUP = SensorSetup(
    "a111",
    (Channel(1, 0, sweeps=8, points=3, start_m=0.1, step_m=0.0600546, sweep_rate_hz=1000.0),),
    20.0,
    service="sparse",
)


@pytest.fixture
def recordings(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    """Two recordings of ten seconds as the host writes them."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    setup = getattr(request, "param", SETUP)
    made = []
    for scene in ("push", "still"):
        path = folder / f"label_{scene}_1.h5"
        save_session(Session(RECIPE, recordings=[record(setup, scene, 10.0, name=path.stem)]), path)
        made.append(path)
    return made


@pytest.fixture
def box(qtbot, workbench: Workbench) -> SessionBox:
    workbench.set_recipe(replace(RECIPE, sensor=None))
    widget = SessionBox(workbench)
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def types(monkeypatch):
    """Type names into the file dialogs and accept every other one."""
    given = {"open": [], "save": ""}
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", staticmethod(lambda *args: (given["open"], "")))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *args: (given["save"], "")))
    monkeypatch.setattr(QMessageBox, "question", staticmethod(lambda *args: QMessageBox.StandardButton.Yes))
    return given


def texts(dialog: ImportDialog) -> list[str]:
    return [dialog.table.item(row, 1).text() for row in range(dialog.table.rowCount())]


def test_the_names_of_the_files_give_labels_that_can_be_changed(qtbot, recordings):
    dialog = ImportDialog(recordings)
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()

    dialog.pattern_field.setText("label_(")
    assert "no regular expression yet" in dialog.note
    dialog.pattern_field.setText("label_(.+)_1")
    assert texts(dialog) == ["push", "still"]
    assert ok.isEnabled()

    dialog.table.item(0, 1).setText("hand")
    dialog.table.item(1, 1).setText("")
    assert {path: labels.rows[0].label for path, labels in dialog.labels().items()} == {recordings[0]: "hand"}
    assert "1 of 2 recordings have no label" in dialog.note


def test_a_sheet_fills_the_table_and_names_what_is_doubtful(qtbot, recordings, tmp_path):
    sheet = tmp_path / "labels.csv"
    sheet.write_text(
        "file,what,start_s,stop_s,person,comment\nlabel_push_1,a,0,2,,\nlabel_push_1,b,2,,,\n"
        "label_still_1,c,,,Ann,moved?\ngone,d,,,,\n"
    )
    dialog = ImportDialog(recordings)
    qtbot.addWidget(dialog)

    with pytest.raises(UserError, match="Expected a column label"):
        dialog.use_sheet(sheet)
    dialog.column_field.setText("what")
    dialog.use_sheet(sheet)

    assert texts(dialog) == ["by time, from the sheet", "c"]
    assert "Doubtful: label_still_1 (c): moved?" in dialog.note
    assert "about other files: 1." in dialog.note
    labels = dialog.labels()
    assert [row.label for row in labels[recordings[0]].rows] == ["a", "b"]
    assert labels[recordings[1]].tags == {"person": "Ann", "note": "moved?"}


@pytest.mark.parametrize("recordings", [SETUP, A111_SETUP], ids=["A121", "A111"], indirect=True)
def test_recordings_are_imported_in_the_background_and_opened(qtbot, box, recordings, types, tmp_path, monkeypatch):
    def accept(dialog: ImportDialog) -> int:
        dialog.pattern_field.setText("label_(.+)_1")
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ImportDialog, "exec_", accept, raising=False)
    types["open"], types["save"] = [str(path) for path in recordings], str(tmp_path / "made.h5")

    box.file_button.menu().actions()[0].trigger()
    qtbot.waitUntil(lambda: box.workbench.session.path == tmp_path / "made.h5", timeout=20000)

    assert box.workbench.session.counts() == {"push": 50, "still": 50}
    qtbot.waitUntil(lambda: "100 frames" in box.transfer_bar.text, timeout=5000)
    made = load_session(tmp_path / "made.h5").recipe.sensor
    assert (made.service, made.channels) in [(setup.service, setup.channels) for setup in (SETUP, A111_SETUP)]


def test_frames_go_out_and_come_back_through_the_menu(qtbot, box, recordings, types, tmp_path):
    transfer = box.workbench.transfer
    labels = {path: FileLabels((SheetRow(0, path.name, path.stem),)) for path in recordings}
    transfer.import_recordings(labels, tmp_path / "made.h5")
    transfer.work.wait(20)
    box.workbench.open_session(tmp_path / "made.h5")
    qtbot.waitUntil(lambda: box.file_button.isEnabled(), timeout=5000)
    values = np.array(box.workbench.session.values)

    types["save"] = str(tmp_path / "frames.npz")
    next(action for action in box.file_button.menu().actions() if action.data() == "npz").trigger()
    transfer.work.wait(20)
    assert (tmp_path / "frames.npz").exists()
    qtbot.waitUntil(lambda: box.file_button.isEnabled(), timeout=5000)

    types["open"], types["save"] = [str(tmp_path / "frames.npz")], str(tmp_path / "back.h5")
    box.file_button.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: box.workbench.session.path == tmp_path / "back.h5", timeout=20000)

    np.testing.assert_array_equal(box.workbench.session.values, values)


def test_a_cancelled_export_leaves_nothing(qtbot, box, recordings, tmp_path):
    transfer = box.workbench.transfer
    labels = {path: FileLabels((SheetRow(0, path.name, "a"),)) for path in recordings}
    transfer.import_recordings(labels, tmp_path / "made.h5")
    transfer.work.wait(20)
    box.workbench.open_session(tmp_path / "made.h5")
    # Cancelled between its first steps: the work tells its progress from its own thread.
    transfer.work.changed.connect(transfer.work.cancel)

    transfer.export("png", tmp_path / "pictures")
    transfer.work.wait(20)

    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["made.h5", "recordings"]
    assert not box.workbench.problems


def test_a_recording_that_cannot_be_read_is_said_and_nothing_is_written(qtbot, box, tmp_path):
    broken = tmp_path / "broken.h5"
    broken.write_text("no recording")

    box.workbench.transfer.import_recordings({broken: FileLabels((SheetRow(0, "x", "a"),))}, tmp_path / "made.h5")
    box.workbench.transfer.work.wait(20)

    assert "broken.h5" in box.workbench.problems[-1].message
    assert not (tmp_path / "made.h5").exists()


def test_sessions_are_processed_as_the_dialog_says(qtbot, box, recordings, types, tmp_path, monkeypatch):
    transfer = box.workbench.transfer
    labels = {path: FileLabels((SheetRow(0, path.name, path.stem),)) for path in recordings}
    transfer.import_recordings(labels, tmp_path / "made.h5")
    transfer.work.wait(20)
    qtbot.waitUntil(lambda: box.file_button.isEnabled(), timeout=5000)
    (tmp_path / "broken.h5").write_text("no session")
    (tmp_path / "new").mkdir()

    def accept(dialog: BatchDialog) -> int:
        ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
        dialog.relabel_field.setText("label_push_1")
        assert not ok.isEnabled()
        dialog.relabel_field.setText("label_*_1=hand")
        assert ok.isEnabled()
        dialog.recipe_box.setChecked(True)
        dialog.resample_box.setCurrentIndex(dialog.resample_box.findData("number"))
        dialog.count_box.setValue(30)
        dialog.split_box.setCurrentIndex(dialog.split_box.findData("recording"))
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(BatchDialog, "exec_", accept, raising=False)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *args: str(tmp_path / "new")))
    types["open"] = [str(tmp_path / "broken.h5"), str(tmp_path / "made.h5")]
    box.workbench.set_recipe(replace(RECIPE, frame=FrameSettings(time_steps=8), sensor=replace(SETUP, channels=())))

    box.file_button.menu().actions()[-1].trigger()
    qtbot.waitUntil(lambda: "2 sessions written to new. 1 could not be done." in box.transfer_bar.text, timeout=20000)

    made = [load_session(path) for path in (tmp_path / "new").iterdir()]
    assert sum(len(session) for session in made) == 30
    assert {label for session in made for label in session.labels} == {"hand"}
    assert made[0].values.shape[1] == 8
    assert "broken.h5" in box.workbench.problems[-1].message


def choose(box: SessionBox, text: str) -> None:
    next(action for action in box.file_button.menu().actions() if action.text() == text).trigger()


def test_an_old_model_folder_is_imported_and_opened(
    qtbot, box, workbench: Workbench, types, tmp_path: Path, saved_models, monkeypatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *args: str(saved_models / "wide")))
    types["save"] = str(tmp_path / "mine")

    choose(box, "Import old model folder…")
    qtbot.waitUntil(lambda: workbench.model is not None, timeout=120_000)

    assert workbench.model.path == tmp_path / "mine.keras"
    assert workbench.model.info.labels == ("push", "pull", "still")
    assert workbench.recipe.network == workbench.model.info.recipe.network
    assert not workbench.problems


def test_a_file_that_is_no_old_model_is_said(qtbot, box, workbench: Workbench, types, tmp_path, monkeypatch) -> None:
    (tmp_path / "old.npy").write_bytes(b"nothing")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *args: (str(tmp_path / "old.npy"), "")))
    types["save"] = str(tmp_path / "mine.keras")

    choose(box, "Import old model…")
    qtbot.waitUntil(lambda: bool(workbench.problems) and not workbench.transfer.work.doing, timeout=60_000)

    assert "old.npy with no header" in workbench.problems[-1].message
    assert not (tmp_path / "mine.keras").exists()
