"""Many cases in a stream: one line in, one line out, in order, memory bounded."""

from __future__ import annotations

from collections import Counter
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

from diagnostics.answers import SCHEMA, AnswerError, json_kind, key_name, parse_json
from diagnostics.api import prepare
from diagnostics.blocks import MAX_LINE
from diagnostics.bulk.form import id_again
from diagnostics.clean import clean_line
from diagnostics.reasoning import FOR
from diagnostics.redaction import mask_numbers
from diagnostics.report import Report
from diagnostics.report.build import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from diagnostics.blocks import Block
    from diagnostics.knowledge.model import Knowledge

Ends: TypeAlias = "Counter[tuple[str, ...]]"
"""How many cases ended so: an outcome and the first cause that stands, if any, or `REJECTED`."""
REJECTED = ("rejected",)


class Line(msgspec.Struct, frozen=True):
    """One line out: its JSON, and whether it is an error record. `outcome` and `first` say how the case ended.

    `first` is the first cause that stands at `possible` or above, empty where none does.
    """

    data: bytes
    rejected: bool
    outcome: str = ""
    first: str = ""

    @property
    def ends(self) -> tuple[str, ...]:
        """How the case is counted."""
        if self.rejected:
            return REJECTED
        return (self.outcome, self.first) if self.first else (self.outcome,)


class Written(NamedTuple):
    """What is to be written for a block, line ends and all, and how its cases ended."""

    pieces: Iterable[bytes | memoryview]
    ends: Ends


class Reader:
    """Diagnoses the lines of one stream, one after the other; what it keeps of earlier ones only makes it quicker."""

    def __init__(self, knowledge: Knowledge, lang: Any, fields: Sequence[str]) -> None:
        from diagnostics.bulk import Bulk

        self._knowledge = knowledge
        self._lang = lang
        self._fields = fields
        self._bulk = Bulk(knowledge, lang, _without_id(fields))

    def line(self, number: int, raw: bytes) -> Line | None:
        """Return the line out for a line in, None for a blank one."""
        done = self._bulk.line(raw)
        if done is not None:
            return Line(done.data, False, done.outcome, done.first)
        return one(self._knowledge, number, raw, lang=self._lang, fields=self._fields) if raw.strip() else None

    def write(self, block: Block, put: Callable[[bytes], object]) -> Ends:
        """Put out the line for each of a block that is not blank; returns how they ended."""
        ends: Ends = Counter()
        for number, raw in enumerate(block.data.split(b"\n"), block.number):
            line = self.line(number, raw)
            if line is not None:
                put(line.data)
                ends[line.ends] += 1
        return ends

    def written(self, block: Block) -> Written:
        """Diagnose a block."""
        lines: list[bytes] = []
        ends = self.write(block, lines.append)
        return Written(chain.from_iterable(zip(lines, repeat(b"\n"), strict=False)), ends)


def run(
    knowledge: Knowledge, blocks: Iterable[Block], *, lang: Any = "zh", fields: Sequence[str] = ()
) -> Iterator[Written]:
    """Diagnose blocks of lines, one line out for each that is not blank. Raises KeyError for a bad field."""
    reader = Reader(knowledge, lang, fields)
    for block in blocks:
        yield reader.written(block)


def one(knowledge: Knowledge, number: int, raw: bytes, *, lang: Any = "zh", fields: Sequence[str] = ()) -> Line:
    """Diagnose one line by itself; what cannot be used becomes an error record."""
    id_ = msgspec.Raw(b"null")
    try:
        record = _read(raw)
        id_ = _again(record.get("id"))
        _judge_keys(record)
        case = prepare(record["answers"], lang=lang, knowledge=knowledge)
    except AnswerError as error:
        return _rejected(id_, number, error.message(lang), error.place)
    told = {"id": id_, **parts(case, _without_id(fields))}
    first = case.assessment.first
    return Line(msgspec.json.encode(told), False, case.outcome, first.cause.id if first.status in FOR else "")


def _without_id(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of the report that are wanted, all where none is named; the id goes with every line."""
    return tuple(name for name in fields if name != "id") if fields else Report.__struct_fields__


def _read(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_LINE:
        raise AnswerError("line_too_long", "line", limit=MAX_LINE)
    record = parse_json(raw, "line")
    if not isinstance(record, dict):
        raise AnswerError("not_an_object", "line", kind=json_kind(record))
    return record


def _again(id_: object) -> msgspec.Raw:
    """Return an id as JSON. Raises AnswerError for a number beyond what a float can hold."""
    try:
        return msgspec.Raw(id_again(id_))
    except ValueError:
        raise AnswerError("no_number", "id", value="Infinity") from None


def _judge_keys(record: dict[str, Any]) -> None:
    unknown = [key for key in record if key not in ("id", "answers", "schema")]
    if unknown:
        raise AnswerError("unknown_line_key", key_name(unknown[0]))
    if record.get("schema", SCHEMA) != SCHEMA:
        raise AnswerError("schema", "schema", found=clean_line(str(record["schema"]), 80), known=SCHEMA)
    if "answers" not in record:
        raise AnswerError("no_answers", "answers")


def _rejected(id_: msgspec.Raw, number: int, message: str, place: str) -> Line:
    record = {"id": id_, "line": number, "error": {"message": message, "place": mask_numbers(place)}}
    return Line(msgspec.json.encode(record), True)
