"""Many cases in a stream: one line in, one line out, in order, memory bounded; by one process or by several."""

from __future__ import annotations

import codecs
import contextlib
import itertools
import json
import signal
import sys
from collections import Counter, deque
from time import time
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from diagnostics.answers import (
    MAX_BYTES,
    AnswerError,
    check_keys,
    observations,
    parse_answer,
    parse_answers,
    parse_json,
)
from diagnostics.engine.assessment import Assessment, assess
from diagnostics.engine.conditions import Memo
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Evidence, now
from diagnostics.i18n import UserError
from diagnostics.library_errors import json_kind
from diagnostics.redaction import mask_numbers
from diagnostics.report import Report
from diagnostics.report.build import json_fields
from diagnostics.report.diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext

    from diagnostics.knowledge.model import Knowledge

MAX_LINE: Final = 1_000_000
"""Bytes of one line; a longer one is rejected, and only its beginning is ever held."""
SIZE: Final = 256 * 1024
"""Bytes read at once."""
LINES: Final = 2048
"""Lines of a block at most, where some fields of the report are written."""
LONGEST_MARK: Final = 4
"""Bytes by which an encoding is known (RFC 4627, section 3)."""
REPORTS: Final = 64
"""Lines of a block at most, where whole reports are written: each is some thirty times as long as its case.

So many cases are diagnosed together, of a longer block too: what one field needs stays at hand for all of them.
"""


class Block(NamedTuple):
    """Whole lines of a stream, and the number of the first one, from 1; the end of the last line may be missing."""

    number: int
    data: bytes


def split_blocks(take: Callable[[int], bytes], lines: int = LINES) -> Iterator[Block]:
    """Cut a stream into blocks of so many lines at most, in UTF-8; a block is yielded as soon as it is read.

    `take` returns up to so many bytes, none at the end. Of a line that is too long the beginning is kept, enough of it
    to be seen as too long, and the rest is passed over.
    """
    number, rest = 1, b""
    for chunk in _utf8(take):
        end = chunk.rfind(b"\n") + 1
        if end:
            whole = rest + chunk[:end]
            count = whole.count(b"\n")
            yield from _parted(Block(number, whole), count, lines)
            number += count
            rest = chunk[end:]
        elif len(rest) <= MAX_LINE:
            rest += chunk
    if rest:
        yield Block(number, rest)


def _parted(block: Block, count: int, most: int) -> Iterator[Block]:
    if count <= most:
        yield block
        return
    lines = block.data.split(b"\n")
    for at in range(0, count, most):
        yield Block(block.number + at, b"\n".join(lines[at : at + most]))


def _utf8(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Read pieces as UTF-8; UTF-16 and 32, which some shells write, are known by their mark or their zeros."""
    head = take(SIZE)
    while len(head) < LONGEST_MARK and b"\n" not in head and (more := take(SIZE)):  # it may come byte by byte
        head += more
    encoding = json.detect_encoding(head)
    if encoding.startswith("utf-8"):
        head = head.removeprefix(codecs.BOM_UTF8)
        while head:
            yield head
            head = take(SIZE)
        return
    text = codecs.getincrementaldecoder(encoding)("replace")
    while head:
        yield text.decode(head).encode()
        head = take(SIZE)
    yield text.decode(b"", final=True).encode()


Ends: TypeAlias = "Counter[tuple[str, ...]]"
"""How many cases ended so: an outcome and the first cause that stands, if any, or `REJECTED`."""
REJECTED = ("rejected",)


class WorkerError(UserError):
    """A process that diagnoses ended in the middle, or stands still."""


class Line(NamedTuple):
    """One line out: its JSON in pieces, most of which other lines share, and how the case is counted."""

    pieces: tuple[bytes, ...]
    ends: tuple[str, ...]

    @property
    def data(self) -> bytes:
        """Its JSON, joined each time: the whole reports of a block do not fit a processor's cache."""
        return b"".join(self.pieces)

    @property
    def rejected(self) -> bool:
        """Whether it is an error record."""
        return self.ends == REJECTED


class CaseLine(NamedTuple):
    """A line that was read as a case: its number, its id as JSON and its diagnosis."""

    number: int
    id: bytes
    diagnosis: Diagnosis

    def line(self, fields: Iterable[bytes]) -> Line:
        """Return the line out with these fields of the report."""
        number = b',"line":%d' % self.number if self.id == b"null" else b""  # else nothing says whose it is
        first, status = self.diagnosis.assessment.first_status
        ends = (self.diagnosis.outcome, first.id) if status in FOR else (self.diagnosis.outcome,)
        return Line((b'{"id":', self.id, number, *fields, b"}"), ends)


class BlockResult(NamedTuple):
    """What is to be written for a block, line ends and all, and how its cases ended."""

    pieces: Iterable[bytes | memoryview]
    ends: Ends


class _QuickLine(msgspec.Struct, forbid_unknown_fields=True):
    """A good line decoded at once; `BatchWorker` reads the answers of any other strictly, for the message."""

    answers: dict[str, str | int | float | tuple[str, ...]]
    id: Any = msgspec.UNSET
    schema: Literal["weilidai-doctor/answers/1"] | None = None


_EXACT: Final = 2**53
"""From here on the decoder may read a number otherwise than it is written."""
_decode: Final = msgspec.json.Decoder(_QuickLine).decode


class _Checked(Memo[Any, Any]):
    """The answers to one question as they hold, lists as tuples, by what was read."""

    def __init__(self, knowledge: Knowledge, id_: str) -> None:
        super().__init__()
        self._knowledge = knowledge
        self._id = id_

    def __missing__(self, given: Any) -> Any:
        """Check an answer that was not read before. Raises AnswerError where it cannot be used, or not surely."""
        if isinstance(given, (int, float)) and not -_EXACT < given < _EXACT:
            raise AnswerError("no_number", self._id)
        value = parse_answer(self._knowledge, self._id, list(given) if isinstance(given, tuple) else given)
        return self.keep(given, tuple(value) if isinstance(value, list) else value)


class BatchWorker:
    """Diagnoses the lines of one stream, one after the other; what it keeps of earlier ones only makes it quicker."""

    def __init__(self, knowledge: Knowledge, lang: Any, fields: Sequence[str]) -> None:
        self._knowledge = knowledge
        self._lang = lang
        all_fields = Report.__struct_fields__  # the id goes with every line
        self._fields = tuple(name for name in fields if name != "id") if fields else all_fields
        self._checked = {id_: _Checked(knowledge, id_) for id_ in knowledge.questions}
        self._times: tuple[int, str] = (-1, "")

    def line(self, number: int, raw: bytes) -> Line | None:
        """Return the line out for a line in, None for a blank one."""
        return next(self._lines([(number, raw)]), None)

    def _lines(self, block: Iterable[tuple[int, bytes]]) -> Iterator[Line]:
        """Yield the line out for each line in that is not blank."""
        found = [one for number, raw in block if (one := self._case(number, raw)) is not None]
        fields = iter(json_fields([one.diagnosis for one in found if isinstance(one, CaseLine)], self._fields))
        for one in found:
            yield one.line(next(fields)) if isinstance(one, CaseLine) else one

    def _case(self, number: int, raw: bytes) -> CaseLine | Line | None:
        """Read a line: the case, the error record, or None for a blank one."""
        quick = self._read(raw)
        if quick is None:
            if not raw.strip():
                return None
            id_ = b"null"
            try:
                record = _strict_record(raw)
                id_ = id_json(record.get("id"))
                check_keys(record, ("id", "schema", "answers", "text"), needed=("answers", "text"))
                answers = parse_answers(self._knowledge, record.get("answers", {}))
                if "text" in record:
                    return CaseLine(number, id_, self._with_text(answers, record["text"]))
                quick = (id_, {name: tuple(v) if isinstance(v, list) else v for name, v in answers.items()})
            except AnswerError as error:
                return _rejected(msgspec.Raw(id_), number, error.message(self._lang), error.place)
        id_, values = quick
        at = self._now()
        case = Diagnosis(Assessment(self._knowledge, values, at=at), None, lang=self._lang, generated_at=at)
        return CaseLine(number, id_, case)

    def _with_text(self, answers: dict[str, Any], text: object) -> Diagnosis:
        """Assess a case with what the person wrote, a reply to a message too. Raises AnswerError for no text."""
        from diagnostics.questionnaire.replies import read_story
        from diagnostics.reading.record import belief_reports, doubts_of, story_observations

        if not isinstance(text, str):
            raise AnswerError("takes_text", "text", kind=json_kind(text))
        reading, at = read_story(self._knowledge, text, answers, self._lang), self._now()
        evidence = Evidence([*observations(answers, at=at), *story_observations(self._knowledge, reading, at)])
        return Diagnosis(
            assess(self._knowledge, evidence), None, lang=self._lang, generated_at=at,
            doubts=doubts_of(self._knowledge, reading), beliefs=belief_reports(self._knowledge, reading, self._lang),
        )  # fmt: skip

    def _now(self) -> str:
        second = int(time())
        if second != self._times[0]:
            self._times = (second, now())
        return self._times[1]

    def _read(self, raw: bytes) -> tuple[bytes, dict[str, Any]] | None:
        """Return the id and the answers of a line, or None where it may be bad in some way."""
        if len(raw) > MAX_BYTES:
            return None
        try:
            line = _decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        answers = line.answers
        keys = len(answers) + 1 + (line.schema is not None)
        id_ = line.id
        if id_ is msgspec.UNSET:
            shown = b"null"
        elif id_.__class__ is int:
            keys += 1
            shown = b"%d" % id_
        elif id_.__class__ is not str:
            return None
        else:
            keys += 1
            if ":" in id_ and b"\\u003" not in raw:  # else a colon may be written as an escape
                keys += id_.count(":")
            shown = id_json(id_)
        if raw.count(b":") != keys:
            return None  # the decoder takes a key that stands twice; but every key has its colon, so there are more
        try:
            checked = self._checked
            return shown, {id_: checked[id_][given] for id_, given in answers.items()}
        except (AnswerError, KeyError):
            return None

    def lines(self, block: Block) -> Iterator[Line]:
        """Yield the line out for each of a block that is not blank."""
        numbered = enumerate(block.data.split(b"\n"), block.number)
        while some := list(itertools.islice(numbered, REPORTS)):
            yield from self._lines(some)

    def written(self, block: Block) -> BlockResult:
        """Diagnose a block; each line is put together when it is taken."""
        lines = [*self.lines(block)]
        pieces = (piece for line in lines for piece in (line.data, b"\n"))
        return BlockResult(pieces, Counter([line.ends for line in lines]))


def run(
    knowledge: Knowledge, blocks: Iterable[Block], *, lang: Any = "zh", fields: Sequence[str] = ()
) -> Iterator[BlockResult]:
    """Diagnose blocks of lines, one line out for each that is not blank. Raises KeyError for a bad field."""
    return map(BatchWorker(knowledge, lang, fields).written, blocks)


SLOT: Final = REPORTS * 80_000
"""Bytes of memory that a process shares with this one: a block lies there, and later its reports.

A pipe would take twice as long, and writing to it would wait for a process that stands still.
"""
PATIENCE: Final = 5.0
"""Seconds that a process may take to end by itself."""
SILENCE: Final = 60
"""How often `PATIENCE` may pass without a block being done: in turns, for a suspended terminal uses up only one."""


class _Process:
    """A process that diagnoses one block at a time, and ends when this one closes the pipe between them, or is gone."""

    def __init__(self, context: SpawnContext, *what: Any) -> None:
        self._connection, other = context.Pipe()
        shared = context.RawArray("B", SLOT)
        self._shared = memoryview(shared).cast("B")
        self._process = context.Process(target=_work, args=(other, shared), daemon=True)
        self._what = what
        with _interrupts_held():
            self._process.start()
        other.close()

    def give(self, block: Block) -> None:
        """Hand over a block, before the first one what it works with; where the process is gone, `take` says so."""
        with contextlib.suppress(OSError):
            if self._what:
                self._connection.send(self._what)  # not at the start: all processes start side by side
                self._what = ()
            self._shared[: len(block.data)] = block.data
            self._connection.send((block.number, len(block.data)))

    def take(self) -> BlockResult:
        """Wait for the reports of the block given last; they stand until another is given. Raises WorkerError."""
        try:
            if not any(self._connection.poll(PATIENCE) for _ in range(SILENCE)):
                self._process.kill()
                raise WorkerError("batch.silent_process", seconds=round(PATIENCE * SILENCE))
            reply = self._connection.recv()
            if isinstance(reply, tuple):
                size, ends = reply
                return BlockResult([self._connection.recv_bytes() if size is None else self._shared[:size]], ends)
        except (EOFError, OSError):
            self._process.join(PATIENCE)
            raise WorkerError("batch.lost_process", code=self._process.exitcode) from None
        raise RuntimeError(reply)

    def end(self) -> None:
        """Let the process end, or make it."""
        self._connection.close()
        if self._what:  # it has had nothing to do
            self._process.kill()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def run_on(
    jobs: int, knowledge: Knowledge, blocks: Iterable[Block], *, lang: Any, fields: Sequence[str],
    idle: Callable[[], bool] = bool,
) -> Iterator[BlockResult]:  # fmt: skip
    """Diagnose blocks with so many processes, in order, like `run`.

    `idle` tells whether the next block would have to be waited for: what is under way is finished meanwhile. Raises
    WorkerError where a process was ended from outside.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")  # a fork would take the parent's threads and locks along
    free = deque(_Process(context, knowledge, lang, tuple(fields)) for _ in range(jobs))
    busy: deque[_Process] = deque()
    try:
        for block in blocks:
            if not free:
                yield busy[0].take()
                free.append(busy.popleft())
            busy.append(free.popleft())
            busy[-1].give(block)
            while busy and idle():
                yield busy[0].take()
                free.append(busy.popleft())
        while busy:
            yield busy[0].take()
            free.append(busy.popleft())
    finally:
        for process in (*free, *busy):
            process.end()


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
        worker = BatchWorker(*connection.recv())
        while True:
            number, size = connection.recv()
            pieces, ends = worker.written(Block(number, bytes(view[:size])))
            data = b"".join(pieces)
            if len(data) <= SLOT:
                view[: len(data)] = data
                connection.send((len(data), ends))
            else:
                connection.send((None, ends))
                connection.send_bytes(data)
    except (EOFError, OSError):
        return
    except Exception:  # noqa: BLE001  raised again by the parent
        import traceback

        connection.send(traceback.format_exc())


def _strict_record(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_LINE:
        raise AnswerError("line_too_long", "line", limit=MAX_LINE)
    record = parse_json(raw, "line")
    if not isinstance(record, dict):
        raise AnswerError("not_an_object", "line", kind=json_kind(record))
    return record


def id_json(id_: object) -> bytes:
    """Return an id as JSON, to stand in the line out: of any type and length, unsafe characters escaped.

    Raises AnswerError for a number beyond what a float can hold.
    """
    if isinstance(id_, str) and id_.isascii() and id_.isprintable() and '"' not in id_ and "\\" not in id_:
        return f'"{id_}"'.encode()
    try:
        text = json.dumps(id_, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise AnswerError("no_number", "id", value="Infinity") from None
    return (text if text.isprintable() else json.dumps(id_)).encode()


def _rejected(id_: msgspec.Raw, number: int, message: str, place: str) -> Line:
    record = {"id": id_, "line": number, "error": {"message": message, "place": mask_numbers(place)}}
    return Line((msgspec.json.encode(record),), REJECTED)
