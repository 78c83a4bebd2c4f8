"""Features: what makes a row of a reading, one file each."""
