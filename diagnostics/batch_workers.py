"""Batch over several processes, here or on a Dask cluster: the same lines in the same order, few under way at once.

This process is one of those here: it reads, hands blocks to the others as long as these have room, and diagnoses the
next one itself. Cases and reports lie in memory that both sides see, and only numbers are sent: through the pipe of an
executor, which threads fill and empty, whole reports would take a third of what a second process brings.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from diagnostics.addresses import shown
from diagnostics.batch import MAX_LINE, REPORTS, SIZE, BatchWorker, Block, BlockResult, WorkerError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext

    from diagnostics.batch import Ends
    from diagnostics.knowledge.model import Knowledge

AHEAD: Final = 2
"""Blocks under way for each process."""
SLOT: Final = max(2 * (MAX_LINE + SIZE), REPORTS * 80_000) & ~0xFFF
"""Bytes in which a block lies, and later its reports; what these are longer is sent."""
PATIENCE: Final = 5.0
"""Seconds that a process may take to end by itself."""
SCHEDULER_PATIENCE: Final = 10
"""Seconds that a cluster's scheduler may take to answer."""
RETRIES: Final = 3
"""How often a block may lose its worker on a cluster; the scheduler gives it to another."""
CLUSTER_AHEAD: Final = 3
"""Blocks under way for each thread of a cluster."""
SILENCE: Final = 60
"""How often `PATIENCE` may pass without a block being done: in turns, for a suspended terminal uses up only one."""


Reply = tuple[int, list[bytes], "Ends"]
"""How many bytes of the slot were written, what did not fit, and how the cases ended."""


class _Worker:
    """A process that diagnoses blocks, one after the other, and the memory that it shares with this one."""

    def __init__(self, context: SpawnContext, *what: Any) -> None:
        shared = context.RawArray("B", SLOT * AHEAD)
        self._shared = memoryview(shared).cast("B")
        self._what = what
        self._started = False
        self._given = self._taken = 0
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, shared), daemon=True)
        with _interrupts_held():
            self._process.start()
        other.close()

    def room(self) -> bool:
        """Whether a block can be handed over: the process has started, and fewer than `AHEAD` are given and not taken.

        Raises WorkerError.
        """
        try:
            if not self._started and self._connection.poll():
                self._connection.recv()
                self._connection.send(self._what)  # not with the start, which would wait until all of it is read
                self._started = True
        except (EOFError, OSError):
            raise self._lost() from None
        return self._started and self._given - self._taken < AHEAD

    def give(self, block: Block) -> None:
        """Hand a block over, where there is room. Raises WorkerError."""
        start = self._given % AHEAD * SLOT
        self._given += 1
        self._shared[start : start + len(block.data)] = block.data
        try:
            self._connection.send((start, block.number, len(block.data)))
        except OSError:
            raise self._lost() from None

    def done(self) -> bool:
        """Whether the block that was given first is done, or will never be."""
        return self._connection.poll()

    def take(self) -> BlockResult:
        """Wait for the reports of the block given first; they stand until another is given. Raises WorkerError."""
        start = self._taken % AHEAD * SLOT
        self._taken += 1
        try:
            if not any(self._connection.poll(PATIENCE) for _ in range(SILENCE)):
                self._process.kill()
                raise WorkerError("batch.silent_process", seconds=round(PATIENCE * SILENCE))
            reply = self._connection.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        if isinstance(reply, tuple):
            length, rest, ends = reply
            return BlockResult([self._shared[start : start + length], *rest], ends)
        raise RuntimeError(reply)

    def end(self) -> None:
        """Let the process end, or make it."""
        self._connection.close()
        if not self._started:  # the batch was done sooner
            self._process.kill()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def _lost(self) -> WorkerError:
        self._process.join(PATIENCE)
        return WorkerError("batch.lost_process", code=self._process.exitcode)


def run(
    knowledge: Knowledge,
    blocks: Iterable[Block],
    jobs: int,
    *,
    lang: Any,
    fields: Sequence[str],
    idle: Callable[[], bool] = bool,
) -> Iterator[BlockResult]:
    """Diagnose blocks with up to `jobs` processes, in order, like `diagnostics.batch.run`.

    `idle` tells whether the next block would have to be waited for: what is under way is finished meanwhile.
    What is yielded stands until the next is asked for. Raises WorkerError where a process was ended from outside.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")  # a fork would take the parent's threads and locks along
    what = (knowledge, lang, tuple(fields))
    own = BatchWorker(*what)
    workers: list[_Worker] = []
    waiting: deque[_Worker | BlockResult] = deque()
    try:
        for at, block in enumerate(blocks):
            if at and len(workers) < jobs - 1:  # a single block is done sooner than a process starts
                workers.append(_Worker(context, *what))
            while len(waiting) == 2 * jobs * AHEAD:
                yield _taken(waiting.popleft())
            free = next((worker for worker in workers if worker.room()), None)
            if free is not None:
                free.give(block)
            waiting.append(free or own.written(block))
            while waiting and (isinstance(waiting[0], BlockResult) or waiting[0].done() or idle()):
                yield _taken(waiting.popleft())
        while waiting:
            yield _taken(waiting.popleft())
    finally:
        for worker in workers:
            worker.end()


def _taken(first: _Worker | BlockResult) -> BlockResult:
    return first if isinstance(first, BlockResult) else first.take()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start what never hears an interrupt: the parent does, and ends its processes."""
    if sys.platform == "win32" or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # starting the first process starts it too, and that lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, shared: Any) -> None:
    """Diagnose blocks until the parent ends; a fault is sent, with its place for `--debug`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be held
    view = memoryview(shared).cast("B")
    try:
        connection.send(None)  # that it has started
        worker = BatchWorker(*connection.recv())
        while True:
            start, number, length = connection.recv()
            connection.send(_answer(worker, view[start : start + SLOT], number, length))
    except (EOFError, OSError):
        return
    except Exception:  # noqa: BLE001  raised again by the parent
        import traceback

        connection.send(traceback.format_exc())


def _answer(worker: BatchWorker, slot: memoryview, number: int, length: int) -> Reply:
    """Write the reports over their block."""
    rest: list[bytes] = []
    end = 0
    pieces, ends = worker.written(Block(number, bytes(slot[:length])))
    for piece in pieces:
        stop = end + len(piece)
        if rest or stop > SLOT:
            rest.append(bytes(piece))
        else:
            slot[end:stop] = piece
            end = stop
    return end, rest, ends


def run_on_cluster(
    knowledge: Knowledge,
    blocks: Iterable[Block],
    address: str,
    *,
    lang: Any,
    fields: Sequence[str],
    idle: Callable[[], bool] = bool,
) -> Iterator[BlockResult]:
    """Diagnose blocks of lines on the cluster, in order, like `run` (extra `cluster`).

    `idle` tells whether the next block would have to be waited for: what is under way is finished meanwhile.
    Raises WorkerError where the extra is not installed, the scheduler does not answer or has no workers.
    """
    try:
        import distributed
    except ImportError:
        raise WorkerError("batch.no_dask", "--cluster") from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they log of a lost scheduler, the error tells
    try:
        client: Any = distributed.Client(address, timeout=SCHEDULER_PATIENCE, set_as_default=False)
    except (OSError, ValueError):
        raise WorkerError("batch.no_scheduler", shown(address), seconds=SCHEDULER_PATIENCE) from None
    with client:
        with _lost(address):
            threads = sum(client.nthreads().values())
            if not threads:
                raise WorkerError("batch.no_workers", shown(address))
            shared = client.submit(_hold, knowledge, pure=False)  # unlike what is scattered, made anew when lost
        waiting: deque[Any] = deque()
        for block in blocks:
            with _lost(address):
                work = client.submit(_diagnose_there, block, shared, lang, tuple(fields), pure=False, retries=RETRIES)
            waiting.append(work)
            while waiting and (len(waiting) >= threads * CLUSTER_AHEAD or idle()):
                yield _answer_from(client, waiting.popleft(), address)
        while waiting:
            yield _answer_from(client, waiting.popleft(), address)


def _answer_from(client: Any, future: Any, address: str) -> BlockResult:
    """Wait for a block, as long as there is a worker who may do it."""
    with _lost(address):
        while True:
            try:
                data, ends = future.result(timeout=SCHEDULER_PATIENCE)
                return BlockResult([data], ends)
            except TimeoutError:
                if not client.nthreads():
                    raise WorkerError("batch.no_workers", shown(address)) from None


@contextlib.contextmanager
def _lost(address: str) -> Iterator[None]:
    """Say in one line that the cluster failed, whichever call to it finds that out. Raises WorkerError."""
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except (CancelledError, KilledWorker, OSError) as error:
        raise WorkerError("batch.lost_cluster", shown(address), reason=clean_line(str(error), 200)) from None


def _hold(knowledge: Knowledge) -> Knowledge:
    """Run on the cluster, so that its workers have the knowledge of a stream."""
    return knowledge


_held: list[tuple[Knowledge, Any, tuple[str, ...], BatchWorker]] = []
"""The `BatchWorker` of the stream whose lines came last to this process of the cluster, and what it was made of."""
_one_at_a_time = threading.Lock()


def _diagnose_there(block: Block, knowledge: Knowledge, lang: Any, fields: tuple[str, ...]) -> tuple[bytes, Ends]:
    with _one_at_a_time:  # a worker may have several threads, and a BatchWorker is for one
        if not _held or _held[0][0] is not knowledge or _held[0][1:3] != (lang, fields):
            _held[:] = [(knowledge, lang, fields, BatchWorker(knowledge, lang, fields))]
        pieces, ends = _held[0][3].written(block)
    return b"".join(pieces), ends
