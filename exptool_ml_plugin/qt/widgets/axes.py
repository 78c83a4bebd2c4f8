"""The look of plots, the same in all tabs."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QGraphicsItem

from .. import style

LEFT_WIDTH = 62
"""Width of every left axis, pixels, so that time axes below each other line up."""
BOTTOM_HEIGHT = 40


def name_axes(plot_item: Any, *, left: str, bottom: str) -> None:
    """Title both axes of a pyqtgraph plot and leave nothing on it to be changed by accident with the mouse."""
    remove_menu(plot_item)
    plot_item.setMouseEnabled(x=False, y=False)
    plot_item.hideButtons()
    for name, text in (("left", left), ("bottom", bottom)):
        axis = plot_item.getAxis(name)
        axis.setPen(style.LINE)
        axis.setTextPen(style.MUTED)
        axis.enableAutoSIPrefix(False)
        axis.setLabel(text, color=style.MUTED)  # after the pen, which would give the title its own colour
        axis.setZValue(10)
    # pyqtgraph lets the titles stand out over the axes by a few pixels, which a plot of its own would cut off
    plot_item.layout.setContentsMargins(4, 6, 10, 6)
    plot_item.getAxis("left").setWidth(LEFT_WIDTH)
    plot_item.getAxis("bottom").setHeight(BOTTOM_HEIGHT if bottom else None)


def keep_painted(plot_item: Any) -> None:
    """Keep the axes as pixmaps: writing them anew is the dearest part of a live picture."""
    for name in ("left", "right", "top", "bottom"):
        plot_item.getAxis(name).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)


def remove_menu(plot_item: Any) -> None:
    """Take pyqtgraph's menu away from a plot that is in a view; without a parent it would outlive the plot."""
    plot_item.setMenuEnabled(False)
    menu = plot_item.ctrlMenu
    menu.setParent(plot_item.getViewWidget(), menu.windowFlags())  # the flags keep it a menu, not part of the plot
