"""Which frames of the session something is done with."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QRadioButton, QVBoxLayout, QWidget

from ...workbench.inspecting import Inspecting


class FrameScope(QWidget):
    """Offers the current frame, those that are selected, if any are, and all; `chosen` are their numbers."""

    def __init__(self, inspecting: Inspecting, parent: QWidget, *, tooltip: str) -> None:
        super().__init__(parent)
        current, selected = inspecting.current, sorted(inspecting.selected)
        everything = range(len(inspecting.session))
        self._frames: dict[str, Sequence[int]] = {
            "this": [] if current is None else [current],
            "selected": selected,
            "all": everything,
        }
        self._buttons = {
            "this": QRadioButton("This frame", self),
            "selected": QRadioButton(f"The {len(selected):,} selected frames", self),
            "all": QRadioButton(f"All {len(everything):,} frames of the session", self),
        }
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for button in self._buttons.values():
            button.setToolTip(tooltip)
            rows.addWidget(button)
        self._buttons["selected"].setVisible(bool(selected))
        self.choose("selected" if selected else "all")

    def choose(self, scope: str) -> None:
        """Choose "this", "selected" or "all"."""
        self._buttons[scope].setChecked(True)

    @property
    def chosen(self) -> Sequence[int]:
        """The frames' numbers in the session."""
        return next(self._frames[scope] for scope, button in self._buttons.items() if button.isChecked())
