"""Write the causes of a report: what is said of each, and what to do about it, once for all that they depend on."""

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

    def kept(self, part: Any, key: Any, write: Callable[..., Any], *about: Any) -> Any:
        """Return what was written of a part under this key, or write it now."""

    def say(self, id_: str, said: Said, rule: Rule | None) -> Because:
        """Return the sentence on an observation."""

    def word(self, texts: Texts, moved: Moves) -> Change:
        """Put moves into words."""


class CauseText:
    """What was written of a cause (its index): of its evidence and of its actions, by what they depend on."""

    def __init__(self, case: Case, at: int) -> None:
        self.at = at
        self.rows = case.assessment.table.causes[at]
        self.advice = case.advice.causes[at]
        self.offers = self.advice.offers
        self.sees = self._sees(case.assessment.table)
        """What picks out of `Assessment.looked_at` all that the evidence depends on, where that is a few choices."""
        self.evidence: Memo[Any, Any] = Memo(KEPT)
        self.actions: Memo[Any, Any] = Memo(KEPT)
        self._changes = [
            (try_, self.rows.beside(try_.question), Memo[Any, Any](KEPT)) for try_ in tries(self.rows, case.knowledge)
        ]
        self._sources = case.piece(source_refs(case.texts, self.rows.cause.sources))

    def _sees(self, table: RuleTable) -> Callable[[Any], Any] | None:
        facts = [fact for fact in table.asked if table.column(fact).bits & self.advice.told_by]
        if any(fact in OTHERS or fact.startswith(CAUSE) for fact in facts):
            return None
        names, questions = table.reads(*facts), table.knowledge.questions
        plain = all(name in table.nothing and (name not in questions or questions[name].value) for name in names)
        return itemgetter(*names) if names and plain else None

    def looked_at(self, met: int, may: int, looked_at: dict[str, Any]) -> tuple[Any, ...]:
        """Return all that the evidence depends on, where `sees` is None."""
        rows = self.rows
        pick = rows.picks.get(met & rows.mask) or rows.pick(met)
        return (met & self.advice.told_by, may & rows.mask, pick(looked_at))

    def write(self, case: Case, key: Any) -> Any:
        """Write the cause without its actions and keep it; as JSON, what stands before, between and behind the two."""
        found, mask = case.assessment, self.rows.mask
        met, may = case.standing.met & mask, case.standing.may & mask
        verdict = found.cause(self.at)
        moved: list[Change] = []
        for try_, beside, memo in self._changes:
            values = found.values if try_.shares else found.read
            looked_at = (met, may, try_.question in values, *map(values.get, beside))
            moves = memo.get(looked_at)
            moved += memo.keep(looked_at, self._moves(case, try_)) if moves is None else moves
        title = self.advice.titled.fitting(case.standing.met, case.today)
        told = because(found, self.at, verdict, case.say)
        cause = write_cause(verdict, title, told, moved, [], self._sources, case.lang)
        if not case.encoded:
            return self.evidence.keep(key, cause)
        head, _, rest = _encode(cause).partition(b',"rank":1,')  # a key: within a text its quotes would be escaped
        middle, _, tail = rest.partition(b',"actions":[],')
        return self.evidence.keep(key, (b',%b,"rank":' % head, b',%b,"actions":' % middle, b"," + tail))

    def _moves(self, case: Case, try_: Try) -> list[Change]:
        return list(changes(case.assessment, self.at, try_, case.texts, case.word))

    def offer(self, case: Case, key: Any) -> Any:
        """Write the actions and keep them."""
        fitting = self.offers.fitting(*case.standing[:2], case.today)
        written = [
            case.kept("action", id(words), write_action, action, words, case.lang)
            for action, words in fitting
            if words is not None
        ]
        return self.actions.keep(key, case.piece(written))


def write_causes(case: Case) -> list[CauseReport] | msgspec.Raw:
    """Write every cause, the strongest first, or take what was written of it before with its present rank."""
    met, may, texts, encoded = case.standing.met, case.standing.may, case.causes, case.encoded
    looked_at, written = case.looked_at, list[Any]()
    for rank, at in enumerate(case.assessment.order, 1):
        text = texts[at]
        offers, sees = text.offers, text.sees
        key = sees(looked_at) if sees is not None else text.looked_at(met, may, looked_at)
        evidence = text.evidence.get(key) or text.write(case, key)
        key = (met & offers.bits, may & offers.general) if offers.general else met & offers.bits
        actions = text.actions.get(key)
        if actions is None:
            actions = text.offer(case, key)
        if encoded:
            head, middle, tail = evidence
            written += (head, b"%d" % rank, middle, actions, tail)
        else:
            written.append(msgspec.structs.replace(evidence, rank=rank, actions=actions))
    if not encoded:
        return written
    written[0] = b"[" + written[0][1:]
    return msgspec.Raw(b"".join((*written, b"]")))
