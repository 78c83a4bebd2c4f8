"""The sensor of the stand-alone window, without the window: connection, settings, measurement, replay. Knows no Qt."""
