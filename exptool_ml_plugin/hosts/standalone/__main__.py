"""`python -m exptool_ml_plugin.hosts.standalone` is `exptool-ml window`."""

from __future__ import annotations

import sys

from .launch import main

sys.exit(main())
