"""Triggers: what decides when a frame is cut, one file each."""
