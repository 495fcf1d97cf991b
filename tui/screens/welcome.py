"""The first screen: what this is, what it can and cannot know, and one key to start."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diagnostics.sanitize import clean
from tui.prose import Prose
from tui.screens.base import PAGES, Localized
from tui.widgets.choices import Choices
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key


class WelcomeScreen(Localized[None]):
    """Says what this is and offers to start, or to take up where the last time ended."""

    CSS_PATH = "welcome.tcss"
    VIEW = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "start", id="start", key_display="Enter", priority=True),
        Binding("r", "choose('resume')", "resume", id="resume", show=False),
        Binding("n", "choose('anew')", "anew", id="anew", show=False),
        Binding("l", "app.switch_language", "language", id="language"),
        *PAGES,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._gone = False
        self.typed_ahead: list[str] = []
        """Keys pressed after the choice, before the next screen stood: it takes them over."""

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        yield Static(id="title")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(id="about")
        yield Choices(id="ways")
        yield KeyBar()

    def draw(self) -> None:
        """Write the page in the language of the moment."""
        say = self.words.say
        self.query_one("#title", Static).update(Prose(Content.styled(say("welcome.title"), "bold $primary")))
        parts: list[Content] = []
        if self.doctor.launch.notice:
            parts.append(Content.assemble((clean(self.doctor.launch.notice), "$text-warning"), "\n\n"))
        parts += [
            Content.assemble((say(f"welcome.{name}.title"), "bold $secondary"), "\n", text, "\n\n")
            for name, text in (
                *((name, say(f"welcome.{name}.text")) for name in ("what", "can", "cannot")),
                ("private", self._private()),
            )
        ]
        self.query_one("#about", Static).update(Prose(Content("").join(parts).rstrip()))
        self._offer()

    def _private(self) -> str:
        """Say what becomes of the answers: where this run keeps them, and whether the network is used."""
        say, cases = self.words.say, self.doctor.cases
        kept = "here" if cases is None or cases.file.place.file is not None else "shared"
        network = "offline" if self.doctor.launch.offline else "network"
        return say(
            "welcome.private.text", kept=say(f"welcome.private.{kept}"), network=say(f"welcome.private.{network}")
        )

    def _offer(self) -> None:
        ways = self.query_one("#ways", Choices)
        names = ("resume", "anew") if self.doctor.launch.ask_resume else ("start",)
        keys = {"resume": "r", "anew": "n", "start": "Enter"}
        texts = {name: f"welcome.{name}" for name in names}
        if self.doctor.cases is not None:
            texts["anew"] = "welcome.anew_case"
        at = ways.highlighted or 0
        ways.clear_options()
        ways.add_options(
            Option(Prose(Content.assemble((f" {keys[name]} ", "bold"), " ", self.words.say(texts[name]))), id=name)
            for name in names
        )
        ways.highlighted = min(at, len(names) - 1)
        ways.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(event.option.id or "start")

    def on_key(self, event: Key) -> None:
        """Keep what is typed ahead for the screen that is coming."""
        if self._gone:
            event.stop()
            self.typed_ahead.append(event.key)

    def action_start(self) -> None:
        """Start what is highlighted."""
        self.query_one("#ways", Choices).action_select()

    def action_choose(self, way: str) -> None:
        """Take up the saved answers, or begin anew."""
        from diagnostics.autosave import DraftError
        from tui.screens.main import MainScreen

        doctor = self.doctor
        if self._gone:
            return
        if way == "resume" and doctor.cases is not None and not doctor.cases.tried:
            doctor.tell("desk.opening")
            doctor.cases.do(lambda _store: True, lambda _found: self.action_choose(way))
            return
        self._gone = True
        if way == "resume" and doctor.launch.ask_resume:
            try:
                if not doctor.session.resume():
                    doctor.tell("welcome.taken", severe=True)
            except DraftError as error:
                key = "welcome.damaged" if doctor.cases is None else "welcome.not_now"
                doctor.tell(key, severe=True, where=error.text(doctor.words.lang))
            doctor.take_given()
            doctor.flow.begin_again()
            doctor.told(())
        elif doctor.launch.ask_resume:
            if doctor.cases is not None:
                doctor.cases.file.set_aside()
            doctor.start_again()
        doctor.push_screen(MainScreen(self.typed_ahead))
