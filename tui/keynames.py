"""Keys by the names that stand on a keyboard."""

from __future__ import annotations

from typing import Final

KEY_NAMES: Final = {
    "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "question_mark": "?", "left": "←", "right": "→", "up": "↑",
    "down": "↓",
}  # fmt: skip


def key_name(key: str) -> str:
    """Return a key's name as it stands on a keyboard: `Ctrl+C`, `Esc`, `q`."""
    parts = [KEY_NAMES.get(part, part if len(part) == 1 else part.capitalize()) for part in key.split("+")]
    last = parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 1 else parts[-1]
    return "+".join([*parts[:-1], last])
