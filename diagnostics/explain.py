"""Put an assessment into words: why a cause stands where it stands, and what would move it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

from diagnostics.cases.bands import BAND
from diagnostics.evidence import UNKNOWN
from diagnostics.facts import INPUTS, NETWORK, READS, Facts
from diagnostics.knowledge.model import STATUSES
from diagnostics.reasoning import OTHERS, rows_met, status_by
from diagnostics.rules import Outcome, State, check, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.evidence import Observation, Value
    from diagnostics.knowledge.model import Cause, Knowledge, Question, Rule, Status
    from diagnostics.reasoning import Verdict

Effect = Literal["for", "against", "settles"]


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


def because(knowledge: Knowledge, facts: Facts, verdict: Verdict, lang: str) -> list[Because]:
    """List the evidence for a cause's status, each sentence with the observation it rests on."""
    found: list[Because] = []
    told: set[tuple[str, str]] = set()
    for rule in verdict.holds:
        seen = {(one.id, one.source) for one in _witnesses(facts, rule)}
        if told and seen <= told:
            continue  # a weaker row on the same observations says nothing new
        told |= seen
        settles = rule.status in ("confirmed", "ruled_out")
        effect: Effect = "settles" if settles else "against" if rule.status == "unknown" else "for"
        found += _sentences(knowledge, facts, rule, effect, lang)
    for rule in verdict.outweighed:
        found += _sentences(knowledge, facts, rule, "against", lang)
    if verdict.status not in ("ruled_out", "confirmed"):
        found += _partly_against(knowledge, facts, verdict, lang)
    return list({(one.observation, one.text): one for one in found}.values())


def _sentences(knowledge: Knowledge, facts: Facts, rule: Rule, effect: Effect, lang: str) -> Iterator[Because]:
    """One sentence an observation; what the row makes of them together stands with the first."""
    for number, one in enumerate(_witnesses(facts, rule)):
        reason = "" if number else rule.get(lang)
        text = f"{witness(knowledge, one, lang)}{_stop(lang)}{reason}"
        yield Because(observation=one.id, effect=effect, text=text.rstrip())


def _witnesses(facts: Facts, rule: Rule) -> list[Observation]:
    """Return the observations that a row rests on, each once."""
    seen = {(one.id, one.source): one for id_ in rule.when for one in facts[id_].origin}
    return [one for one in seen.values() if one.known]


def _partly_against(knowledge: Knowledge, facts: Facts, verdict: Verdict, lang: str) -> Iterator[Because]:
    """Observations that would count towards ruling the cause out, though not enough of them are known."""
    for rule in verdict.cause.rule:
        if rule.status != "ruled_out" or rule in verdict.outweighed:
            continue
        for id_, condition in rule.when.items():
            fact = facts[id_]
            if fact.state is State.KNOWN and check(condition, fact, knowledge.limits) is Outcome.MET:
                for one in fact.origin:
                    text = knowledge.say("because.partly", lang, what=witness(knowledge, one, lang))
                    yield Because(observation=one.id, effect="against", text=text)


def witness(knowledge: Knowledge, seen: Observation, lang: str) -> str:
    """Say who observed what: "您的回答：年龄 17 周岁"."""
    return knowledge.say(
        f"source.{seen.source}.says",
        lang,
        what=title_of(knowledge, seen.id, lang),
        value=value_text(knowledge, seen, lang),
    )


def title_of(knowledge: Knowledge, id_: str, lang: str) -> str:
    """Return the short name of a question, a cause or a check's observation."""
    if id_ in knowledge.questions:
        return knowledge.questions[id_].text(lang).title
    if id_ in knowledge.causes:
        return knowledge.causes[id_].text(lang).title
    text = knowledge.locale.get(f"check.{id_}.title")
    return text.get(lang) if text is not None else id_


def value_text(knowledge: Knowledge, seen: Observation, lang: str) -> str:
    """Return an observation's value as a person says it; one that stands for a band, as the band it stands for."""
    if seen.detail is not None and seen.detail.startswith(BAND):
        return _with_unit(knowledge.questions.get(seen.id), seen.detail.removeprefix(BAND), lang)
    return say_value(knowledge, seen.id, seen.value, lang)


def say_value(knowledge: Knowledge, id_: str, value: Value, lang: str) -> str:
    """Return a value of this question as a person says it."""
    if value == UNKNOWN:
        return knowledge.say("answer.unknown", lang)
    question = knowledge.questions.get(id_)
    if question is None:
        text = knowledge.locale.get(f"value.{id_}.{value}")
        return text.get(lang) if text is not None else str(value)
    if isinstance(value, list):
        names = [_choice_text(question, one, lang) for one in value]
        return knowledge.say("list.comma", lang).join(names) or knowledge.say("answer.none", lang)
    if question.value:
        return _choice_text(question, value, lang)
    return _with_unit(question, value, lang)


def _with_unit(question: Question | None, value: object, lang: str) -> str:
    unit = question.text(lang).unit if question is not None else ""
    return f"{value} {unit}" if unit else str(value)


def _choice_text(question: Question, value: object, lang: str) -> str:
    choice = question.choice(value)
    return choice.get(lang) if choice is not None else str(value)


def _stop(lang: str) -> str:
    return ". " if lang == "en" else "。"


class Trial:
    """Tries answers on one cause: which are worth it, and where the cause then stands by its rows."""

    def __init__(self, knowledge: Knowledge, cause: Cause) -> None:
        self._knowledge = knowledge
        self._cause = cause
        self.questions = questions_of(cause)

    def answers(self, question: Question) -> list[Value]:
        """Return the answers to a question that are worth trying."""
        return candidates(self._knowledge, self._cause, question)

    def status(self, facts: Facts, id_: str, value: Value) -> Status:
        """Say where the cause would stand with this answer, all else being as it is."""
        return status_by(rows_met(self._knowledge, self._cause, supposing(facts, id_, value)))


def would_change(
    knowledge: Knowledge, facts: Facts, verdict: Verdict, lang: str, trial: Trial | None = None
) -> list[Change]:
    """List what would move a cause: for each question it depends on, which answers give which status."""
    trial = trial or Trial(knowledge, verdict.cause)
    changes: list[Change] = []
    for id_ in trial.questions:
        question = knowledge.questions.get(id_)
        if question is None:
            continue
        moves: dict[Status, list[str]] = {}
        for value in trial.answers(question):
            status = trial.status(facts, id_, value)
            if status != verdict.status:
                moves.setdefault(status, []).append(say_value(knowledge, id_, value, lang))
        if moves:
            parts = [
                knowledge.say("change.move", lang, answers=knowledge.say("list.or", lang).join(values),
                              status=knowledge.say(f"status.{status}", lang))
                for status, values in sorted(moves.items(), key=lambda one: STATUSES.index(one[0]))
            ]  # fmt: skip
            title = question.text(lang).title
            changes.append(
                Change(
                    question=id_,
                    text=title + knowledge.say("list.colon", lang) + knowledge.say("list.semicolon", lang).join(parts),
                )
            )
        elif id_ not in facts.evidence and _still_matters(knowledge, facts, verdict, id_):
            text = knowledge.say("change.together", lang, what=question.text(lang).title)
            changes.append(Change(question=id_, text=text))
    if any("network.computer" in rule.when or "network.shared_path" in rule.when for rule in verdict.cause.rule):
        changes.append(Change(check=NETWORK, text=knowledge.say("change.network", lang)))
    return changes


def questions_of(cause: Cause) -> list[str]:
    """Return the questions a cause's rows depend on, in the order of the rows."""
    return list(dict.fromkeys(q for rule in cause.rule for id_ in rule.when for q in INPUTS.get(id_, (id_,))))


def candidates(knowledge: Knowledge, cause: Cause, question: Question) -> list[Value]:
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


def supposing(facts: Facts, id_: str, value: Value) -> Facts:
    """Return the facts as they would be with this answer; what the other causes came to stays."""
    supposed = Facts(facts.evidence, facts.minimums, {id_: value})
    supposed.update((name, facts[name]) for name in OTHERS)
    supposed.update(facts)
    for name in _resting_on(id_):
        supposed.pop(name, None)
    return supposed


@cache
def _resting_on(id_: str) -> tuple[str, ...]:
    """Return the facts that an answer to this question may change."""
    return (id_, *(name for name, read in READS.items() if id_ in read))


def _still_matters(knowledge: Knowledge, facts: Facts, verdict: Verdict, id_: str) -> bool:
    """Whether a row that is still open depends on this question together with others."""
    return any(
        check_all(rule.when, facts, knowledge.limits) is Outcome.OPEN
        and any(
            id_ in INPUTS.get(fact, (fact,)) and check(condition, facts[fact], knowledge.limits) is Outcome.OPEN
            for fact, condition in rule.when.items()
        )
        for rule in verdict.cause.rule
    )
