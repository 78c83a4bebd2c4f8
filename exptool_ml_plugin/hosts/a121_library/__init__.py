"""The host's library for the A121, without any window: what every host of an A121 and the command line share."""
