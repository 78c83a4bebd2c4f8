"""The one exception that is meant for the user."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend, shown as text where it happened; anything else is a bug.

    `message` says what was expected and what came ("Expected at least 2 labels. Received: labels=['push']."),
    `hint` says what to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class PartError(UserError):
    """A feature or trigger raised something while it worked; the cause is chained."""

    def __init__(self, kind: str, name: str, error: Exception) -> None:
        super().__init__(
            f"The {kind} “{name}” failed: {type(error).__name__}: {error}",
            "Everything else goes on. Take it out of the list, or have its package mended.",
        )
