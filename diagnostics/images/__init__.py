"""Read a picture of a phone's screen: versions, the entry, the message of its page. Needs the extra `[screenshot]`.

The picture is read in memory, in a child process with a deadline and bounds; only the fields are kept. What is read is
a question to the person, never an answer by itself, and that something is not on a picture proves nothing.
"""

from diagnostics.images.child import ImageError, read_image
from diagnostics.images.fields import ImageReading

__all__ = ["ImageError", "ImageReading", "read_image"]
