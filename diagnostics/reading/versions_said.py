"""Versions that a message names: WeChat's and the system's, each with the words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.reading.marks import Marks
