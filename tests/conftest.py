"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings: `$EXPTOOL_ML_DATA`, else `../shared/data` from the project's root."""
    folder = Path(os.environ.get("EXPTOOL_ML_DATA") or _BESIDE_THE_PROJECT)
    if folder.is_dir():
        return folder
    reason = f"The real recordings are not at {folder}. Set EXPTOOL_ML_DATA to their folder."
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason} CI must not skip them.")
    pytest.skip(reason)
