"""Widgets that more than one tab uses, or that are worth reading alone."""
