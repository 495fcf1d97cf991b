"""The machine's checks: how each stands, what it is at or found; repeat one, repeat all, cancel."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diagnostics.checks.registry import PHONE_CHECK
from diagnostics.sanitize import clean_line
from tui.app.cjk_wrap import Drawn
from tui.app.report_content import check_content, check_state, step_text
from tui.app.screens.base import PAGES, ListScreen
from tui.app.screens.dialogs import ChooseScreen, choice
from tui.app.texts import CHECK_MARKS, TONES
from tui.app.widgets.fields import Choices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Span

    from tui.app.check_runs import CheckLine, CheckRuns
    from tui.app.texts import ScreenTexts


class ChecksScreen(ListScreen[None]):
    """Every check with what it found, live; steps and times where more is asked for (`-v`)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "repeat", id="repeat", key_display="Enter", priority=True),
        Binding("r", "repeat_all", "repeat all", id="repeat_all"),
        Binding("x", "cancel", "cancel", id="cancel"),
        Binding("t", "trust", "trust", id="trust"),
        Binding("p", "phone", "choose a phone", id="choose_phone"),
        *PAGES,
        Binding("escape,b,c", "close", "close", id="close", key_display="Esc"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what runs can be cancelled, and only of several phones one be chosen."""
        if action == "phone":
            return len(self.doctor.phones.names()) > 1
        if action == "trust":
            return self.doctor.checks.untrusted()
        allowed = action != "cancel" or bool(self.doctor.checks.running())
        return allowed and super().check_action(action, parameters)

    def begin(self) -> None:
        """Follow the clock while something runs."""
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        if self.doctor.checks.running():
            self.draw()

    def heading(self) -> str:
        """Say how many were done."""
        return f"{self.texts.say('checks.title')}  {checks_summary(self.doctor.checks, self.texts)}"

    def about(self) -> str:
        """Say what they are for."""
        return self.texts.say("checks.about")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the checks as they stand now."""
        verbose, checks = self.doctor.launch.verbose, self.doctor.checks
        return [
            (line.id, Content.assemble(check_content(line, self.texts, _seconds(line, verbose=verbose)),
                                       _steps(line, checks.readings, self.texts, verbose=verbose)))
            for line in checks.shown
        ]  # fmt: skip

    def fill(self) -> None:
        """Rewrite the rows in place while a check runs."""
        list_, rows = self.query_one("#list", Choices), self.rows()
        if list_.option_count != len(rows):
            super().fill()
            return
        for number, (_, text) in enumerate(rows):
            list_.replace_option_prompt_at_index(number, self.prompt(number + 1, text))

    def choose(self, id_: str) -> None:
        """Run a check again."""
        self.doctor.checks.start(id_)
        self.draw()

    def action_repeat_all(self) -> None:
        """Run every check again."""
        self.doctor.checks.start()
        self.draw()

    def action_cancel(self) -> None:
        """Cancel what is running."""
        self.doctor.checks.cancel()

    @work
    async def action_phone(self) -> None:
        """Choose one of several phones; an Android is named by its model and the end of its serial."""
        phones = self.doctor.phones
        names = phones.names()
        serial = await self.app.push_screen_wait(
            ChooseScreen(lambda texts: texts.say("checks.phone"), lambda _texts: names)
        )
        if serial is not None:
            phones.choose(serial)

    @work
    async def action_trust(self) -> None:
        """Let the iPhone ask whether to trust this computer, once the person agreed."""
        if await self.app.push_screen_wait(choice("checks.trust", "checks.trust_", ("no", "yes"))) == "yes":
            self.doctor.checks.trust()


class CheckBar(Drawn, Static):
    """Shows the checks on one line; a click opens their page."""

    class Pressed(Message):
        """The line was clicked."""

    DEFAULT_CSS = "CheckBar { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    _shown: tuple[str, Sequence[Span]] | None = None

    def draw(self, checks: CheckRuns, texts: ScreenTexts) -> None:
        """Show how the checks stand now: what runs, else how those ended that did something."""
        running = checks.running()
        parts = [Content.styled(checks_summary(checks, texts), "dim")]
        if running:
            first = running[0]
            seconds = int(time.monotonic() - first.began)
            parts.append(Content(f"{texts(f'check.{first.id}.title')} {step_text(first, texts)} {seconds}s"))
        for line in checks.shown if not running else ():
            state = check_state(line)
            if state not in ("skipped", "unknown", "absent"):
                title = texts(f"check.{line.id}.title")
                mark = (f"{CHECK_MARKS[state]} ", TONES.get(state, ""))
                parts.append(Content.assemble(mark, f"{title} ", (texts.say(f"check.{state}"), "dim")))
        content = Content("  ").join(parts)
        if (content.plain, content.spans) != self._shown:
            self._shown = (content.plain, content.spans)
            self.update(content, layout=False)

    def on_click(self) -> None:
        """Open the checks' page."""
        self.post_message(self.Pressed())


def checks_summary(checks: CheckRuns, texts: ScreenTexts) -> str:
    """Say how many checks were done, how many run, and how many were not run: an absence is nothing that was done."""
    states = [check_state(line) for line in checks.shown]
    idle = sum(state in ("skipped", "cancelled") for state in states)
    running = sum(state in ("running", "waiting") for state in states)
    done = len(states) - idle - running
    told = [texts.say("checks.done", count=done)]
    told += [texts.say("checks.running", count=running)] if running else []
    told += [texts.say("checks.not_run", count=idle)] if idle else []
    return texts.say("checks.bar") + texts("list.comma").join(told)


def _seconds(line: CheckLine, *, verbose: bool) -> float:
    if line.state == "running":
        return time.monotonic() - line.began
    return line.result.duration_ms / 1000 if verbose and line.result is not None and line.result.steps else 0.0


def _steps(line: CheckLine, readings: Sequence[dict[str, Any]], texts: ScreenTexts, *, verbose: bool) -> Content:
    """What a check did, one line a target: its steps with their times, and where it failed; of a phone, the readings.

    A phone's readings are there while it is read, each with the command that gave it.
    """
    if line.id == PHONE_CHECK and readings:
        rows = [f"\n  {texts.render(row['title'])}  {clean_line(row['text'])}  ({row['command']})" for row in readings]
        return Content.styled("".join(rows), "dim")
    if not verbose or line.state != "done" or line.result is None:
        return Content("")
    targets: dict[str, dict[tuple[str, str | None], list[float]]] = {}
    for step in line.result.steps:
        targets.setdefault(step.target, {}).setdefault((step.name, step.failure), []).append(step.duration_ms)
    rows = [
        f"\n  {target}  {', '.join(_step(name, failure, times) for (name, failure), times in told.items())}"
        for target, told in targets.items()
    ]
    return Content.styled("".join(rows), "dim")


def _step(name: str, failure: str | None, times: list[float]) -> str:
    """One kind of step on one target; tried several times, it is told once with the longest time."""
    again = f" ×{len(times)}" if len(times) > 1 else ""
    return f"{name} {max(times):.0f} ms{again}{f' {failure}' if failure else ''}"
