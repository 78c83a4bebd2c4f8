"""A form shows what the settings class says, and speaks only when the user edits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.core.features.ranges import START_DOC, STOP_DOC
from exptool_ml_plugin.core.options import option
from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.qt.widgets import editors
from exptool_ml_plugin.qt.widgets.options_form import OptionsForm


@dataclass(frozen=True)
class Settings:
    """One field of each kind."""

    start_m: float = option(0.2, text="Start", unit="m", doc="Nearest distance.", minimum=0.0, maximum=3.0)
    points: int = option(8, text="Points", doc="How many.", minimum=1, maximum=64)
    scale: str = option("log", text="Scale", doc="How.", choices={"log": "Logarithmic", "linear": "Linear"})
    both: bool = option(True, text="Both", doc="Both directions.")
    name: str = option("hand", text="Name", doc="What it is called.")
    kernel_rows: int = option(2, text="Kernel rows", unit="rows", doc="Height.", minimum=1)
    kernel_columns: int = option(3, text="Kernel columns", unit="values", doc="Width.", minimum=1)


@dataclass(frozen=True)
class Places:
    """Values that mean something else at 0, and the path of a file."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=3.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=f"{STOP_DOC} More.", minimum=0.0, maximum=3.0)
    cut_hz: float = option(0.0, text="Cut", unit="Hz", doc="Low pass.", minimum=0.0, maximum=9.0, zero="off")
    count: int = option(1, text="Count", doc="How many.", minimum=0, maximum=9)
    model: str = option("", text="Model", doc="What decides.", files="Models (*.keras)")


@pytest.fixture
def form(qtbot):
    form = OptionsForm(Settings)
    qtbot.addWidget(form)
    return form


def test_a_new_form_shows_the_defaults(form):
    assert form.value() == Settings()


def test_settings_survive_being_shown(form):
    other = Settings(0.35, 13, "linear", False, "foot", 4, 5)
    form.set_value(other)
    assert form.value() == other


def test_set_value_is_silent_and_takes_a_mapping(form, qtbot):
    with qtbot.assertNotEmitted(form.changed):
        form.set_value({"points": 12, "scale": "linear", "both": False, "name": "x"})
    assert form.value() == Settings(points=12, scale="linear", both=False, name="x")


@pytest.mark.parametrize(
    ("name", "edit", "expected"),
    [
        ("start_m", lambda editor: editor.setValue(0.5), 0.5),
        ("points", lambda editor: editor.setValue(9), 9),
        ("both", lambda editor: editor.click(), False),
    ],
)
def test_an_edit_is_told_with_the_new_settings(form, qtbot, name, edit, expected):
    with qtbot.waitSignal(form.changed) as caught:
        edit(form.editor(name))
    assert getattr(caught.args[0], name) == expected
    assert form.value() == caught.args[0]


def test_a_choice_is_told_when_the_user_picks_it(form, qtbot):
    editor = form.editor("scale")
    with qtbot.waitSignal(form.changed) as caught:
        editor.setFocus()
        qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert caught.args[0].scale == "linear"


def test_an_unknown_choice_is_kept_until_the_user_picks_another(form):
    form.set_value(Settings(scale="cubic"))
    assert form.value().scale == "cubic"


def test_a_text_is_told_once_when_it_is_finished(form, qtbot):
    told = []
    form.changed.connect(told.append)
    editor = form.editor("name")
    editor.clear()
    qtbot.keyClicks(editor, "arm")
    assert told == []
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    editor.editingFinished.emit()
    assert [settings.name for settings in told] == ["arm"]


def test_two_numbers_that_belong_together_stand_under_one_name(qtbot):
    form = OptionsForm(Settings, inline=True, pairs=[("kernel_rows", "kernel_columns")])
    qtbot.addWidget(form)
    form.show()
    assert form._labels["kernel_rows"].text() == "Kernel"
    assert form.editor("kernel_columns").isVisible()
    with qtbot.waitSignal(form.changed) as caught:
        form.editor("kernel_columns").setValue(7)
    assert caught.args[0] == Settings(kernel_columns=7)
    form.mark(["kernel_columns"])
    assert "c62828" in form._labels["kernel_rows"].styleSheet()


def test_an_inline_form_goes_on_in_the_next_line_where_it_is_narrow(qtbot):
    form = OptionsForm(Settings, inline=True)
    qtbot.addWidget(form)
    assert form.layout().heightForWidth(250) > form.layout().heightForWidth(2000)


def test_limits_hold(form):
    form.editor("points").setValue(1000)
    form.editor("start_m").setValue(-1)
    assert form.value() == Settings(points=64, start_m=0.0)


def test_a_number_may_be_typed_with_comma_and_exponent(qtbot):
    form = OptionsForm(TrainingSettings)
    qtbot.addWidget(form)
    editor = form.editor("learning_rate")
    for text, number in (("0,01", 0.01), ("1e-5", 1e-5), ("2.5E-4", 2.5e-4)):
        editor.lineEdit().selectAll()
        qtbot.keyClicks(editor, text)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        assert form.value().learning_rate == pytest.approx(number)


def test_letters_are_refused(form, qtbot):
    editor = form.editor("start_m")
    editor.lineEdit().selectAll()
    qtbot.keyClicks(editor, "abc")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert form.value() == Settings()


def test_fields_carry_unit_documentation_and_limits(form):
    editor = form.editor("start_m")
    assert editor.text() == "0.2 m"
    assert "Nearest distance." in editor.toolTip()
    assert "From 0 to 3 m." in editor.toolTip()


def test_fields_that_are_not_on_the_form_keep_their_values(qtbot):
    form = OptionsForm(Settings, only=("points",))
    qtbot.addWidget(form)
    form.set_value(Settings(start_m=1.5, name="foot"))
    form.editor("points").setValue(3)
    assert form.names == ("points",)
    assert form.value() == Settings(start_m=1.5, name="foot", points=3)


def test_the_wheel_scrolls_the_page_and_not_the_value(form):
    form.show()
    for name in ("points", "start_m", "scale"):
        editor = form.editor(name)
        editor.clearFocus()
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(editor, event)
    assert form.value() == Settings()


def test_marked_fields_are_coloured_and_the_others_are_not(form):
    form.mark(["points"])
    assert "c62828" in form._labels["points"].styleSheet()
    form.mark([])
    assert form._labels["points"].styleSheet() == ""


@pytest.fixture
def places(qtbot):
    form = OptionsForm(Places)
    qtbot.addWidget(form)
    return form


def test_a_zero_that_is_no_number_is_shown_in_words(places):
    shown = {name: places.editor(name).text() for name in ("start_m", "stop_m", "cut_hz", "count")}
    assert shown == {"start_m": "sensor start", "stop_m": "sensor end", "cut_hz": "off", "count": "1"}
    places.editor("start_m").setValue(0.5)
    assert places.editor("start_m").text() == "0.5 m"
    assert "sensor start" in places.editor("start_m").toolTip()


@pytest.mark.parametrize("typed", ["0", "0.0"])
def test_a_zero_that_is_typed_becomes_the_words_again(places, qtbot, typed):
    editor = places.editor("start_m")
    editor.setValue(0.5)
    editor.selectAll()
    qtbot.keyClicks(editor, typed)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "sensor start"
    assert places.value().start_m == 0.0


def test_a_number_out_of_its_limits_is_put_to_the_nearest_and_explained(form, qtbot):
    for name, typed, kept in (("start_m", "-1", 0.0), ("start_m", "4,5", 3.0), ("points", "500", 64)):
        editor = form.editor(name)
        editor.selectAll()
        qtbot.keyClicks(editor, typed)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        assert getattr(form.value(), name) == kept
        (note,) = (issue for issue in form.notes() if issue.where == name)
        assert f"Received: {typed.replace(',', '.')}" in note.message
        editor.setValue(2)
        assert form.notes() == []


def test_a_number_that_is_at_its_limit_already_is_explained_again(form, qtbot):
    form.set_value(Settings(points=64))
    editor = form.editor("points")
    editor.selectAll()
    with qtbot.assertNotEmitted(form.changed), qtbot.waitSignal(form.noted):
        qtbot.keyClicks(editor, "65")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert len(form.notes()) == 1


def test_a_path_is_typed_or_chosen_in_a_dialog(places, qtbot, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(editors, "ask_open", lambda parent, title, files: asked.append(files) or tmp_path / "a.keras")
    editor = places.editor("model")
    with qtbot.waitSignal(places.changed):
        editor.browse.click()
    assert asked == ["Models (*.keras)"]
    assert places.value().model == str(tmp_path / "a.keras")
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "b.keras")
    with qtbot.waitSignal(places.changed) as caught:
        qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert caught.args[0].model == "b.keras"


def test_a_dialog_that_was_left_changes_nothing(places, qtbot, monkeypatch):
    monkeypatch.setattr(editors, "ask_open", lambda *args: None)
    with qtbot.assertNotEmitted(places.changed):
        places.editor("model").browse.click()
