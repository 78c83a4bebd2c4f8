"""A form made from a settings class: one declaration is the default, the limits, the field and the tooltip."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ...core.options import OptionInfo, describe
from .. import style
from .editors import SwitchEditor, make_editor, tooltip


class OptionsForm(QWidget):
    """Edits one settings class.

    Fields stand below each other, or beside each other with their names above them when `inline`. `only` picks
    fields by name. `changed` carries the new settings and comes from the user only; `set_value` is silent.
    """

    changed = Signal(object)

    def __init__(
        self,
        settings_type: type,
        parent: QWidget | None = None,
        *,
        inline: bool = False,
        only: Iterable[str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings_type = settings_type
        self._base: Any = settings_type()
        self._editors: dict[str, Any] = {}
        self._labels: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        wanted = None if only is None else set(only)
        fields = [info for info in describe(settings_type) if wanted is None or info.name in wanted]
        for index, info in enumerate(fields):
            self._make_field(info, index, inline)
        self._finish_layout(len(fields), inline)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields on the form."""
        return tuple(self._editors)

    def value(self) -> Any:
        """The settings as they stand; fields that are not on the form keep what `set_value` gave."""
        values = {name: editor.value() for name, editor in self._editors.items()}
        return dataclasses.replace(self._base, **values)

    def set_value(self, settings: Any) -> None:
        """Show settings, an instance of the class or a mapping by field name, without a signal."""
        if isinstance(settings, Mapping):
            settings = self._settings_type(**settings)
        self._base = settings
        for name, editor in self._editors.items():
            editor.set_value(getattr(settings, name))

    def editor(self, name: str) -> Any:
        """The editor of one field."""
        return self._editors[name]

    def set_field_enabled(self, name: str, enabled: bool) -> None:
        """Grey a field that has no meaning at the moment."""
        self._editors[name].setEnabled(bool(enabled))
        self._labels[name].setEnabled(bool(enabled))

    def set_field_visible(self, name: str, visible: bool) -> None:
        """Hide a field that has no meaning at the moment."""
        self._editors[name].setVisible(bool(visible))
        self._labels[name].setVisible(bool(visible))

    def mark(self, names: Iterable[str], color: str = style.ERROR) -> None:
        """Colour the names of fields with a problem, and only those."""
        marked = set(names)
        for name, label in self._labels.items():
            style.set_text_color(label, color if name in marked else self._label_color)

    def _make_field(self, info: OptionInfo, index: int, inline: bool) -> None:
        editor = make_editor(info, self)
        editor.edited.connect(self._on_edited)
        editor.setObjectName(info.name)
        self._label_color = style.MUTED if inline else ""
        label = style.text_label(info.text, self, color=self._label_color, size=-2 if inline else 0)
        label.setToolTip(tooltip(info))
        label.setBuddy(editor)
        if inline:
            self._grid.addWidget(label, 0, index, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
            self._grid.addWidget(editor, 1, index, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        else:
            if not isinstance(editor, SwitchEditor):
                editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._grid.addWidget(label, index, 0)
            self._grid.addWidget(editor, index, 1)
        self._editors[info.name] = editor
        self._labels[info.name] = label

    def _finish_layout(self, count: int, inline: bool) -> None:
        if inline:
            self._grid.setHorizontalSpacing(12)
            self._grid.setVerticalSpacing(1)
            self._grid.setColumnStretch(count, 1)
        else:
            self._grid.setHorizontalSpacing(10)
            self._grid.setVerticalSpacing(5)
            self._grid.setColumnStretch(0, 2)
            self._grid.setColumnStretch(1, 3)

    def _on_edited(self) -> None:
        self.changed.emit(self.value())
