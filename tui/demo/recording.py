"""The recorded case: what the made-up user answers in which order, what the checks read, what is said beside it.

`recording.toml` is the case, `checks.json` what real checks found in the test laboratory. Played, both go through the
same session and reasoning as a real case: nothing that is shown was drawn beforehand.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.checks.base import CheckResult, Progress
from diagnostics.evidence import Value
from tui.language import Lang

if TYPE_CHECKING:
    from tui.flow import Flow

HERE: Final = Path(__file__).parent

ScreenName = Literal["welcome", "main", "checks", "debts", "result", "answers", "export"]
Pane = Literal["reasons", "question", "detail"]


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the tour, done on `screen`: checks that end, answers that are given, then time to read `caption`.

    `caption` names the text `ui.demo.step.<caption>`; `cause` is highlighted among the reasons.
    """

    caption: str
    screen: ScreenName = "main"
    pane: Pane = "question"
    cause: str | None = None
    checks: tuple[str, ...] = ()
    answers: dict[str, Value] = {}


class Moved(msgspec.Struct, frozen=True):
    """A step that a check told of while it ran."""

    step: str
    target: str
    done: int
    total: int

    def progress(self, check: str) -> Progress:
        """Return it as the check told it, as of now."""
        return Progress(check=check, step=self.step, target=self.target, done=self.done, total=self.total)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a check: its steps, its result, and of a phone the readings."""

    moved: tuple[Moved, ...]
    result: CheckResult
    readings: list[dict[str, Any]] = []


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """The whole case; the checks were run once in each language."""

    steps: tuple[Step, ...]
    checks: dict[Lang, dict[str, Recorded]]

    def play(self, flow: Flow, begin: int, end: int) -> None:
        """Let these steps happen at once, as if somebody had done them one after the other."""
        for step in self.steps[begin:end]:
            for id_ in step.checks:
                flow.session.observe(self.checks[flow.session.lang][id_].result)
            part, own = flow.part, flow.session.own_answers()
            if part is not None and part.checklist and set(part.ids) <= {*step.answers, *own}:
                flow.give(step.answers)
                flow.none_of_these()
                continue
            for id_, value in step.answers.items():
                flow.give({id_: value})


def read() -> Recording:
    """Read the recording that comes with the tool."""
    steps = tomllib.loads((HERE / "recording.toml").read_text("utf-8"))["step"]
    return Recording(
        steps=msgspec.convert(steps, tuple[Step, ...]),
        checks=msgspec.json.decode((HERE / "checks.json").read_bytes(), type=dict[Lang, dict[str, Recorded]]),
    )
