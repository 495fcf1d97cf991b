"""Cases as text for a terminal: a table, one case, the statistics. Everything from the store is sanitized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from diagnostics.cases import model
from diagnostics.engine.assessment import assess
from diagnostics.evidence import Evidence
from diagnostics.formats.width import bars, fit, wrap
from diagnostics.i18n import Texts, name_masks
from diagnostics.report.build import lazy_report, strongest
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.evidence_text import title_of, value_text
from diagnostics.report.model import SAFETY
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from diagnostics.cases.model import Case, CaseRow
    from diagnostics.cases.stats import Stats
    from diagnostics.cases.store import CaseStore
    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

WIDTH: Final = 78
_COLUMNS: Final = (("id", 10), ("created", 16), ("status", 6), ("situation", 36), ("label", 16))


class Gist(NamedTuple):
    """The assessment of a case as a list shows it: the leading situation, the first step and the first cause.

    The cause is that of a report: empty if nothing speaks for one, or the question is about something else (`apart`).
    """

    situation: str
    step: str
    danger: bool
    apart: bool
    cause: str
    status: str


def gists(store: CaseStore, knowledge: Knowledge, rows: Sequence[CaseRow], lang: str) -> dict[str, Gist]:
    """Assess the cases of a page; call it in the store's thread. Raises StoreError."""
    return {row.id: _gist(knowledge, store.open(row.id), lang) for row in rows}


def _gist(knowledge: Knowledge, case: Case, lang: str) -> Gist:
    assessed = assess(knowledge, Evidence(case.observations))
    report = lazy_report(Diagnosis(assessed, (), lang="en" if lang == "en" else "zh"))
    first, plan = report.situations[0], report.plan
    danger = first.id in SAFETY
    about_entry = next(one for one in knowledge.situations if one.id == first.id).about_entry
    apart = danger or report.outcome == model.FOUND or not about_entry
    cause = None if apart else next(iter(strongest(report, knowledge)), None)
    said = (cause.title, cause.status) if cause is not None else ("", "")
    return Gist(first.title, plan[0].short if plan else "", danger, apart, *said)


def state(knowledge: Knowledge, row: CaseRow, gist: Gist, lang: str) -> str:
    """Return the proven cause, else the situation; a dangerous one is marked."""
    known = cause_title(knowledge, row.proven, lang) if row.proven else gist.situation
    return f"! {known}" if gist.danger else known


def _finding(knowledge: Knowledge, row: CaseRow, gist: Gist, lang: str) -> str:
    """Return the proven cause, else the first cause, else the situation."""
    return ("" if row.proven else gist.cause) or state(knowledge, row, gist, lang)


def table(store: CaseStore, rows: Sequence[CaseRow], lang: str) -> str:
    """Return a page of cases as a table, one line per case. Raises StoreError."""
    knowledge, found = store.knowledge, gists(store, store.knowledge, rows, lang)
    heads = [knowledge.say(f"cases.column.{name}", lang) for name, _ in _COLUMNS]
    lines = [_line(heads), *(_line(_cells(knowledge, row, found[row.id], lang)) for row in rows)]
    return "\n".join(lines) + "\n"


def _cells(knowledge: Knowledge, row: CaseRow, gist: Gist, lang: str) -> list[str]:
    return [
        row.id,
        row.created_at[:16].replace("T", " "),
        knowledge.say(f"cases.status.{row.status}", lang),
        _finding(knowledge, row, gist, lang),
        clean_line(row.label, 40),
    ]


def agenda(store: CaseStore, rows: Sequence[CaseRow], lang: str) -> str:
    """Return the cases of an operator's list for today, one line per case. Raises StoreError."""
    knowledge, found = store.knowledge, gists(store, store.knowledge, rows, lang)
    none = knowledge.say("cases.no_day", lang)
    return "\n".join(
        f"{row.due_on or none}  {row.id}  {clean_line(row.label, 40) or '-'}  "
        f"{_finding(knowledge, row, found[row.id], lang)}"
        for row in rows
    )


def reply_text(knowledge: Knowledge, case: Case, lang: Literal["zh", "en"], template: str) -> str:
    """Return a message to the user from a template, with the summary and the first step of the current report."""
    if template == "closed" and case.proven:
        return _closing_text(knowledge, lang, *_closing_of(knowledge, case.proven, lang))
    from diagnostics.report import build

    report = build(knowledge, Evidence(case.observations), lang=lang)
    if template == "closed":
        return _closing_text(knowledge, lang, "open", report.summary)
    step = report.plan[0].text if report.plan else ""
    key = template if step else "no_step"
    if template == "first" and report.situations[0].id in SAFETY[:2]:
        key, step = "danger", "\n".join(one.text for one in report.plan if one.urgency == "now")
    return clean(knowledge.say(f"cases.reply.{key}", lang, summary=report.summary, step=step))


def _closing_of(knowledge: Knowledge, proven: str, lang: str) -> tuple[str, str]:
    """Return which message ends a case with this finding, and the cause it names.

    Of what the bank decides it says only that it may be the reason.
    """
    cause = knowledge.causes.get(proven)
    if cause is None:
        return (proven if proven in model.CLOSINGS else "unsettled"), ""
    key = "by_bank" if cause.kind in ("assessment", "platform") else "known"
    return key, cause_title(knowledge, proven, lang)


def _closing_text(knowledge: Knowledge, lang: str, key: str, cause: str) -> str:
    say = _texts_of(knowledge, "reply.closed", lang)
    return clean(f"{say(key, cause=cause)}\n{say('end')}")


def outcome_name(knowledge: Knowledge, outcome: str, lang: str) -> str:
    """Return the outcome of a case in a few words."""
    key = f"cases.outcome.{outcome}"
    return knowledge.say(key, lang) if key in knowledge.locale else clean_line(outcome, 30)


def result(knowledge: Knowledge, case: Case, lang: str) -> str:
    """Return the outcome of a case with its first cause, or the situation if it is not about the missing entry."""
    gist, outcome = _gist(knowledge, case, lang), outcome_name(knowledge, case.outcome, lang)
    if gist.cause:
        status = knowledge.say(f"status.{gist.status}", lang)
        return knowledge.say("cases.show.result", lang, outcome=outcome, cause=gist.cause, status=status)
    if gist.apart and case.outcome != model.FOUND:
        return knowledge.say("cases.show.situation", lang, situation=gist.situation)
    return knowledge.say("cases.show.outcome", lang, outcome=outcome)


def cause_title(knowledge: Knowledge, id_: str, lang: str) -> str:
    """Return the title of a cause, or of what else a case may be closed with."""
    return model.title_of(knowledge, id_)["en" if lang == "en" else "zh"]


def _line(texts: Iterable[str]) -> str:
    return "  ".join(fit(text, width) for text, (_, width) in zip(texts, _COLUMNS, strict=True)).rstrip()


def _texts_of(knowledge: Knowledge, part: str, lang: str) -> Callable[..., str]:
    """Return a function that gives the texts `cases.<part>.<key>`."""
    return lambda key, **values: knowledge.say(f"cases.{part}.{key}", lang, **values)


def whole(knowledge: Knowledge, case: Case, lang: str) -> str:
    """Return one case in full."""
    say = _texts_of(knowledge, "show", lang)
    about = [
        say("head", id=case.id, status=knowledge.say(f"cases.status.{case.status}", lang), version=case.version),
        *([say("label", label=clean_line(case.label))] if case.label else []),
        *facts(knowledge, case, lang, str),
    ]
    blocks = [
        (say("observations"), [observation_line(knowledge, one, lang) for one in case.observations]),
        (say("history"), history_lines(knowledge, case, lang, str)),
        (say("notes"), [f"{note.at} {clean_line(note.operator) or '-'}: {clean(note.text)}" for note in case.notes]),
        (say("masked"), [f"{one.placeholder} x{one.times}" for one in case.masked]),
    ]
    lines = [line for fact in about for line in wrap(name_masks(fact, lang), WIDTH)]
    for title, items in blocks:
        if items:
            lines += ["", f"[ {title} ]"]
            lines += [
                ("- " if at == 0 else "  ") + line
                for item in items
                for at, line in enumerate(wrap(name_masks(item, lang), WIDTH - 2))
            ]
    return "\n".join(lines) + "\n"


def facts(knowledge: Knowledge, case: Case, lang: str, at: Callable[[str], str]) -> list[str]:
    """Return lines about who began, changed and owns a case, its follow-up, consent, result and tags.

    `at` formats a stored time.
    """
    say = _texts_of(knowledge, "show", lang)

    def name(text: str) -> str:
        return clean_line(text) or say("nobody")

    return [
        say("begun", created=at(case.created_at), operator=name(case.operator)),
        say("changed", updated=at(case.updated_at), operator=name(case.changed_by)),
        *([say("owner", owner=clean_line(case.owner))] if case.owner else []),
        *([say("due", day=case.due_on)] if case.due_on else []),
        say("consent", at=at(case.consent_at)) if case.consent_at else say("no_consent"),
        result(knowledge, case, lang),
        *([say("proven", cause=cause_title(knowledge, case.proven, lang), at=at(case.closed_at or ""))]
          if case.proven else []),
        *([say("tags", tags=" ".join(clean_line(tag) for tag in case.tags))] if case.tags else []),
    ]  # fmt: skip


def history_lines(knowledge: Knowledge, case: Case, lang: str, at: Callable[[str], str]) -> list[str]:
    """Return the history of a case, the oldest event first."""
    from diagnostics.cases.model import describe_event

    return [
        f"{at(one.at)} {clean_line(one.operator) or knowledge.say('cases.show.nobody', lang)}: "
        f"{clean_line(describe_event(knowledge, one).text(lang))}"
        for one in case.history
    ]


def observation_line(knowledge: Knowledge, one: Observation, lang: str) -> str:
    """Return one observation with its source."""
    texts = Texts(knowledge, lang)
    value = clean_line(value_text(texts, one))
    name = knowledge.say(f"source.{one.source}.name", lang)
    return f"{clean_line(title_of(texts, one.id))}: {value} ({name})"


def figures(knowledge: Knowledge, found: Stats, lang: str, *, ascii_only: bool) -> str:
    """Return the statistics as tables with bars."""
    say = _texts_of(knowledge, "stats", lang)
    blocks: list[tuple[str, list[Any]]] = [
        ("weeks", [(week.week, week.cases) for week in found.weeks[-26:]]),
        ("outcomes", [(outcome_name(knowledge, name, lang), count) for name, count in found.outcomes.items()]),
        ("first", [(cause_title(knowledge, one.cause, lang), one.first) for one in found.causes if one.first]),
        ("proven", [(cause_title(knowledge, one.cause, lang), one.proven) for one in found.causes if one.proven]),
    ]
    lines = [say("total", cases=found.cases, open=found.open, closed=found.closed)]
    for name, spread in (("seconds", found.seconds), ("questions", found.questions)):
        lines.append(say(name, median=f"{spread.median:g}", p90=f"{spread.p90:g}", most=spread.most))
    for key, rows in blocks:
        if rows:
            lines += ["", f"[ {say(key)} ]", *bars(rows, 30, ascii_only=ascii_only)]
    return "\n".join(lines) + "\n"
