"""Everything that needs Keras; runs in a process of its own and is imported by nobody."""
