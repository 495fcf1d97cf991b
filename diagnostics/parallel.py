"""Batch over several processes: the same lines out, in the same order, with a bounded number under way."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from diagnostics.batch import Line, one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from diagnostics.knowledge.model import Knowledge

BLOCK: Final = 64
"""Lines handed to a process at once: a message costs as much as a case or two."""
AHEAD: Final = 3
"""Blocks under way for each process; so much is ever read ahead of what is written."""

_knowledge: Knowledge | None = None


def run(
    knowledge: Knowledge, lines: Iterable[tuple[int, bytes]], jobs: int, *, lang: Any, fields: Sequence[str]
) -> Iterator[Line]:
    """Turn numbered lines into output lines with `jobs` processes, in order, like `diagnostics.batch.run`."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    wanted = ((number, raw) for number, raw in lines if raw.strip())
    context = multiprocessing.get_context("spawn")  # a fork would take the parent's threads and locks along
    with ProcessPoolExecutor(jobs, context, _begin, (knowledge,)) as pool:
        waiting: deque[Future[list[Line]]] = deque()
        try:
            while block := list(islice(wanted, BLOCK)):
                waiting.append(pool.submit(_work, block, lang, tuple(fields)))
                if len(waiting) >= jobs * AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(knowledge: Knowledge) -> None:
    """Keep the knowledge in each process, so that it travels once."""
    import signal

    global _knowledge
    _knowledge = knowledge
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends its processes


def _work(block: list[tuple[int, bytes]], lang: Any, fields: tuple[str, ...]) -> list[Line]:
    assert _knowledge is not None  # noqa: S101  `_begin` ran in this process
    return [one(_knowledge, number, raw, lang=lang, fields=fields) for number, raw in block]
