"""Write the causes of a report: each whole, and each part of it, once for all that it depends on."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import msgspec

from diagnostics.engine.conditions import Memo
from diagnostics.engine.rule_table import CAUSE
from diagnostics.knowledge.derived import OTHERS
from diagnostics.report.evidence_text import because, changes, tries
from diagnostics.report.parts import source_refs, write_action, write_cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.engine.advice import Advice, Standing
    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.rule_table import RuleTable
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Knowledge, Rule
    from diagnostics.report.evidence_text import Because, Change, Moves, Said, Try
    from diagnostics.report.model import CauseReport

KEPT: Final = 2048
"""Pieces kept of each part, for each cause where it is about one."""
_encode: Final = msgspec.json.Encoder().encode


class Case(Protocol):
    """What the causes need of the case that is written: `diagnostics.report.build.Diagnosis`."""

    assessment: Assessment
    knowledge: Knowledge
    advice: Advice
    standing: Standing
    lang: Literal["zh", "en"]
    texts: Texts
    today: str
    encoded: bool

    @property
    def causes(self) -> list[CauseText]:
        """What was written of each cause."""

    @property
    def looked_at(self) -> dict[str, Any]:
        """What texts may look at, by name."""

    def piece(self, written: Any) -> Any:
        """Return a piece as it stands in a part."""

    def say(self, id_: str, said: Said, rule: Rule | None) -> Because:
        """Return the sentence on an observation."""

    def word(self, texts: Texts, moved: Moves) -> Change:
        """Put moves into words."""


class CauseText(Memo[Any, Any]):
    """What was written of a cause (its index), by the bits and the values that it depends on; below it, its parts."""

    def __init__(self, case: Case, at: int) -> None:
        super().__init__(KEPT)
        self.at = at
        self.rows = case.assessment.table.causes[at]
        self.advice = case.advice.causes[at]
        self.bits, self.may_bits = self.advice.bits, self.advice.may_bits
        self._because: Memo[Any, Any] = Memo(KEPT)
        self._actions: Memo[Any, Any] = Memo(KEPT)
        self._changes = [
            (try_, self.rows.beside(try_.question), Memo[Any, Any](KEPT)) for try_ in tries(self.rows, case.knowledge)
        ]
        self.sees = self._sees(case.assessment.table)
        """What picks out of `Assessment.looked_at` all that the cause depends on, where that is a few choices."""
        self.quick: Memo[Any, Any] = Memo(KEPT)
        """The same of what was written, by what `sees` picks out."""
        self._sources = case.piece(source_refs(case.texts, self.rows.cause.sources))

    def _sees(self, table: RuleTable) -> Callable[[Any], Any] | None:
        names = dict[str, None]()
        for fact in table.asked:
            if table.column(fact).bits & self.bits:
                if fact in OTHERS or fact.startswith(CAUSE):
                    return None
                names |= dict.fromkeys(table.reads(fact))
        questions = table.knowledge.questions
        plain = all(name in table.nothing and (name not in questions or questions[name].value) for name in names)
        return itemgetter(*names) if names and plain else None

    def write(self, case: Case, key: Any) -> Any:
        """Write the cause and keep it; as JSON, what stands before and behind its rank."""
        found, (met, may) = case.assessment, case.standing[:2]
        own, looked = (met & self.rows.mask, may & self.rows.mask), key[2]
        verdict = found.cause(self.at)
        told = self._because.get((own[0], looked))
        if told is None:
            told = self._because.keep((own[0], looked), case.piece(because(found, self.at, verdict, case.say)))
        moved: list[Change] = []
        for try_, beside, memo in self._changes:
            change_key = (*own, try_.question in found.read, *map(found.read.get, beside))
            moves = memo.get(change_key)
            moved += memo.keep(change_key, self._moves(case, try_)) if moves is None else moves
        offers = self.advice.offers
        offered = (met & offers.bits, may & offers.general)
        actions = self._actions.get(offered)
        if actions is None:
            fitting = offers.fitting(met, may, case.today)
            written = [write_action(action, words, case.lang) for action, words in fitting if words is not None]
            actions = self._actions.keep(offered, case.piece(written))
        title = self.advice.titled.fitting(met, case.today)
        cause = write_cause(verdict, title, told, moved, actions, self._sources, case.lang)
        if not case.encoded:
            return self.keep(key, cause)
        head, rank, tail = _encode(cause).partition(b',"rank":')  # a key: within a text the quotes would be escaped
        return self.keep(key, (b"," + head + rank, tail[1:]))

    def _moves(self, case: Case, try_: Try) -> list[Change]:
        return list(changes(case.assessment, self.at, try_, case.texts, case.word))


def write_causes(case: Case) -> list[CauseReport] | msgspec.Raw:
    """Write every cause, the strongest first, or take what was written of it before with its present rank."""
    found, met, may, texts = case.assessment, case.standing.met, case.standing.may, case.causes
    looked_at, written = case.looked_at, list[Any]()
    for rank, at in enumerate(found.order, 1):
        text = texts[at]
        sees = text.sees
        seen = sees(looked_at) if sees is not None else None
        entry = text.quick.get(seen)
        if entry is None:
            one = text.rows
            pick = one.picks.get(met & one.mask) or one.pick(met)
            key = (met & text.bits, may & text.may_bits, pick(looked_at))
            entry = text.get(key) or text.write(case, key)
            if sees is not None:
                text.quick.keep(seen, entry)
        if case.encoded:
            written += (entry[0], b"%d" % rank, entry[1])
        else:
            written.append(msgspec.structs.replace(entry, rank=rank))
    return msgspec.Raw(b"[%b]" % b"".join(written)[1:]) if case.encoded else written
