"""The A111 app's processing object, that also tells us what it is given."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import acconeer.exptool
import numpy as np
from acconeer.exptool.app.old.data_processing import DataProcessing
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ...core import a111
from ...core.reading import Quality
from .convert import document_of


@dataclass(frozen=True, eq=False)
class Began:
    """A measurement or a replay begins: the host's module, its configuration, what the sensor answered, its texts."""

    module_key: str
    module_label: str
    config: dict[str, Any]
    info: Any
    from_file: bool
    host_attributes: dict[str, str]


@dataclass(frozen=True, eq=False)
class Arrived:
    """A reading, and when it came by a steady clock."""

    at_s: float
    matrices: tuple[NDArray[np.complex64], ...]
    quality: Quality


class Ear(QObject):
    """Hears in the host's scan thread and tells in the thread it lives in, in the order things happened.

    `heard` carries a `Began`, an `Arrived`, or an exception of ours. Nothing here waits, and nothing raises.
    """

    heard = Signal(object)

    def begins(self, params: dict[str, Any], info: Any) -> None:
        """Tell of a measurement that is being prepared."""
        try:
            self.heard.emit(_began(params, info))
        except Exception as error:  # noqa: BLE001 - in the host's thread, whatever comes must stop here
            self.heard.emit(error)

    def takes(self, data: NDArray[Any], infos: Any) -> None:
        """Tell of a reading."""
        try:
            quality = a111.quality_of(infos if isinstance(infos, list) else [infos])
            self.heard.emit(Arrived(time.monotonic(), a111.matrices_of(data), quality))
        except Exception as error:  # noqa: BLE001 - see above
            self.heard.emit(error)


class ListeningProcessing(DataProcessing):
    """The host's own processing; every reading goes past an ear first. It runs in the host's scan thread."""

    def __init__(self, ear: Ear) -> None:
        super().__init__()
        self.ear: Ear | None = ear

    def prepare_processing(self, parent: Any, params: dict[str, Any], session_info: Any) -> None:
        """Get ready as the host does; the ear hears what for."""
        super().prepare_processing(parent, params, session_info)
        if self.ear is not None:
            self.ear.begins(params, session_info)

    def process(self, unsqueezed_data: NDArray[Any], info: Any, do_record: bool = True) -> Any:
        """Process a reading as the host does, after the ear has heard of it."""
        if self.ear is not None:
            self.ear.takes(unsqueezed_data, info)
        return super().process(unsqueezed_data, info, do_record)


def _began(params: dict[str, Any], info: Any) -> Began:
    module, config = params["module_info"], params["sensor_config"]
    texts = {
        "mode": config.mode.value,
        "sensor_config_dump": config._dumps(),
        "session_info": json.dumps(info, default=float),
        "module_key": module.key,
        "lib_version": acconeer.exptool.__version__,
        "timestamp": datetime.now().isoformat(timespec="seconds"),
        "uuid": str(uuid.uuid4()),
    }
    if params.get("rss_version"):
        texts["rss_version"] = str(params["rss_version"])
    return Began(module.key, module.label, document_of(config), info, params["data_source"] == "file", texts)
