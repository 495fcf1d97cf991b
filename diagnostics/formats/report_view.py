"""Texts and derived values that all written formats of a report share."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from diagnostics.i18n import Texts
from diagnostics.report import asks_why, beside, may_apply, strongest
from diagnostics.report.evidence_text import say_value, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.knowledge.model import Knowledge, QuestionText
    from diagnostics.report.model import (
        Application,
        Because,
        BeliefReport,
        CauseReport,
        CheckReport,
        ObservationReport,
        PlanItem,
        Reminder,
        Report,
    )


class Debt(NamedTuple):
    """Monthly repayments against income, whole percents; `possible` and `likely` are the tool's own lines."""

    percent: int
    possible: int
    likely: int
    text: str
    note: str

    @property
    def level(self) -> str:
        """The status that this share speaks for."""
        possible = "possible" if self.percent >= self.possible else "ruled_out"
        return "likely" if self.percent >= self.likely else possible


class ReportView:
    """One report read in its own language."""

    def __init__(self, report: Report, knowledge: Knowledge, went: Mapping[str, str] | None = None) -> None:
        self.report = report
        self.went = went or {}
        self.knowledge = knowledge
        self.lang = report.lang
        self.texts = Texts(knowledge, report.lang)
        self.standing: list[CauseReport] = strongest(report, knowledge)

    def say(self, key: str, **values: object) -> str:
        """Return the text `format.<key>` of the report's language."""
        return self.knowledge.say(f"format.{key}", self.lang, **values)

    def word(self, kind: str, name: str) -> str:
        """Return the word for a value: a status, an effort, a confidence."""
        return self.knowledge.say(f"{kind}.{name}", self.lang)

    def stamp(self, *, local: bool = False) -> str:
        """Return when and by what the report was made; `local`: in local time."""
        one = self.report
        at = self.local("%Y-%m-%d %H:%M") if local else moment(one.generated_at)
        return self.say("report.stamp", at=at, name=one.tool.name, version=one.tool.version,
                        knowledge=one.knowledge.version)  # fmt: skip

    def local(self, form: str) -> str:
        """Return the time of the report in local time, with the time zone."""
        try:
            here = dt.datetime.fromisoformat(self.report.generated_at).astimezone()
        except (ValueError, OverflowError):
            return self.report.generated_at
        if here.utcoffset() == dt.timedelta(hours=8):
            return self.say("report.beijing", at=f"{here:{form}}")
        return f"{here:{form}} {dt.timezone(here.utcoffset() or dt.timedelta())}"

    @property
    def first_warnings(self) -> list[Reminder]:
        """The scam warning, where the report puts it first."""
        warnings = self.report.warnings
        return warnings[:1] if warnings and warnings[0].id == "scam" else []

    @property
    def other_warnings(self) -> list[Reminder]:
        """Every warning that does not have to come first."""
        return self.report.warnings[len(self.first_warnings) :]

    @property
    def first_words(self) -> list[str]:
        """What is said before everything else to somebody in distress."""
        return [one.text for one in self.report.beliefs if self._comes_first(one)]

    @property
    def mistakes(self) -> list[BeliefReport]:
        """The mistaken beliefs."""
        return [one for one in self.report.beliefs if not self._comes_first(one)]

    def _comes_first(self, one: BeliefReport) -> bool:
        belief = self.knowledge.beliefs.get(one.id)
        return belief is not None and belief.first

    @cached_property
    def still_open(self) -> list[PlanItem]:
        """The steps without a result."""
        return [item for item in self.report.plan if item.id not in self.went]

    @property
    def postponed(self) -> list[PlanItem]:
        """The steps that could not be done and stay to do."""
        return [item for item in self.report.plan if self.went.get(item.id) == "later"]

    @property
    def done(self) -> list[str]:
        """Lines about steps that were done, also if they are not in the plan any more."""
        actions = self.knowledge.actions
        return [
            self.say(f"went.{how}", text=actions[id_].short.get(self.lang))
            for id_, how in self.went.items()
            if how != "later" and id_ in actions
        ]

    @property
    def application(self) -> Application | None:
        """How to apply, if that makes sense."""
        return self.report.application if may_apply(self.report) else None

    def finding(self) -> list[str]:
        """Return the summary, and the sentence of each further situation."""
        others = [one.text for one in beside(self.report, self.knowledge) if one.id != "found" or self.application]
        return [self.report.summary, *(text for text in dict.fromkeys(others) if text not in self.report.summary)]

    @property
    def ending(self) -> str:
        """The sentence of what closes the person out where another situation leads, as for a student refused."""
        ends = {one.id for one in self.knowledge.situations if one.conclusive and one.about_cause}
        return next((one.text for one in beside(self.report, self.knowledge) if one.id in ends), "")

    def belief(self, one: BeliefReport) -> str:
        """Quote a mistaken belief with its answer."""
        return self.say("belief.line", quote=one.quote, text=one.text)

    def other_causes(self) -> list[str]:
        """Name the causes ruled out, and count those that nothing points to; neither where no cause is looked for."""
        if not asks_why(self.report, self.knowledge):
            return []
        out, unknown = ([one.title for one in self.report.causes if one.status == status]
                        for status in ("ruled_out", "unknown"))  # fmt: skip
        names, status = self.word("list", "comma").join(out), self.word("status", "ruled_out")
        listed = [self.say("cause.others", status=status, count=len(out), titles=names)] if out else []
        return [*listed, *([self.say("cause.unknown", count=len(unknown))] if unknown else [])]

    @property
    def checks(self) -> list[CheckReport]:
        """The checks that ran and found what they look for."""
        ran = (one for one in self.report.checks if one.status not in ("skipped", "cancelled"))
        return [one for one in ran if not one.data.get("absent") and not (one.verdict or "").endswith("_absent")]

    def knowledge_line(self, cause: CauseReport) -> str:
        """Return the kind of a cause and the confidence of the knowledge about it."""
        return self.say("cause.knowledge", kind=self.word("kind", cause.kind),
                        confidence=self.word("confidence", cause.confidence))  # fmt: skip

    def effect(self, one: Because, cause: CauseReport) -> str:
        """Return the name of the effect of a piece of evidence."""
        excludes = one.effect == "settles" and cause.status == "ruled_out"
        return self.say(f"effect.{'excludes' if excludes else one.effect}")

    def title(self, id_: str) -> str:
        """Return the short name of a question, a cause or an observation."""
        return title_of(self.texts, id_)

    def open_question(self) -> QuestionText | None:
        """Return the texts of the question to ask next, None where none is left."""
        next_ = self.report.questions.next
        return self.knowledge.questions[next_].text(self.lang) if next_ is not None else None

    def what_if(self) -> list[str]:
        """Return the tried answers, and the causes whose status would change."""
        tried = self.report.what_if
        if tried is None:
            return []
        said = [
            self.say("what_if.answer", title=self.title(id_), value=say_value(self.texts, id_, value))
            for id_, value in tried.answers.items()
        ]
        for move in tried.moves:
            before, after = (self.word("status", status) for status in (move.before, move.after))
            said.append(self.say("what_if.move", title=self.title(move.cause), before=before, after=after))
        return said if tried.moves else [*said, self.say("what_if.nothing")]

    def plan_facts(self, item: PlanItem) -> str:
        """Return urgency, effort and actor of a step."""
        by = "bank_by_user" if item.by == "user" and item.do == "ask_bank" else item.by
        return self.say("plan.facts", urgency=self.word("urgency", item.urgency),
                        effort=self.word("effort", item.effort), by=self.word("by", by))  # fmt: skip

    def observation(self, seen: ObservationReport) -> str:
        """Return an observation with its source."""
        return self.say("observation.line", title=self.title(seen.id), value=seen.text,
                        source=self.word(f"source.{seen.source}", "name"))  # fmt: skip

    def check_line(self, check: CheckReport) -> str:
        """Return a check's title and how it ended."""
        return self.say("check.line", title=check.title, status=self.word("check.status", check.status))

    def readings(self, check: CheckReport) -> list[tuple[str, str]]:
        """Return the readings of a phone check: title and text."""
        rows = check.data.get("readings")
        return [(str(row.get("title", "")), str(row.get("text", ""))) for row in rows or () if isinstance(row, dict)]

    @cached_property
    def debt(self) -> Debt | None:
        """Return the share of income that repayments take, None if unknown."""
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


def moment(at: str) -> str:
    """Write a time (RFC 3339) as a person reads it: `2026-11-26 10:12 UTC`."""
    try:
        return f"{dt.datetime.fromisoformat(at).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return at
