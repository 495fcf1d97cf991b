"""A report's parts as styled text. Text from outside comes in cleaned and is never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from diagnostics.formats.report_view import ReportView
from diagnostics.report import beside, strongest
from diagnostics.report.evidence_text import title_of
from diagnostics.report.model import SAFETY
from diagnostics.sanitize import clean_line
from tui.app.panes import Block
from tui.app.style import CHECK_MARKS, MARKS, TONES, short_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from diagnostics.engine.assessment import Move
    from diagnostics.report import CauseReport, Report
    from diagnostics.report.model import ObservationReport, PlanItem
    from tui.app.check_runs import CheckLine, CheckRuns
    from tui.app.style import ScreenTexts

FOLDED: Final = ("ruled_out", "unknown")
"""Statuses whose causes are folded into one line."""


def safety_text(report: Report) -> str:
    """Return what must not be overlooked: the leading danger in a sentence, others by their titles; else nothing."""
    found = [one for one in report.situations if one.id in SAFETY]
    return "  ".join([found[0].text, *(one.title for one in found[1:])]) if found else ""


def cause_content(report: Report, texts: ScreenTexts, id_: str) -> Content:
    """Everything about one cause: status, meaning, evidence, what would change it, what to do, sources."""
    if id_ in FOLDED:
        return _section(report, texts, id_)
    cause = next(one for one in report.causes if one.id == id_)
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


def quoted(seen: ObservationReport, texts: ScreenTexts) -> str:
    """Return the words that an answer was read from, with a leading gap; empty where there are none."""
    if not seen.detail or not seen.detail.startswith("「"):
        return ""
    words = seen.detail.removeprefix("「").removesuffix("」")
    return f"  {texts('list.quote', words=clean_line(words, 60))}"


def when(seen: ObservationReport | None, texts: ScreenTexts) -> str:
    """Return the time of an observation as this computer's clock shows it, with a leading gap; empty where unknown."""
    at = short_time(seen.observed_at, "%m-%d\u00a0%H:%M") if seen is not None else ""
    return f"  {texts.say('detail.at', time=at)}" if at else ""


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


def reason_rows(
    report: Report, texts: ScreenTexts, moves: Iterable[Move], unfolded: Collection[str], width: int
) -> Iterator[Block]:
    """Yield the causes that something speaks for or that just moved, and the rest folded by status."""
    before = {move.cause: move.before for move in moves}
    spoken_for = {one.id for one in strongest(report, texts.knowledge)}
    noted = [one for one in report.causes if one.id in spoken_for or one.id in before]
    for one in noted:
        yield _reason(one, texts, before.get(one.id), width)
    for status in FOLDED:
        rest = [one for one in report.causes if one.status == status and one not in noted]
        if rest:
            mark = "▼ " if status in unfolded else "▶ "
            told = f"{mark}{texts.say(f'tree.{status}', count=len(rest))}"
            yield Block(Content.styled(told, "dim"), key=status, lead=2)
        for one in rest if status in unfolded else []:
            yield _reason(one, texts, None, width, indent="  ")


def _reason(cause: CauseReport, texts: ScreenTexts, before: str | None, width: int, indent: str = "") -> Block:
    """One cause on its row, with what it was before; by its short name where there is no room for the whole."""
    tone = "dim" if cause.status in FOLDED else "" if cause.status == "possible" else "bold"
    status = f" {texts(f'status.{cause.status}')}"
    was = texts.say("tree.before", status=texts(f"status.{before}")) if before else ""
    title, lead = cause.title, len(indent) + 2
    if lead + cell_len(title + status + was) > width:
        title = texts.knowledge.causes[cause.id].text(texts.lang).short or title
    parts = ((f"{indent}{MARKS[cause.status]} ", tone), (title, "bold" if before else tone), (status, tone))
    return Block(Content.assemble(*parts, (was, "$primary")), key=cause.id, lead=lead)


def reasons_line(report: Report, texts: ScreenTexts, width: int) -> Content:
    """Name on one line the reasons that something speaks for, and count the rest."""
    counts = {status: sum(one.status == status for one in report.causes) for status in FOLDED}
    rest = [texts.say(f"tree.{status}", count=count) for status, count in counts.items() if count]
    tail = f"{' · '.join(rest)}  t {texts.say('tree.unfold')}"
    room = width - cell_len(tail) - cell_len(texts.say("pane.reasons")) - 6
    named: list[str] = []
    for one in strongest(report, texts.knowledge):
        title = texts.knowledge.causes[one.id].text(texts.lang).short or one.title
        told = f"{MARKS[one.status]} {title} {texts(f'status.{one.status}')}"
        if cell_len("  ".join([*named, told])) > room:
            break
        named.append(told)
    head = Content.styled(texts.say("pane.reasons"), "bold")
    return Content("  ").join([head, *map(Content, named), Content.styled(tail, "dim")])


def _section(report: Report, texts: ScreenTexts, status: str) -> Content:
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


def plan_contents(
    report: Report, texts: ScreenTexts, steps: Sequence[PlanItem], went: Mapping[str, str]
) -> list[Content]:
    """Every step of the plan, the first of `steps`, which are left, marked; of one that was tried, how it `went`."""
    return [
        _plan_content(item, number, texts, report, first=item in steps[:1], done=went.get(item.id, ""))
        for number, item in enumerate(report.plan, 1)
    ]


def _plan_content(
    item: PlanItem, number: int, texts: ScreenTexts, report: Report, *, first: bool, done: str
) -> Content:
    """One step of the plan: what, what for, how soon, who and how long, and how to see that it worked."""
    if done and done != "later":
        said = f" {texts.say(f'done.{done}_mark')}"
        return Content.assemble((f"{number}. ", "dim"), (item.short, "dim"), (said, "dim"))
    put_off = texts.say("head.postponed") if done else ""
    return Content.assemble(
        (f"{number}. ", "bold"), (item.text, "bold $accent" if first else ""), (put_off, "dim"), "\n",
        (f"   {_purpose(item, report, texts)}  {texts(f'urgency.{item.urgency}')}", "dim"),
        (_who(item.effort, item.by, texts), "dim"), "\n",
        (f"   {texts.say('detail.verify', text=item.verify)}", "dim"),
    )  # fmt: skip


def _purpose(item: PlanItem, report: Report, texts: ScreenTexts) -> str:
    """Say what a step is for: a cause with its status, a situation, or a check of this computer."""
    if item.id.startswith("network."):
        return texts("check.network.reachability.title")
    cause = next((one for one in report.causes if one.id == item.cause), None)
    if cause is not None:
        return texts("format.cause.line", title=cause.title, status=texts(f"status.{cause.status}"))
    return next(one.title for one in report.situations if one.id == item.situation)


def head_content(
    report: Report, texts: ScreenTexts, steps: list[PlanItem], width: int, *, went: Mapping[str, str]
) -> list[Content]:
    """The head of the main screen: the situation, red where money or an account is in danger, and the next steps.

    Who does the first step, and by when, is said as far as there is room on its line.
    """
    safety, urgent = safety_text(report), bool(report.plan) and report.plan[0].urgency == "now"
    safety = safety or (report.situations[0].text if urgent else "")
    lines = [Content.styled(f"! {safety}", "bold $text-error") if safety
             else Content.styled(report.situations[0].text if report.plan else report.summary, "bold")]  # fmt: skip
    others = [one.title for one in beside(report, texts.knowledge) if one.id not in SAFETY]
    if others:
        lines[0] += Content.styled(f"  {texts.say('head.also', title=others[0])}", "dim")
    if not steps:
        return [*lines, Content.styled(texts.say("head.all_done" if report.plan else "head.no_step"), "bold $accent")]
    first = steps[0]
    put_off = texts.say("head.postponed") if first.id in went else ""
    by, urgency = texts(f"by.{first.by}"), texts(f"urgency.{first.urgency}")
    room = width - 2 - cell_len(first.short) - cell_len(put_off)
    facts = next((one for one in (f"  {by} · {urgency}", f"  {urgency}") if cell_len(one) <= room), "")
    lines.append(Content.assemble((f"▸ {first.short}", "bold $accent"), (put_off, "dim"), (facts, "dim")))
    for name, item in zip(("head.then", "head.after"), steps[1:3], strict=False):
        lines.append(Content.assemble((f"  {texts.say(name)}", "dim"), item.short))
    return lines


def checks_line(checks: CheckRuns, texts: ScreenTexts) -> Content:
    """Return the state of the checks on one line: the running one, else the results of those that ran."""
    running = checks.running()
    parts = [Content.styled(checks_summary(checks, texts), "dim")]
    if running:
        first = running[0]
        parts.append(Content(f"{texts(f'check.{first.id}.title')} {step_text(first, texts)} {int(first.seconds)}s"))
    for line in checks.shown if not running else ():
        state = check_state(line)
        if state not in ("skipped", "unknown", "absent"):
            mark = (f"{CHECK_MARKS[state]} ", TONES.get(state, ""))
            title = texts(f"check.{line.id}.title")
            parts.append(Content.assemble(mark, f"{title} ", (texts.say(f"check.{state}"), "dim")))
    return Content("  ").join(parts)


def checks_summary(checks: CheckRuns, texts: ScreenTexts) -> str:
    """Say how many checks were done, how many run, and how many were not run: an absence is nothing that was done."""
    states = [check_state(line) for line in checks.shown]
    idle = sum(state in ("skipped", "cancelled") for state in states)
    running = sum(state in ("running", "waiting") for state in states)
    told = [texts.say("checks.done", count=len(states) - idle - running)]
    told += [texts.say("checks.running", count=running)] if running else []
    told += [texts.say("checks.not_run", count=idle)] if idle else []
    return texts.say("checks.bar") + texts("list.comma").join(told)


def check_state(line: CheckLine) -> str:
    """Return the state of a check: its status once it is done; `absent` where it found nothing to check."""
    if line.result is None or line.state != "done":
        return line.state
    return "absent" if (line.result.verdict or "").endswith("_absent") else line.result.status


def check_content(line: CheckLine, texts: ScreenTexts, *, verbose: bool = False) -> Content:
    """One check: mark, name, status in words, how long it runs or (`verbose`) ran, what it is at or what it found."""
    state = check_state(line)
    seconds = line.seconds
    if line.result is not None and line.state == "done":
        seconds = line.result.duration_ms / 1000 if verbose and line.result.steps else 0.0
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
    """The text above the plan: a warning that must come first, the verdict, contradictions, how to apply."""
    say = texts.say
    view = ReportView(report, texts.knowledge)
    parts = [Content.assemble((text, "bold"), "\n") for text in view.first_words]
    parts += [Content.assemble((one.text, "bold $text-error"), "\n") for one in view.first_warnings]
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
    if view.application is not None:
        parts += [Content(""), _head(say("result.steps"))]
        parts += [Content(f"{number}. {text}") for number, text in enumerate(view.application.steps, 1)]
        parts += _list(say("result.cautions"), [*view.application.cautions])
    if report.plan:
        parts += [Content(""), _head(say("result.plan")), *([Content.styled(help_, "dim")] if help_ else [])]
    return Content("\n").join(parts)


def result_after(report: Report, texts: ScreenTexts) -> Content:
    """The text below the plan: reminders, mistaken beliefs, when to look again, what would help, the limits."""
    say, knowledge, view = texts.say, texts.knowledge, ReportView(report, texts.knowledge)
    parts = _list(say("result.warnings"), [one.text for one in view.other_warnings])
    parts += _list(say("result.beliefs"), [view.belief(one) for one in view.mistakes])
    standing = view.standing if report.application is None else []
    parts += _list(
        say("result.look_again"), [say("result.of", title=one.title, text=one.shows_after) for one in standing[:4]]
    )
    unknown = [one.id for one in report.observations if one.value == "unknown" and one.id in knowledge.questions]
    asked = [knowledge.questions[id_].text(texts.lang) for id_ in unknown]
    parts += _list(say("result.find_out"), [say("result.of", title=text.title, text=text.how) for text in asked])
    if view.debt is not None:
        parts += _list(texts("format.heading.debt"), [view.debt.text, view.debt.note])
    parts += _list(say("result.limits"), list(report.limits))
    return Content("\n").join(parts[1:])
