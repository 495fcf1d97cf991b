"""Judge a knowledge base as a whole: what one file alone cannot show."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.derived import MEASUREMENTS, OTHERS, FirstKnown, Ratio, Take
from diagnostics.knowledge.model import EFFORTS, Knowledge, KnowledgeError, Question
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from diagnostics.knowledge.derived import DerivedFact
    from diagnostics.knowledge.model import (
        Action,
        Belief,
        Cause,
        Instruction,
        Situation,
        When,
        Wording,
    )

SHORT_ZH: Final = 30
"""Most characters of a short text in Chinese (contract, section 6)."""
SHORT_EN: Final = 15
"""Most words of a short text in English."""
_TRUTH: Final = frozenset({"yes", "no"})
_NUMBERS: Final = ("integer", "amount")


def lint(knowledge: Knowledge, homes: Mapping[str, str] | None = None) -> list[KnowledgeError]:
    """Return every fault with its file as the place; an empty list means the base is sound.

    `homes` are the files of questions and facts that do not stand in the file of their kind.
    """
    derived, questions = knowledge.derived.values(), knowledge.questions.values()

    def home(id_: str, file: str) -> str:
        return f"{(homes or {}).get(id_, file)}: {id_}"

    places: list[tuple[str, Iterable[KnowledgeError]]] = [
        (home(one.id, "derived_facts.toml"), [_fault("circle", name=one.id)])
        for one in derived
        if _rests_on_itself(knowledge, one.id)
    ]
    if not places:
        places = [
            *((f"causes/{one.id}.toml", _cause(knowledge, one)) for one in knowledge.causes.values()),
            *((f"situations/{one.id}.toml", _situation(knowledge, one)) for one in knowledge.situations),
            *((f"beliefs/{one.id}.toml", _belief(knowledge, one)) for one in knowledge.beliefs.values()),
            *((f"{place}.toml", [fault]) for place, fault in _twice(knowledge)),
            *((home(one.id, "questions.toml"), _ask(knowledge, one)) for one in questions),
            *((home(one.id, "derived_facts.toml"), _derived(knowledge, one)) for one in derived),
            ("pages.toml", _pages(knowledge)),
            ("contradictions.toml", _contradictions(knowledge)),
            ("weights.toml", _weights(knowledge)),
        ]
    return [_in(place, fault) for place, faults in places for fault in faults]


def _rests_on_itself(knowledge: Knowledge, id_: str) -> bool:
    """Whether following what a derived fact is worked out from leads back to it (its own answer is no such way)."""
    seen: set[str] = set()
    todo = [id_]
    while todo:
        here = todo.pop()
        one = knowledge.derived.get(here)
        if one is not None and here not in seen:
            seen.add(here)
            onward = {*one.asks(), *one.looks_at()} - {here}
            if id_ in onward:
                return True
            todo += onward
    return False


def _derived(knowledge: Knowledge, one: DerivedFact) -> Iterator[KnowledgeError]:
    known = {*knowledge.questions, *knowledge.derived, *MEASUREMENTS}
    named = (*one.asks(), *one.looks_at())
    missing = [id_ for id_ in named if id_ not in known or (id_ == one.id and id_ not in knowledge.questions)]
    if missing or not named:
        yield from (_unknown("no_fact", id_, known - {one.id}) for id_ in missing)
        if not named:
            yield _fault("has_no", name="facts")
        return
    if isinstance(one, Ratio):
        amounts = [id_ for id_ in named if not _is_number(knowledge, id_)]
        yield from (_fault("not_number", name=id_) for id_ in amounts)
    for id_, value in one.named():
        yield from _never(knowledge, id_, {value})


def _is_number(knowledge: Knowledge, id_: str) -> bool:
    question = knowledge.questions.get(id_)
    return question is not None and question.type in _NUMBERS and id_ not in knowledge.derived


def _values(knowledge: Knowledge, fact: str) -> frozenset[str]:
    """Return the values that a fact may have, none where it is a number or a text."""
    if fact in OTHERS:
        return _TRUTH
    if fact in MEASUREMENTS:
        return MEASUREMENTS[fact]
    own = frozenset(choice.id for choice in knowledge.questions[fact].value) if fact in knowledge.questions else None
    if own is not None or fact not in knowledge.derived:
        return own or frozenset()
    one = knowledge.derived[fact]
    if isinstance(one, FirstKnown):
        return frozenset().union(*(_values(knowledge, id_) for id_ in one.facts))
    return _values(knowledge, one.fact) if isinstance(one, Take) else one.values()


def _never(knowledge: Knowledge, fact: str, named: set[str]) -> Iterator[KnowledgeError]:
    """Name the values that a fact never has, with the nearest one it may have."""
    values = _values(knowledge, fact)
    for value in sorted(named - values) if values else ():
        near = get_close_matches(value, values, n=1)
        yield _fault("never", name=fact, value=value, **({"near": near[0]} if near else {}))


def _in(place: str, fault: KnowledgeError) -> KnowledgeError:
    """Put a place before the fault's own."""
    return fault.at(f"{place}: {fault.place}" if fault.place else place)


def _fault(key: str, **values: object) -> KnowledgeError:
    return KnowledgeError(f"knowledge.{key}", **{name: clean_line(str(value), 80) for name, value in values.items()})


def _unknown(key: str, name: str, known: Iterable[str]) -> KnowledgeError:
    """Say of a name that it is none, with the nearest one."""
    near = get_close_matches(name, [*known], n=1)
    return _fault(key, name=name, **({"near": near[0]} if near else {}))


def _strange(place: str, key: str, names: Iterable[str], known: Collection[str]) -> Iterator[KnowledgeError]:
    """Name those that are not known, each with the nearest one."""
    return (_in(place, _unknown(key, name, known)) for name in names if name not in known)


def _lacking(record: msgspec.Struct, *names: str) -> Iterator[KnowledgeError]:
    return (_fault("has_no", name=name) for name in names if not getattr(record, name))


def _cause(knowledge: Knowledge, cause: Cause) -> Iterator[KnowledgeError]:
    yield from _empty_texts(cause)
    groups = [group.id for group in knowledge.groups]
    if cause.group not in groups:
        yield _in("group", _unknown("group", cause.group, groups))
    yield from _strange("sources", "source", cause.sources, knowledge.sources)
    yield from _lacking(cause, "sources", "rule", "action")
    for number, rule in enumerate(cause.rule, 1):
        if not rule.when:
            yield _in(f"rule {number}", _fault("no_condition"))
        yield from (_in(f"rule {number}", fault) for fault in _when(knowledge, rule.when))
    yield from _wordings(knowledge, "says", cause.says)
    yield from _wordings(knowledge, "titled", cause.titled)
    yield from _advice(knowledge, cause, f"causes/{cause.id}")


def _situation(knowledge: Knowledge, one: Situation) -> Iterator[KnowledgeError]:
    yield from _empty_texts(one)
    yield from _lacking(one, "when", "text")
    yield from (_in("when", fault) for row in one.when for fault in _when(knowledge, row, causes=True))
    yield from _wordings(knowledge, "text", one.text)
    yield from _wordings(knowledge, "titled", one.titled)
    if one.text and one.text[-1].when:
        yield _in("text", _fault("no_last_text"))
    yield from _strange("sources", "source", one.sources, knowledge.sources)
    yield from _advice(knowledge, one, f"situations/{one.id}")


def _wordings(knowledge: Knowledge, name: str, texts: Iterable[Wording]) -> Iterator[KnowledgeError]:
    for number, text in enumerate(texts, 1):
        rows = (fault for row in text.when for fault in _when(knowledge, row, causes=True))
        yield from (_in(f"{name} {number}", fault) for fault in rows)


def _advice(knowledge: Knowledge, owner: Cause | Situation, file: str) -> Iterator[KnowledgeError]:
    """Judge the actions and the examples of a cause or a situation."""
    yield from _strange("also", "no_action", owner.also, knowledge.actions)
    for number, action in enumerate(owner.action, 1):
        faults = [*_strange("rechecks", "question", action.rechecks, knowledge.questions),
                  *_strange("settles", "question", action.settles, knowledge.questions),
                  *_strange("sources", "source", action.sources, knowledge.sources)]  # fmt: skip
        faults += [fault for row in action.when for fault in _when(knowledge, row, causes=True)]
        faults += [_fault("too_long", name=lang, most=most) for lang, most in _too_long(action)]
        yield from (_in(f"action {number}", fault) for fault in faults)
    cases = knowledge.cases.get(file)
    if not cases:
        yield _fault("has_no", name="case")
    for number, case in enumerate(cases or (), 1):
        if file.startswith("causes") and case.status is None:
            yield _in(f"case {number}", _fault("has_no", name="status"))
        yield from _strange(f"case {number}", "question", case.answers, knowledge.questions)


def _too_long(action: Action) -> Iterator[tuple[str, int]]:
    """Yield the language of each short text that is longer than a head line holds, with what it may have."""
    wordings: tuple[Instruction, ...] = (action, action.general) if action.general else (action,)
    for one in wordings:
        if one.short.zh == one.zh:
            continue  # a desk's own action may have no short form
        if len(one.short.zh) > SHORT_ZH:
            yield "short.zh", SHORT_ZH
        if len(one.short.en.split()) > SHORT_EN:
            yield "short.en", SHORT_EN


def _belief(knowledge: Knowledge, belief: Belief) -> Iterator[KnowledgeError]:
    yield from _empty_texts(belief)
    yield from _lacking(belief, "sources", "example")
    yield from _strange("sources", "source", belief.sources, knowledge.sources)
    yield from _strange("unless", "question", belief.unless, knowledge.questions)


def _twice(knowledge: Knowledge) -> Iterator[tuple[str, KnowledgeError]]:
    """Yield the file of each action whose id another one has, and of each situation whose rank is taken."""
    owners = [(f"causes/{one.id}", one.action) for one in knowledge.causes.values()]
    owners += [(f"situations/{one.id}", one.action) for one in knowledge.situations]
    seen: set[str] = set()
    for place, actions in owners:
        for action in actions:
            if action.id in seen:
                yield place, _in(f"action: {action.id}", _fault("two_actions", name=action.id))
            seen.add(action.id)
    for before, after in pairwise(knowledge.situations):
        if before.rank == after.rank:
            yield f"situations/{after.id}", _in("rank", _fault("two_ranks", name=after.rank))


def _when(knowledge: Knowledge, when: When, *, causes: bool = False) -> Iterator[KnowledgeError]:
    """Judge a row of conditions; with `causes` it may look at where the causes stand."""
    for fact, condition in when.items():
        about = [f"cause.{id_}" for id_ in knowledge.causes] if causes else []
        if fact not in (known := [*knowledge.questions, *knowledge.derived, *OTHERS, *about]):
            yield _unknown("no_fact", fact, known)
            continue
        question = knowledge.questions.get(fact)
        listed = question is not None and question.type == "choices"
        for operator in ("has", "lacks") if not listed else ("any", "not_"):
            if getattr(condition, operator) is not None:
                yield _fault("operator", name=fact, operator=operator.rstrip("_"))
        named = (condition.any, condition.not_, condition.has, condition.lacks)
        yield from _never(knowledge, fact, {value for values in named for value in values or ()})
        for bound in (condition.below, condition.above, condition.at_least, condition.at_most):
            if isinstance(bound, str) and bound.removeprefix("$") not in knowledge.limits:
                yield _fault("no_limit", name=fact, value=bound)


def _ask(knowledge: Knowledge, question: Question) -> Iterator[KnowledgeError]:
    yield from _empty_texts(question, optional={"unit"})
    if (question.type in ("choice", "choices")) != bool(question.value):
        yield _fault("type", name=question.type)
    for when in question.only_if:
        yield from _when(knowledge, when)
    for choice in question.value:
        yield from _strange(f"value {choice.id}", "question", choice.unless, knowledge.questions)
        for id_, value in choice.sets.items():
            target = knowledge.questions.get(id_)
            listed = not isinstance(value, str)
            if (
                target is None
                or listed != (target.type == "choices")
                or not all(target.choice(one) for one in ([value] if isinstance(value, str) else value))
            ):
                yield _fault("sets", choice=choice.id, id=id_, value=value if isinstance(value, str) else [*value])


def _pages(knowledge: Knowledge) -> Iterator[KnowledgeError]:
    placed = [id_ for page in knowledge.pages for id_ in page.questions]
    yield from (_fault("two_pages", name=id_) for id_ in sorted({id_ for id_ in placed if placed.count(id_) > 1}))
    for one in knowledge.questions.values():
        if one.asked != (one.id in placed):
            yield _fault("no_page" if one.asked else "not_asked", name=one.id)
    for page in knowledge.pages:
        yield from (
            _in(page.id, _fault("question", name=id_)) for id_ in page.questions if id_ not in knowledge.questions
        )
        for line in page.line:
            question = knowledge.questions.get(line.question)
            if question is None or not (question.choice(line.tick) and question.choice(line.clear)):
                yield _in(page.id, _fault("line", name=line.question))


def _contradictions(knowledge: Knowledge) -> Iterator[KnowledgeError]:
    for row in knowledge.contradictions:
        yield from (_in(row.id, fault) for fault in _when(knowledge, row.when))
        if row.settle is not None and row.settle not in knowledge.questions:
            yield _in(f"{row.id}: settle", _fault("question", name=row.settle))


def _weights(knowledge: Knowledge) -> Iterator[KnowledgeError]:
    weights = knowledge.weights
    for name, key, wanted in (
        ("chance", "cause", knowledge.causes),
        ("seconds", "question", knowledge.questions),
        ("intrusion", "question", knowledge.questions),
        ("spread", "question", knowledge.questions),
        ("effort", "", EFFORTS),
    ):
        table = getattr(weights, name)
        yield from (_in(name, _fault("weight", name=id_)) for id_ in wanted if id_ not in table)
        yield from (_in(name, _fault(key, name=id_)) for id_ in table if key and id_ not in wanted)
    for id_, answers in weights.spread_after.items():
        asked = {id_, *(one for after in answers.values() for one in after)}
        strange = [one for one in asked if one not in knowledge.questions]
        yield from (_in("spread_after", _fault("question", name=one)) for one in strange)


def _empty_texts(record: msgspec.Struct, optional: Iterable[str] = ()) -> Iterator[KnowledgeError]:
    """Name every text below this record that is empty."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value == "" and name not in optional:
            yield _fault("empty", name=name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, msgspec.Struct):
                yield from (_in(name, fault) for fault in _empty_texts(part, optional))
