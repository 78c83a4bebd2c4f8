"""What can be done with the frames that are selected."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ...workbench.inspecting import Inspecting
from ..bridge import connect, guarded
from ..file_dialogs import ask
from .calm_combo_box import CalmComboBox
from .flow_layout import FlowLayout
from .undo_buttons import UndoButtons


class EditBar(QWidget):
    """Label, remove, shift, copy, vary; undo and redo.

    `copying` is emitted where shifted copies are asked for, `varying` where variants are.
    """

    copying = Signal()
    varying = Signal()

    def __init__(self, inspecting: Inspecting, page: QWidget) -> None:
        super().__init__(page)
        self._inspecting = inspecting
        self._of_frame: tuple[object, int | None, str] = (None, None, "")
        self._make_label()
        self.remove_button = self._button("Remove", "Take the frames out of the session; their readings stay (Del)")
        self.shift_spin = QSpinBox(self)
        self.shift_spin.setRange(-9999, 9999)
        self.shift_spin.setValue(5)
        self.shift_spin.setSuffix(" rows")
        self.shift_spin.setMaximumWidth(92)
        self.shift_spin.setToolTip("How many rows later the frames are to begin, earlier with a minus")
        self.shift_button = self._button("Shift", "Let the frames begin later; they are made anew from the readings")
        self.copies_button = self._button("Add copies…", "Make more frames of these, begun earlier and later")
        self.variants_button = self._button(
            "Add variants…", "Keep variants of these frames beside them, as another day or person might have made them"
        )
        self.undo = UndoButtons(inspecting.edits, page)
        self._lay_out()
        self.relabel_button.clicked.connect(self._on_relabel)
        self.relabel_all_button.clicked.connect(self._on_relabel_all)
        self.remove_button.clicked.connect(self.remove)
        self.shift_button.clicked.connect(self._on_shift)
        self.copies_button.clicked.connect(self.copying.emit)
        self.variants_button.clicked.connect(self.varying.emit)
        for signal in (inspecting.listed, inspecting.moved):
            connect(signal, self.refresh, self)
        connect(inspecting.edits.changed, self._show_steps, self)

    @property
    def label(self) -> str:
        """What stands in the field of the label."""
        return str(self.label_box.currentText()).strip()

    def refresh(self) -> None:
        """Offer what can be done with the selected frames."""
        targets, session = self._inspecting.targets, self._inspecting.session
        many = f"{len(targets):,} frames" if len(targets) > 1 else "frame"
        self.relabel_button.setText(f"Relabel {many}" if len(targets) > 1 else "Relabel this frame")
        self.remove_button.setText(f"Remove {many}")
        self.shift_button.setText(f"Shift {many}")
        for widget in (
            self.relabel_button, self.remove_button, self.shift_button, self.copies_button, self.variants_button
        ):  # fmt: skip
            widget.setEnabled(bool(targets))
        self.relabel_all_button.setEnabled(len(session) > 0)
        self._show_steps()
        self._show_labels()

    @guarded
    def remove(self) -> None:
        """Take the selected frames out of the session."""
        self._inspecting.remove()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Return in the field of the label give the label, and nothing else."""
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_relabel()
            return True
        return bool(super().eventFilter(watched, event))

    def _make_label(self) -> None:
        self.label_box = CalmComboBox(self)
        self.label_box.setEditable(True)
        self.label_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label_box.setMinimumWidth(110)
        self.label_box.setToolTip("Label for the frames; Return gives it to them")
        self.label_box.lineEdit().installEventFilter(self)
        self.relabel_button = self._button("Relabel this frame", "Give the selected frames, else this one, the label")
        self.relabel_all_button = self._button("Relabel all…", "Give every frame of the session this label")

    def _lay_out(self) -> None:
        holder = QWidget(self)
        row = FlowLayout(holder, spacing=6, centred=True)
        label = QWidget(holder)
        pair = QHBoxLayout(label)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(QLabel("Label", label))
        pair.addWidget(self.label_box, 1)
        for widget in (
            label, self.relabel_button, self.relabel_all_button, self.remove_button, self.shift_spin,
            self.shift_button, self.copies_button, self.variants_button, self.undo,
        ):  # fmt: skip
            row.addWidget(widget)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(holder)

    def _show_steps(self) -> None:
        edits = self._inspecting.edits
        self.undo.refresh()
        back, again = edits.undo_text or "the last change of frames", edits.redo_text or "what was taken back"
        self.undo.undo_button.setToolTip(f"Take back: {back} (Ctrl+Z)")
        self.undo.redo_button.setToolTip(f"Do again: {again} (Ctrl+Shift+Z)")

    def _button(self, text: str, tooltip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        return button

    def _show_labels(self) -> None:
        session, current = self._inspecting.session, self._inspecting.current
        labels = list(session.label_names())
        typed = self.label_box.currentText()
        blocked = self.label_box.blockSignals(True)
        if labels != [self.label_box.itemText(row) for row in range(self.label_box.count())]:
            self.label_box.clear()
            self.label_box.addItems(labels)
        label = "" if current is None or current >= len(session) else session.label(current)
        of_frame = (session, current, label)
        # What is being typed stays where frames come in meanwhile.
        self.label_box.setEditText(typed if of_frame == self._of_frame else label)
        self._of_frame = of_frame
        self.label_box.blockSignals(blocked)

    @guarded
    def _on_relabel(self) -> None:
        self._inspecting.relabel(self.label)

    @guarded
    def _on_relabel_all(self) -> None:
        label, count = self.label, len(self._inspecting.session)
        if ask(self, "Relabel all", f"Give all {count:,} frames of the session the label “{label}”?"):
            self._inspecting.relabel(label, range(count))

    @guarded
    def _on_shift(self) -> None:
        self._inspecting.shift(int(self.shift_spin.value()))
