"""Compare dotted numbers of any length."""

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def at_least(version: str, minimum: str) -> bool:
    """Whether `version` is `minimum` or newer; missing parts count as 0. Raises ValueError on other texts."""
    from packaging.version import Version  # costs more than the rest of the package

    for text in (version, minimum):
        if not re.fullmatch(r"[0-9]{1,10}(?:\.[0-9]{1,10}){0,15}", text):
            raise ValueError(f"not a dotted number: {text[:80]!r}")
    return Version(version) >= Version(minimum)


def reaches(version: str, minimum: str, *, partial: bool = False) -> bool | None:
    """Like `at_least`; a `partial` version, whose last parts were left out, gives None where they decide.

    `8.0` for 8.0.x is above 7.0.22 and below 8.1.0, and says nothing about 8.0.30.
    """
    if at_least(version, minimum):
        return True
    given = version.split(".")
    if partial and list(map(int, given)) == list(map(int, minimum.split(".")[: len(given)])):
        return None
    return False
