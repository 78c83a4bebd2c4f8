"""`python -m exptool_ml_plugin.cli` is `exptool-ml`."""

from __future__ import annotations

import sys

from . import main

sys.exit(main())
