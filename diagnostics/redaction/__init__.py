"""Personal numbers and names in free text are masked here: at typing, at export, in every report file.

`Redactor` masks; its ledger says what was masked, never the value. The recognisers are written for the Chinese
mainland: checksums and layout decide first, words standing before a number settle what layout leaves open.
"""

from diagnostics.redaction.kinds import KINDS, Kind
from diagnostics.redaction.redactor import Masked, Redactor

__all__ = ["KINDS", "Kind", "Masked", "Redactor"]
