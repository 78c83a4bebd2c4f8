"""A form made from a settings class: one declaration is the default, the limits, the field and the tooltip."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...core.issues import Issue, Severity
from ...core.options import OptionInfo, describe
from .. import style
from .editors import ChoiceEditor, SwitchEditor, make_editor, tooltip
from .flow_layout import FlowLayout


def named_values(settings: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as a recipe names them: those it `named` before, and those that are not at their default."""
    values = {info.name: (getattr(settings, info.name), info.default) for info in describe(type(settings))}
    return {name: value for name, (value, default) in values.items() if name in named or value != default}


class OptionsForm(QWidget):
    """Edits one settings class.

    Fields stand below each other, or beside each other with their names above them when `inline`. `only` picks
    fields by name. `pairs` names fields that an inline form shows as one, "Kernel 3 × 3". `changed` carries the new
    settings and comes from the user only; `set_value` is silent. `noted` says that `notes` may be others.
    """

    changed = Signal(object)
    noted = Signal()

    def __init__(
        self,
        settings_type: type,
        parent: QWidget | None = None,
        *,
        inline: bool = False,
        only: Iterable[str] | None = None,
        pairs: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(parent)
        self._settings_type = settings_type
        self._base: Any = settings_type()
        self._editors: dict[str, Any] = {}
        self._labels: dict[str, QLabel] = {}
        self._inline = inline
        self._label_color = style.MUTED if inline else ""
        if inline:
            FlowLayout(self)
        else:
            self._make_grid()
        wanted = None if only is None else set(only)
        fields = [info for info in describe(settings_type) if wanted is None or info.name in wanted]
        for row, info in enumerate(fields):
            self._make_field(info, row)
        if inline:
            for first, second in pairs:
                self._join(first, second)

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
        if self._inline:
            self._editors[name].parentWidget().setVisible(bool(visible))
        self._editors[name].setVisible(bool(visible))
        self._labels[name].setVisible(bool(visible))

    def notes(self) -> list[Issue]:
        """Say which numbers are not those that were typed, because these were outside the limits."""
        notes = {name: getattr(editor, "note", "") for name, editor in self._editors.items()}
        return [Issue(name, note, Severity.WARNING) for name, note in notes.items() if note]

    def mark(self, names: Iterable[str], color: str = style.ERROR) -> None:
        """Colour the names of fields with a problem, and only those."""
        self._color_names(dict.fromkeys(names, color))

    def mark_issues(self, issues: Iterable[Issue]) -> None:
        """Colour the names of fields that issues are about; the last word of `Issue.where` is the field."""
        colors: dict[str, str] = {}
        for issue in issues:
            color = style.ERROR if issue.severity is Severity.ERROR else style.WARNING
            name = issue.where.rsplit(".", 1)[-1]
            colors[name] = style.ERROR if colors.get(name) == style.ERROR else color
        self._color_names(colors)

    def _color_names(self, colors: Mapping[str, str]) -> None:
        for label in self._labels.values():
            together = [other for other, shared in self._labels.items() if shared is label and other in colors]
            style.set_text_color(label, colors[together[0]] if together else self._label_color)

    def _make_field(self, info: OptionInfo, row: int) -> None:
        editor = make_editor(info, self)
        editor.edited.connect(self._on_edited)
        if hasattr(editor, "noted"):
            editor.noted.connect(self.noted.emit)
        editor.setObjectName(info.name)
        label = style.text_label(info.text, self, color=self._label_color, size=-2 if self._inline else 0)
        label.setToolTip(tooltip(info))
        label.setBuddy(editor)
        self._editors[info.name] = editor
        self._labels[info.name] = label
        if self._inline:
            self.layout().addWidget(self._stacked(label, editor))
            return
        if isinstance(editor, ChoiceEditor):  # grows with the panel; all of a long text is in the list
            editor.setSizeAdjustPolicy(ChoiceEditor.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            editor.setMinimumContentsLength(11)
        if not isinstance(editor, SwitchEditor):
            editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.layout().addWidget(label, row, 0)
        self.layout().addWidget(editor, row, 1)

    def _stacked(self, label: QLabel, editor: QWidget) -> QWidget:
        field = QWidget(self)
        column = QVBoxLayout(field)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(label)
        column.addWidget(editor)
        return field

    def _join(self, first: str, second: str) -> None:
        """Put two fields under one name, the words their names begin with."""
        words = [self._labels[name].text().split() for name in (first, second)]
        common = [one for one, other in zip(*words, strict=False) if one == other]
        self._labels[first].setText(" ".join(common))
        unused = self._editors[second].parentWidget()
        row = QHBoxLayout()
        row.setSpacing(4)
        for index, name in enumerate((first, second)):
            if index:
                row.addWidget(QLabel("×", self))
            self._editors[name].setSuffix("")
            row.addWidget(self._editors[name])
        self._labels[first].parentWidget().layout().addLayout(row)
        self._labels[second] = self._labels[first]
        self.layout().removeWidget(unused)
        unused.hide()
        unused.deleteLater()

    def _make_grid(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)

    def _on_edited(self) -> None:
        self.changed.emit(self.value())
