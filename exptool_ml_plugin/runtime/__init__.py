"""Prediction with a finished model: LiteRT and numpy, no Qt, no TensorFlow."""
