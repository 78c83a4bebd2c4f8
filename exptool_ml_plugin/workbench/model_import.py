"""Models of the old Deep Learning Interface made into ours, in a process of its own: Keras takes seconds to load."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.extras import need_tensorflow
from ..core.frame_at import Step

_MAKER = "exptool_ml_plugin.learn.import_dli"  # by its name: Keras stays in a process of its own
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class MadeModel:
    """The model file that was made; `facts` are what is known of it, as JSON has it."""

    path: Path
    facts: dict[str, Any]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said about it."""
        notes = tuple(self.facts["notes"])
        if self.facts["litert"]:
            return notes
        return (*notes, "The model could not be converted to LiteRT: predicting needs TensorFlow.")

    def in_words(self) -> str:
        """Say what it is."""
        steps, width = self.facts["frame_shape"]
        return (
            f"A model of {self.facts['parameters']:,} parameters for frames of {steps} x {width} and the labels "
            f"{', '.join(self.facts['labels'])} written to {self.path.name}."
        )


def import_model(old: Path, new: Path, *, step: Step | None = None) -> MadeModel:
    """Make a Keras file of a model file (.npy) or, of TensorFlow 2, a model folder; replaces an older `new`.

    Nothing in the old files is run. `step` is called while it goes on, and may raise to end it. `UserError` for a model
    that cannot be brought over.
    """
    need_tensorflow()
    if new.suffix != ".keras":
        raise UserError(f"Expected a name that ends in .keras, for {old.name} is a model. Received: {new.name}.")
    code, out, errors = _run([sys.executable, "-m", _MAKER, str(old), str(new)], step)
    if code < 0:
        raise UserError(
            f"Expected a model that can be read. Received: {old.name}, at which the reading process crashed.",
            "The file is damaged; take another copy of it.",
        )
    try:
        told = json.loads(out.strip().rpartition("\n")[2])
    except ValueError:
        raise RuntimeError(f"The model could not be made: {errors[-2000:]}") from None
    if "error" in told:
        raise UserError(told["error"], told["hint"])
    return MadeModel(new, told)


def _run(command: list[str], step: Step | None) -> tuple[int, str, str]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            while True:
                try:
                    out, errors = process.communicate(timeout=_LOOK_EVERY_S)
                except subprocess.TimeoutExpired:
                    if step is not None:
                        step(0, 1)
                else:
                    return process.returncode, out, errors
        except BaseException:
            process.kill()
            raise
