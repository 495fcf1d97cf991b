"""A report's parts as styled text. Text from outside comes in cleaned and is never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from diagnostics.report import beside, may_apply, strongest
from diagnostics.report.evidence_text import title_of
from tui.app.texts import CHECK_MARKS, MARKS, TONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.report import CauseReport, Report
    from diagnostics.report.model import ObservationReport, PlanItem, Reminder
    from tui.app.check_runs import CheckLine
    from tui.app.texts import ScreenTexts

SAFETY: Final = ("harm_done", "scam_contact", "owing")
"""Situations that are seen on every screen: money or an account may be lost."""


def safety_text(report: Report) -> str:
    """Return what must not be overlooked: the leading danger in a sentence, others by their titles; else nothing."""
    found = [one for one in report.situations if one.id in SAFETY]
    return "  ".join([found[0].text, *(one.title for one in found[1:])]) if found else ""


def cause_content(report: Report, texts: ScreenTexts, id_: str) -> Content:
    """Everything about one cause: status, meaning, evidence, what would change it, what to do, sources."""
    cause = next((one for one in report.causes if one.id == id_), None)
    if cause is None:
        return Content("")
    say = texts.say
    tone = TONES[cause.status]
    parts = [
        Content.styled(cause.title, "bold"),
        Content.assemble((f"{MARKS[cause.status]} {texts(f'status.{cause.status}')}", f"bold {tone}"),
                         ("  " + texts(f"kind.{cause.kind}"), "dim")),
        Content(""),
        Content(cause.meaning),
        *_evidence(report, cause, texts),
        *_list(say("detail.would_change"), [change.text for change in cause.would_change]),
        *_actions(cause, texts),
        *_list(say("detail.shows_after"), [cause.shows_after]),
        Content(""),
        _head(say("detail.sources")),
        Content.styled(say("detail.confidence", confidence=texts(f"confidence.{cause.confidence}")), "dim"),
    ]  # fmt: skip
    for source in cause.sources:
        parts.append(Content.assemble("- ", source.text, ("  " + texts(f"confidence.{source.confidence}"), "dim")))
        parts += [Content.styled(f"  {ref}", "dim") for ref in source.refs]
    return Content("\n").join(parts)


def _head(text: str) -> Content:
    return Content.styled(text, "bold $primary")


def _list(title: str, lines: list[str]) -> list[Content]:
    if not lines:
        return []
    return [Content(""), _head(title), *(Content(f"- {line}") for line in lines)]


def _evidence(report: Report, cause: CauseReport, texts: ScreenTexts) -> list[Content]:
    """For and against, apart; each with the source in its words and the time it was noted."""
    if not cause.because:
        return [Content(""), _head(texts.say("detail.evidence")), Content(texts.say("detail.no_evidence"))]
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
        found += [Content(""), _head(texts.say(name))]
        for one in told:
            seen = times.get(one.observation or "")
            found.append(Content.assemble(f"- {one.text}", (when(seen, texts), "dim")))
    return found


def when(seen: ObservationReport | None, texts: ScreenTexts) -> str:
    """Return the time of an observation as this computer's clock shows it, with a leading gap; empty where unknown."""
    from datetime import datetime

    if seen is None or seen.observed_at is None:
        return ""
    try:
        at = datetime.fromisoformat(seen.observed_at).astimezone()
    except ValueError:
        return ""
    return "  " + texts.say("detail.at", time=at.strftime("%m-%d\u00a0%H:%M"))


def _actions(cause: CauseReport, texts: ScreenTexts) -> list[Content]:
    if not cause.actions:
        return []
    lines = [Content(""), _head(texts.say("detail.actions"))]
    for number, action in enumerate(cause.actions, 1):
        lines.append(Content.assemble(f"{number}. {action.text}", (_who(action.effort, action.by, texts), "dim")))
        lines.append(Content.styled(f"   {texts.say('detail.verify', text=action.verify)}", "dim"))
    return lines


def _who(effort: str, by: str, texts: ScreenTexts) -> str:
    return "  " + texts.say("detail.who", by=texts(f"by.{by}"), effort=texts(f"effort.{effort}"))


def section_content(report: Report, texts: ScreenTexts, status: str) -> Content:
    """Causes of one status, by their groups."""
    causes = {cause.id: cause for cause in report.causes if cause.status == status}
    parts = [Content.styled(texts.say(f"tree.{status}", count=len(causes)), "bold")]
    if status == "unknown":
        parts.append(Content(texts("format.cause.unknown", count=len(causes))))
    for group in texts.knowledge.groups:
        titles = [causes[id_].title for id_ in report.tree.get(group.id, []) if id_ in causes]
        if titles:
            parts.append(Content.assemble((f"{group.get(texts.lang)}{texts('list.colon')}", "dim"),
                                          texts("list.comma").join(titles)))  # fmt: skip
    return Content("\n").join(parts)


def plan_content(
    item: PlanItem, number: int, texts: ScreenTexts, report: Report, *, first: bool = False, done: str = ""
) -> Content:
    """One step of the plan: what, what for, how soon, who and how long, and how to see that it worked."""
    if done and done != "later":
        said = f" {texts.say(f'done.{done}_mark')}"
        return Content.assemble((f"{number}. ", "dim"), (item.short, "dim"), (said, "dim"))
    put_off = texts.say("head.postponed") if done else ""
    return Content.assemble(
        (f"{number}. ", "bold"), (item.text, "bold $accent" if first else ""), (put_off, "dim"), "\n",
        (f"   {_purpose(item, report)}  {texts(f'urgency.{item.urgency}')}", "dim"),
        (_who(item.effort, item.by, texts), "dim"), "\n",
        (f"   {texts.say('detail.verify', text=item.verify)}", "dim"),
    )  # fmt: skip


def _purpose(item: PlanItem, report: Report) -> str:
    """Return the title of the cause or the situation that a step is for."""
    named = {cause.id: cause.title for cause in report.causes} | {one.id: one.title for one in report.situations}
    return named[item.cause or item.situation or ""]


def head_content(
    report: Report, texts: ScreenTexts, steps: list[PlanItem], width: int, *, went: Mapping[str, str]
) -> Content:
    """What always stands: the situation, red where money or an account is in danger, the first step, and the next.

    Who does the first step, and by when, is said as far as there is room on its line.
    """
    safety = safety_text(report)
    situation = report.situations[0].text if report.plan else report.summary
    lines = [Content.assemble(("! ", "bold $text-error"), (safety, "bold $text-error")) if safety
             else Content.styled(situation, "bold")]  # fmt: skip
    others = [one.title for one in beside(report, texts.knowledge) if one.id not in SAFETY]
    if others:
        lines[0] = lines[0] + Content.styled(f"  {texts.say('head.also', title=others[0])}", "dim")
    if not steps:
        lines.append(Content.styled(texts.say("head.all_done" if report.plan else "head.no_step"), "bold $accent"))
        return Content("\n").join(lines)
    first = steps[0]
    put_off = texts.say("head.postponed") if first.id in went else ""
    by, urgency = texts(f"by.{first.by}"), texts(f"urgency.{first.urgency}")
    room = width - 2 - cell_len(first.short) - cell_len(put_off)
    facts = next((one for one in (f"  {by} · {urgency}", f"  {urgency}") if cell_len(one) <= room), "")
    lines.append(
        Content.assemble(("▸ ", "bold $accent"), (first.short, "bold $accent"), (put_off, "dim"), (facts, "dim"))
    )
    for number, item in enumerate(steps[1:3]):
        lines.append(
            Content.assemble((f"  {texts.say('head.then' if number == 0 else 'head.after')}", "dim"), item.short)
        )
    return Content("\n").join(lines)


def check_state(line: CheckLine) -> str:
    """Return how a check stands: its status once it is done; `absent` where what it looks for is not there."""
    if line.result is None or line.state != "done":
        return line.state
    return "absent" if (line.result.verdict or "").endswith("_absent") else line.result.status


def check_content(line: CheckLine, texts: ScreenTexts, seconds: float) -> Content:
    """One check: mark, name, status in words, time where wanted, and what it is at or what it found."""
    state = check_state(line)
    title = texts(f"check.{line.id}.title") if f"check.{line.id}.title" in texts.knowledge.locale else line.id
    tone = TONES.get(state, "dim")
    took = f"  {texts.say('check.seconds', seconds=f'{seconds:.1f}')}" if seconds > 0 else ""
    status = texts.say(f"check.{state}")
    head = Content.assemble((f"{CHECK_MARKS[state]} ", tone), (title, "bold"), "  ", (status, tone), (took, "dim"))
    told = ""
    if line.result is not None and line.state == "done":
        told = texts.render(line.result.detail)
    elif line.progress is not None:
        told = step_text(line, texts)
    below = "".join(f"\n  {part}" for part in told.splitlines())
    return Content.assemble(head, below)


def step_text(line: CheckLine, texts: ScreenTexts) -> str:
    """What a running check is at: the step in words and the target."""
    at = line.progress
    if at is None:
        return ""
    step = texts.say(f"step.{at.step}") if texts.has(f"step.{at.step}") else at.step
    return f"{step} {at.target}".strip()


def result_before(report: Report, texts: ScreenTexts, *, help_: str = "") -> Content:
    """What stands above the plan: the verdict, and a warning that must come first."""
    say = texts.say
    first = _first_warnings(report)
    parts = [Content.assemble((one.text, "bold $text-error"), "\n") for one in first]
    parts += [_head(say("result.title")), Content.styled(report.summary, "bold")]
    for clash in report.contradictions:
        settle = texts.knowledge.questions[clash.settle].text(texts.lang).title if clash.settle else ""
        if clash is report.contradictions[0]:
            parts += [Content(""), _head(say("result.contradictions"))]
        parts.append(
            Content.assemble(f"- {clash.text}", (f" {say('result.settle', title=settle)}" if settle else "", "dim"))
        )
        parts += [
            Content(f"  - {texts(f'source.{one.source}.says', what=title_of(texts, one.id), value=one.text)}")
            for one in clash.observations
        ]
    if report.application is not None and may_apply(report):
        parts += [Content(""), _head(say("result.steps"))]
        parts += [Content(f"{number}. {text}") for number, text in enumerate(report.application.steps, 1)]
        parts += [Content(""), _head(say("result.cautions"))]
        parts += [Content(f"- {text}") for text in report.application.cautions]
    if report.plan:
        parts += [Content(""), _head(say("result.plan")), *([Content.styled(help_, "dim")] if help_ else [])]
    return Content("\n").join(parts)


def _first_warnings(report: Report) -> list[Reminder]:
    """The scam warning, which is the first of all only where it must stand above everything."""
    return [one for one in report.warnings[:1] if one.id == "scam"]


def result_after(report: Report, texts: ScreenTexts) -> Content:
    """What stands below the plan: the reminders, mistaken beliefs, when to look again, what would help, the limits."""
    say, knowledge = texts.say, texts.knowledge
    shown = report.warnings[len(_first_warnings(report)) :]
    parts = _list(say("result.warnings"), [one.text for one in shown])
    parts += _list(
        say("result.beliefs"),
        [texts("format.belief.line", quote=one.quote, text=one.text) for one in report.beliefs],
    )
    standing = strongest(report, knowledge) if report.application is None else []
    parts += _list(
        say("result.look_again"), [say("result.of", title=one.title, text=one.shows_after) for one in standing[:4]]
    )
    unknown = [one.id for one in report.observations if one.value == "unknown" and one.id in knowledge.questions]
    asked = [knowledge.questions[id_].text(texts.lang) for id_ in unknown]
    parts += _list(say("result.find_out"), [say("result.of", title=text.title, text=text.how) for text in asked])
    parts += _list(say("result.limits"), list(report.limits))
    return Content("\n").join(parts[1:])
