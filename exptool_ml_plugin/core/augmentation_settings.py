"""How training frames are varied; off as long as there are no copies."""

from __future__ import annotations

from dataclasses import dataclass

from .options import option


@dataclass(frozen=True)
class AugmentationSettings:
    """Limits within which variants are drawn; see `augmentation` for what each does to the readings."""

    copies: int = option(
        0,
        text="Variants",
        unit="per frame",
        doc="Variants of every training frame, made from its readings. In each epoch the frame or one of them is "
        "shown. 0: none. Validation and test frames are never varied.",
        minimum=0,
        maximum=50,
        zero="none",
    )
    time_shift: int = option(
        0, text="Time shift", unit="readings", doc="The frame begins up to so much earlier or later.", minimum=0,
        maximum=1000,
    )  # fmt: skip
    time_stretch: float = option(
        0.0, text="Time stretch", doc="The motion is up to this part faster or slower; 0.1 is 10 %.", minimum=0.0,
        maximum=0.5,
    )  # fmt: skip
    amplitude_db: float = option(
        0.0, text="Amplitude", unit="dB", doc="The echo is up to so much stronger or weaker.", minimum=0.0, maximum=20.0
    )
    range_shift: int = option(
        0, text="Range shift", unit="points", doc="The target is up to so many points nearer or further.", minimum=0,
        maximum=100,
    )  # fmt: skip
    noise: float = option(
        0.0, text="Noise", unit="levels", doc="Adds up to so many times the measured noise.", minimum=0.0, maximum=10.0
    )
    random_phase: bool = option(
        False, text="Random phase", doc="Turns the phase of all readings by the same random angle."
    )
