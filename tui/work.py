"""A way back from any thread into the screen's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable


class WorkDone(Message):
    """Something has ended or happened elsewhere: `then` goes on with it, in the screen's own thread."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        super().__init__()
