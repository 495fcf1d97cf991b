"""Ids of cases: ten letters and digits, none that are mixed up when read aloud."""

from __future__ import annotations

import secrets
from typing import Final

LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH: Final = 10


def new_id() -> str:
    """Return a new id: of a million cases, one in two thousand stores would ever meet one twice."""
    return "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH))


def is_id(text: str) -> bool:
    """Whether this is the id of a case, whole."""
    return len(text) == ID_LENGTH and all(char in LETTERS for char in text)
