"""Read what somebody wrote: a message, a ticket, a pasted chat, or words typed at one question.

In goes a text, out come the answers it gives, each with its place and whether it is sure, and common mistakes.
"""

from diagnostics.reading.model import Belief, Finding, Reading, Reply

__all__ = ["Belief", "Finding", "Reading", "Reply"]
