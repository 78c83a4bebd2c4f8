"""What went wrong, in words that can be shown and copied."""

from __future__ import annotations

import platform
import traceback
from dataclasses import dataclass

from .. import __version__
from ..core.errors import PartError, UserError
from ..core.session import Session


@dataclass(frozen=True)
class UserProblem:
    """A problem to show: `message` and `hint` are text, `where` names the place, `report` is a bug's traceback."""

    message: str
    hint: str = ""
    where: str = ""
    report: str = ""

    @property
    def is_bug(self) -> bool:
        """True where the user can do nothing but report it."""
        return bool(self.report)


def as_problem(error: BaseException, where: str) -> UserProblem:
    """Put an exception into words: a `UserError` speaks for itself, anything else is a bug with its traceback.

    The failure of a guest's part speaks for itself, too, and has its traceback for whoever wrote it.
    """
    if isinstance(error, PartError):
        return UserProblem(error.message, error.hint, where, _report(error, where))
    if isinstance(error, UserError):
        return UserProblem(error.message, error.hint, where)
    return UserProblem(
        message=f"Something went wrong in {where}: {type(error).__name__}: {error}",
        hint="This is a fault of the plugin; everything else goes on. Please report it with the copied text.",
        where=where,
        report=_report(error, where),
    )


def broke_off(reason: str, session: Session) -> UserError:
    """Say that a measurement ended by itself, and where that is which was collected until then."""
    kept = f"What was collected is kept: the session in the Collect tab has {len(session):,} frames and all readings. "
    hint = f"{kept}Connect the sensor again and go on, or save the session."
    return UserError(
        f"Expected readings until the measurement is stopped. Received: {reason}.",
        hint if session.unsaved else "Connect the sensor again.",
    )


def _report(error: BaseException, where: str) -> str:
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    system = f"exptool-ml-plugin {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return f"{system}\n{where}\n{lines}"
