"""Read what somebody wrote: a message, a ticket, a pasted chat, or words typed at one question.

`reader.read_text` gives every answer that the words say, each with its place and whether it is sure;
`reader.read_reply` takes words
for the answer of one question. Personal numbers are masked before anything else sees the text.
"""

from diagnostics.reading.model import Belief, Finding, Reading, Reply

__all__ = ["Belief", "Finding", "Reading", "Reply"]
