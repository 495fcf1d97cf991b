"""Personal numbers and names in free text are masked here.

A person's numbers, accounts, codes and passwords where a text enters and where a message is made (`mask_numbers`), so
that no report, draft or page has them; names, addresses and all other kinds where a case is written, noted or handed
over. `leave` names the desk's own order numbers, which stay.

`Redactor` masks; its ledger says what was masked, never the value. The recognisers are written for the Chinese
mainland: checksums and layout decide first, words standing before a number settle what layout leaves open.
"""

from diagnostics.redaction.kinds import KINDS, Kind
from diagnostics.redaction.redactor import Masked, Redactor, leave, mask_numbers, mask_within

__all__ = ["KINDS", "Kind", "Masked", "Redactor", "leave", "mask_numbers", "mask_within"]
