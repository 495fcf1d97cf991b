"""An assessment with all that a report on it needs, computed when a part of the report first asks for it."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from diagnostics.engine.assessment import STRONG
from diagnostics.engine.conditions import Memo, once
from diagnostics.engine.interview import interview, more_to_ask
from diagnostics.evidence import now
from diagnostics.i18n import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.advice import Standing, Step
    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.interview import Interview
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Lang
    from diagnostics.report.model import BeliefReport, Outcome

T = TypeVar("T")
KEPT: Final = 2048
"""Pieces kept of each part, for each cause where it is about one."""
_encode: Final = msgspec.json.Encoder().encode


class Diagnosis:
    """What the parts of one report are written from.

    `checks` are the results as they are shown; None: those that need no machine, the others as skipped. `asked`: where
    the questions stand, where that is known already. `what_if` are answers to try. `beliefs` are mistakes that were
    read in what the person wrote, `doubts` the questions that it may have answered.
    """

    def __init__(
        self,
        assessment: Assessment,
        checks: Iterable[CheckResult] | None = (),
        *,
        lang: Lang = "zh",
        generated_at: str | None = None,
        what_if: Mapping[str, Value] | None = None,
        beliefs: Iterable[BeliefReport] = (),
        asked: Interview | None = None,
        doubts: Iterable[str] = (),
    ) -> None:
        self.assessment = assessment
        self.knowledge = assessment.knowledge
        self.checks = None if checks is None else tuple(checks)
        self.lang: Lang = lang
        self.texts = Texts(self.knowledge, lang)
        self.generated_at = generated_at or now()
        self.today = self.generated_at[:10]
        """The day of the report, an ISO date: what is dated counts by it."""
        self.tried = what_if
        self.beliefs = [one for one in beliefs if not self._is_told(one)]
        self.doubts = doubts
        self.advice = assessment.advice
        self.standing: Standing = assessment.standing
        if asked is not None:
            self.asked = asked
        day, kept = self.knowledge.__dict__.get(f"written {lang}", ("", None))
        if kept is None or day != self.today:
            kept = defaultdict[Any, Memo[Any, Any]](partial(Memo, KEPT))
            self.knowledge.__dict__[f"written {lang}"] = self.today, kept
        self._kept = kept
        """What was written on this day in this language, by part: encoding the same sentences is most of the work."""

    def _is_told(self, one: BeliefReport) -> bool:
        """Whether words that sound like a mistake only tell what the person did."""
        belief, values = self.knowledge.beliefs.get(one.id), self.assessment.values
        return belief is not None and any(values.get(id_) in told for id_, told in belief.unless.items())

    def kept(self, part: Any, key: Any, make: Callable[..., T], *about: Any) -> T:
        """Return the cached value of a part, or make it. The key holds all that it depends on."""
        memo = self._kept[part]
        found: T | None = memo.get(key)
        return memo.keep(key, make(*about)) if found is None else found

    def kept_json(self, part: Any, key: Any, write: Callable[..., object], *about: Any) -> msgspec.Raw:
        """Return the cached JSON of a part, or write it."""
        memo = self._kept[part]
        found: msgspec.Raw | None = memo.get(key)
        return memo.keep(key, msgspec.Raw(_encode(write(*about)))) if found is None else found

    @once
    def looked_at(self) -> dict[str, Any]:
        """What texts may look at, by name."""
        return self.assessment.looked_at()

    @once
    def asked(self) -> Interview:
        """Where the questions stand."""
        return interview(self.knowledge, self.assessment, doubts=self.doubts)

    @once
    def held(self) -> tuple[int, ...]:
        """The situations that hold, as their index in the advice, the leading one first."""
        return self.advice.held(self.standing.met)

    @once
    def steps(self) -> list[Step]:
        """What to do, in the order to try it."""
        return self.advice.plan(self.standing, self.held, self.today)

    @once
    def outcome(self) -> Outcome:
        """How the search ended."""
        if self.assessment.ends == "entry_found":
            return "entry_found"
        if self.assessment.refused:
            return "entry_refused"
        if self.assessment.first_status[1] in STRONG:
            return "cause_found"
        return "not_enough_known" if more_to_ask(self.assessment) else "no_clear_cause"

    def title_of_cause(self, at: int) -> str:
        """Return the title of a cause (its index) that fits the person, else the general one."""
        title = self.advice.causes[at].titled.fitting(self.standing.met, self.today)
        if title is not None:
            return title.get(self.lang)
        return self.assessment.table.causes[at].cause.text(self.lang).title
