"""Encoded pieces of a report, cut where the time stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.bulk.case import BulkCase

KEPT: Final = 256
"""Pieces of each kind that are kept."""

WHEN: Final = "\0"
"""Stands for the time while a piece is made: no text of a report has this character, it is cleaned away."""
CUT: Final = b'"\\u0000"'

Write: TypeAlias = "Callable[[BulkCase, list[bytes], bytes], object]"
"""Adds a field of a case to the pieces of its line; the last argument is the time, as JSON."""

encode = msgspec.json.Encoder().encode


def dated(data: bytes, at: bytes) -> bytes:
    """Fill in the time, as JSON."""
    return data.replace(CUT, at)
