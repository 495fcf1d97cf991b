"""Write an assessment as a report in one language; each part is cached by what it depends on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from diagnostics.checks.registry import NETWORK_CHECKS
from diagnostics.engine.advice import table_of
from diagnostics.engine.assessment import DANGER, assess, moves
from diagnostics.engine.conditions import Memo
from diagnostics.engine.facts import NETWORK
from diagnostics.engine.rule_table import FOR, FOUND, GROUNDS
from diagnostics.evidence import Evidence, Observation
from diagnostics.i18n import Message
from diagnostics.knowledge.derived import AnyOf
from diagnostics.report.diagnosis import KEPT, Diagnosis
from diagnostics.report.evidence_text import Pieces, action_texts, title_of, value_text, write_causes
from diagnostics.report.model import (
    SCHEMA,
    Application,
    CauseReport,
    CheckReport,
    ContradictionReport,
    KnowledgeStamp,
    ObservationReport,
    PlanItem,
    Questions,
    Reminder,
    ReminderId,
    Report,
    SituationReport,
    SkippedQuestion,
    Tool,
    WhatIf,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.advice import Step
    from diagnostics.engine.assessment import Clash, ClashSource
    from diagnostics.engine.interview import Skip
    from diagnostics.evidence import Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Knowledge, Lang, Situation

SCAM_SIGNS: Final = (
    "safety.contact", "safety.given", "safety.money_gone", "account.stolen", "scam.offered_paid_opening",
)  # fmt: skip
"""The questions whose answers can put the scam warning first: see `_shows_scam`."""
ESTABLISHED: Final = ("official", "several_sources")
"""How a cause's knowledge may stand for it to be called confirmed without a word of doubt."""
NOT_TO_BORROW: Final = ("repay", "postpone", "close", "limit_family", "cancel_request")
"""The wishes of people who think of no new loan."""
TO_REPAY: Final = ("repay", "postpone")
MISSED: Final = {
    "entry.services_menu": ("not_shown", "no_services_menu"),
    "entry.official_account": ("not_found", "refused"),
    "account.had_entry_before": ("yes",),
}
"""What says that somebody misses the entry."""
NOTHING_KNOWN: Final = "unclear"
"""The situation that says that more is asked."""
VERSION_GROUNDS: Final = (GROUNDS + "client.platform", GROUNDS + "wechat.against_minimum")
"""What the only check that needs no machine looks at beside the version as it was given."""
WHEN: Final = "\0"
"""Stands for the time of answers in pieces that are kept: no text of a report has this character."""
_WHEN: Final = b'"\\u0000"'
_encode: Final = msgspec.json.Encoder().encode


def build(
    knowledge: Knowledge,
    evidence: Evidence,
    *,
    lang: Lang = "zh",
    generated_at: str | None = None,
    what_if: Mapping[str, Value] | None = None,
) -> Report:
    """Assess the evidence and write the whole report in one language, without checks.

    `what_if` are answers to try: the report then says what they would change, and changes nothing.
    """
    return write_report(Diagnosis(assess(knowledge, evidence), lang=lang, generated_at=generated_at, what_if=what_if))


def write_report(case: Diagnosis) -> Report:
    """Write the whole report on a case."""
    return msgspec.json.decode(as_json(case), type=Report)


def as_json(case: Diagnosis) -> bytes:
    """Write the whole report on a case as JSON."""
    return b"{%b}" % b"".join(json_fields([case], PARTS)[0])[1:]


def json_fields(cases: Sequence[Diagnosis], names: Iterable[str]) -> list[list[bytes]]:
    """Return these fields of the report on each case as JSON, a comma before each; others are not computed.

    Field by field: what one case needed is still at hand for the next, which saves a sixth of the time. Raises KeyError
    for a field that is none.
    """
    found: list[list[bytes]] = [[] for _ in cases]
    for name in names:
        key, write = b',"%b":' % name.encode(), PARTS[name]
        for case, pieces in zip(cases, found, strict=True):
            part = write(case)
            pieces.append(key)
            if part.__class__ is Pieces:
                pieces += part
            else:
                pieces.append(part if part.__class__ is msgspec.Raw else _encode(part))
    return found


class _LazyReport:
    """A report whose parts are written on first access; a screen shows few of them at once."""

    def __init__(self, case: Diagnosis) -> None:
        self._case = case

    def __getattr__(self, name: str) -> Any:
        if name not in PARTS:
            raise AttributeError(name)
        _comma_and_key, *pieces = json_fields([self._case], [name])[0]
        part = msgspec.json.decode(b"".join(pieces), type=_types()[name])
        setattr(self, name, part)
        return part


@cache
def _types() -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(Report)}


def lazy_report(case: Diagnosis) -> Report:
    """Return the report on a case to read fields of; each is written when it is first read."""
    return cast("Report", _LazyReport(case))


def _situation(case: Diagnosis, at: int) -> msgspec.Raw:
    text, id_ = _sentence(case, at), case.advice.situations[at].situation.id
    title = case.advice.title(at, case.standing, case.today).get(case.lang)
    return case.kept_json("situation", (at, text, title), lambda: SituationReport(id=id_, title=title, text=text))


def _sentence(case: Diagnosis, at: int) -> str:
    """Return the sentence for a situation; it does not announce more questions if none is left."""
    if case.advice.situations[at].situation.id == NOTHING_KNOWN and case.outcome == "no_clear_cause":
        return case.texts("summary.no_clear_cause")
    return case.advice.sentence(at, case.standing, case.today).get(case.lang)


def _summary(case: Diagnosis) -> str:
    """Return the sentence for the leading situation, with an established cause if the situation asks for causes.

    That a condition holds is not said to be the reason; where the knowledge about it is weak, that nobody has said so
    officially is said (contract, section 4).
    """
    found, leading = case.assessment, case.held[0]
    text = _sentence(case, leading)
    first, status = found.table.order[found.best]
    if status or not case.advice.situations[leading].situation.about_cause or case.outcome != "cause_found":
        return text
    closed = case.advice.closed_by(leading, case.standing)
    at = closed[0] if closed else first
    cause = found.cause(at)
    if cause.status != "confirmed":  # it closes the person out, and is not established
        return text
    known = "known" if cause.confidence in ESTABLISHED else "weak"
    return case.texts(f"summary.{known}", text=text, title=case.title_of_cause(at))


def _tree(case: Diagnosis) -> dict[str, list[str]]:
    """Return every group with its causes, strongest first in each."""
    tree: dict[str, list[str]] = {group.id: [] for group in case.knowledge.groups}
    causes = case.kept("tree", (), lambda: [(one.cause.group, one.cause.id) for one in case.assessment.table.causes])
    for at in case.assessment.order:
        group, id_ = causes[at]
        tree[group].append(id_)
    return tree


def _plan(case: Diagnosis) -> list[msgspec.Raw]:
    """Return the steps in order; the advice of the network check is placed at the cause that it speaks for.

    That is left out where the phone is not known to use the same network, or no network brings the entry.
    """
    steps = [
        (
            one.cause,
            one.action.urgency,
            case.kept_json("step", (id(one.words), one.cause, one.situation), _step, case, one),
        )
        for one in case.steps
    ]
    for result in case.checks or ():
        found = network_step(case.texts, result) if result.id == NETWORK else None
        if found is not None and _network_counts(case):
            at = next((at for at, (cause, *_) in enumerate(steps) if cause == found.cause), None)
            waiting = (at for at, (_, urgency, _) in enumerate(steps) if urgency == "wait")
            place = next(waiting, len(steps)) if at is None else at
            steps.insert(place, (found.cause, found.urgency, msgspec.Raw(_encode(found))))
    return [written for *_, written in steps]


def _network_counts(case: Diagnosis) -> bool:
    leading, answer = case.advice.situations[case.held[0]].situation, case.assessment.values.get
    looking = leading.about_entry and not leading.conclusive and not case.standing.found
    shared = answer("network.same_network") == "yes" and answer("network.phone_loads_pages") != "yes"
    return looking and shared and not _shows_scam(answer)


def _step(case: Diagnosis, step: Step) -> PlanItem:
    texts = action_texts(step.action, step.words, case.lang)
    return PlanItem(cause=step.cause, situation=step.situation, **texts)


def network_step(texts: Texts, result: CheckResult) -> PlanItem | None:
    """Write what the network check advises, None where nothing is wrong or nobody knows what to do."""
    if result.id not in NETWORK_CHECKS or result.status not in ("warn", "fail", "unknown"):
        return None
    from diagnostics.network.verdicts import place, verdicts, words

    if result.verdict not in verdicts():
        return None
    told, at = words(result.verdict, here=bool(result.data.get("here"))), result.data.get("where")
    lines = result.detail if isinstance(result.detail, tuple) else ()
    said = {line.key.rpartition(".")[2]: line for line in lines if isinstance(line, Message)}
    lang, space = texts.lang, " " * (texts.lang == "en")
    causes = (f"network_{one.value}" for one in result.observations if one.id == result.id)
    # that a setting of the computer is on the computer need not be said, nor that nobody knows
    where = place(at).get(lang) + space if at in ("network", "middlebox", "far_end") else ""
    which = texts.render(said["fails"]) if {"works", "fails"} <= said.keys() else ""
    what = space.join(filter(None, (told.text.get(lang), which)))
    short = told.short.get(lang)
    if at in ("computer", "clock"):
        short = texts("network.here", short=short)
    return PlanItem(
        id=f"network.{result.verdict}",
        do="network",
        urgency="soon",
        cause=next(filter(texts.knowledge.causes.__contains__, causes), "network_unreachable"),
        situation=None,
        text=texts("network.step", what=what, where=where, advice=told.advice.get(lang)),
        short=short,
        effort="minutes",
        by="user",
        verify=texts("network.verify"),
        rechecks=("network.phone_loads_pages",),
    )


def _observations(case: Diagnosis) -> msgspec.Raw | list[ObservationReport]:
    """Return the observations in the order of the questions, then those of checks."""
    found = case.assessment
    if found.at is None:
        place = {id_: at for at, id_ in enumerate(case.knowledge.questions)}
        seen = sorted(found.evidence.all, key=lambda one: place.get(one.id, len(place)))
        return [_observation(case, one) for one in seen]
    memos: list[tuple[str, Memo[Any, bytes]]] = case.kept(
        "observed", (), lambda: [(id_, Memo(KEPT)) for id_ in case.knowledge.questions]
    )
    get, implied = found.values.get, found.implied
    pieces = [
        memo.get(key := (value, implied[id_]) if id_ in implied else value)
        or memo.keep(key, _encode(_observation(case, found.observation(id_))))
        for id_, memo in memos
        if (value := get(id_)) is not None
    ]
    return _dated(case, pieces)


def _observation(case: Diagnosis, one: Observation, text: str = "") -> ObservationReport:
    return ObservationReport(
        id=one.id,
        value=one.value,
        source=one.source,
        observed_at=one.observed_at if case.assessment.at is None else WHEN,
        detail=one.detail if one.band is None else f"band {one.band}",
        text=text or value_text(case.texts, one),
    )


def _dated(case: Diagnosis, pieces: list[bytes]) -> msgspec.Raw:
    """Return a list of pieces as JSON, with the time of the answers filled in."""
    return msgspec.Raw((b"[%b]" % b",".join(pieces)).replace(_WHEN, _encode(case.assessment.at)))


def write_check(texts: Texts, result: CheckResult) -> CheckReport:
    """Return the report on a check's result."""
    return CheckReport(
        id=result.id,
        title=title_of(texts, result.id),
        status=result.status,
        verdict=result.verdict,
        operation=result.operation,
        failure=result.failure,
        duration_ms=round(result.duration_ms, 1),
        detail=texts.render(result.detail),
        steps=result.steps,
        data=texts.render_data(result.data),
    )


def _checks(case: Diagnosis) -> msgspec.Raw | list[CheckReport]:
    if case.checks is not None:
        return [write_check(case.texts, one) for one in case.checks]
    from diagnostics.checks.registry import run_pure_checks

    found = case.assessment
    return case.kept_json(
        "checks", (found.shown.get("wechat.version"), *map(case.looked_at.__getitem__, VERSION_GROUNDS)),
        lambda: [write_check(case.texts, one) for one in run_pure_checks(case.knowledge, found.evidence)],
    )  # fmt: skip


def _contradictions(case: Diagnosis) -> msgspec.Raw | list[ContradictionReport]:
    found = case.assessment
    if found.at is None:
        return [_contradiction(case, clash) for clash in found.clashes]
    rows, between, outweighed = ([_clash(case, one) for one in some] for some in found.clash_sources())
    told = {observed for _, observed in rows}
    return _dated(case, [text for text, _ in (*rows, *between, *(one for one in outweighed if one[1] not in told))])


def _clash(case: Diagnosis, source: ClashSource) -> tuple[bytes, frozenset[str]]:
    """Return a contradiction as JSON, without the time, with the ids of what cannot all be right."""
    key = (source.looks, *case.assessment.implied.items(), *map(case.looked_at.__getitem__, source.looks))

    def write() -> tuple[bytes, frozenset[str]]:
        clash = case.assessment.clash(source)
        return _encode(_contradiction(case, clash)), clash.observed

    return case.kept(("clash", source.kind, source.at), key, write)


def _contradiction(case: Diagnosis, clash: Clash) -> ContradictionReport:
    """Return a contradiction with its observations; readings of a story with their quotes."""
    observations = []
    for one in clash.observations:
        quoted = f" {one.detail}" if one.source == "story" and one.detail else ""
        observations.append(_observation(case, one, value_text(case.texts, one) + quoted))
    return ContradictionReport(
        id=clash.id, text=clash.text.get(case.lang), observations=observations, settle=clash.settle
    )


def _warnings(case: Diagnosis) -> msgspec.Raw:
    warning, ids = case.knowledge.guide.warning, _reminders(case.assessment.values.get)
    return case.kept_json("warnings", ids, lambda: [Reminder(id=id_, text=warning[id_].get(case.lang)) for id_ in ids])


def _reminders(answer: Callable[[str], Value | None]) -> tuple[ReminderId, ...]:
    """List the warnings that these answers call for."""
    message, account = answer("entry.page_message"), answer("entry.official_account")
    offered = _shows_scam(answer) or answer("complaint.what") in DANGER
    refused = message in ("not_approved", "no_limit") or account == "refused"
    ids: list[ReminderId] = ["scam"] if offered else []
    ids += ["no_repeat"] if refused else []
    ids += ["over_borrowing"] if _may_borrow(answer) else []
    ids += [] if answer("service.wish") in NOT_TO_BORROW else ["no_promise"]
    ids += ["no_app", "privacy"]
    ids += [] if offered else ["scam"]
    return tuple(ids)


def _may_borrow(answer: Callable[[str], Value | None]) -> bool:
    """Whether thinking before borrowing is of use: not to whoever repays or closes it, or cannot open it by age."""
    age, wish = answer("person.age"), answer("service.wish")
    of_age = not isinstance(age, int) or 18 <= age <= 60
    return of_age and answer("service.owing") != "yes" and wish not in NOT_TO_BORROW


def _shows_scam(answer: Callable[[str], Value | None]) -> bool:
    """Whether an answer to one of `SCAM_SIGNS` says so: yes, or a list with something in it."""
    values = [answer(id_) for id_ in SCAM_SIGNS]
    return any(value == "yes" or (isinstance(value, (list, tuple)) and bool(value)) for value in values)


def _questions(case: Diagnosis) -> Questions:
    """Write where the interview stands, with the reasons in words."""
    asked = case.asked
    skipped: list[Any] = [case.kept_json("skip", one, _skip, case.texts, one) for one in asked.skipped]
    return Questions(
        answered=asked.answered,
        next=asked.next,
        page=asked.page,
        remaining=asked.remaining,
        useful=asked.useful,
        skipped=skipped,
        stop_reason=asked.stop_reason,
    )


def _skip(texts: Texts, one: Skip) -> SkippedQuestion:
    return SkippedQuestion(id=one.id, reason=one.reason, text=texts(f"skip.{one.reason}"))


def _application(case: Diagnosis) -> Application | None:
    """Write what follows once the entry is found."""
    if case.outcome != "entry_found":
        return None
    steps, cautions = (tuple(text.get(case.lang) for text in texts)
                       for texts in (case.knowledge.guide.step, case.knowledge.guide.caution))  # fmt: skip
    return Application(steps=steps, cautions=cautions)


def _limits(case: Diagnosis) -> msgspec.Raw:
    return case.kept_json("limits", (), lambda: [text.get(case.lang) for text in case.knowledge.guide.limits])


def _what_if(case: Diagnosis) -> WhatIf | None:
    if not case.tried:
        return None
    tried = [Observation(id=id_, value=value) for id_, value in case.tried.items()]
    kept = [one for one in case.assessment.given.all if one.id not in case.tried]
    after = Diagnosis(assess(case.knowledge, Evidence(kept).plus(*tried)), lang=case.lang)
    return WhatIf(
        answers=dict(case.tried),
        outcome=after.outcome,
        first=after.assessment.first_status[0].id,
        moves=moves(case.assessment, after.assessment),
    )


_TOOL: Final = Tool()
PARTS: Final[dict[str, Callable[[Diagnosis], Any]]] = {
    "schema": lambda _case: SCHEMA,
    "generated_at": lambda case: case.generated_at,
    "lang": lambda case: case.lang,
    "tool": lambda _case: _TOOL,
    "knowledge": lambda case: KnowledgeStamp(case.knowledge.version),
    "outcome": lambda case: case.outcome,
    "situations": lambda case: [_situation(case, at) for at in case.held],  # the leading one first
    "summary": _summary,
    "causes": write_causes,
    "tree": _tree,
    "plan": _plan,
    "observations": _observations,
    "checks": _checks,
    "questions": _questions,
    "contradictions": _contradictions,
    "warnings": _warnings,
    "beliefs": lambda case: case.beliefs,
    "application": _application,
    "limits": _limits,
    "what_if": _what_if,
}
"""How each field of the report is written, as msgspec encodes it."""


def may_apply(report: Report) -> bool:
    """Whether applying makes sense: not for closing, repaying, or getting out of debt."""
    return report.application is not None and any(step.do == "apply" for step in report.plan)


def _leading(report: Report, knowledge: Knowledge) -> Situation:
    return next(one for one in knowledge.situations if one.id == report.situations[0].id)


def asks_why(report: Report, knowledge: Knowledge) -> bool:
    """Whether the person asks why the entry is missing: not who wants it closed or a relative kept from it.

    Nor somebody who only asks about repaying, and does not say that it is missing.
    """
    leading = _leading(report, knowledge)
    said = {one.id: one.value for one in report.observations}
    missed = any(said.get(id_) in told for id_, told in MISSED.items())
    only_repays = said.get("service.wish") in TO_REPAY and not missed
    return (leading.about_entry or not leading.conclusive) and not only_repays


def strongest(report: Report, knowledge: Knowledge) -> list[CauseReport]:
    """Return the causes that stand at `possible` or above, strongest first.

    The cause that is left where nothing else is found is named only to whoever asks why the entry is missing, and that
    somebody looked in the wrong place only while the entry is not seen.
    """
    leading, found = _leading(report, knowledge), knowledge.derived[FOUND]
    if not asks_why(report, knowledge):
        return []
    left = set() if leading.about_cause else {one.cause.id for one in table_of(knowledge).later}
    owing = any(one.id == "service.owing" and one.value == "yes" for one in report.observations)
    refused = any(one.id == "not_approved" and one.status in FOR for one in report.causes)
    left |= {"service_closed"} if owing or refused else set()  # whoever closed it owes nothing and is not assessed
    other_phone = any(one.id == "entry.other_phone" and one.value == "shown" for one in report.observations)
    left |= {"entry_withdrawn"} if refused or other_phone else set()
    places = found.facts if isinstance(found, AnyOf) else {}
    seen = any(one.value == places.get(one.id) for one in report.observations)
    unlooked = set() if leading.about_cause else {"entry_not_searched"}  # looking on can wait, as the headline says
    return [
        one
        for one in report.causes
        if one.status in FOR
        and one.id not in unlooked
        and not (one.status == "possible" and one.id in left)
        and not (refused and one.id == "not_invited")  # whoever was assessed was asked
        and not (seen and one.kind == "location")
    ]


def beside(report: Report, knowledge: Knowledge) -> list[SituationReport]:
    """Return the situations beside the leading one that are worth a sentence.

    That the entry is missing is not said to whoever asks about something else or is answered already.
    """
    leading, *others = report.situations
    by_id = {one.id: one for one in knowledge.situations}
    answered = by_id[leading.id].conclusive or not by_id[leading.id].about_entry
    return [one for one in others if not (answered and by_id[one.id].about_cause)]
