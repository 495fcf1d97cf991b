"""Put an assessment into words: why a cause stands where it stands, and what would move it."""

from __future__ import annotations

from itertools import groupby
from math import ceil, floor
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from diagnostics.engine.facts import NETWORK, State, Values
from diagnostics.engine.rule_table import table_of
from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge.derived import CompareVersion, Ratio
from diagnostics.knowledge.model import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.engine.assessment import Assessment, CauseAssessment
    from diagnostics.engine.rule_table import CauseRows
    from diagnostics.evidence import Observation, Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Cause, Knowledge, Question, Rule

Effect = Literal["for", "against", "settles"]
Said = Literal["for", "against", "settles", "partly"]
"""What is said of an observation; `partly`: it counts towards ruling the cause out, and more would have to."""


NOT_LOOKED: Final = ("not_looked", "not_tried")
"""Answers by which nobody has looked: they are no evidence against anything."""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence for a verdict. `settles`: this observation establishes the status."""

    observation: str
    effect: Effect
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would move a cause: the answers to a question, or the ends of a check, and the status each would give."""

    question: str | None = None
    check: str | None = None
    text: str


class Try(NamedTuple):
    """What is worth trying on a cause at one question, or by the network check."""

    question: str
    answers: tuple[Any, ...]
    shares: tuple[tuple[Ratio, float], ...]
    """The shares in which the answer is one of two sums, with the bound that a row of the cause sets."""
    versions: tuple[CompareVersion, ...]
    """The comparisons with a minimum that read a version from the answer."""


class Moves(NamedTuple):
    """What was tried at a question, the status that each gives, and the status now; of versions the sides."""

    question: str
    tried: tuple[Any, ...]
    ends: tuple[int, ...]
    now: int


def because(
    assessment: Assessment, at: int, verdict: CauseAssessment, say: Callable[[str, Said, Rule | None], Because]
) -> list[Because]:
    """List the evidence for the status of a cause (its index), each sentence with the observation it rests on.

    `say` returns the sentence on an observation: its id, what it does, and the row whose words stand with it.
    """
    found: list[Because] = []
    told: set[str] = set()
    for rule in verdict.holds:
        seen = assessment.witnesses(*rule.when)
        if told and told.issuperset(seen):
            continue  # a weaker row on the same observations says nothing new
        told.update(seen)
        settles = rule.status in ("confirmed", "ruled_out")
        effect: Effect = "settles" if settles else "against" if rule.status == "unknown" else "for"
        found += [say(id_, effect, None if number else rule) for number, id_ in enumerate(seen)]
    for rule in verdict.outweighed:
        seen = assessment.witnesses(*rule.when)
        found += [say(id_, "against", None if number else rule) for number, id_ in enumerate(seen)]
    if verdict.status not in ("ruled_out", "confirmed"):
        found += [say(id_, "partly", None) for id_ in _partly_against(assessment, at, verdict.outweighed, told)]
    return list({(one.observation, one.text): one for one in found}.values())


def _partly_against(assessment: Assessment, at: int, outweighed: tuple[Rule, ...], told: set[str]) -> Iterator[str]:
    """Yield the observations that count towards ruling the cause out, though not enough of them are known.

    What was `told` as speaking for the cause is not told again as speaking against it.
    """
    one = assessment.table.causes[at]
    for rule, row in zip(one.cause.rule, one.rows, strict=True):
        if rule.status != "ruled_out" or rule in outweighed:
            continue
        for bit, id_ in row.conditions:
            if assessment.bits_met & bit and assessment.grounds(id_)[0]:
                seen = assessment.grounds(id_)[1]
                yield from (one for one in seen if one not in told and assessment.values[one] not in NOT_LOOKED)


def sentence(texts: Texts, seen: Observation, said: Said, rule: Rule | None) -> Because:
    """Say what an observation does; what a row makes of several together stands with the first."""
    what = witness(texts, seen)
    if said == "partly":
        return Because(observation=seen.id, effect="against", text=texts("because.partly", what=what))
    stop = ". " if texts.lang == "en" else "。"
    reason = rule.get(texts.lang) if rule is not None else ""
    return Because(observation=seen.id, effect=said, text=f"{what}{stop}{reason}".rstrip())


def witness(texts: Texts, seen: Observation) -> str:
    """Say who observed what: "您的回答：年龄 17 周岁"."""
    return texts(f"source.{seen.source}.says", what=title_of(texts, seen.id), value=value_text(texts, seen))


def title_of(texts: Texts, id_: str) -> str:
    """Return the short name of a question, a cause or a check's observation."""
    named = texts.knowledge.questions.get(id_) or texts.knowledge.causes.get(id_)
    if named is not None:
        return named.text(texts.lang).title
    text = texts.knowledge.locale.get(f"check.{id_}.title")
    return text.get(texts.lang) if text is not None else id_


def value_text(texts: Texts, seen: Observation) -> str:
    """Return an observation's value as a person says it; one that stands for a band, as the band it stands for."""
    if seen.band is not None:
        return _with_unit(texts.knowledge.questions.get(seen.id), seen.band, texts.lang)
    return say_value(texts, seen.id, seen.value)


def say_value(texts: Texts, id_: str, value: Value | tuple[str, ...]) -> str:
    """Return a value of this question as a person says it."""
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


def would_change(assessment: Assessment, at: int, texts: Texts) -> list[Change]:
    """List what would move a cause (its index): for each question it depends on, which answers give which status."""
    asked = tries(assessment.table.causes[at], assessment.knowledge)
    return [change for try_ in asked for change in changes(assessment, at, try_, texts)]


def changes(
    assessment: Assessment, at: int, try_: Try, texts: Texts, word: Callable[[Texts, Moves], Change] | None = None
) -> Iterator[Change]:
    """Yield what answering one question would change, if anything; of the network check, that it would.

    `word` puts moves into words as `write_moves` does, which takes most of the time.
    """
    id_, tried, shares, versions = try_
    if id_ == NETWORK:
        yield Change(check=NETWORK, text=texts("change.network"))
        return
    one, now = assessment.table.causes[at], assessment.statuses[at]
    values = assessment.values if shares else assessment.read
    edges = tuple(_ratio_edges(assessment, id_, shares)) if shares else ()
    sides = _versions(assessment, versions) if versions else {}
    answers = tuple(sorted({*tried, *edges})) if edges else tried or tuple(sides.values())
    met, touched = assessment.bits_met, one.table.touched(id_)
    ends = [one.status(one.table.with_answer(values, met, touched, answer)) for answer in answers]
    if any(end != now for end in ends):
        yield (word or write_moves)(texts, Moves(id_, tuple(sides) or answers, tuple(ends), now))
    elif id_ not in values and _still_matters(assessment, at, id_):
        yield Change(question=id_, text=texts("change.together", what=title_of(texts, id_)))


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
            side = Values(knowledge, {**assessment.read, fact.text: version})[fact.id]
            if side.state is State.KNOWN:
                found.setdefault(str(side.value), version)
    return found


def write_moves(texts: Texts, moved: Moves) -> Change:
    """Say which answers to a question give which status."""
    id_, tried, ends, now = moved
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


def tries(one: CauseRows, knowledge: Knowledge) -> list[Try]:
    """Return the questions that a cause's rows depend on, in the order of the rows, with what is worth trying."""
    if one.tries is None:
        asked = [
            (knowledge.derived.get(name), condition) for rule in one.cause.rule for name, condition in rule.when.items()
        ]
        shares = [
            (fact, knowledge.limits[bound[1:]] if isinstance(bound, str) else bound)
            for fact, condition in asked
            if isinstance(fact, Ratio)
            for bound in (condition.below, condition.at_least)
            if bound
        ]
        versions = dict.fromkeys(fact for fact, _ in asked if isinstance(fact, CompareVersion))
        one.tries = []
        for id_ in questions_of(knowledge, one.cause):
            if id_ not in knowledge.questions:
                continue
            answers = answers_to_try(knowledge, one.cause, knowledge.questions[id_])
            one.tries.append(Try(
                id_,
                tuple(tuple(value) if isinstance(value, list) else value for value in answers),
                tuple((fact, share) for fact, share in shares if id_ in (fact.part, fact.whole)),
                () if answers else tuple(fact for fact in versions if fact.text == id_),
            ))  # fmt: skip
        if any("network.computer" in rule.when or "network.shared_path" in rule.when for rule in one.cause.rule):
            one.tries.append(Try(NETWORK, (), (), ()))
    return one.tries


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
    met, open_ = assessment.bits_met, assessment.bits_open
    return any(
        (met | open_) & row.mask == row.mask
        and met & row.mask != row.mask
        and any(open_ & bit and id_ in asked for bit, _, asked in row.steps)
        for row in assessment.table.causes[at].live[assessment.statuses[at]]
    )
