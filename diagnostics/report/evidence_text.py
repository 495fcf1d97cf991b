"""Texts about causes: the evidence for a status, what would change it, and what to do."""

from __future__ import annotations

from itertools import groupby
from math import ceil, floor
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from diagnostics.engine.advice import table_of
from diagnostics.engine.conditions import Memo
from diagnostics.engine.facts import NETWORK, Facts, State
from diagnostics.engine.rule_table import CAUSE
from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge.derived import OTHERS, CompareVersion, Ratio
from diagnostics.knowledge.model import STATUSES
from diagnostics.report.diagnosis import KEPT
from diagnostics.report.model import ActionText, Because, CauseReport, Change, SourceRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from diagnostics.engine.assessment import Assessment, CauseAssessment
    from diagnostics.engine.rule_table import RuleTable
    from diagnostics.evidence import Observation, Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Action, Cause, Instruction, Knowledge, Question, Rule
    from diagnostics.report.diagnosis import Diagnosis
    from diagnostics.report.model import Effect

NOT_LOOKED: Final = ("not_looked", "not_tried")
"""Answers by which nobody has looked: they are no evidence against anything."""
_SHAPES: Final = {one: one for one in (None, UNKNOWN, *NOT_LOOKED)}
"""Answers that say nothing; what is told as evidence depends on these as such, and on no other."""
_encode: Final = msgspec.json.Encoder().encode


def title_of(texts: Texts, id_: str) -> str:
    """Return the short name of a question, a cause or a check's observation."""
    named = texts.knowledge.questions.get(id_) or texts.knowledge.causes.get(id_)
    if named is not None:
        return named.text(texts.lang).title
    text = texts.knowledge.locale.get(f"check.{id_}.title")
    return text.get(texts.lang) if text is not None else id_


def value_text(texts: Texts, seen: Observation) -> str:
    """Return the text of an observation's value; of a band, the band."""
    if seen.band is not None:
        return _with_unit(texts.knowledge.questions.get(seen.id), seen.band, texts.lang)
    return say_value(texts, seen.id, seen.value)


def say_value(texts: Texts, id_: str, value: Value | tuple[str, ...]) -> str:
    """Return the text of a value of this question."""
    if value == UNKNOWN:
        return texts("answer.unknown")
    question, lang = texts.knowledge.questions.get(id_), texts.lang
    if question is None:
        text = texts.knowledge.locale.get(f"value.{id_}.{value}")
        return text.get(lang) if text is not None else str(value)
    if isinstance(value, (list, tuple)):
        names = [_choice_text(question, one, lang) for one in value]
        return texts("list.comma").join(names) or texts("answer.none")
    if question.value:
        return _choice_text(question, value, lang)
    return _with_unit(question, value, lang)


def _with_unit(question: Question | None, value: object, lang: str) -> str:
    unit = question.text(lang).unit if question is not None else ""
    return f"{value} {unit}" if unit else str(value)


def _choice_text(question: Question, value: object, lang: str) -> str:
    choice = question.choice(value)
    return choice.get(lang) if choice is not None else str(value)


class CauseText:
    """Cached texts of a cause (its index): evidence and actions, by what they depend on."""

    def __init__(self, case: Diagnosis, at: int) -> None:
        self.at = at
        self.rows = case.assessment.table.causes[at]
        self.advice = case.advice.causes[at]
        self.offers, table = self.advice.offers, case.assessment.table
        self.sees = self._sees(table)
        """Picks from `Diagnosis.looked_at` all that the evidence depends on; None where a text is among it."""
        self.evidence: Memo[Any, tuple[bytes, tuple[bytes, ...]]] = Memo(KEPT)
        """What stands before the rank, and between it and the actions, in pieces: many stand in several."""
        self.actions: Memo[Any, bytes] = Memo(KEPT)
        """The actions and what stands behind them."""
        self.apart = bool(self.offers.bits & ~self.advice.told_by | self.offers.general)
        """Whether the actions depend on more than the evidence does; else they are kept with it."""
        self._changes = [
            (try_, self.rows.unmoved(try_.question), self.rows.beside(try_.question),
             Memo[Any, list[msgspec.Raw]](KEPT))
            for try_ in _tries(self.rows.cause, case.knowledge)
        ]  # fmt: skip
        self._frames: Memo[Any, tuple[bytes, bytes, list[_Said]]] = Memo(KEPT)
        self._written: Memo[tuple[int, ...], bytes] = Memo(KEPT)
        self._pieces: Memo[bytes, bytes] = Memo(KEPT)

    def _sees(self, table: RuleTable) -> Callable[[Any], Any] | None:
        facts = [fact for fact, column in table.columns.items() if column.bits & self.advice.told_by]
        if any(fact in OTHERS or fact.startswith(CAUSE) for fact in facts):
            return None
        names, questions = table.reads(*facts), table.knowledge.questions
        plain = all(
            name in table.nothing and (name not in questions or questions[name].type != "text") for name in names
        )
        return itemgetter(*names) if names and plain else None

    def looked_at(self, met: int, may: int, looked_at: dict[str, Any]) -> tuple[Any, ...]:
        """Return all that the evidence depends on, where `sees` is None."""
        rows = self.rows
        return (met & self.advice.told_by, may & rows.mask, rows.picks[met & rows.mask](looked_at))

    def write(self, case: Diagnosis, key: Any) -> tuple[bytes, tuple[bytes, ...]]:
        """Write the evidence as JSON and keep it."""
        found, rows = case.assessment, self.rows
        met, may = case.standing.met & rows.mask, case.standing.may & rows.mask
        changes = list[Any]()
        for try_, rest, beside, memo in self._changes:
            values = found.values if try_.shares else found.read
            open_ = (met, may) if try_.question not in values else None
            looked_at = (met & rest, found.statuses[self.at], open_, *map(values.get, beside))
            moves = memo.get(looked_at)
            changes += memo.keep(looked_at, list(_changes(case, self.at, try_))) if moves is None else moves
        said = (case.standing.met & self.advice.told_by, found.confidence(rows), *map(found.grounds, rows.facts),
                *[_SHAPES.get(found.values.get(id_), "") for id_ in rows.reads])  # fmt: skip
        head, meaning, sentences = self._frames.get(said) or self._frames.keep(said, self._frame(case))
        because = self._piece(b",".join([_sentence(case, *one) for one in sentences]))
        middle = (meaning, because, self._piece(b'],"would_change":[%b],"actions":' % b",".join(changes)))
        return self.evidence.keep(key, (head, middle if self.apart else (*middle, self._offer(case))))

    def _piece(self, written: bytes) -> bytes:
        """Return one shared object for equal pieces: fewer of them stay in the processor's cache."""
        return self._pieces.get(written) or self._pieces.keep(written, written)

    def _frame(self, case: Diagnosis) -> tuple[bytes, bytes, list[_Said]]:
        """Write what stands before the rank and before the evidence, and say what the evidence is."""
        verdict = case.assessment.cause(self.at)
        cause, text = verdict.cause, verdict.cause.text(case.lang)
        head, _, rest = _encode(
            CauseReport(
                id=cause.id,
                group=cause.group,
                kind=cause.kind,
                title=case.title_of_cause(self.at),
                status=verdict.status,
                confidence=verdict.confidence,
                rank=1,
                meaning=text.meaning,
                because=[],
                would_change=[],
                actions=[],
                shows_after="",
                sources=[],
            )
        ).partition(b',"rank":1,')  # a key: within a text its quotes would be escaped
        meaning = rest.partition(b'],"would_change":[],"actions":[],')[0]
        return b',%b,"rank":' % head, b"," + meaning, _because(case, self.at, verdict)

    def offer(self, case: Diagnosis, key: Any) -> bytes:
        """Write the actions that fit, and all behind them, and keep that."""
        return self.actions.keep(key, self._offer(case))

    def _offer(self, case: Diagnosis) -> bytes:
        fitting = self.offers.fitting(case.standing.met, case.standing.may, case.today)
        key = tuple(id(words) for _, words in fitting)
        return self._written.get(key) or self._written.keep(key, self._write_actions(case, fitting))

    def _write_actions(self, case: Diagnosis, fitting: list[tuple[Action, Instruction | None]]) -> bytes:
        cause = self.rows.cause
        behind = {"shows_after": cause.text(case.lang).shows_after, "sources": source_refs(case.texts, cause.sources)}
        actions = [_action(action, words, case.lang) for action, words in fitting if words is not None]
        return b"%b,%b" % (_encode(actions), _encode(behind)[1:])


class Pieces(list[bytes]):
    """A part of a report as JSON in pieces, put together only with all other parts: it is most of the report."""


def write_causes(case: Diagnosis) -> Pieces:
    """Return every cause as JSON, the strongest first, from the cache if possible."""
    met, may, looked_at, pieces = case.standing.met, case.standing.may, case.looked_at, Pieces()
    every = range(len(case.assessment.table.causes))
    texts = case.kept("causes", (), lambda: [CauseText(case, at) for at in every])
    ranks = case.kept("ranks", (), lambda: [b"%d" % (at + 1) for at in every])
    for at, rank in zip(case.assessment.order, ranks, strict=True):
        text = texts[at]
        key = text.sees(looked_at) if text.sees is not None else text.looked_at(met, may, looked_at)
        head, rest = text.evidence.get(key) or text.write(case, key)
        pieces += (head, rank, *rest)
        if text.apart:
            offers = text.offers
            key = (met & offers.bits, may & offers.general) if offers.general else met & offers.bits
            pieces.append(text.actions.get(key) or text.offer(case, key))
    pieces[0] = b"[" + pieces[0][1:]
    pieces.append(b"]")
    return pieces


def _action(action: Action, words: Instruction, lang: str) -> ActionText:
    return ActionText(**action_texts(action, words, lang))


def action_texts(action: Action, words: Instruction, lang: str) -> dict[str, Any]:
    """Return what a report says of an action, in the words that fit."""
    return {
        "id": action.id, "do": action.do, "urgency": action.urgency, "text": words.get(lang),
        "short": words.short.get(lang), "effort": action.effort, "by": action.by, "verify": action.verify.get(lang),
        "rechecks": action.rechecks,
    }  # fmt: skip


def source_refs(texts: Texts, ids: Iterable[str]) -> list[SourceRef]:
    """Return the sources of these ids with their texts."""
    notes, lang = (texts.knowledge.sources[id_] for id_ in ids), texts.lang
    return [SourceRef(id=note.id, text=note.get(lang), confidence=note.confidence, refs=note.refs) for note in notes]


_Said: TypeAlias = "tuple[str, Effect, Rule | None, int]"
"""An observation, what it does, the row that it meets and its place in that; without a row more would have to count."""


def _because(case: Diagnosis, at: int, verdict: CauseAssessment) -> list[_Said]:
    """Return the evidence for the status of a cause, without repetitions."""
    assessment, found = case.assessment, list[_Said]()
    told: set[str] = set()
    for rule in verdict.holds:
        seen = assessment.witnesses(*rule.when)
        if told and told.issuperset(seen):
            continue  # a weaker row on the same observations says nothing new
        told.update(seen)
        settles = rule.status in ("confirmed", "ruled_out")
        effect: Effect = "settles" if settles else "against" if rule.status == "unknown" else "for"
        found += [(id_, effect, rule, number) for number, id_ in enumerate(seen)]
    for rule in verdict.outweighed:
        found += [(id_, "against", rule, number) for number, id_ in enumerate(assessment.witnesses(*rule.when))]
    if verdict.status not in ("ruled_out", "confirmed"):
        found += [(id_, "against", None, 0) for id_ in _partly_against(assessment, at, verdict.outweighed, told)]
    return list({(one[0], _reason(case.texts, *one[2:])): one for one in found}.values())


def _partly_against(assessment: Assessment, at: int, outweighed: tuple[Rule, ...], told: set[str]) -> Iterator[str]:
    """Yield the observations that count towards ruling the cause out, though not enough of them are known.

    A row that another observation keeps from ever ruling it out says nothing. What was `told` as speaking for the
    cause is not told again as speaking against it.
    """
    one, may = assessment.table.causes[at], assessment.bits_met | assessment.bits_open
    for rule, row in zip(one.cause.rule, one.rows, strict=True):
        if rule.status != "ruled_out" or rule in outweighed or may & row.mask != row.mask:
            continue
        for bit, id_ in row.conditions:
            if assessment.bits_met & bit and assessment.grounds(id_)[0]:
                seen = assessment.grounds(id_)[1]
                yield from (one for one in seen if one not in told and assessment.values[one] not in NOT_LOOKED)


def _reason(texts: Texts, rule: Rule | None, number: int) -> str | None:
    """Return what a row makes of its observations together, which stands with the first."""
    if rule is None:
        return None
    return rule.get(texts.lang) if not number else ""


def _sentence(case: Diagnosis, id_: str, effect: Effect, rule: Rule | None, number: int) -> bytes:
    """Say as JSON what an observation does, and what it is."""
    key = (effect, rule is None, number or id(rule), case.assessment.shown.get(id_))

    def write() -> bytes:
        what, reason = witness(case.texts, case.assessment.observation(id_)), _reason(case.texts, rule, number)
        stop = ". " if case.lang == "en" else "。"
        text = case.texts("because.partly", what=what) if reason is None else f"{what}{stop}{reason}".rstrip()
        return _encode(Because(observation=id_, effect=effect, text=text))

    return case.kept(("sentence", id_), key, write)


def witness(texts: Texts, seen: Observation) -> str:
    """Say who observed what: "您的回答：年龄 17 周岁"."""
    return texts(f"source.{seen.source}.says", what=title_of(texts, seen.id), value=value_text(texts, seen))


class Try(msgspec.Struct, frozen=True):
    """What is worth trying on a cause at one question, or by the network check."""

    question: str
    answers: tuple[Any, ...]
    shares: tuple[tuple[Ratio, float], ...]
    """The shares in which the answer is one of two sums, with the bound that a row of the cause sets."""
    versions: tuple[CompareVersion, ...]
    """The comparisons with a minimum that read a version from the answer."""


def _changes(case: Diagnosis, at: int, try_: Try) -> list[msgspec.Raw]:
    """Say what answering one question would change about a cause, if anything; of the network check, that it would."""
    id_, shares = try_.question, try_.shares
    texts, assessment = case.texts, case.assessment
    if id_ == NETWORK:
        return [case.kept_json("network", (), lambda: Change(check=NETWORK, text=texts("change.network")))]
    one, now = assessment.table.causes[at], assessment.statuses[at]
    values = assessment.values if shares else assessment.read
    edges = tuple(_ratio_edges(assessment, id_, shares)) if shares else ()
    sides = _versions(assessment, try_.versions) if try_.versions else {}
    answers = tuple(sorted({*try_.answers, *edges})) if edges else try_.answers or tuple(sides.values())
    met, table = assessment.bits_met, one.table
    ends = tuple(one.status(table.with_answer(values, met, id_, answer)) for answer in answers)
    if any(end != now for end in ends):
        said = tuple(sides) or answers
        return [case.kept_json(("moves", id_), (said, ends, now), _write_moves, texts, id_, said, ends, now)]
    if id_ in values or not _still_matters(assessment, at, id_):
        return []
    together = texts("change.together", what=title_of(texts, id_))
    return [case.kept_json("together", id_, lambda: Change(question=id_, text=together))]


def _ratio_edges(assessment: Assessment, id_: str, shares: tuple[tuple[Ratio, float], ...]) -> Iterator[int]:
    """Yield the sums at which a share that the cause asks for reaches its bounds, the other sum being answered."""
    for fact, share in shares:
        other = assessment.values.get(fact.whole if id_ == fact.part else fact.part)
        if isinstance(other, (int, float)):
            edge = other * share / 100 if id_ == fact.part else other * 100 / share
            yield from ((ceil(edge) - 1, ceil(edge)) if id_ == fact.part else (floor(edge), floor(edge) + 1))


def _versions(assessment: Assessment, facts: tuple[CompareVersion, ...]) -> dict[str, str]:
    """Return a version on each side of the minimum, by the side, that these facts read from one text."""
    knowledge, found = assessment.knowledge, dict[str, str]()
    for fact in facts:
        for version in knowledge.weights.spread[fact.text]:
            side = Facts(knowledge, {**assessment.read, fact.text: version})[fact.id]
            if side.state is State.KNOWN:
                found.setdefault(str(side.value), version)
    return found


def _write_moves(texts: Texts, id_: str, tried: tuple[Any, ...], ends: tuple[int, ...], now: int) -> Change:
    """Say which answers to a question give which status; of versions each is named by its side of the minimum."""
    moves: dict[int, list[str]] = {}
    for said, end in _said(texts, id_, tried, ends):
        if end != now:
            moves.setdefault(end, []).append(said)
    parts = (
        texts("change.move", answers=texts("list.or").join(moves[end]), status=texts(f"status.{STATUSES[end]}"))
        for end in sorted(moves)
    )
    return Change(question=id_, text=title_of(texts, id_) + texts("list.colon") + texts("list.semicolon").join(parts))


def _said(texts: Texts, id_: str, tried: tuple[Any, ...], ends: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Say each answer with the status it gives; numbers that give the same stand together."""
    question = texts.knowledge.questions[id_]
    if question.type == "text":  # what was tried is named by its side of the minimum
        yield from ((texts(f"change.version_{side}"), end) for side, end in zip(tried, ends, strict=True))
        return
    if question.type not in ("integer", "amount"):
        yield from ((say_value(texts, id_, value), end) for value, end in zip(tried, ends, strict=True))
        return
    spans = [
        (end, [value for value, _ in group]) for end, group in groupby(zip(tried, ends, strict=True), itemgetter(1))
    ]
    for at, (end, values) in enumerate(spans):
        low, high = say_value(texts, id_, values[0]), say_value(texts, id_, values[-1])
        if at == len(spans) - 1 and at:
            yield texts("change.or_more", value=low), end
        elif len(values) == 1:
            yield low, end
        elif not at:
            yield texts("change.or_less", value=high), end
        else:
            yield texts("change.between", low=str(values[0]), high=high), end


def _tries(cause: Cause, knowledge: Knowledge) -> list[Try]:
    """Return the questions that a cause's rows depend on, in the order of the rows, with what is worth trying."""
    asked = [(knowledge.derived.get(name), condition) for rule in cause.rule for name, condition in rule.when.items()]
    shares = [
        (fact, knowledge.limits[bound[1:]] if isinstance(bound, str) else bound)
        for fact, condition in asked
        if isinstance(fact, Ratio)
        for bound in (condition.below, condition.at_least)
        if bound
    ]
    versions = dict.fromkeys(fact for fact, _ in asked if isinstance(fact, CompareVersion))
    found = []
    for id_ in questions_of(knowledge, cause):
        if id_ in knowledge.questions:
            answers = answers_to_try(knowledge, cause, knowledge.questions[id_])
            found.append(Try(
                id_,
                tuple(tuple(value) if isinstance(value, list) else value for value in answers),
                tuple((fact, share) for fact, share in shares if id_ in (fact.part, fact.whole)),
                () if answers else tuple(fact for fact in versions if fact.text == id_),
            ))  # fmt: skip
    if any("network.computer" in rule.when or "network.shared_path" in rule.when for rule in cause.rule):
        found.append(Try(NETWORK, (), (), ()))
    return found


def questions_of(knowledge: Knowledge, cause: Cause) -> list[str]:
    """Return the questions a cause's rows depend on, in the order of the rows."""
    table = table_of(knowledge)
    return list(dict.fromkeys(q for rule in cause.rule for id_ in rule.when for q in table.inputs(id_)))


def answers_to_try(knowledge: Knowledge, cause: Cause, question: Question) -> list[Value]:
    """Return answers worth trying on a cause: each choice, and for numbers the edges its rows name."""
    if question.type == "choices":
        return [[], [question.value[0].id]]
    if question.value:
        return [choice.id for choice in question.value]
    if question.type == "text":
        return []
    edges: set[float] = {question.minimum or 0}
    for rule in cause.rule:
        condition = rule.when.get(question.id)
        if condition is None:
            continue
        for bound, steps in (
            (condition.below, (-1, 0)),
            (condition.at_least, (-1, 0)),
            (condition.above, (0, 1)),
            (condition.at_most, (0, 1)),
        ):
            if bound is not None:
                number = knowledge.limits[bound[1:]] if isinstance(bound, str) else bound
                edges |= {number + step for step in steps if number + step >= (question.minimum or 0)}
    return [int(edge) for edge in sorted(edges)]


def _still_matters(assessment: Assessment, at: int, id_: str) -> bool:
    """Whether a row that is still open, and would change the status, depends on this question together with others."""
    one, open_ = assessment.table.causes[at], assessment.bits_open
    return any(
        open_ & bit and id_ in one.table.inputs(fact)
        for row in one.moving(assessment.bits_met, open_).rows
        for bit, fact in row.conditions
    )
