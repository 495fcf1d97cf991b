"""Results kept by what they follow from."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

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


def picking(places: tuple[int, ...]) -> Callable[[tuple[Any, ...]], Any]:
    """Return what picks the values at these places to be a key; no place, and every key is the same."""
    return itemgetter(*places) if places else itemgetter(slice(0, 0))
