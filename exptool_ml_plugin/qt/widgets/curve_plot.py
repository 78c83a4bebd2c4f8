"""One quantity of a training against the epoch: per-batch training, per-epoch validation, the best epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QPointF, Qt, Signal
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QGraphicsItem, QHBoxLayout, QVBoxLayout, QWidget

from ...core.curve import Curve, Smoothed
from .. import style
from .axes import remove_menu
from .colors import TRAINING, VALIDATION, faint
from .curve_canvas import LOWEST, CurveCanvas, Line, Mark
from .log_axis import LogAxis
from .nice_range import nice_range, still_fits
from .text_line import Piece, TextLine

Array = NDArray[np.float64]
_RAW_ALPHA = 80
_SMOOTH_POINTS = 600
"""Points of the smooth curve: an antialiased line costs four times as much a point and has no spikes to lose."""
_RAW_REACH = 0.4
"""Part of the smoothed curves' height by which the raw curve may widen the view."""
_MARKED_EPOCHS = 60
_NOT_LOOKED = (0, 0, 0.0)
_AXIS_WIDTH = 46
_SHORT = {"Training": "Train.", "Validation": "Val."}


@dataclass(frozen=True)
class Quantity:
    """What a plot shows: `title` with the unit of the axis; `percent` writes parts as percent."""

    title: str
    percent: bool = False

    def text(self, value: float) -> str:
        """Return a value as it is written beside the plot, a dash for none."""
        if math.isnan(value):
            return "–"
        return f"{100 * value:.1f} %" if self.percent else f"{value:.3g}"


class CurvePlot(QWidget):
    """Plot of one quantity; data are appended, drawing happens in `redraw` only.

    The cost of `redraw` does not grow with the length of the run. `hovered` carries the epoch under the mouse or
    None, `range_taken` says that the user has zoomed or moved the view.
    """

    hovered = Signal(object)
    range_taken = Signal()
    reset_wanted = Signal()

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = quantity
        self.training = Curve()
        self._smoothed = Smoothed(1.0)
        self.validation = Curve()
        self._best: int | None = None
        self._looked = _NOT_LOOKED
        self._log = False
        self._cursor: float | None = None
        self._make_plot()
        self._make_header()
        self._apply_palette()

    # --- data --------------------------------------------------------------------------------------------------

    def append_training(self, epochs: Array, values: Array) -> None:
        """Add points of the training curve: float64 `(n,)` each, epochs as fractions."""
        self.training.append(epochs, values)

    def append_validation(self, epochs: Array, values: Array) -> None:
        """Add points of the validation curve: float64 `(n,)` each, one point per epoch."""
        self.validation.append(epochs, values)

    def set_best(self, epoch: int | None) -> None:
        """Mark the best epoch, or none."""
        self._best = epoch

    def clear(self) -> None:
        """Forget all data."""
        self.training = Curve()
        self._smoothed = Smoothed(self._smoothed.window)
        self.validation = Curve()
        self._best = None
        self._looked = _NOT_LOOKED
        self.redraw()

    # --- appearance --------------------------------------------------------------------------------------------

    def set_smoothing(self, window: float) -> None:
        """Average the training curve over about `window` batches; 1 shows it as it is."""
        self._smoothed = Smoothed(max(1.0, window))
        self._looked = _NOT_LOOKED

    def set_log(self, log: bool) -> None:
        """Choose a logarithmic axis."""
        self._log = bool(log)
        self._looked = _NOT_LOOKED
        self.plot.setLogMode(y=self._log)

    def set_cursor(self, epoch: float | None) -> None:
        """Show the values at an epoch, None for those of the end."""
        self._cursor = epoch
        self._canvas.set_cursor(epoch)
        self.show_values()

    def show_range(self, start: float, stop: float, *, exactly: bool = False) -> None:
        """Show these epochs, with the vertical range that what they hold needs.

        A vertical range that still fits stays unless `exactly`; one too large may stay for a while.
        """
        horizontal, vertical = (tuple(values) for values in self.plot.viewRange())
        if not exactly and horizontal == (start, stop) and self._has_room(*vertical):
            return
        self._looked = (len(self._shown()), len(self.validation), self._end())
        wanted = nice_range(*self._extent(start, stop), percent=self.quantity.percent, log=self._log)
        if not exactly and still_fits(vertical, wanted):
            wanted = vertical
        if (horizontal, vertical) != ((start, stop), wanted):
            self.plot.setRange(xRange=(start, stop), yRange=wanted, padding=0.0, disableAutoRange=True)

    def redraw(self) -> None:
        """Draw what the view shows; cheap, and to be called when something has changed."""
        self._smoothed.follow(self.training)
        self._canvas.draw(self._lines(), log=self._log)
        self._canvas.set_mark(self._mark())
        self._hint.setVisible(not len(self.training) and not len(self.validation))

    def resizeEvent(self, event: Any) -> None:
        """Keep the hint in the middle."""
        super().resizeEvent(event)
        self._hint.setGeometry(self.plot.rect().adjusted(_AXIS_WIDTH, 0, 0, -_AXIS_WIDTH))

    # --- inside ------------------------------------------------------------------------------------------------

    def _make_plot(self) -> None:
        self.plot = pg.PlotWidget(self, axisItems={"left": LogAxis("left")})
        remove_menu(self.plot.getPlotItem())
        self.plot.hideButtons()
        self.plot.setLabel("bottom", "Epoch")
        for name in ("left", "bottom"):
            self.plot.getAxis(name).enableAutoSIPrefix(False)
            self.plot.getAxis(name).setStyle(maxTickLevel=1)
            # Ticks, texts and grid lines are what painting costs most; they change only when the range does.
            self.plot.getAxis(name).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.plot.getAxis("left").setWidth(_AXIS_WIDTH)
        if self.quantity.percent:
            self.plot.getAxis("left").setScale(100.0)
        self.plot.getAxis("bottom").setHeight(2 * self.fontMetrics().height() + 6)
        # Half a line above, for the number at the top of the axis.
        self.plot.getPlotItem().setContentsMargins(0, self.fontMetrics().height() / 2, 8, 6)
        self.plot.disableAutoRange()
        self.plot.setXRange(0, 1, padding=0.0)
        self.plot.setMinimumHeight(120)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.getViewBox().sigRangeChangedManually.connect(lambda *_: self.range_taken.emit())
        self._canvas = CurveCanvas(self.plot)
        self.plot.getViewBox().sigRangeChanged.connect(lambda *_: self.redraw())
        self._hint = style.text_label("The curves of a training are drawn here.", self.plot, color=style.MUTED)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _make_header(self) -> None:
        title = self.quantity.title + (" (%)" if self.quantity.percent else "")
        self._title = style.text_label(title, self, bold=True)
        self._values = TextLine(self, align_right=True)
        header = QHBoxLayout()
        header.setContentsMargins(_AXIS_WIDTH, 0, 8, 0)
        header.addWidget(self._title)
        header.addWidget(self._values, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(header)
        column.addWidget(self.plot, 1)

    def _lines(self) -> list[Line]:
        smoothing = self._smoothed.window > 1.0
        lines = [Line(self.training, TRAINING, alpha=_RAW_ALPHA if smoothing else 255)]
        if smoothing:
            lines.append(Line(self._smoothed.curve, TRAINING, width=2, antialias=True, points=_SMOOTH_POINTS))
        symbols = len(self.validation) <= _MARKED_EPOCHS
        return [*lines, Line(self.validation, VALIDATION, width=2, antialias=True, symbols=symbols)]

    def _mark(self) -> Mark | None:
        if self._best is None:
            return None
        epoch = float(self._best)
        value = self._validation_at(epoch)
        if math.isnan(value):
            return Mark(epoch, self._training_at(epoch), TRAINING)
        return Mark(epoch, value, VALIDATION)

    def _extent(self, start: float, stop: float) -> tuple[float, float]:
        shown = self._shown()
        known = [extent for curve in (shown, self.validation) if (extent := curve.extent(start, stop)) is not None]
        if not known:
            return (-1.0, 0.0) if self._log else (0.05, 0.95)
        low, high = min(extent[0] for extent in known), max(extent[1] for extent in known)
        if shown is not self.training and (raw := self.training.extent(start, stop)) is not None:
            # Room for the raw curve too, but not for every spike of it.
            reach = _RAW_REACH * (high - low)
            low, high = max(min(low, raw[0]), low - reach), min(max(high, raw[1]), high + reach)
        if self._log:
            low, high = math.log10(max(low, _lowest(known))), math.log10(max(high, LOWEST))
        return low, high

    def _has_room(self, bottom: float, top: float) -> bool:
        """Tell whether what came since the last look at the extent is in view: looking at all of it costs far more.

        Each time the training has become longer by a tenth all is looked at, since the view may be too large by now.
        """
        points, validated, epochs = self._looked
        if self._end() >= 1.1 * epochs:
            return False
        new = np.concatenate([self._shown().y[points:], self.validation.y[validated:]])
        if self._log:
            bottom, top = 10**bottom, 10**top
        return bool(((bottom <= new) & (new <= top)).all())

    def _shown(self) -> Curve:
        smoothed = self._smoothed.window > 1.0 and len(self._smoothed.curve) > 0
        return self._smoothed.curve if smoothed else self.training

    def _end(self) -> float:
        return float(self.training.x[-1]) if len(self.training) else 0.0

    def _training_at(self, epoch: float) -> float:
        curve = self._smoothed.curve if self._smoothed.window > 1.0 else self.training
        if not len(curve):
            return math.nan
        return float(curve.y[min(int(np.searchsorted(curve.x, epoch)), len(curve) - 1)])

    def _validation_at(self, epoch: float) -> float:
        curve = self.validation
        if not len(curve):
            return math.nan
        nearest = int(np.searchsorted(curve.x, epoch - 0.5))
        return float(curve.y[min(nearest, len(curve) - 1)])

    def show_values(self) -> None:
        """Write the values under the mouse, or the newest ones, beside the title."""
        epoch = self._cursor
        if epoch is None and len(self.training):
            epoch = float(self.training.x[-1])
        if epoch is None:
            self._values.set_groups([])
            return
        where = f"epoch {epoch:.1f}" if self._cursor is not None else ""
        series = [(TRAINING, "Training", self.quantity.text(self._training_at(epoch)))]
        if len(self.validation):
            series.append((VALIDATION, "Validation", self.quantity.text(self._validation_at(epoch))))
        groups = _legend(where, series)
        if self._values.width_needed(groups) > self._values.width():
            groups = _legend(where, [(color, _SHORT[name], value) for color, name, value in series])
        self._values.set_groups(groups)

    def _apply_palette(self) -> None:
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.Text)
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(faint(palette)))
            axis.setTextPen(text)
        self._canvas.repaint_all()
        self.redraw()

    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self.plot.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.hovered.emit(float(box.mapSceneToView(position).x()) if inside else None)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Notice when the mouse leaves the plot, and double clicks."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset_wanted.emit()
        return False

    def changeEvent(self, event: Any) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_values"):
            self._apply_palette()


def _lowest(extents: list[tuple[float, float]]) -> float:
    """Least value a logarithmic axis goes down to: a tenth of what the smooth curves reach."""
    return max(LOWEST, 0.1 * min(low for low, _ in extents))


def _legend(where: str, series: list[tuple[str, str, str]]) -> list[tuple[Piece, ...]]:
    groups = [(Piece("■ ", color), Piece(f"{name} "), Piece(value, bold=True)) for color, name, value in series]
    return [(Piece(where, style.MUTED),), *groups] if where else list(groups)
