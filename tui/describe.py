"""A report's parts as styled text. Text from outside comes in cleaned and is never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from diagnostics.report import strongest
from diagnostics.report.evidence_text import title_of
from tui.words import CHECK_MARKS, MARKS, TONES

if TYPE_CHECKING:
    from diagnostics.report import CauseReport, Report
    from diagnostics.report.model import ObservationReport, PlanItem, Reminder
    from tui.desk import CheckLine
    from tui.words import Words


def cause_content(report: Report, words: Words, id_: str) -> Content:
    """Everything about one cause: status, meaning, evidence, what would change it, what to do, sources."""
    cause = next((one for one in report.causes if one.id == id_), None)
    if cause is None:
        return Content("")
    say = words.say
    tone = TONES[cause.status]
    parts = [
        Content.styled(cause.title, "bold"),
        Content.assemble((f"{MARKS[cause.status]} {words.of(f'status.{cause.status}')}", f"bold {tone}"),
                         ("  " + words.of(f"kind.{cause.kind}"), "dim")),
        Content(""),
        Content(cause.meaning),
        *_evidence(report, cause, words),
        *_list(say("detail.would_change"), [change.text for change in cause.would_change]),
        *_actions(cause, words),
        *_list(say("detail.shows_after"), [cause.shows_after]),
        Content(""),
        _head(say("detail.sources")),
        Content.styled(say("detail.confidence", confidence=words.of(f"confidence.{cause.confidence}")), "dim"),
    ]  # fmt: skip
    for source in cause.sources:
        parts.append(Content.assemble("- ", source.text, ("  " + words.of(f"confidence.{source.confidence}"), "dim")))
        parts += [Content.styled(f"  {ref}", "dim") for ref in source.refs]
    return Content("\n").join(parts)


def _head(text: str) -> Content:
    return Content.styled(text, "bold $primary")


def _list(title: str, lines: list[str]) -> list[Content]:
    if not lines:
        return []
    return [Content(""), _head(title), *(Content(f"- {line}") for line in lines)]


def _evidence(report: Report, cause: CauseReport, words: Words) -> list[Content]:
    """For and against, apart; each with the source in its words and the time it was noted."""
    if not cause.because:
        return [Content(""), _head(words.say("detail.evidence")), Content(words.say("detail.no_evidence"))]
    times = {one.id: one for one in report.observations}
    found: list[Content] = []
    for name, against in (("detail.for", False), ("detail.against", True)):
        told = [
            one
            for one in cause.because
            if (one.effect == "against" or (one.effect == "settles" and cause.status == "ruled_out")) is against
        ]
        if not told:
            continue
        found += [Content(""), _head(words.say(name))]
        for one in told:
            seen = times.get(one.observation or "")
            found.append(Content.assemble(f"- {one.text}", (when(seen, words), "dim")))
    return found


def when(seen: ObservationReport | None, words: Words) -> str:
    """Return the time of an observation as this computer's clock shows it, with a leading gap; empty where unknown."""
    from datetime import datetime

    if seen is None or seen.observed_at is None:
        return ""
    try:
        at = datetime.fromisoformat(seen.observed_at).astimezone()
    except ValueError:
        return ""
    return "  " + words.say("detail.at", time=at.strftime("%m-%d\u00a0%H:%M"))


def _actions(cause: CauseReport, words: Words) -> list[Content]:
    if not cause.actions:
        return []
    lines = [Content(""), _head(words.say("detail.actions"))]
    for number, action in enumerate(cause.actions, 1):
        lines.append(Content.assemble(f"{number}. {action.text}", (_who(action.effort, action.by, words), "dim")))
        lines.append(Content.styled(f"   {words.say('detail.verify', text=action.verify)}", "dim"))
    return lines


def _who(effort: str, by: str, words: Words) -> str:
    return "  " + words.say("detail.who", by=words.of(f"by.{by}"), effort=words.of(f"effort.{effort}"))


def group_content(report: Report, words: Words, id_: str) -> Content:
    """A group: its causes with their status, strongest first."""
    title = next((group.get(words.lang) for group in words.knowledge.groups if group.id == id_), id_)
    causes = {cause.id: cause for cause in report.causes}
    parts = [Content.styled(title, "bold"), Content("")]
    for cause_id in report.tree.get(id_, []):
        cause = causes[cause_id]
        parts.append(Content.assemble((f"{MARKS[cause.status]} ", TONES[cause.status]), cause.title,
                                      (f"  {words.of(f'status.{cause.status}')}", TONES[cause.status])))  # fmt: skip
    return Content("\n").join(parts)


def plan_content(item: PlanItem, number: int, words: Words, report: Report) -> Content:
    """One step of the plan: what, what for, how soon, who and how long, and how to see that it worked."""
    tone = "bold $text-error" if item.urgency == "now" else "bold"
    return Content.assemble(
        (f"{number}. ", "bold"), (item.text, tone if number == 1 or item.urgency == "now" else ""), "\n",
        (f"   {_purpose(item, report)}  {words.of(f'urgency.{item.urgency}')}", "dim"),
        (_who(item.effort, item.by, words), "dim"), "\n",
        (f"   {words.say('detail.verify', text=item.verify)}", "dim"),
    )  # fmt: skip


def _purpose(item: PlanItem, report: Report) -> str:
    """Return the title of the cause or the situation that a step is for."""
    named = {cause.id: cause.title for cause in report.causes} | {one.id: one.title for one in report.situations}
    return named[item.cause or item.situation or ""]


def head_content(report: Report, words: Words) -> Content:
    """The line that always stands: the situation, then the first step if any; danger in the tone of danger."""
    tone = "bold $text-error" if report.plan and report.plan[0].urgency == "now" else "bold"
    if not report.plan:
        return Content(report.summary)
    first = words.of("format.short.first", text=report.plan[0].short)
    return Content.assemble((report.situations[0].text, ""), "\n", (first, tone))


def check_content(line: CheckLine, words: Words, seconds: float) -> Content:
    """One check: mark, name, status in words, time, and what it is at or what it found."""
    state = line.result.status if line.result is not None and line.state == "done" else line.state
    title = words.of(f"check.{line.id}.title") if f"check.{line.id}.title" in words.knowledge.locale else line.id
    tone = TONES.get(state, "dim")
    took = f"  {words.say('check.seconds', seconds=f'{seconds:.1f}')}" if seconds > 0 else ""
    status = words.say(f"check.{state}")
    head = Content.assemble((f"{CHECK_MARKS[state]} ", tone), (title, "bold"), "  ", (status, tone), (took, "dim"))
    told = ""
    if line.result is not None and line.state == "done":
        told = words.text(line.result.detail)
    elif line.progress is not None:
        told = step_text(line, words)
    below = "".join(f"\n  {part}" for part in told.splitlines())
    return Content.assemble(head, below)


def step_text(line: CheckLine, words: Words) -> str:
    """What a running check is at: the step in words and the target."""
    at = line.progress
    if at is None:
        return ""
    step = words.say(f"step.{at.step}") if words.has(f"step.{at.step}") else at.step
    return f"{step} {at.target}".strip()


def result_before(report: Report, words: Words) -> Content:
    """What stands above the plan: the verdict, and a warning that must come first."""
    say = words.say
    first = _first_warnings(report)
    parts = [Content.assemble((one.text, "bold $text-error"), "\n") for one in first]
    parts += [_head(say("result.title")), Content.styled(report.summary, "bold")]
    for clash in report.contradictions:
        settle = words.knowledge.questions[clash.settle].text(words.lang).title if clash.settle else ""
        if clash is report.contradictions[0]:
            parts += [Content(""), _head(say("result.contradictions"))]
        parts.append(
            Content.assemble(f"- {clash.text}", (f" {say('result.settle', title=settle)}" if settle else "", "dim"))
        )
        parts += [
            Content(f"  - {words.of(f'source.{one.source}.says', what=_title(one, words), value=one.text)}")
            for one in clash.observations
        ]
    if report.application is not None:
        parts += [Content(""), _head(say("result.steps"))]
        parts += [Content(f"{number}. {text}") for number, text in enumerate(report.application.steps, 1)]
        parts += [Content(""), _head(say("result.cautions"))]
        parts += [Content(f"- {text}") for text in report.application.cautions]
    if report.plan:
        parts += [Content(""), _head(say("result.plan")), Content.styled(say("result.plan_help"), "dim")]
    return Content("\n").join(parts)


def _title(seen: ObservationReport, words: Words) -> str:
    return title_of(words, seen.id)


def _first_warnings(report: Report) -> list[Reminder]:
    """The scam warning, which is the first of all only where it must stand above everything."""
    return [one for one in report.warnings[:1] if one.id == "scam"]


def result_after(report: Report, words: Words) -> Content:
    """What stands below the plan: when to look again, what would help, the reminders, the limits."""
    say = words.say
    parts: list[Content] = []
    standing = strongest(report) if report.application is None else []
    parts += _list(
        say("result.look_again"),
        [words.say("result.of", title=cause.title, text=cause.shows_after) for cause in standing[:4]],
    )
    unknown = [one.id for one in report.observations if one.value == "unknown" and one.id in words.knowledge.questions]
    texts = [words.knowledge.questions[id_].text(words.lang) for id_ in unknown]
    parts += _list(say("result.find_out"), [words.say("result.of", title=text.title, text=text.how) for text in texts])
    shown = report.warnings[len(_first_warnings(report)) :]
    parts += _list(
        say("result.beliefs"),
        [words.of("format.belief.line", quote=one.quote, text=one.text) for one in report.beliefs],
    )
    parts += _list(say("result.warnings"), [one.text for one in shown])
    parts += _list(say("result.limits"), list(report.limits))
    return Content("\n").join(parts[1:])
