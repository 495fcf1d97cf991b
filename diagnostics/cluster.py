"""Batch on an existing Dask cluster: the same pure function, the same lines, in order (extra `cluster`)."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from diagnostics.batch import Line, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from diagnostics.knowledge.model import Knowledge

BLOCK: Final = 64
"""Lines in one task."""
AHEAD: Final = 3
"""Tasks under way for each thread of the cluster."""
RETRIES: Final = 3
"""How often a task may lose its worker; the scheduler gives it to another."""
PATIENCE: Final = "10s"
"""How long the scheduler may take to answer."""


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why."""


def run(
    knowledge: Knowledge, lines: Iterable[tuple[int, bytes]], address: str, *, lang: Any, fields: Sequence[str]
) -> Iterator[Line]:
    """Turn numbered lines into output lines on the cluster, in order, like `diagnostics.batch.run`.

    Raises ClusterError where the extra is not installed, the scheduler does not answer or has no workers.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'weilidai-doctor[cluster]'") from None
    try:
        client: Any = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"{address}: no scheduler answers: {error}") from None
    wanted = ((number, raw) for number, raw in lines if raw.strip())
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError(f"{address}: the scheduler has no workers")
        shared = client.scatter(knowledge, broadcast=True, hash=False)
        waiting: deque[Any] = deque()
        while block := list(islice(wanted, BLOCK)):
            waiting.append(client.submit(_work, block, shared, lang, tuple(fields), pure=False, retries=RETRIES))
            if len(waiting) >= threads * AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


_held: list[tuple[Knowledge, Any, tuple[str, ...], Reader]] = []
"""The reader of the last stream that this worker saw lines of."""
_one_at_a_time = threading.Lock()


def _work(block: list[tuple[int, bytes]], knowledge: Knowledge, lang: Any, fields: tuple[str, ...]) -> list[Line]:
    with _one_at_a_time:  # a worker may have several threads, and a reader is for one
        if not _held or _held[0][0] is not knowledge or _held[0][1:3] != (lang, fields):
            _held[:] = [(knowledge, lang, fields, Reader(knowledge, lang, fields))]
        found = [_held[0][3].line(number, raw) for number, raw in block]
    return [line for line in found if line is not None]
