"""Cases as text for a terminal: a table, one case, the statistics. Everything from the store is sanitized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from diagnostics.cases import model
from diagnostics.engine.assessment import assess
from diagnostics.evidence import Evidence
from diagnostics.formats.width import bars, fit, wrap
from diagnostics.i18n import name_masks
from diagnostics.report.build import lazy_report, strongest
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.evidence_text import title_of, value_text
from diagnostics.report.model import SAFETY
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnostics.cases.model import Case, CaseRow
    from diagnostics.cases.stats import Stats
    from diagnostics.cases.store import CaseStore
    from diagnostics.evidence import Observation
    from diagnostics.i18n import Texts

WIDTH: Final = 78
LISTED: Final = {"id": 10, "created": 16, "status": 6, "situation": 36, "label": 16}
"""The columns of a list of cases, with their width."""
TODAY: Final = {"due": 10, "id": 10, "situation": 36, "label": 16}
"""The columns of an operator's list for today."""


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


def gists(store: CaseStore, texts: Texts, rows: Sequence[CaseRow]) -> dict[str, Gist]:
    """Assess the cases of a page; call it in the store's thread. Raises StoreError."""
    return {row.id: _gist(texts, store.open(row.id)) for row in rows}


def _gist(texts: Texts, case: Case) -> Gist:
    knowledge = texts.knowledge
    report = lazy_report(Diagnosis(assess(knowledge, Evidence(case.observations)), (), lang=texts.lang))
    first, plan = report.situations[0], report.plan
    danger = first.id in SAFETY
    about_entry = next(one for one in knowledge.situations if one.id == first.id).about_entry
    apart = danger or report.outcome == model.FOUND or not about_entry
    cause = None if apart else next(iter(strongest(report, knowledge)), None)
    said = (cause.title, cause.status) if cause is not None else ("", "")
    return Gist(first.title, plan[0].short if plan else "", danger, apart, *said)


def state(texts: Texts, row: CaseRow, gist: Gist) -> str:
    """Return the proven cause, else the situation; a dangerous one is marked."""
    known = cause_title(texts, row.proven) if row.proven else gist.situation
    return f"! {known}" if gist.danger else known


def table(store: CaseStore, texts: Texts, rows: Sequence[CaseRow], columns: Mapping[str, int] = LISTED) -> str:
    """Return cases as a table, one line per case. Raises StoreError."""
    found = gists(store, texts, rows)
    lines = [{name: texts(f"cases.column.{name}") for name in columns}]
    lines += [_cells(texts, row, found[row.id]) for row in rows]
    return "".join("  ".join(fit(line[name], columns[name]) for name in columns).rstrip() + "\n" for line in lines)


def _cells(texts: Texts, row: CaseRow, gist: Gist) -> dict[str, str]:
    """Return the columns of a case; its situation is the first cause, where one stands and none is proven."""
    return {
        "id": row.id,
        "created": row.created_at[:16].replace("T", " "),
        "due": row.due_on or texts("cases.no_day"),
        "status": texts(f"cases.status.{row.status}"),
        "situation": ("" if row.proven else gist.cause) or state(texts, row, gist),
        "label": clean_line(row.label, 40),
    }


def reply_text(texts: Texts, case: Case, template: str) -> str:
    """Return a message to the user from a template, with the summary and the first step of the current report."""
    if template == "closed" and case.proven:
        return _closing_text(texts, *_closing_of(texts, case.proven))
    from diagnostics.report import build

    report = build(texts.knowledge, Evidence(case.observations), lang=texts.lang)
    if template == "closed":
        return _closing_text(texts, "open", report.summary)
    step = report.plan[0].text if report.plan else ""
    key = template if step else "no_step"
    if template == "first" and report.situations[0].id in SAFETY[:2]:
        key, step = "danger", "\n".join(one.text for one in report.plan if one.urgency == "now")
    return clean(texts(f"cases.reply.{key}", summary=report.summary, step=step))


def _closing_of(texts: Texts, proven: str) -> tuple[str, str]:
    """Return which message ends a case with this finding, and the cause it names.

    Of what the bank decides it says only that it may be the reason.
    """
    cause = texts.knowledge.causes.get(proven)
    if cause is None:
        return (proven if proven in model.CLOSINGS else "unsettled"), ""
    key = "by_bank" if cause.kind in ("assessment", "platform") else "known"
    return key, cause_title(texts, proven)


def _closing_text(texts: Texts, key: str, cause: str) -> str:
    return clean(f"{texts(f'cases.reply.closed.{key}', cause=cause)}\n{texts('cases.reply.closed.end')}")


def outcome_name(texts: Texts, outcome: str) -> str:
    """Return the outcome of a case in a few words."""
    key = f"cases.outcome.{outcome}"
    return texts(key) if key in texts.knowledge.locale else clean_line(outcome, 30)


def result(texts: Texts, case: Case) -> str:
    """Return the outcome of a case with its first cause, or the situation if it is not about the missing entry."""
    gist, outcome = _gist(texts, case), outcome_name(texts, case.outcome)
    if gist.cause:
        return texts("cases.show.result", outcome=outcome, cause=gist.cause, status=texts(f"status.{gist.status}"))
    if gist.apart and case.outcome != model.FOUND:
        return texts("cases.show.situation", situation=gist.situation)
    return texts("cases.show.outcome", outcome=outcome)


def cause_title(texts: Texts, id_: str) -> str:
    """Return the title of a cause, or of what else a case may be closed with."""
    return model.title_of(texts.knowledge, id_)[texts.lang]


def whole(texts: Texts, case: Case) -> str:
    """Return one case in full."""
    status = texts(f"cases.status.{case.status}")
    about = [
        texts("cases.show.head", id=case.id, status=status, version=case.version),
        *([texts("cases.show.label", label=clean_line(case.label))] if case.label else []),
        *facts(texts, case, str),
    ]
    lines = [line for fact in about for line in wrap(name_masks(fact, texts.lang), WIDTH)]
    for name, items in parts(texts, case, str).items():
        if items:
            lines += ["", f"[ {texts(f'cases.show.{name}')} ]"]
            lines += [
                ("- " if at == 0 else "  ") + line
                for item in items
                for at, line in enumerate(wrap(name_masks(item, texts.lang), WIDTH - 2))
            ]
    return "\n".join(lines) + "\n"


def parts(texts: Texts, case: Case, at: Callable[[str], str]) -> dict[str, list[str]]:
    """Return the lists of a case by their names; `at` formats a stored time."""
    return {
        "observations": [_observation_line(texts, one) for one in case.observations],
        "history": _history_lines(texts, case, at),
        "notes": [f"{at(note.at)} {clean_line(note.operator) or '-'}: {clean(note.text)}" for note in case.notes],
        "masked": [f"{one.placeholder} x{one.times}" for one in case.masked],
    }


def facts(texts: Texts, case: Case, at: Callable[[str], str]) -> list[str]:
    """Return lines about who began, changed and owns a case, its follow-up, consent, result and tags."""

    def say(key: str, **values: object) -> str:
        return texts(f"cases.show.{key}", **values)

    def name(text: str) -> str:
        return clean_line(text) or say("nobody")

    return [
        say("begun", created=at(case.created_at), operator=name(case.operator)),
        say("changed", updated=at(case.updated_at), operator=name(case.changed_by)),
        *([say("owner", owner=clean_line(case.owner))] if case.owner else []),
        *([say("due", day=case.due_on)] if case.due_on else []),
        say("consent", at=at(case.consent_at)) if case.consent_at else say("no_consent"),
        result(texts, case),
        *([say("proven", cause=cause_title(texts, case.proven), at=at(case.closed_at or ""))] if case.proven else []),
        *([say("tags", tags=" ".join(clean_line(tag) for tag in case.tags))] if case.tags else []),
    ]


def _history_lines(texts: Texts, case: Case, at: Callable[[str], str]) -> list[str]:
    """Return the history of a case, the oldest event first."""
    return [
        f"{at(one.at)} {clean_line(one.operator) or texts('cases.show.nobody')}: "
        f"{clean_line(model.describe_event(texts.knowledge, one).text(texts.lang))}"
        for one in case.history
    ]


def _observation_line(texts: Texts, one: Observation) -> str:
    """Return one observation with its source."""
    value = clean_line(value_text(texts, one))
    return f"{clean_line(title_of(texts, one.id))}: {value} ({texts(f'source.{one.source}.name')})"


def figures(texts: Texts, found: Stats, *, ascii_only: bool) -> str:
    """Return the statistics as tables with bars."""
    blocks: dict[str, list[Any]] = {
        "weeks": [(week.week, week.cases) for week in found.weeks[-26:]],
        "outcomes": [(outcome_name(texts, name), count) for name, count in found.outcomes.items()],
        "first": [(cause_title(texts, one.cause), one.first) for one in found.causes if one.first],
        "proven": [(cause_title(texts, one.cause), one.proven) for one in found.causes if one.proven],
    }
    lines = [texts("cases.stats.total", cases=found.cases, open=found.open, closed=found.closed)]
    for name, spread in (("seconds", found.seconds), ("questions", found.questions)):
        lines.append(texts(f"cases.stats.{name}", median=f"{spread.median:g}", p90=f"{spread.p90:g}", most=spread.most))
    for key, rows in blocks.items():
        if rows:
            lines += ["", f"[ {texts(f'cases.stats.{key}')} ]", *bars(rows, 30, ascii_only=ascii_only)]
    return "\n".join(lines) + "\n"
