"""The recording that is being added to."""

from __future__ import annotations

from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe, setup_to_json
from ..core.recording import Recording
from .journal_writer import Event


class OpenRecording:
    """Readings that are still coming in; `index` is the recording's place in the session once it has one."""

    def __init__(self, name: str, setup: SensorSetup, host_attributes: dict[str, str], tags: dict[str, str]) -> None:
        self.name = name
        self.setup = setup
        self.host_attributes = host_attributes
        self.tags = tags
        self.readings: list[Reading] = []
        self.index: int | None = None
        self.kept = 0

    def recording(self, readings: list[Reading]) -> Recording:
        """Return the recording with these readings."""
        return Recording.from_readings(
            readings, name=self.name, setup=self.setup, tags=self.tags, host_attributes=self.host_attributes
        )

    def event(self, recipe: Recipe) -> Event:
        """Return what a journal says when this recording goes on from what is kept of it."""
        setup = setup_to_json(self.setup)
        if self.index is not None:
            return Event("continue", {"setup": setup, "recording": self.index, "readings": self.kept})
        described = {"name": self.name, "tags": self.tags, "host_attributes": self.host_attributes}
        return Event("recording", {**described, "setup": setup, "recipe": recipe.to_json()})
