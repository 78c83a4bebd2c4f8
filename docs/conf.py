"""Sphinx configuration."""

from __future__ import annotations

import exptool_ml_plugin

project = "exptool-ml-plugin"
author = "the exptool-ml-plugin authors"
copyright = f"2026, {author}"
release = exptool_ml_plugin.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_title = "exptool-ml-plugin"
html_static_path: list[str] = []
exclude_patterns = ["_build"]
