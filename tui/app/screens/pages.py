"""The pages beside the questions: the plan, saving it, and the machine's checks."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from diagnostics.checks.registry import PHONE_CHECK
from diagnostics.sanitize import clean_line
from tui.app.panes import READABLE, Block, RowPane
from tui.app.report_content import check_content, checks_summary, plan_contents, result_after, result_before
from tui.app.screens.base import PAGES, AppScreen, ListScreen
from tui.app.screens.dialogs import ChooseScreen, choice
from tui.app.screens.main import close_step
from tui.cli.output import RuntimeFailure, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.app.app import DoctorApp
    from tui.app.style import ScreenTexts

SUFFIXES: Final = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}
NAME: Final = "weilidai-doctor-report"
LONGEST_NAME: Final = 4_000
"""Characters of a typed name that are kept: more than any file system takes."""


class PlanScreen(AppScreen[None]):
    """The report, told from the most useful to the least; a step that was tried is closed here."""

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = VIEW = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "done", "done", id="done"),
        Binding("n", "another", "start another", id="new"),
        Binding("w", "open('export')", "save", id="export"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("slash", "open('more')", "say more", id="more"),
        Binding("g", "go_on", "go on", id="go_on"),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("m", "app.debts", "debts", id="debts", show=False),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
        Binding("escape,b,p,r", "close", "close", id="close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.page = RowPane(id="page")
        self.parts = (self.page,)

    def draw(self) -> None:
        """Write verdict and warnings, the plan, and what comes after it."""
        doctor, texts = self.doctor, self.texts
        report = doctor.report
        steps = plan_contents(report, texts, doctor.steps, doctor.session.draft.went)
        self.page.show_blocks([
            Block(result_before(report, texts, help_=texts.say("result.plan_help")), most=READABLE),
            *(Block(step, key=item.id, most=READABLE) for step, item in zip(steps, report.plan, strict=True)),
            Block(Content("")),
            Block(result_after(report, texts), most=READABLE),
        ])  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`go on` is only offered where something is left to ask, `done` where there is a step to do."""
        if not super().check_action(action, parameters):
            return False
        if action == "done":
            return bool(self.doctor.report.plan)
        return action != "go_on" or self.session.part is not None or bool(self.session.interview.remaining)

    @on(RowPane.Chosen)
    @work
    async def action_done(self) -> None:
        """Say how the highlighted step went; without one, the first that is still to do."""
        at = self.page.highlighted
        if at is not None:
            await close_step(self.doctor, self.doctor.report.plan[at])
        elif self.doctor.steps:
            await close_step(self.doctor, self.doctor.steps[0])

    def action_go_on(self) -> None:
        """Ask on although there is a plan."""
        if self.session.part is None:
            self.session.ask_on()
            self.doctor.refresh_all(())
        self.leave()

    @work
    async def action_another(self) -> None:
        """Begin again with nothing answered."""
        await self.doctor.new_case()


class ExportScreen(ListScreen[None]):
    """Asks for a format; the file name may be changed. The text may go to the terminal's clipboard instead."""

    TITLE_KEY, ABOUT_KEY = "export.title", "export.private"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "name", "file name", id="file_name"),
        Binding("escape", "close", "close", id="close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: Path | None = None
        self.field.value = NAME
        title, about, list_ = self.parts
        self.parts = title, about, self.field, list_

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the formats."""
        return [(name, Content(self.texts.say(f"export.{name}"))) for name in (*SUFFIXES, "copy", "short")]

    def choose(self, id_: str) -> None:
        """Save or copy the report in this form."""
        from diagnostics.formats import FormatUnavailable, render, short

        doctor, knowledge = self.doctor, self.session.knowledge
        report, went = doctor.session.report(), doctor.session.draft.went
        if id_ == "short":
            doctor.copy_to_clipboard(short(report, knowledge, went))
        elif id_ == "copy":
            doctor.copy_to_clipboard(render("text", report, knowledge, ascii=doctor.plain, went=went))
        if id_ not in SUFFIXES:
            doctor.tell("export.copied")
            return
        path = target(self.field.value, NAME, SUFFIXES[id_])
        if taken(path) and self._asked != path:
            self._asked = path
            doctor.tell("export.exists", severe=True, where=full_name(path))
            return
        try:
            text = render(id_, report, knowledge, ascii=doctor.plain, ticket=doctor.label, went=went)
        except FormatUnavailable as error:
            doctor.tell("export.failed", severe=True, where=str(error))
            return
        if save(doctor, path, text, private=True):
            self.leave()

    def action_name(self) -> None:
        """Go to the file name, and back to the formats."""
        (self.field if self.list_.has_focus else self.list_).focus()


def target(typed: str, name: str, suffix: str) -> Path:
    """Return the file that was meant: `name` where nothing or a folder was typed, always with this suffix."""
    path = Path(clean_line(typed, LONGEST_NAME) or name)
    with contextlib.suppress(RuntimeError):  # the home of a user who is none: a name like any other
        path = path.expanduser()
    if os.path.isdir(path):  # noqa: PTH112  unlike pathlib's, this one raises for no name
        path /= name
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def taken(path: Path) -> bool:
    """Whether there is something under this name; False too where that cannot be seen, and saving will say why."""
    return os.path.exists(path)  # noqa: PTH110  unlike pathlib's, this one raises for no name


def full_name(path: Path) -> str:
    """Return the name from the root on, as far as it is known."""
    with contextlib.suppress(OSError):  # the folder that the app was started in is gone
        path = path.absolute()
    return clean_line(str(path), LONGEST_NAME)


def save(doctor: DoctorApp, path: Path, text: str, *, private: bool = False) -> bool:
    """Write the file and say where it is; False where it could not be written, which is said with the reason."""
    try:
        write_file(str(path), text, private=private)
    except RuntimeFailure as error:
        doctor.tell("export.failed", severe=True, where=error.text(doctor.texts.lang))
        return False
    doctor.tell("export.saved", where=full_name(path))
    return True


class ChecksScreen(ListScreen[None]):
    """Every check with what it found, live; times where more is asked for (`-v`)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "repeat", id="repeat", priority=True),
        Binding("r", "repeat_all", "repeat all", id="repeat_all"),
        Binding("x", "cancel", "cancel", id="cancel"),
        Binding("t", "trust", "trust", id="trust"),
        Binding("p", "phone", "choose a phone", id="choose_phone"),
        *PAGES,
        Binding("escape,b,c", "close", "close", id="close"),
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

    def heading(self) -> tuple[str, str]:
        """Say how many were done, and what they are for."""
        say = self.texts.say
        return f"{say('checks.title')}  {checks_summary(self.doctor.checks, self.texts)}", say("checks.about")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the checks and their states; while a phone is read, its readings so far."""
        verbose, checks, found = self.doctor.launch.verbose, self.doctor.checks, []
        for line in checks.shown:
            told = checks.readings if line.id == PHONE_CHECK else []
            below = [_reading(row, self.texts) for row in told]
            content = check_content(line, self.texts, verbose=verbose)
            found.append((line.id, content + Content.styled("".join(f"\n  {one}" for one in below), "dim")))
        return found

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
        names = self.doctor.phones.names()
        asked = ChooseScreen(lambda texts: texts.say("checks.phone"), lambda _texts: names)
        serial = await self.app.push_screen_wait(asked)
        if serial is not None:
            self.doctor.phones.choose(serial)

    @work
    async def action_trust(self) -> None:
        """Let the iPhone ask whether to trust this computer, once the person agreed."""
        if await self.app.push_screen_wait(choice("checks.trust", "checks.trust_", ("no", "yes"))) == "yes":
            self.doctor.checks.trust()


def _reading(row: dict[str, Any], texts: ScreenTexts) -> str:
    """Return what a phone said, with the command that gave it."""
    return f"{texts.render(row['title'])}  {clean_line(row['text'])}  ({row['command']})"
