"""A physical simulation of the radar, so that everything can be tried without a sensor."""
