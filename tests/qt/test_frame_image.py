"""A frame is drawn oldest left, each feature in colours of its own."""

from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.qt.widgets.color_scale import ColorScale
from exptool_ml_plugin.qt.widgets.frame_image import FrameImage, Outline


@pytest.fixture
def image(qtbot):
    image = FrameImage()
    qtbot.addWidget(image)
    return image


def frame(rows=4, width=6):
    return np.arange(rows * width, dtype=np.float32).reshape(rows, width)


def test_time_runs_to_the_right_and_the_row_upwards(image):
    image.set_frame(frame())
    shown = image._image.image
    assert shown.shape == (4, 6)
    assert shown[0, 0] == 0.0  # oldest, first value: left, bottom
    assert shown[-1, -1] == 1.0


def test_each_feature_is_shown_in_its_own_range(image):
    values = np.hstack([np.linspace(0, 1e4, 8).reshape(4, 2), np.linspace(0, 1e-3, 8).reshape(4, 2)])
    image.set_outlines([Outline(0, 2, "#ff0000", "large"), Outline(2, 4, "#00ff00", "small")])
    image.set_frame(values.astype(np.float32))
    shown = image._image.image
    assert shown[:, :2].max() == pytest.approx(1.0)
    assert shown[:, 2:].max() == pytest.approx(1.0)


def test_the_line_of_a_frame_being_filled_stands_before_its_rows(image):
    image.show()
    image.set_frame(frame(), filling=3)
    assert image._edge.isVisible()
    assert image._edge.value() == 1
    image.set_frame(frame(), filling=0)
    assert not image._edge.isVisible()


def test_an_empty_picture_says_why(image):
    image.set_frame(frame())
    image.set_empty("Nothing yet", time_steps=40, width=22)
    assert not image._image.isVisible()
    assert image._text.toPlainText() == "Nothing yet"
    image.set_frame(frame())
    assert image._image.isVisible()
    assert not image._text.isVisible()


def test_outlines_are_drawn_once_for_each_part_and_replaced(image):
    image.set_frame(frame())
    image.set_outlines([Outline(0, 3, "#ff0000", "a"), Outline(3, 6, "#00ff00")])
    assert len(image._rectangles) == 3  # two frames and one name
    image.set_outlines([])
    assert image._rectangles == []


def test_frames_of_another_shape_may_follow(image):
    image.set_outlines([Outline(0, 6, "#ff0000", "a")])
    for rows, width in ((4, 6), (1, 1), (100, 3)):
        image.set_frame(frame(rows, width))
        assert image._image.image.shape == (rows, width)


def test_a_scale_widens_at_once_and_narrows_slowly():
    scale = ColorScale()
    loud, quiet = np.array([[0.0, 10.0]], dtype=np.float32), np.array([[0.0, 1.0]], dtype=np.float32)
    assert scale.apply(loud, ()).max() == 1.0
    assert 0.1 < scale.apply(quiet, ()).max() < 0.12
    for _ in range(200):
        last = scale.apply(quiet, ()).max()
    assert last == pytest.approx(1.0, abs=0.01)
    assert scale.apply(loud, ()).max() == 1.0


def test_a_scale_that_is_reset_fits_the_next_frame():
    scale = ColorScale()
    scale.apply(np.array([[0.0, 10.0]], dtype=np.float32), ())
    scale.reset()
    assert scale.apply(np.array([[0.0, 1.0]], dtype=np.float32), ()).max() == 1.0


@pytest.mark.parametrize("values", [[[np.nan, np.nan]], [[np.nan, 3.0]], [[np.inf, -np.inf]], [[2.0, 2.0]]])
def test_what_is_no_number_or_all_the_same_is_drawn_without_a_fault(values):
    shown = ColorScale().apply(np.array(values, dtype=np.float32), [(0, 1), (1, 2)])
    assert np.isfinite(shown).all()
    assert 0.0 <= shown.min() <= shown.max() <= 1.0


def test_the_menu_of_the_plot_is_neither_seen_nor_left_behind(image, qtbot):
    image.show()
    qtbot.wait(20)
    menu = image.getPlotItem().ctrlMenu
    assert not menu.isVisible()
    assert menu.isWindow()
    assert menu.parentWidget() is image
