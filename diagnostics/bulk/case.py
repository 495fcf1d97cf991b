"""One case among many: judged by what the rules see of it, the rest worked out when a field asks for it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal

from diagnostics.bulk.memo import Memo, picking
from diagnostics.bulk.sight import Sight
from diagnostics.bulk.standing import Bench, Ranks, Stand
from diagnostics.evidence import UNKNOWN
from diagnostics.interview import Interview, arrange, implied_away, more_to_ask
from diagnostics.reasoning import outlook
from diagnostics.report.build import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.bulk.form import Form, Sheet
    from diagnostics.bulk.tables import Look
    from diagnostics.facts import Facts
    from diagnostics.knowledge.model import Cause, Knowledge, Status
    from diagnostics.report.model import Outcome

OWN: Final = 512
"""Looks kept for each question that is not always asked."""


class Room:
    """What all cases of a stream share: the knowledge base, and what was worked out from it so far."""

    def __init__(self, knowledge: Knowledge, form: Form) -> None:
        self.knowledge = knowledge
        self.form = form
        self.sight = Sight(knowledge, form.ids)
        self.ranks = Ranks(knowledge)
        self.bench = Bench(knowledge, self.ranks, self.sight)
        self.at = self.sight.at
        self.everything = tuple(range(len(form.ids)))
        self.found = self.sight.place["entry.found"]
        self.sometimes: dict[str, tuple[Callable[[Look], Any], Memo[Any, bool]]] = {
            one.id: (picking(tuple(self.sight.place[id_] for id_ in one.only_if)), Memo(OWN))
            for one in knowledge.questions.values()
            if one.only_if
        }


class BulkCase:
    """One case; stands for `diagnostics.report.build.Case`, and for `Known` where the questions are chosen."""

    def __init__(self, room: Room, sheet: Sheet) -> None:
        self.room = room
        self.sheet = sheet
        self._outcome: Outcome | None = None
        self._ranked: list[Stand] | None = None
        self._asked: Interview | None = None
        self.values = sheet.values
        self._at = room.at
        self.look = look = room.sight.look(sheet.values)
        standing = room.bench.stand(look, self.facts)
        self.place, self.strong, self.stopped, self.clear, self._stands = standing
        self.ends = outlook(found=look[room.found] not in (None, UNKNOWN), stopped=self.stopped)

    def facts(self, places: tuple[int, ...] | None = None) -> Facts:
        """Return the facts that follow from the questions at these places, or from all."""
        return self.room.sight.facts(self.values, self.room.everything if places is None else places)

    @property
    def first(self) -> tuple[Cause, Status]:
        """The cause that ranks first, and its status."""
        return self.room.ranks.rows[self.place]

    @property
    def outcome(self) -> Outcome:
        """How the search ended."""
        if self._outcome is None:
            self._outcome = outcome_of(self.ends, self.first[1], self._more_to_ask)
        return self._outcome

    def _more_to_ask(self) -> bool:
        return more_to_ask(self.room.knowledge, self, (one.live for one in chain.from_iterable(self._stands)))

    @property
    def stands(self) -> list[Stand]:
        """Every cause, the first one first."""
        if self._ranked is None:
            self._ranked = sorted(chain.from_iterable(self._stands), key=_place)
        return self._ranked

    @property
    def asked(self) -> Interview:
        """Where the questions stand."""
        if self._asked is None:
            self._asked = arrange(self.room.knowledge, self, [one.live for one in self.stands])
        return self._asked

    def told(self, id_: str) -> Literal["answer"] | None:
        """Say from whom the answer to this question is: the user, or nobody."""
        return None if self.values[self._at[id_]] is None else "answer"

    def follows(self, id_: str) -> bool:
        """Whether what this question asks is known."""
        return self.look[self.room.sight.place[id_]] not in (None, UNKNOWN)

    def away(self, id_: str) -> bool:
        """Whether what is known leaves no sense in asking this question."""
        if id_ not in self.room.sometimes:
            return False
        pick, kept = self.room.sometimes[id_]
        key = pick(self.look)
        found = kept.get(key)
        return kept.keep(key, implied_away(self.room.knowledge, self.facts(), id_)) if found is None else found

    def looking(self) -> bool:
        """Whether the entry may still be found."""
        return self.look[self.room.found] is None

    def settled(self) -> bool:
        """Whether the first cause is confirmed and stays first whatever is still answered."""
        ranks = self.room.ranks
        return self.first[1] == "confirmed" and not any(
            one.live.confirms and ranks.of[ranks.rows[one.place][0].id, "confirmed"] < self.place for one in self.stands
        )


def _place(stand: Stand) -> int:
    return stand.place
