"""Mask personal numbers and names in free text.

In goes a text, out comes the same with placeholders (`<手机号-1>`), and a ledger of what was masked, never the value.
"""

from diagnostics.redaction.kinds import KINDS, Kind
from diagnostics.redaction.redactor import Masked, Redactor, leave, mask_numbers, mask_within

__all__ = ["KINDS", "Kind", "Masked", "Redactor", "leave", "mask_numbers", "mask_within"]
