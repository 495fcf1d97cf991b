"""Batch over several processes: the same lines out, in the same order, with a bounded number under way."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from diagnostics.batch import Line, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from diagnostics.knowledge.model import Knowledge

BLOCK: Final = 256
"""Lines handed to a process at once: a message costs as much as many cases."""
AHEAD: Final = 3
"""Blocks under way for each process; so much is ever read ahead of what is written."""

Column: TypeAlias = tuple[tuple[bytes, bool, str, str], ...]
"""Lines as they travel: a plain tuple each, which takes a third of the time that a record takes."""

_reader: Reader | None = None


def run(
    knowledge: Knowledge, lines: Iterable[tuple[int, bytes]], jobs: int, *, lang: Any, fields: Sequence[str]
) -> Iterator[Line]:
    """Turn numbered lines into output lines with `jobs` processes, in order, like `diagnostics.batch.run`."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    size = BLOCK if fields else BLOCK // 8  # a whole report is some hundred times as long
    wanted = ((number, raw) for number, raw in lines if raw.strip())
    context = multiprocessing.get_context("spawn")  # a fork would take the parent's threads and locks along
    with ProcessPoolExecutor(jobs, context, _begin, (knowledge, lang, tuple(fields))) as pool:
        waiting: deque[Future[Column]] = deque()
        try:
            while block := list(islice(wanted, size)):
                waiting.append(pool.submit(_work, block))
                if len(waiting) >= jobs * AHEAD:
                    yield from _lines(waiting.popleft())
            while waiting:
                yield from _lines(waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _lines(done: Future[Column]) -> Iterator[Line]:
    return (Line(*row) for row in done.result())


def _begin(knowledge: Knowledge, lang: Any, fields: tuple[str, ...]) -> None:
    """Keep a reader in each process, so that the knowledge travels once."""
    import signal

    global _reader
    _reader = Reader(knowledge, lang, fields)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends its processes


def _work(block: list[tuple[int, bytes]]) -> Column:
    assert _reader is not None  # noqa: S101  `_begin` ran in this process
    found = (_reader.line(number, raw) for number, raw in block)
    return tuple((line.data, line.rejected, line.outcome, line.first) for line in found if line is not None)
