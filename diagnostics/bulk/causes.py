"""The field `causes`: every cause with its evidence, kept under the answers that were looked at to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from diagnostics.bulk.marks import Marks, Open, Tries, cut
from diagnostics.bulk.memo import Memo
from diagnostics.bulk.pieces import encode
from diagnostics.bulk.sight import about
from diagnostics.evidence import Evidence
from diagnostics.explain import Trial, supposing
from diagnostics.facts import READS, Facts
from diagnostics.reasoning import Assessment, about_others, looks_at_others, reads
from diagnostics.report.parts import write_cause

if TYPE_CHECKING:
    from diagnostics.bulk.case import BulkCase, Room
    from diagnostics.bulk.form import Told
    from diagnostics.bulk.standing import Stand
    from diagnostics.evidence import Observation, Value
    from diagnostics.knowledge.model import Cause, Question, Status

Pieces: TypeAlias = "tuple[bytes, bytes | Open, bytes]"
"""A cause before its rank, from there to its actions, and the rest with a comma."""

KEPT: Final = 2048
"""Pieces kept of each cause."""
RANKS: Final = tuple(b"%d" % number for number in range(1000))


class Branch(dict[Any, "Branch | Pieces"]):
    """What was looked at next, and where each value led; in the end to the pieces that were written."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


class _Looked(Evidence):
    """A case's answers, noting which were looked at: the places, those only asked for being there after all others."""

    __slots__ = ("_marks", "_room", "_values", "looked")

    def __init__(self, room: Room, marks: Marks, values: tuple[Told, ...]) -> None:
        self._room = room
        self._marks = marks
        self._values = values
        self.looked: dict[int, None] = {}

    def get(self, id_: str) -> Observation | None:
        """Return the answer to a question."""
        at = self._room.at.get(id_)
        if at is None:
            return None
        self.looked[at] = None
        return None if self._values[at] is None else self._marks.observation(at, self._values[at])

    def __contains__(self, id_: object) -> bool:
        at = self._room.at[str(id_)]
        self.looked[len(self._values) + at] = None
        return self._values[at] is not None


class _KeptTrial(Trial):
    """A trial that knows the answers worth trying, and where the cause stood whenever it looked so."""

    def __init__(self, room: Room, cause: Cause) -> None:
        super().__init__(room.knowledge, cause)
        self._room = room
        self._answers: dict[str, list[Value]] = {}
        self._reads = {room.at[id_] for id_ in reads(cause) if id_ in room.at}
        self.case: BulkCase | None = None

    def answers(self, question: Question) -> list[Value]:
        """Return the answers to a question that are worth trying."""
        if question.id not in self._answers:
            self._answers[question.id] = super().answers(question)
        return self._answers[question.id]

    def status(self, facts: Facts, id_: str, value: Value) -> Status:
        """Say where the cause would stand with this answer, all else being as it is."""
        room, at, looked, case = self._room, self._room.at[id_], facts.evidence, self.case
        noted = looked.looked if isinstance(looked, _Looked) else {}
        if case is not None and self._reads <= {at, *noted}:  # nothing more has to be looked at
            told = tuple(value) if isinstance(value, list) else value
            look = room.sight.supposing(case.look, case.values, at, told)
            look += about(stopped=case.stopped, clear=case.clear)
            return room.bench.status(self._cause, look, lambda: supposing(facts, id_, value))
        return room.bench.status_by(self._cause, supposing(facts, id_, value))


class _Setting:
    """One cause, and what was written about it."""

    def __init__(self, room: Room, marks: Marks, cause: Cause) -> None:
        self.trial = _KeptTrial(room, cause)
        self.last = looks_at_others(cause)
        self.roots: dict[Any, Branch | Pieces] = {}
        self.kept = 0
        self.plain: Memo[int, Pieces] | None = Memo(KEPT) if _plain(room, cause) else None
        reading = {room.at[id_] for id_ in reads(cause) if id_ in room.at}
        self.tries = Tries(room, cause, self.trial.answers) if reading & marks.places else None


def _plain(room: Room, cause: Cause) -> bool:
    """Whether a cause asks for choices alone, each as it is answered: then its stand decides how it is written."""
    questions = room.knowledge.questions
    ids = {id_ for rule in cause.rule for id_ in rule.when}
    return all(id_ in questions and id_ not in READS and questions[id_].type == "choice" for id_ in ids)


class CauseSetter:
    """Sets the causes of cases."""

    def __init__(self, room: Room, lang: str) -> None:
        self._room = room
        self._lang = lang
        self._same: dict[bytes, bytes] = {}
        self._marks = Marks(room)
        settings = {cause.id: _Setting(room, self._marks, cause) for cause in room.knowledge.causes.values()}
        self._settings = [settings[cause.id] for cause, _ in room.ranks.rows]

    def write(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        """Add the causes of a case."""
        settings, fill, given = self._settings, self._marks.fill, case.values
        values = (*self._marks.kinds(given), *[told is None for told in given])
        out.append(b"[")
        for rank, stand in enumerate(case.stands, 1):
            setting = settings[stand.place]
            if setting.plain is None:
                found = self._find(case, setting, stand, values)
            else:
                found = setting.plain.get(stand.number) or setting.plain.keep(
                    stand.number, self._pieces(case, setting, stand, _Looked(self._room, self._marks, given))
                )
            head, meaning, rest = found
            out += (head, RANKS[rank], meaning if isinstance(meaning, bytes) else fill(meaning, given), rest)
        out[-1] = out[-1][:-1] + b"]"

    def _find(self, case: BulkCase, setting: _Setting, stand: Stand, values: tuple[Any, ...]) -> Pieces:
        kind: Any = (stand.kind, self._stopping(case)) if setting.last else stand.kind
        if setting.tries is not None:
            kind = (kind, setting.tries.of(case.values))
        found = setting.roots.get(kind)
        while isinstance(found, Branch):
            found = found.get(values[found.place])
        return found or self._set(case, setting, stand, kind, values)

    def _stopping(self, case: BulkCase) -> tuple[Any, ...]:
        """What else the last causes may rest on: the requirements that are not met, or that all is clear."""
        return (case.clear, *(one.kind for one in case.stands if self._room.ranks.stops[one.place]))

    def _set(self, case: BulkCase, setting: _Setting, stand: Stand, kind: Any, values: tuple[Any, ...]) -> Pieces:
        """Write a cause, and keep it under what was looked at meanwhile, in that order."""
        looked = _Looked(self._room, self._marks, case.values)
        pieces = self._pieces(case, setting, stand, looked)
        if setting.kept >= KEPT:
            setting.roots.clear()
            setting.kept = 0
        setting.kept += 1
        table: dict[Any, Branch | Pieces] = setting.roots
        key = kind
        for place in looked.looked:
            branch = table.get(key)
            if not isinstance(branch, Branch):
                branch = table[key] = Branch(place)
            table, key = branch, values[place]
        table[key] = pieces
        return pieces

    def _pieces(self, case: BulkCase, setting: _Setting, stand: Stand, looked: _Looked) -> Pieces:
        room = self._room
        facts = Facts(looked, room.sight.minimums)
        if setting.last:
            stopping = {one.verdict.cause.id: one.verdict for one in case.stands if room.ranks.stops[one.place]}
            in_order = [stopping[id_] for id_ in room.knowledge.causes if id_ in stopping]
            facts.update(about_others(facts, in_order, clear=case.clear))
        setting.trial.case = case
        assessment = Assessment(verdicts={}, facts=facts, clashes=(), ends=case.ends)
        data = encode(write_cause(room.knowledge, assessment, stand.verdict, 0, self._lang, setting.trial))
        head, rank, tail = data.partition(b',"rank":')  # a key: within a text the quotes would be escaped
        evidence, actions, rest = tail.removeprefix(b"0").partition(b',"actions":')
        return self._once(head + rank), cut(evidence), self._once(actions + rest + b",")

    def _once(self, data: bytes) -> bytes:
        """Return the one copy of a piece that many share."""
        return self._same.setdefault(data, data)
