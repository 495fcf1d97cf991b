"""Batch on an existing Dask cluster: the same pure function, the same lines, in order (extra `cluster`)."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from diagnostics.addresses import shown
from diagnostics.batch import BatchWorker, BlockResult
from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from diagnostics.batch import Block, Ends
    from diagnostics.knowledge.model import Knowledge

AHEAD: Final = 3
"""Tasks under way for each thread of the cluster."""
RETRIES: Final = 3
"""How often a task may lose its worker; the scheduler gives it to another."""
PATIENCE: Final = 10
"""Seconds that the scheduler may take to answer."""


class ClusterError(UserError):
    """The cluster cannot be used, or no more."""


def run(
    knowledge: Knowledge,
    blocks: Iterable[Block],
    address: str,
    *,
    lang: Any,
    fields: Sequence[str],
    idle: Callable[[], bool] = bool,
) -> Iterator[BlockResult]:
    """Diagnose blocks of lines on the cluster, in order, like `diagnostics.batch.run`.

    `idle` tells whether the next block would have to be waited for: what is under way is finished meanwhile.
    Raises ClusterError where the extra is not installed, the scheduler does not answer or has no workers.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError("batch.no_dask", "--cluster") from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they log of a lost scheduler, the error tells
    try:
        client: Any = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError):
        raise ClusterError("batch.no_scheduler", shown(address), seconds=PATIENCE) from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError("batch.no_workers", shown(address))
        shared = client.scatter(knowledge, broadcast=True, hash=False)
        waiting: deque[Any] = deque()
        for block in blocks:
            waiting.append(client.submit(_work, block, shared, lang, tuple(fields), pure=False, retries=RETRIES))
            while waiting and (len(waiting) >= threads * AHEAD or idle()):
                yield _result(client, waiting.popleft(), address)
        while waiting:
            yield _result(client, waiting.popleft(), address)


def _result(client: Any, future: Any, address: str) -> BlockResult:
    """Wait for a block, as long as there is a worker who may do it."""
    from distributed import CancelledError, KilledWorker

    while True:
        try:
            data, ends = future.result(timeout=PATIENCE)
            return BlockResult([data], ends)
        except TimeoutError:
            if not client.nthreads():
                raise ClusterError("batch.no_workers", shown(address)) from None
        except (CancelledError, KilledWorker, OSError) as error:
            raise ClusterError("batch.lost_cluster", shown(address), reason=clean_line(str(error), 200)) from None


_held: list[tuple[Knowledge, Any, tuple[str, ...], BatchWorker]] = []
"""The reader of the last stream that this worker saw lines of."""
_one_at_a_time = threading.Lock()


def _work(block: Block, knowledge: Knowledge, lang: Any, fields: tuple[str, ...]) -> tuple[bytes, Ends]:
    lines: list[bytes] = []
    with _one_at_a_time:  # a worker may have several threads, and a reader is for one
        if not _held or _held[0][0] is not knowledge or _held[0][1:3] != (lang, fields):
            _held[:] = [(knowledge, lang, fields, BatchWorker(knowledge, lang, fields))]
        ends = _held[0][3].write(block, lines.append)
    return b"".join([line + b"\n" for line in lines]), ends
