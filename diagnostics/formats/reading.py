"""What every written report says the same way: words of the report's language, and figures worked out from it."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.checks.base import CheckStatus
from diagnostics.explain import say_value, title_of
from diagnostics.formats import marks
from diagnostics.knowledge.model import STATUSES
from diagnostics.report import strongest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.engine.plan import PlanItem
    from diagnostics.explain import Because
    from diagnostics.knowledge.model import Knowledge, QuestionText
    from diagnostics.report.model import CauseReport, CheckReport, ObservationReport, Reminder, Report

STEPS: Final = ("proxy", "resolve", "connect", "tls", "http")
"""The steps of one way through the network, in order."""


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One step on the way to a target: `state` is `pass`, `fail` or `skipped` (not reached)."""

    name: str
    state: CheckStatus
    word: str
    time: str
    failure: str


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """The way to one target: its steps, and where it broke, in a line of text."""

    target: str
    mark: str
    status: CheckStatus
    text: str
    time: str
    hops: tuple[Hop, ...]


class Debt(msgspec.Struct, frozen=True, kw_only=True):
    """Monthly repayments against income, whole percents; `possible` and `likely` are the tool's own lines."""

    percent: int
    possible: int
    likely: int
    text: str
    note: str


class Reading:
    """One report read in its own language."""

    def __init__(self, report: Report, knowledge: Knowledge) -> None:
        self.report = report
        self.knowledge = knowledge
        self.lang = report.lang
        self.standing: list[CauseReport] = strongest(report)

    def say(self, key: str, **values: object) -> str:
        """Return the text `format.<key>` of the report's language."""
        return self.knowledge.say(f"format.{key}", self.lang, **values)

    def word(self, kind: str, name: str) -> str:
        """Return the word for a value: a status, an effort, a confidence."""
        return self.knowledge.say(f"{kind}.{name}", self.lang)

    def stamp(self) -> str:
        """Say when and by what the report was made."""
        one = self.report
        return self.say("report.stamp", at=moment(one.generated_at), name=one.tool.name, version=one.tool.version,
                        knowledge=one.knowledge.version)  # fmt: skip

    @property
    def first_warnings(self) -> list[Reminder]:
        """The scam warning, where the report puts it first."""
        warnings = self.report.warnings
        return warnings[:1] if warnings and warnings[0].id == "scam" else []

    @property
    def other_warnings(self) -> list[Reminder]:
        """Every warning that does not have to come first."""
        return self.report.warnings[len(self.first_warnings) :]

    @cached_property
    def groups(self) -> list[tuple[str, list[CauseReport]]]:
        """Every group's id with its causes, strongest first."""
        causes = {cause.id: cause for cause in self.report.causes}
        return [(group, [causes[id_] for id_ in ids]) for group, ids in self.report.tree.items()]

    def group_title(self, group: str) -> str:
        """Return a group's heading."""
        return next((one.get(self.lang) for one in self.knowledge.groups if one.id == group), group)

    def group_count(self, causes: list[CauseReport]) -> str:
        """Count a group's causes by status: `1 个已确认、3 个已排除`."""
        counts = {status: sum(cause.status == status for cause in causes) for status in STATUSES}
        return self.word("list", "comma").join(
            self.say("group.count", count=count, status=self.word("status", status))
            for status, count in counts.items()
            if count
        )

    def group_line(self, group: str, causes: list[CauseReport]) -> str:
        """Return a group's heading with the counts."""
        return self.say("group.line", title=self.group_title(group), count=self.group_count(causes))

    def knowledge_line(self, cause: CauseReport) -> str:
        """Say what kind of cause it is and how far the knowledge behind it can be trusted."""
        return self.say("cause.knowledge", kind=self.word("kind", cause.kind),
                        confidence=self.word("confidence", cause.confidence))  # fmt: skip

    def because(self, one: Because) -> str:
        """Say what a piece of evidence does, and what it is."""
        return f"[{self.say(f'effect.{one.effect}')}] {one.text}"

    def refs(self, cause: CauseReport) -> str:
        """List the pages a cause rests on, each once."""
        return self.word("list", "semicolon").join(dict.fromkeys(ref for one in cause.sources for ref in one.refs))

    def steps_of(self, cause: CauseReport) -> str:
        """Say which steps of the plan belong to a cause; empty where the plan has none."""
        numbers = [str(number) for number, item in enumerate(self.report.plan, 1) if item.cause == cause.id]
        key = "cause.step" if len(numbers) == 1 else "cause.steps"
        return self.say(key, numbers=self.word("list", "comma").join(numbers)) if numbers else ""

    def title(self, id_: str) -> str:
        """Return the short name of a question, a cause or an observation."""
        return title_of(self.knowledge, id_, self.lang)

    def stands(self, causes: list[CauseReport]) -> bool:
        """Whether one of these causes stands at `possible` or above."""
        return any(cause in self.standing for cause in causes)

    def open_question(self) -> QuestionText | None:
        """Return the texts of the question to ask next, None where none is left."""
        next_ = self.report.questions.next
        return self.knowledge.questions[next_].text(self.lang) if next_ is not None else None

    def what_if(self) -> list[str]:
        """Say which answers were tried and which causes would move."""
        tried = self.report.what_if
        if tried is None:
            return []
        said = [
            self.say("what_if.answer", title=self.title(id_), value=say_value(self.knowledge, id_, value, self.lang))
            for id_, value in tried.answers.items()
        ]
        for move in tried.moves:
            before, after = (self.word("status", status) for status in (move.before, move.after))
            said.append(self.say("what_if.move", title=self.title(move.cause), before=before, after=after))
        return said if tried.moves else [*said, self.say("what_if.nothing")]

    def plan_facts(self, item: PlanItem) -> str:
        """Say what a step is for, how long it takes and who does it."""
        return self.say("plan.facts", title=self.title(item.cause),
                        effort=self.word("effort", item.effort), by=self.word("by", item.by))  # fmt: skip

    def observation(self, seen: ObservationReport) -> str:
        """Say what was observed and by whom."""
        return self.say("observation.line", title=self.title(seen.id), value=seen.text,
                        source=self.word(f"source.{seen.source}", "name"))  # fmt: skip

    def check_line(self, check: CheckReport) -> str:
        """Return a check's title, how it ended and how long it took; one that was not run took no time."""
        if check.status == "skipped":
            return self.say("check.line_untimed", title=check.title, status=self.word("check.status", check.status))
        return self.say("check.line", title=check.title, status=self.word("check.status", check.status),
                        time=duration(check.duration_ms))  # fmt: skip

    def faults(self, check: CheckReport) -> list[str]:
        """Name the codes of a check that did not pass: verdict, the step that decided, the failure."""
        if check.status in ("pass", "skipped"):
            return []
        operation = self.step_word(check.operation) if check.operation else None
        codes = (("verdict", check.verdict), ("operation", operation), ("failure", check.failure))
        return [self.say("check.fault", what=self.say(f"check.{what}"), value=value) for what, value in codes if value]

    def readings(self, check: CheckReport) -> list[tuple[str, str, str]]:
        """Return what a check read on a phone: what it is, what was read, and the command that gave it."""
        raw = check.data.get("readings")
        rows = [row for row in raw if isinstance(row, dict)] if isinstance(raw, (list, tuple)) else []
        return [(str(row.get("title", "")), str(row.get("text", "")), str(row.get("command", ""))) for row in rows]

    def paths(self, check: CheckReport) -> list[Path]:
        """Return the way to each target that a check of the network measured, in its order."""
        targets = check.data.get("targets")
        rows = targets if isinstance(targets, (list, tuple)) else []
        return [self._path(row) for row in rows if isinstance(row, dict)]

    def _path(self, row: dict[str, Any]) -> Path:
        target = str(row.get("target", ""))
        known: CheckStatus = next((one for one in marks.CHECK if one == row.get("status")), "unknown")
        hops = tuple(self._hops(row, known))
        broken = [hop.word for hop in hops if hop.state in ("fail", "warn")]  # its code is for the page's table
        parts = [self.word("check.status", known), *broken, duration(row.get("duration_ms")), self._stability(row)]
        text = self.say(
            "path.row", target=target, status=self.word("list", "comma").join(part for part in parts if part)
        )
        time = duration(row.get("duration_ms"))
        return Path(target=target, mark=marks.CHECK[known], status=known, text=text, time=time, hops=hops)

    def _hops(self, row: dict[str, Any], status: CheckStatus) -> Iterator[Hop]:
        """Put the measured steps in order: of several tries of a step the one that worked, else the last.

        A step may have worked and yet be the one at fault (a forged answer): the target's own verdict decides.
        """
        raw = row.get("steps")
        steps = [step for step in raw if isinstance(step, dict)] if isinstance(raw, (list, tuple)) else []
        tried = {name: [step for step in steps if step.get("name") == name] for name in STEPS}
        last = max((at for at, name in enumerate(STEPS) if tried[name]), default=-1)
        at_fault: CheckStatus = "warn" if status == "warn" else "fail"
        for at, name in enumerate(STEPS):
            best = next((step for step in tried[name] if not step.get("failure")), next(iter(tried[name][-1:]), None))
            decided = name == row.get("operation") and status in ("warn", "fail")
            unneeded = name == "proxy" or at < last or (name == "tls" and str(row.get("target")).startswith("http://"))
            if best is None and unneeded and not decided:
                continue  # an address needs no name, plain HTTP no TLS, and most ways have no proxy
            failure = str((row.get("failure") if decided else best and best.get("failure")) or "")
            state: CheckStatus = at_fault if decided or failure else "skipped" if best is None else "pass"
            yield Hop(name=name, state=state, word=self.step_word(name), failure=failure,
                      time=duration(best.get("duration_ms")) if best is not None else "")  # fmt: skip

    def _stability(self, row: dict[str, Any]) -> str:
        """Say how steady the way was, where it was sampled."""
        seen = row.get("stability")
        if not isinstance(seen, dict) or not seen.get("sent"):
            return ""
        median, worst = (duration(seen.get(f"{name}_ms")) or "-" for name in ("median", "worst"))
        return self.say("path.stability", sent=seen["sent"], lost=seen.get("lost", 0), median=median, worst=worst)

    def step_word(self, name: str) -> str:
        """Return the word for a step of a check, the step's own name where there is none."""
        text = self.knowledge.locale.get(f"format.step.{name}")
        return text.get(self.lang) if text is not None else name

    @cached_property
    def debt(self) -> Debt | None:
        """Work out the share of income that repayments take, from what is known; None where it is not."""
        amounts = {one.id: one.value for one in self.report.observations}
        income, repayment = (amounts.get(f"debt.monthly_{name}") for name in ("income", "repayment"))
        if not isinstance(income, (int, float)) or not isinstance(repayment, (int, float)) or income <= 0:
            return None
        percent = int(repayment * 100 // income)
        possible, likely = (int(self.knowledge.limits[f"debt.{name}_percent"]) for name in ("possible", "likely"))
        shown = {"income": f"{income:,}", "repayment": f"{repayment:,}"}
        return Debt(
            percent=percent, possible=possible, likely=likely,
            text=self.say("debt.line", percent=percent, **shown),
            note=self.say("debt.limits", possible=possible, likely=likely),
        )  # fmt: skip

    def debt_lines(self) -> list[str]:
        """Return the share of income as sentences; none where it is not known."""
        return [self.debt.text, self.debt.note] if self.debt is not None else []


def moment(at: str) -> str:
    """Write a time (RFC 3339) as a person reads it: `2026-11-26 10:12 UTC`."""
    try:
        return f"{dt.datetime.fromisoformat(at).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return at


def duration(ms: object) -> str:
    """Write a time in milliseconds as a person reads it: `38 ms`, `2.4 s`."""
    if not isinstance(ms, (int, float)):
        return ""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
