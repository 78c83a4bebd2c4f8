"""Features that are the host's own algorithms for the A111; its library is imported where one is used."""
