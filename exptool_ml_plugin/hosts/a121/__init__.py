"""The A121 Exploration Tool as host, its recordings and its sensors."""
