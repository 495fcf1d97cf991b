"""Personal numbers and names in free text are masked here.

Numbers at the door of the answers (`mask_numbers`), so that no report, draft or page has them; names, addresses and all
other kinds where a case is written, noted or handed over.

`Redactor` masks; its ledger says what was masked, never the value. The recognisers are written for the Chinese
mainland: checksums and layout decide first, words standing before a number settle what layout leaves open.
"""

from diagnostics.redaction.kinds import KINDS, Kind
from diagnostics.redaction.redactor import Masked, Redactor, mask_numbers

__all__ = ["KINDS", "Kind", "Masked", "Redactor", "mask_numbers"]
