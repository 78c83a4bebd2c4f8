"""The look of the window, the same with both Qt bindings: light, flat, close to the Exploration Tool's."""

from __future__ import annotations

from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QApplication

from ...qt import style

_WINDOW = "#f8f9fa"
_DISABLED = "#a9aeb5"
_COLORS = {
    "Window": _WINDOW,
    "WindowText": style.TEXT,
    "Base": style.PAPER,
    "AlternateBase": "#f1f3f4",
    "Text": style.TEXT,
    "Button": style.PAPER,
    "ButtonText": style.TEXT,
    "ToolTipBase": style.PAPER,
    "ToolTipText": style.TEXT,
    "Highlight": style.ACCENT,
    "HighlightedText": style.PAPER,
    "PlaceholderText": _DISABLED,
    "Link": style.ACCENT,
}
_SHEET = f"""
QGroupBox {{ border: 1px solid {style.LINE}; border-radius: 4px; margin-top: 9px; padding: 8px 4px 4px 4px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 8px; padding: 0 3px; color: {style.TEXT}; }}
QPushButton, QToolButton {{
    border: 1px solid {style.LINE}; border-radius: 4px; padding: 4px 10px;
    color: {style.ACCENT}; background: {style.PAPER};
}}
QToolButton {{ padding: 3px 6px; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton:hover, QToolButton:hover {{ background: {style.tint(style.ACCENT, 0.08)}; }}
QPushButton:pressed, QPushButton:checked, QToolButton:pressed, QToolButton:checked {{
    background: {style.tint(style.ACCENT, 0.18)};
}}
QPushButton:disabled, QToolButton:disabled {{ color: {_DISABLED}; background: {_WINDOW}; }}
QToolButton[autoRaise="true"] {{ border: 0; background: transparent; }}
QTabBar::tab {{ padding: 6px 14px; border: 0; border-bottom: 2px solid transparent; color: {style.TEXT}; }}
QTabBar::tab:hover {{ background: {style.tint(style.ACCENT, 0.08)}; }}
QTabBar::tab:selected {{ border-bottom: 2px solid {style.ACCENT}; color: {style.ACCENT}; }}
QTabBar::tab:disabled {{ color: {_DISABLED}; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {style.LINE}; }}
QSplitter::handle {{ background: {style.LINE}; margin: 2px; }}
QProgressBar {{ border: 1px solid {style.LINE}; border-radius: 4px; text-align: center; }}
QProgressBar::chunk {{ background: {style.tint(style.ACCENT, 0.5)}; border-radius: 3px; }}
QToolTip {{ border: 1px solid {style.LINE}; padding: 3px; }}
"""


def dress(app: QApplication) -> None:
    """Give an application the look."""
    app.setStyle("Fusion")
    palette = QPalette()
    for role, color in _COLORS.items():
        palette.setColor(getattr(QPalette.ColorRole, role), QColor(color))
    for role in ("WindowText", "Text", "ButtonText"):
        palette.setColor(QPalette.ColorGroup.Disabled, getattr(QPalette.ColorRole, role), QColor(_DISABLED))
    app.setPalette(palette)
    app.setStyleSheet(_SHEET)
