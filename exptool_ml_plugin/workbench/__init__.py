"""The use cases and the state behind the tabs; no Qt, no Keras."""
