"""Results kept by what they follow from."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """A table that begins anew when it is full, so that its size is bounded whatever comes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """Keep a result and return it."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value
