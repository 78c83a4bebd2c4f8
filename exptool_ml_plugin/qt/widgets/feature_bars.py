"""What the Features tab says above its list: what does not fit, and what a model locks, each with its way out."""

from __future__ import annotations

from qtpy.QtWidgets import QWidget

from ...core.reading import service_name
from ...workbench.feature_editing import FeatureEditing
from ...workbench.matching import Match
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .offer_bar import OfferBar

_MOST_SENTENCES = 4


class MatchBar(OfferBar):
    """Features and sensor do not fit: either may follow the other, and nothing does by itself."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.workbench = workbench
        self._editing: FeatureEditing = workbench.feature_editing
        self.follow_button = self.add_button("", "")
        self.follow_button.clicked.connect(self._on_follow)
        self.lead_button = self.add_button("", "")
        self.lead_button.clicked.connect(self._on_lead)

    def refresh(self) -> None:
        """Compare anew."""
        found, editing = self._editing.match(), self._editing
        preset = editing.preset
        lines = list(found.sentences[:_MOST_SENTENCES])
        if len(found.sentences) > _MOST_SENTENCES:
            lines.append(f"And {len(found.sentences) - _MOST_SENTENCES} more.")
        recorded = editing.preview.recording is not None
        by_preset = preset is not None and not recorded and found.setup == preset.recipe.sensor
        if by_preset and preset is not None:
            lines.insert(0, f"The preset “{preset.name}” was made for other sensor settings:")
        self.set_text("\n".join(lines))
        self.follow_button.setText("Keep the sensor" if by_preset else "Sensor to feature")
        self.follow_button.setToolTip(
            "Leave the sensor as it is; ranges outside it become its own"
            if by_preset
            else "Limit ranges, sensors and subsweeps to what is measured; features that cannot be made of it go off"
        )
        self.follow_button.setEnabled((found.features is not None or by_preset) and not self.workbench.lock.locked)
        self.lead_button.setText("Feature to sensor")
        self.lead_button.setToolTip(self._lead_tooltip(found, recorded=recorded, by_preset=by_preset))
        self.lead_button.setEnabled(found.setup is not None and editing.can_set_sensor)
        by_model = self.workbench.lock.locked and bool(self.workbench.model_differences)
        self.setVisible(bool(found.sentences) and not by_model)  # the model's own bar says how to set the sensor

    def _lead_tooltip(self, found: Match, *, recorded: bool, by_preset: bool) -> str:
        if recorded:
            return "A recording cannot be measured differently; close it to set the sensor"
        if self.workbench.measuring:
            return "Stop the measurement to set the sensor"
        if not self._editing.can_set_sensor:
            return "Connect a sensor to set it"
        what = "to the preset's settings" if by_preset else "so that it covers the features"
        setup = self._editing.setup
        if found.setup is not None and setup is not None and found.setup.service != setup.service:
            what = f"to the service {service_name(found.setup.service)}, {what}"
        place = "" if self.workbench.host is None else f", in the configuration of the {self.workbench.host.title}"
        return f"Set the sensor {what}{place}"

    @guarded
    def _on_follow(self) -> None:
        self._editing.follow_sensor()

    @guarded
    def _on_lead(self) -> None:
        self._editing.lead_sensor()


class LockBar(OfferBar):
    """A model locks features and frame length, or could: unlock, lock again, set the sensor as the model needs it."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.workbench = workbench
        self.sensor_button = self.add_button("Set the sensor", "Set the sensor as it was when the model was trained")
        self.sensor_button.clicked.connect(self._on_sensor)
        self.lock_button = self.add_button("", "")
        self.lock_button.clicked.connect(self._on_lock)
        for signal in ("recipe_changed", "setup_changed", "model_changed", "measuring_changed"):
            connect(getattr(workbench, signal), self.refresh, self)
        connect(workbench.lock.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show the state of the lock."""
        lock, differences = self.workbench.lock, self.workbench.model_differences
        lines = [self._state()]
        if differences:
            lines += ["The sensor is not as the model was trained with:", *differences]
        self.set_text("\n".join(lines))
        self.lock_button.setText("Unlock" if lock.locked else "Lock again")
        self.lock_button.setToolTip(
            "Edit features and frame length; the model cannot predict with others than its own"
            if lock.locked
            else "Put the model's features and frame length back and lock them"
        )
        service = self.workbench.model_service
        self.sensor_button.setText(f"Change to the model's service, {service}" if service else "Set the sensor")
        self.sensor_button.setVisible(bool(differences))
        self.sensor_button.setEnabled(self.workbench.host is not None and not self.workbench.measuring)
        self.setVisible(bool(lock.model_name))

    def _state(self) -> str:
        lock = self.workbench.lock
        if lock.locked:
            return f"Locked by model {lock.model_name}: features and frame length are those it was trained with."
        if lock.matches:
            return f"Unlocked. Features and frame length are still those of model {lock.model_name}."
        return f"Unlocked. Features or frame length differ from those of model {lock.model_name}, which cannot predict."

    @guarded
    def _on_sensor(self) -> None:
        self.workbench.use_model_settings()

    @guarded
    def _on_lock(self) -> None:
        if self.workbench.lock.locked:
            self.workbench.lock.unlock()
        else:
            self.workbench.feature_editing.lock_again()
