"""The machine's checks: how each stands, what it is at, how long it took; repeat one, repeat all, cancel."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diagnostics.checks.registry import PHONE_CHECK
from diagnostics.sanitize import clean_line
from tui.describe import check_content
from tui.prose import Prose
from tui.screens.base import PAGES, LocalizedDialog
from tui.widgets.checkbar import bar
from tui.widgets.choices import Choices
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.desk import CheckLine
    from tui.words import Words


class ChecksScreen(LocalizedDialog[None]):
    """Every check with its steps and times, live."""

    CSS_PATH = "dialog.tcss"
    VIEW = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "repeat", "repeat", id="repeat", key_display="Enter", priority=True),
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
            return self.doctor.desk.untrusted()
        allowed = action != "cancel" or bool(self.doctor.desk.running())
        return allowed and super().check_action(action, parameters)

    def compose(self) -> ComposeResult:
        """Heading with the bar for the whole, one entry a check, keys."""
        yield Static(id="title")
        yield Static(id="about")
        yield Choices(id="list")
        yield KeyBar()

    def begin(self) -> None:
        """Follow the clock while something runs."""
        self.set_interval(0.5, self._tick)
        self.query_one("#list", Choices).focus()

    def _tick(self) -> None:
        if self.doctor.desk.running():
            self.draw()

    def draw(self) -> None:
        """Show the checks as they stand now."""
        words, desk = self.words, self.doctor.desk
        lines = list(desk.lines.values())
        share = sum(line.share() for line in lines) / max(1, len(lines))
        done = sum(line.state == "done" for line in lines)
        self.query_one("#title", Static).update(
            Content.assemble(
                (words.say("checks.title"), "bold $primary"),
                "  ",
                (bar(share, 20), "$primary"),
                f" {done}/{len(lines)}",
            )
        )
        self.query_one("#about", Static).update(Prose(Content.styled(words.say("checks.about"), "dim")))
        list_ = self.query_one("#list", Choices)
        prompts = [
            Prose(Content.assemble(check_content(line, words, _seconds(line)), _steps(line, desk.readings, words)))
            for line in lines
        ]
        if list_.option_count != len(lines):
            list_.clear_options()
            list_.add_options(Option(prompt, id=line.id) for prompt, line in zip(prompts, lines, strict=True))
            list_.highlighted = 0
        for number, prompt in enumerate(prompts):
            list_.replace_option_prompt_at_index(number, prompt)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_repeat()

    def action_repeat(self) -> None:
        """Run the highlighted check again."""
        at = self.query_one("#list", Choices).highlighted
        if at is not None:
            self.doctor.desk.start(list(self.doctor.desk.lines)[at])
            self.draw()

    def action_repeat_all(self) -> None:
        """Run every check again."""
        self.doctor.desk.start()
        self.draw()

    def action_cancel(self) -> None:
        """Cancel what is running."""
        self.doctor.desk.cancel()

    def action_phone(self) -> None:
        """Choose one of several phones; an Android is named by its model and the end of its serial."""
        from tui.screens.choose import ChooseScreen

        phones = self.doctor.phones
        names = phones.names()
        self.app.push_screen(
            ChooseScreen(lambda words: words.say("checks.phone"), lambda _words: names),
            lambda serial: phones.choose(serial) if serial is not None else None,
        )

    def action_trust(self) -> None:
        """Let the iPhone ask whether to trust this computer, once the person agreed."""
        from tui.screens.choose import ChooseScreen

        self.app.push_screen(
            ChooseScreen(
                lambda words: words.say("checks.trust"),
                lambda words: {answer: words.say(f"checks.trust_{answer}") for answer in ("no", "yes")},
            ),
            lambda answer: self.doctor.desk.trust() if answer == "yes" else None,
        )

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()


def _seconds(line: CheckLine) -> float:
    if line.state == "running":
        return time.monotonic() - line.began
    return line.result.duration_ms / 1000 if line.result is not None and line.result.steps else 0.0


def _steps(line: CheckLine, readings: Sequence[dict[str, Any]], words: Words) -> Content:
    """What a check did, one line a target: its steps with their times, and where it failed; of a phone, the readings.

    A phone's readings are there while it is read, each with the command that gave it.
    """
    if line.id == PHONE_CHECK and readings:
        rows = [f"\n  {words.text(row['title'])}  {clean_line(row['text'])}  ({row['command']})" for row in readings]
        return Content.styled("".join(rows), "dim")
    if line.state != "done" or line.result is None:
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
