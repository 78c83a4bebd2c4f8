"""The parts of the Sensor tab; they show what `standalone.sensor` holds and hold nothing themselves."""
