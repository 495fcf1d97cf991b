"""Judge a knowledge base as a whole: what one file alone cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.model import EFFORTS, Knowledge, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diagnostics.knowledge.model import Cause, Condition, When

DERIVED: Final[dict[str, frozenset[str]]] = {  # facts that are worked out, and their values (empty: a number or text)
    "wechat.number": frozenset(),
    "wechat.against_minimum": frozenset({"below", "met"}),
    "os.against_minimum": frozenset({"below", "met"}),
    "debt.ratio": frozenset(),
    "entry.in_wechat": frozenset({"shown", "not_shown"}),
    "entry.found": frozenset({"yes"}),
    "network.shared_path": frozenset({"ok", "unreachable", "unstable", "intercepted"}),
    "network.computer": frozenset({"ok", "unreachable", "unstable", "intercepted"}),
    "platform.in_text": frozenset({"android", "ios", "harmony", "windows", "macos", "linux"}),
    "others.requirement_confirmed": frozenset({"yes", "no"}),
    "others.all_clear": frozenset({"yes", "no"}),
}


def lint(knowledge: Knowledge) -> list[str]:
    """Return every fault as one line that names the file; an empty list means the base is sound."""
    return [
        *(f"causes/{one.id}.toml: {fault}" for one in knowledge.causes.values() for fault in _cause(knowledge, one)),
        *(f"questions.toml: {q.id}: {fault}" for q in knowledge.questions.values() for fault in _ask(knowledge, q)),
        *(f"pages.toml: {fault}" for fault in _pages(knowledge)),
        *(f"contradictions.toml: {fault}" for fault in _contradictions(knowledge)),
        *(f"weights.toml: {fault}" for fault in _weights(knowledge)),
    ]  # fmt: skip


def _cause(knowledge: Knowledge, cause: Cause) -> Iterator[str]:
    yield from _empty_texts(cause)
    if cause.group not in {group.id for group in knowledge.groups}:
        yield f"no group {cause.group}"
    yield from (f"no source {name}" for name in cause.sources if name not in knowledge.sources)
    for what in ("sources", "rule", "action", "case"):
        if not getattr(cause, what):
            yield f"has no {what}"
    efforts = [EFFORTS.index(action.effort) for action in cause.action]
    if efforts != sorted(efforts):
        yield "actions do not stand with the least effort first"
    for number, rule in enumerate(cause.rule, 1):
        if not rule.when:
            yield f"rule {number} has no condition"
        yield from (f"rule {number}: {fault}" for fault in _when(knowledge, rule.when))
    for action in cause.action:
        yield from (
            f"an action rechecks {id_}, no question" for id_ in action.rechecks if id_ not in knowledge.questions
        )
    for number, case in enumerate(cause.case, 1):
        yield from (f"case {number}: no question {id_}" for id_ in case.answers if id_ not in knowledge.questions)


def _when(knowledge: Knowledge, when: When) -> Iterator[str]:
    for fact, condition in when.items():
        question = knowledge.questions.get(fact)
        if question is None and fact not in DERIVED:
            yield f"nothing is known as {fact}"
            continue
        values = {choice.id for choice in question.value} if question is not None else DERIVED[fact]
        named = {*(condition.any or ()), *(condition.not_ or ())}
        if values:
            yield from (f"{fact} is never {value}" for value in sorted(named - values))
        yield from _limits(knowledge, fact, condition)


def _limits(knowledge: Knowledge, fact: str, condition: Condition) -> Iterator[str]:
    for bound in (condition.below, condition.above, condition.at_least, condition.at_most):
        if isinstance(bound, str) and bound.removeprefix("$") not in knowledge.limits:
            yield f"{fact}: no limit {bound}"


def _ask(knowledge: Knowledge, question: Question) -> Iterator[str]:
    yield from _empty_texts(question, optional={"unit"})
    if (question.type in ("choice", "choices")) != bool(question.value):
        yield f"type {question.type} and its values do not fit"
    yield from _when(knowledge, question.only_if)
    for choice in question.value:
        for id_, value in choice.sets.items():
            target = knowledge.questions.get(id_)
            if target is None or target.choice(value) is None:
                yield f"{choice.id} sets {id_}={value}, which is no answer"


def _pages(knowledge: Knowledge) -> Iterator[str]:
    placed = [id_ for page in knowledge.pages for id_ in page.questions]
    yield from (f"{id_} stands on two pages" for id_ in sorted({id_ for id_ in placed if placed.count(id_) > 1}))
    yield from (f"{id_} stands on no page" for id_ in knowledge.questions if id_ not in placed)
    for page in knowledge.pages:
        yield from (f"{page.id}: no question {id_}" for id_ in page.questions if id_ not in knowledge.questions)
        for line in page.line:
            question = knowledge.questions.get(line.question)
            if question is None or not (question.choice(line.tick) and question.choice(line.clear)):
                yield f"{page.id}: line {line.question} names no answer"


def _contradictions(knowledge: Knowledge) -> Iterator[str]:
    for row in knowledge.contradictions:
        yield from (f"{row.id}: {fault}" for fault in _when(knowledge, row.when))
        if row.settle not in knowledge.questions:
            yield f"{row.id}: no question {row.settle} to settle it"


def _weights(knowledge: Knowledge) -> Iterator[str]:
    weights = knowledge.weights
    yield from _missing("chance", weights.chance, knowledge.causes)
    for name in ("seconds", "intrusion", "spread"):
        yield from _missing(name, getattr(weights, name), knowledge.questions)
    yield from _missing("effort", weights.effort, EFFORTS)
    yield from (f"chance: no cause {id_}" for id_ in weights.chance if id_ not in knowledge.causes)
    for name in ("seconds", "intrusion", "spread"):
        yield from (f"{name}: no question {id_}" for id_ in getattr(weights, name) if id_ not in knowledge.questions)


def _missing(name: str, table: Mapping[str, object], wanted: Iterable[str]) -> Iterator[str]:
    yield from (f"{name} of {id_} is missing" for id_ in wanted if id_ not in table)


def _empty_texts(record: msgspec.Struct, optional: Iterable[str] = ()) -> Iterator[str]:
    """Name every text below this record that is empty."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value == "" and name not in optional:
            yield f"{name} is empty"
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, msgspec.Struct):
                yield from (f"{name}: {fault}" for fault in _empty_texts(part, optional))
