"""Set a case's line out of pieces that were encoded once: byte for byte what the plain way writes.

A piece is what the functions of `diagnostics.report.build` return, encoded; it is kept under all that it speaks of.
"""

from __future__ import annotations

from operator import itemgetter
from time import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.bulk.causes import CauseSetter
from diagnostics.bulk.clashes import ClashSetter
from diagnostics.bulk.memo import Memo
from diagnostics.bulk.pieces import CUT, KEPT, WHEN, Write, encode
from diagnostics.checks import think
from diagnostics.evidence import Evidence, Observation
from diagnostics.facts import READS
from diagnostics.plan import rated_actions
from diagnostics.report import now
from diagnostics.report.build import PARTS, Case, parts
from diagnostics.report.parts import WARNED, questions, reminders, summary, write_check, write_observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.bulk.case import BulkCase, Room
    from diagnostics.bulk.form import Told

FIXED: Final = ("schema", "lang", "tool", "knowledge", "limits", "what_if")
"""Fields that are the same in every line of a stream."""

ALIKE: Final = ("outcome", "summary", "application")
"""Fields that are the same in every case that ended alike."""


class _Order(msgspec.Struct):
    """A line of which only the order of the answers is wanted."""

    answers: dict[str, msgspec.Raw]


class Typesetter:
    """Sets lines with these fields in one language."""

    def __init__(self, room: Room, lang: Any, fields: Sequence[str]) -> None:
        self._room = room
        self._lang = lang
        self._second = -1
        self._time = b""
        self._summaries: Memo[Any, bytes] = Memo(KEPT)
        self._observations: Memo[Any, tuple[bytes, bytes]] = Memo(4 * KEPT)
        self._version = tuple(room.at[id_] for id_ in READS["wechat.against_minimum"])
        self._checks: Memo[Any, bytes] = Memo(16 * KEPT)
        self._warned = tuple(room.at[id_] for id_ in WARNED)
        self._warnings: Memo[Any, bytes] = Memo(KEPT)
        self._plans = [
            [(at, encode(item)) for at, item in rated_actions(room.knowledge, *row, lang)] for row in room.ranks.rows
        ]
        groups = [group.id for group in room.knowledge.groups]
        self._named = [(groups.index(cause.group), encode(cause.id)) for cause, _ in room.ranks.rows]
        self._groups = [encode(group) + b":[" for group in groups]
        self._order = msgspec.json.Decoder(_Order).decode
        plain = Case(room.knowledge, Evidence(), lang=lang)
        found = Case(room.knowledge, Evidence([Observation(id="entry.services_menu", value="shown")]), lang=lang)
        self._applications = [encode(PARTS["application"](case)) for case in (plain, found)]
        writers: dict[str, Write] = {
            "generated_at": lambda _case, out, at: out.append(at),
            "outcome": lambda case, out, _at: out.append(encode(case.outcome)),
            "summary": self._summary,
            "causes": CauseSetter(room, lang).write,
            "tree": self._tree,
            "plan": self._plan,
            "observations": self._observed,
            "checks": self._checked,
            "questions": self._questions,
            "contradictions": ClashSetter(room, lang).write,
            "warnings": self._warning,
            "application": lambda case, out, _at: out.append(self._applications[case.outcome == "entry_found"]),
        }
        self._fields: list[tuple[bytes, Write]] = []
        before = b""
        for name in fields:
            before += b"," + encode(name) + b":"
            if name in FIXED:
                before += encode(parts(plain, [name])[name])
            else:
                self._fields.append((before, writers[name]))
                before = b""
        self._end = before + b"}"
        self._apart = any(name not in (*FIXED, *ALIKE) for name in fields)
        self._ends: Memo[Any, bytes] = Memo(KEPT)

    def line(self, case: BulkCase) -> bytes:
        """Return the case's line."""
        if not self._apart:
            return self._alike(case)
        out = [b'{"id":', case.sheet.id]
        if (second := int(time())) != self._second:
            self._second, self._time = second, encode(now())
        at = self._time
        for before, write in self._fields:
            out.append(before)
            write(case, out, at)
        out.append(self._end)
        return b"".join(out)

    def _alike(self, case: BulkCase) -> bytes:
        """Return the line of a case of which nothing is told but how it ended."""
        key = (case.outcome, case.place, case.strong)
        found = self._ends.get(key)
        if found is None:
            out: list[bytes] = []
            for before, write in self._fields:
                out.append(before)
                write(case, out, b"")
            found = self._ends.keep(key, b"".join(out) + self._end)
        return b'{"id":%b%b' % (case.sheet.id, found)

    def _summary(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        key = (case.outcome, case.place, case.strong)
        found = self._summaries.get(key)
        if found is None:
            text = summary(self._room.knowledge, case.outcome, *case.first, case.strong, self._lang)
            found = self._summaries.keep(key, encode(text))
        out.append(found)

    def _tree(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        rows: list[list[bytes]] = [[] for _ in self._groups]
        for stand in case.stands:
            group, name = self._named[stand.place]
            rows[group].append(name)
        pairs = zip(self._groups, rows, strict=True)
        out.append(b"{" + b",".join([before + b",".join(row) + b"]" for before, row in pairs]) + b"}")

    def _plan(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        rated = [] if case.ends == "entry_found" else [one for at in case.stands for one in self._plans[at.place]]
        out.append(b"[" + b",".join([data for _, data in sorted(rated, key=itemgetter(0))]) + b"]")

    def _observed(self, case: BulkCase, out: list[bytes], at: bytes) -> None:
        kept, given, places = self._observations, case.sheet.given, self._room.at
        before = b"["
        for id_ in self._order(case.sheet.raw).answers:
            key = (places[id_], given[places[id_]])
            head, tail = kept.get(key) or self._observation(*key, None)
            out += (before, head, at, tail)
            before = b","
        for place, value, detail in self._room.form.follow(given):
            head, tail = self._observation(place, value, detail)
            out += (before, head, at, tail)
            before = b","
        out.append(b"]" if before == b"," else b"[]")

    def _observation(self, place: int, told: Told, detail: str | None) -> tuple[bytes, bytes]:
        key = (place, told) if detail is None else (place, told, detail)
        found = self._observations.get(key)
        if found is None:
            seen = msgspec.structs.replace(self._room.sight.observation(place, told), observed_at=WHEN, detail=detail)
            head, _, tail = encode(write_observation(self._room.knowledge, seen, self._lang)).partition(CUT)
            found = self._observations.keep(key, (head, tail))
        return found

    def _checked(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        key = tuple(case.values[place] for place in self._version)
        found = self._checks.get(key)
        if found is None:
            knowledge, lang = self._room.knowledge, self._lang
            results = think(knowledge, self._room.sight.evidence(case.values, self._version))
            found = self._checks.keep(key, encode([write_check(knowledge, one, lang) for one in results]))
        out.append(found)

    def _questions(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        out.append(encode(questions(self._room.knowledge, case.asked, self._lang)))

    def _warning(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        key = tuple(case.values[place] for place in self._warned)
        found = self._warnings.get(key)
        if found is None:
            told = self._room.sight.evidence(case.values, self._warned).value
            found = self._warnings.keep(key, encode(reminders(self._room.knowledge, told, self._lang)))
        out.append(found)
