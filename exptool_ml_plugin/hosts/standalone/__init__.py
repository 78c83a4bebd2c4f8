"""Our tabs in a window of their own, for machines without the Exploration Tool's."""
