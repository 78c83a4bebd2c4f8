"""The only room that knows acconeer.exptool."""
