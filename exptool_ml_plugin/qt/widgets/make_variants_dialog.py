"""Asks which variants of which frames are to be kept in the session, and shows some of them first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...core.augmentation_settings import AugmentationSettings
from ...core.errors import UserError
from ...core.frame_at import Step
from ...core.recipe import Recipe
from ...core.variants import check_settings
from ...workbench.augmenting import Original, VariantsPreview, preview_of
from ...workbench.long_work import LongWork
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .frame_scope import FrameScope
from .options_form import OptionsForm
from .variant_pictures import SHOWN, VariantPictures
from .work_bar import WorkBar

_NOTE = (
    "Variants are made from the readings with all that came before them. They stay with their originals: a training "
    "shows them in the place of frames that train, and none ever validates or tests."
)
_FIRST = AugmentationSettings(copies=2, time_shift=3, time_stretch=0.1, amplitude_db=3.0)
"""Where the recipe varies nothing yet."""


class MakeVariantsDialog(QDialog):
    """`settings` are the limits of the variants, `scope` holds the frames; previews are made in the background."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.setWindowTitle("Add variants")
        self.resize(1080, 600)
        self.work = LongWork(workbench.report)
        self._preview: VariantsPreview | None = None
        self._number = 0
        self._asked = False
        self._make_controls()
        self._lay_out()
        connect(self.work.changed, self._on_work, self)
        self._on_changed()

    @property
    def settings(self) -> AugmentationSettings:
        """What was set."""
        settings: AugmentationSettings = self.form.value()
        return settings

    @property
    def previewed(self) -> bool:
        """Whether there are variants to look at."""
        return self._preview is not None

    def done(self, result: int) -> None:
        """Close; nothing is previewed any more."""
        self.work.cancel()
        self.work.wait(5)
        super().done(result)

    def _make_controls(self) -> None:
        inspecting, recipe = self.workbench.inspecting, self.workbench.recipe
        self.form = OptionsForm(AugmentationSettings, self)
        of_recipe = replace(recipe.augmentation, copies=max(1, recipe.augmentation.copies))
        self.form.set_value(of_recipe if _varies(of_recipe) else _FIRST)
        self.form.changed.connect(self._on_changed)
        self.scope = FrameScope(inspecting, self, tooltip="Frames that variants are made of")
        self.pictures = VariantPictures(self)
        self.another = QPushButton("Draw again", self)
        self.another.setToolTip("Draw other variants of this frame")
        self.another.clicked.connect(self._on_another)
        self._problem = style.text_label("", self, color=style.ERROR, wrap=True)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Add variants")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        left, right, across = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addWidget(self.form)
        left.addWidget(self.scope)
        left.addWidget(self._problem)
        left.addStretch(1)
        left.addWidget(style.text_label(_NOTE, self, color=style.MUTED, wrap=True))
        right.addWidget(self.pictures, 1)
        right.addWidget(self.another)
        right.addWidget(WorkBar(self.work, self))
        across.addLayout(left, 1)
        across.addLayout(right, 3)
        rows = QVBoxLayout(self)
        rows.addLayout(across, 1)
        rows.addWidget(self.buttons)

    @guarded
    def _on_changed(self) -> None:
        problem = ""
        try:
            check_settings(self.settings)
        except UserError as error:
            problem = error.hint
        self._problem.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
        self._draw()

    @guarded
    def _on_another(self) -> None:
        self._number += 1
        self._draw()

    def _draw(self) -> None:
        """Have a preview made, after the one that is being made."""
        self._asked = bool(self.work.doing)
        if self._asked:
            self.work.cancel()
            return
        original = self._original()
        if original is not None:
            recipe = replace(self.workbench.session.recipe, augmentation=self.settings)
            self.work.run("Making variants", lambda step: self._make(original, recipe, step))

    def _make(self, original: Original, recipe: Recipe, step: Step) -> None:
        parts = self.workbench.plugins.parts
        self._preview = preview_of(original, recipe, parts, number=self._number, count=SHOWN, step=step)

    def _original(self) -> Original | None:
        """Return the frame in view, None where it has no readings."""
        session, index = self.workbench.session, self.workbench.inspecting.current
        if index is None:
            return None
        recording, first = session.recordings[int(session.recording_of[index])], int(session.first_reading[index])
        if first + session.recipe.frame.time_steps > len(recording):
            self._problem.setText("There are no readings of this frame to make variants of.")
            return None
        return Original(recording, first, session.label(index), np.asarray(session.values[index]))

    def _on_work(self) -> None:
        if self.work.doing:
            return
        if self._asked:
            self._draw()
        elif self._preview is not None:
            self.pictures.show_preview(self._preview)


def _varies(settings: AugmentationSettings) -> bool:
    return any(value for name, value in vars(settings).items() if name != "copies")
