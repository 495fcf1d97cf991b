"""The app's themes: a calm dark and light one, high contrast, and the terminal's own colours."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="doctor-dark", primary="#5fa8d3", secondary="#62b6cb", accent="#e0b36a", success="#7fb77e",
    warning="#e5a54b", error="#e07a6e", foreground="#e4e6e8", background="#15191d", surface="#1b2025",
    panel="#252b32", dark=True,
)  # fmt: skip
LIGHT: Final = Theme(
    name="doctor-light", primary="#1d6996", secondary="#2a7f92", accent="#9a6a00", success="#2f7d32",
    warning="#9a5b00", error="#b3261e", foreground="#1c2024", background="#f7f7f4", surface="#ffffff",
    panel="#e9ebe8", dark=False,
)  # fmt: skip
CONTRAST: Final = Theme(
    name="doctor-contrast", primary="#ffff00", secondary="#00ffff", accent="#ffff00", success="#00ff00",
    warning="#ffff00", error="#ff8080", foreground="#ffffff", background="#000000", surface="#000000",
    panel="#262626", dark=True, text_alpha=1.0, luminosity_spread=0.0,
    variables={"block-cursor-background": "#ffff00", "block-cursor-foreground": "#000000", "text-muted": "#ffffff"},
)  # fmt: skip
THEMES: Final = (DARK, LIGHT, CONTRAST)
TERMINAL: Final = "ansi-dark"
"""Textual's theme that draws with the terminal's own colours."""
NAMES: Final = (DARK.name, LIGHT.name, CONTRAST.name, TERMINAL)
"""The themes a user can choose, in the order in which a key goes through them."""
