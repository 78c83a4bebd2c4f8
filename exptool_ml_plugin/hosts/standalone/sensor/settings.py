"""The configuration of the sensor while it is edited."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from acconeer.exptool import a121
from psygnal import Signal

from ....core.atomic import write_bytes
from ....core.errors import UserError
from ....core.issues import Issue, Severity, has_errors
from ....core.options import Value, describe
from .config_options import set_value, settings_of

MOST_SUBSWEEPS = 4
"""As many as the Exploration Tool lets a user make."""


class Entry(NamedTuple):
    """One sensor in one group; the groups are measured one after the other, the sensors of a group together."""

    group: int
    sensor_id: int


class Settings:
    """A session configuration of the host, what of it the host's classes do not take, and what they say against it.

    `changed` is emitted after every change. A value that a class refuses stays in the settings, so that it can be
    mended, and not in the configuration. Treat `config` as frozen.
    """

    changed = Signal()

    def __init__(self, config: a121.SessionConfig) -> None:
        self._config = config
        self._refused: dict[str, tuple[Value, str]] = {}

    @property
    def config(self) -> a121.SessionConfig:
        """The configuration, an `a121.SessionConfig`."""
        return self._config

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every sensor of every group, in their order."""
        groups = self._config.groups
        return tuple(Entry(index, sensor_id) for index, group in enumerate(groups) for sensor_id in group)

    @property
    def ready(self) -> bool:
        """True when nothing must be mended before the sensor can be set to it."""
        return not has_errors(self.issues())

    def name(self, entry: Entry) -> str:
        """Return what a sensor is called here: "Sensor 2", with its group where there are several."""
        groups = f" · group {entry.group + 1}" if len(self._config.groups) > 1 else ""
        return f"Sensor {entry.sensor_id}{groups}"

    def subsweeps(self, entry: Entry) -> int:
        """Return the number of subsweeps of a sensor."""
        return int(self._sensor(entry).num_subsweeps)

    def values(self, place: str) -> Any:
        """Return the settings at a place, an instance of their `settings_type`, refused values included."""
        refused = {where.rpartition(".")[2]: value for where, (value, _) in self._refused_at(place)}
        return settings_of(self._at(self._config, place), refused)

    def set_values(self, place: str, settings: Any) -> None:
        """Take settings at a place; what the host's class does not take becomes an issue."""
        config = copy.deepcopy(self._config)
        target = self._at(config, place)
        for where, _ in self._refused_at(place):
            del self._refused[where]
        for info in describe(type(settings)):
            value = getattr(settings, info.name)
            try:
                set_value(target, info.name, value)
            except Exception as error:  # noqa: BLE001 - a class may refuse a value with any exception
                self._refused[f"{place}.{info.name}"] = (value, f"Received: {value}. {error}.")
        self._config = config
        self.changed.emit()

    def replace(self, config: a121.SessionConfig) -> None:
        """Put another configuration in place."""
        self._config = config
        self._refused.clear()
        self.changed.emit()

    def add_sensor(self, sensor_id: int, *, new_group: bool = False) -> Entry:
        """Measure one more sensor, with the settings of the last one: together with it, or after it in a new group."""
        groups = copy.deepcopy(self._config.groups)
        settings = copy.deepcopy(list(groups[-1].values())[-1])
        if new_group:
            groups.append({})
        groups[-1][sensor_id] = settings
        self._regroup(groups)
        return Entry(len(groups) - 1, sensor_id)

    def remove_sensor(self, entry: Entry) -> None:
        """Measure a sensor no longer; the last one stays."""
        if len(self.entries) > 1:
            groups = copy.deepcopy(self._config.groups)
            del groups[entry.group][entry.sensor_id]
            self._regroup([group for group in groups if group])

    def change_sensor(self, entry: Entry, sensor_id: int) -> None:
        """Let the settings of a sensor be those of another one."""
        groups = copy.deepcopy(self._config.groups)
        old = groups[entry.group]
        groups[entry.group] = {sensor_id if key == entry.sensor_id else key: value for key, value in old.items()}
        self._regroup(groups)

    def free_sensors(self, group: int, connected: tuple[int, ...]) -> list[int]:
        """Return which of the connected sensors are not in a group."""
        return [sensor_id for sensor_id in connected if sensor_id not in self._config.groups[group]]

    def add_subsweep(self, entry: Entry) -> None:
        """Add a subsweep like the last one of a sensor; no more than the Exploration Tool's limit."""
        if self.subsweeps(entry) < MOST_SUBSWEEPS:
            groups = copy.deepcopy(self._config.groups)
            subsweeps = groups[entry.group][entry.sensor_id].subsweeps
            subsweeps.append(copy.deepcopy(subsweeps[-1]))
            self._regroup(groups)

    def remove_subsweep(self, entry: Entry, index: int) -> None:
        """Take a subsweep away; the last one stays."""
        if self.subsweeps(entry) > 1:
            groups = copy.deepcopy(self._config.groups)
            del groups[entry.group][entry.sensor_id].subsweeps[index]
            self._regroup(groups)

    def issues(self) -> list[Issue]:
        """Return what must be mended, or may be: values that were refused, and what the host's validation says."""
        found = [Issue(where, self._named(where, message)) for where, (_, message) in self._refused.items()]
        places = {id(self._at(self._config, place)): place for place in self._places()}
        for result in self._config._collect_validation_results():
            where = f"{places.get(id(result.source), SESSION)}.{result.aspect}"
            severity = Severity.ERROR if isinstance(result, a121.ValidationError) else Severity.WARNING
            found.append(Issue(where, self._named(where, " ".join(result.message.split())), severity))
        return found

    def load(self, path: Path) -> None:
        """Take over a session configuration, or that of one sensor, from a JSON file of the host."""
        try:
            text = path.read_text(encoding="utf-8")
            try:
                config = a121.SessionConfig.from_json(text)
            except KeyError:
                config = a121.SessionConfig(a121.SensorConfig.from_json(text))
        except Exception as error:
            raise UserError(
                f"Expected a sensor configuration of the Exploration Tool (JSON). Received: {path.name} "
                f"({type(error).__name__}: {error}).",
                "Choose a file that was saved here, or in the Exploration Tool.",
            ) from error
        self.replace(config)

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the configuration as the host's JSON."""
        write_bytes(path, self._config.to_json().encode(), overwrite=overwrite)

    def _regroup(self, groups: list[dict[int, Any]]) -> None:
        self.replace(a121.SessionConfig(groups, update_rate=self._config.update_rate))

    def _sensor(self, entry: Entry) -> Any:
        return self._config.groups[entry.group][entry.sensor_id]

    def _refused_at(self, place: str) -> list[tuple[str, tuple[Value, str]]]:
        return [(where, kept) for where, kept in self._refused.items() if where.rpartition(".")[0] == place]

    def _places(self) -> Iterator[str]:
        yield SESSION
        for entry in self.entries:
            yield sensor_place(entry)
            for index in range(self.subsweeps(entry)):
                yield subsweep_place(entry, index)

    def _named(self, where: str, message: str) -> str:
        """Begin a message with the name its setting has on the form, and with the sensor where there are several."""
        place, _, name = where.rpartition(".")
        words = place.split(".")
        texts = {info.name: info.text for info in describe(type(self.values(place)))}
        names = [texts.get(name, name)]
        entry = Entry(int(words[1]), int(words[2])) if len(words) > 1 else None
        if entry is not None and len(words) > 3 and self.subsweeps(entry) > 1:
            names.insert(0, f"subsweep {int(words[4]) + 1}")
        if entry is not None and len(self.entries) > 1:
            names.insert(0, self.name(entry))
        return f"{', '.join(names)}: {message}"

    @staticmethod
    def _at(config: a121.SessionConfig, place: str) -> Any:
        words = place.split(".")
        if words[0] == SESSION:
            return config
        sensor = config.groups[int(words[1])][int(words[2])]
        return sensor.subsweeps[int(words[4])] if len(words) > 3 else sensor


SESSION = "session"
"""Place of the settings of the whole session."""


def sensor_place(entry: Entry) -> str:
    """Return the place of the settings of one sensor."""
    return f"groups.{entry.group}.{entry.sensor_id}"


def subsweep_place(entry: Entry, index: int) -> str:
    """Return the place of the settings of one subsweep."""
    return f"{sensor_place(entry)}.subsweeps.{index}"
