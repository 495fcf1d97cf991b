"""The pages beside the questions: the plan, saving it, the machine's checks, and the debt helper."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input

from diagnostics.answers import AnswerError, parse_typed
from diagnostics.checks.registry import PHONE_CHECK
from diagnostics.sanitize import clean_line
from diagnostics.unsent import entry_of
from tui.app.keyboard import EntryField
from tui.app.panes import READABLE, Block, RowPane, TextPane
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
FIELDS: Final = {"income": "debt.monthly_income", "repayment": "debt.monthly_repayment", "loans": "debt.open_loans"}


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
        Binding("m", "open('debts')", "debts", id="debts", show=False),
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


class DebtsScreen(AppScreen[None]):
    """Three rough figures, the ratio against the limits, and a word about borrowing too much.

    Each figure is an answer like any other, noted when Enter is pressed.
    """

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = "#income"
    VIEW = "#body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "note", "note it", id="save", priority=True),
        Binding("escape,b,m", "close", "close", id="close"),
        Binding("down", "app.focus_next", "down", id="down", show=False),
        Binding("up", "app.focus_previous", "up", id="up", show=False),
        *PAGES,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._warned = False
        self._fields = {name: EntryField(id=name, numeric=True, is_command=lambda _: False) for name in FIELDS}
        lines = [one for name, field in self._fields.items() for one in (TextPane(id=f"label-{name}"), field)]
        body = VerticalScroll(*lines, TextPane(id="ratio"), id="body", can_focus=False)
        self.parts = TextPane(id="title"), TextPane(id="about"), body

    def begin(self) -> None:
        """Begin with what is known."""
        for name, id_ in FIELDS.items():
            held = self.session.value(id_)
            known = "" if held in (None, "unknown") else str(held)
            self._fields[name].value = self.session.typed(entry_of(id_)) or known

    def draw(self) -> None:
        """Write the labels in the current language."""
        say = self.texts.say
        self.write_heading(say("debts.title"), say("debts.about"))
        for name, id_ in FIELDS.items():
            text = self.texts.knowledge.questions[id_].text(self.texts.lang)
            unit = "" if text.unit in text.title.lower() else f" ({text.unit})"
            self.write(f"label-{name}", Content.assemble((text.title, "bold"), unit))
        self._draw_ratio()

    def on_resize(self) -> None:
        """Fit the bar to the new width."""
        self.call_after_refresh(self._draw_ratio)

    def _typed(self, name: str) -> float | None:
        text = self._fields[name].value
        try:
            value = parse_typed(self.texts.knowledge.questions[FIELDS[name]], clean_line(text)) if text else None
        except AnswerError:
            return None
        return float(value) if isinstance(value, int | float) else None

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        id_ = FIELDS[event.input.id or ""]
        held = self.session.value(id_)
        self.session.keep_typed(entry_of(id_), event.value if event.value != str(held) else "")
        self._draw_ratio()

    def _draw_ratio(self) -> None:
        say, knowledge = self.texts.say, self.texts.knowledge
        possible, likely, loans = (
            knowledge.limits[f"debt.{name}"] for name in ("possible_percent", "likely_percent", "open_loans")
        )
        income, repayment = self._typed("income"), self._typed("repayment")
        parts = [Content("")]
        if income is None or repayment is None:
            parts.append(Content.styled(say("debts.no_ratio"), "dim"))
        elif income == 0:
            parts.append(Content(say("debts.no_income")))
        else:
            percent = repayment / income * 100
            bar, marks = ratio_bar(percent, possible, likely, min(60, self.size.width - 6))
            parts += [Content.styled(say("debts.ratio", percent=f"{percent:.0f}"), "bold"),
                      Content.styled(bar, "$text-warning" if percent >= possible else ""),
                      Content.styled(marks, "dim")]  # fmt: skip
        told = say("debts.limits", possible=f"{possible:g}", likely=f"{likely:g}", loans=f"{loans:g}")
        warning = knowledge.guide.warning["over_borrowing"].get(self.texts.lang)
        text = Content("\n").join([*parts, Content.styled(told, "dim"), Content(""), Content(warning)])
        self.write("ratio", text, most=READABLE)

    def action_note(self) -> None:
        """Note the figure in front as an answer and go to the next field."""
        name = self.focused.id if self.focused is not None else None
        if name not in FIELDS:
            return
        value = self._typed(name)
        if value is None:
            self.doctor.tell("card.bad_number", low=0, high="", severe=True)
            return
        self.session.give({FIELDS[name]: int(value) if value.is_integer() else value})
        self.doctor.refresh_all()
        if name == "loans":
            self.doctor.tell("debts.saved")
        else:
            self.app.action_focus_next()

    def action_close(self) -> None:
        """Close; the first time with a figure that was typed and not saved, say so instead."""
        held = {name: self.session.value(id_) for name, id_ in FIELDS.items()}
        if not self._warned and any(self._typed(name) not in (None, value) for name, value in held.items()):
            self._warned = True
            self.doctor.tell("debts.not_noted", severe=True)
        else:
            for id_ in FIELDS.values():
                self.session.keep_typed(entry_of(id_), "")
            self.leave()


def ratio_bar(percent: float, possible: float, likely: float, cells: int) -> tuple[str, str]:
    """Return a bar for 0 to 100 percent and a line below it that marks the two limits, both `cells` wide at most."""
    cells = max(10, cells)
    full = math.floor(min(100.0, max(0.0, percent)) / 100 * cells)
    line = [" "] * (cells + 1)
    for limit in (possible, likely):
        at = round(min(100.0, limit) / 100 * cells)
        mark = f"↑{limit:g}%"
        start = min(at, cells + 1 - len(mark))
        line[start : start + len(mark)] = list(mark)
    return "█" * full + "░" * (cells - full), "".join(line).rstrip()
