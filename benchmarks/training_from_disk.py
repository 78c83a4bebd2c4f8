"""Trains on a million frames from the disk, in turns with `model.fit` on the same frames in memory.

    python benchmarks/training_from_disk.py [--frames 1000000] [--turns 3] [--epochs 1]

Session files of frames of 16 x 12 values are loaded as the Train tab loads them: checked, split, their leakage measured,
written to a run folder. Then the worker trains with every batch reported, and a process of its own trains the same
network with `fit` on arrays in memory, with the same threads, niceness, batches and order, and `jit_compile=False`, which
is `fit`'s best setting on a CPU. They take turns, so that whatever else the machine does meets both. The first epoch of
each turn, in which TensorFlow traces the network, is not counted. Before each turn of the worker the frames are put out
of the system's cache, so that they do come from the disk.

Printed are the ratio of frames per second, at least 0.9 required, and how much memory of their own (anonymous: not the
system's cache of files) both processes came to need between `--frames` / 10 and `--frames` frames.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TrainingSettings
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.workbench.leakage_watch import leakage_of
from exptool_ml_plugin.workbench.workbench import Workbench

REQUIRED = 0.9
STEPS, WIDTH = 16, 12
LABELS = ("push", "pull", "swipe", "still")
FILES = 4
RECORDINGS = 5
