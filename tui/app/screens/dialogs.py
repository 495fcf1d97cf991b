"""Small pages that ask for one thing or show one list: a choice, a line, keys, settings, answers, a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from diagnostics.report.evidence_text import title_of
from diagnostics.sanitize import clean_line
from tui.app import themes
from tui.app.cjk_wrap import ProseBlock
from tui.app.report_content import when
from tui.app.screens.base import CLOSE, AppScreen, ListScreen, TextScreen
from tui.app.texts import key_name
from tui.app.widgets.fields import LONGEST, CleanInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.screen import Screen
    from textual.widget import Widget

    from diagnostics.questionnaire.message import ChatMessage
    from tui.app.texts import ScreenTexts


class ChooseScreen(ListScreen["str | None"]):
    """Gives the id of what was chosen, None where nothing is wanted.

    `title` and `choices` (texts by id) are asked for in the texts of the moment: the language may change meanwhile.
    """

    def __init__(
        self, title: Callable[[ScreenTexts], str], choices: Callable[[ScreenTexts], Mapping[str, str]],
        about: Callable[[ScreenTexts], str] = lambda _texts: "", *, search: bool = False,
    ) -> None:  # fmt: skip
        self.SEARCH = search  # type: ignore[misc]  # of this page alone
        super().__init__()
        self._title, self._of, self._about = title, choices, about

    def heading(self) -> str:
        """Return what is asked."""
        return self._title(self.texts)

    def about(self) -> str:
        """Return what is to be known before choosing."""
        return self._about(self.texts)

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the choices."""
        return [(id_, Content(text)) for id_, text in self._of(self.texts).items()]

    def choose(self, id_: str) -> None:
        """Give what was chosen."""
        self.leave(id_)


def choice(title: str, words: str, ids: Iterable[str], about: str = "", **values: object) -> ChooseScreen:
    """Return a choice whose title, words and what is to be known before are texts: `words` and an id name one."""
    return ChooseScreen(
        lambda texts: texts.say(title, **values),
        lambda texts: {id_: texts.say(f"{words}{id_}") for id_ in ids},
        lambda texts: texts.say(about, **values) if about else "",
    )


class PromptScreen(AppScreen["str | None"]):
    """Gives the line that was typed, None where nothing is wanted. `title` and `about` are names of texts."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "ok", id="take", key_display="Enter", priority=True),
        CLOSE,
    ]

    def __init__(self, title: str, about: str, value: str = "", *, longest: int = LONGEST) -> None:
        super().__init__()
        self._longest = longest
        self._heading, self._about, self._value = title, about, value

    def parts(self) -> Iterable[Widget]:
        """Yield heading, what it is for, field."""
        yield ProseBlock(id="title")
        yield ProseBlock(id="about")
        yield CleanInput(self._value, id="field", compact=True, select_on_focus=False)

    def draw(self) -> None:
        """Write the heading, and give the keys to the field."""
        self.write_heading(self.texts.say(self._heading), self.texts.say(self._about))
        field = self.query_one("#field", CleanInput)
        field.longest = self._longest
        field.focus()

    def action_take(self) -> None:
        """Give what was typed."""
        self.leave(self.query_one("#field", Input).value.strip())


class HelpScreen(TextScreen[None]):
    """Every key of one screen with what it does, from its bindings: it cannot say anything else than what works."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "close", "close", id="close", key_display="Esc")
    ]

    def __init__(self, of: Screen[object]) -> None:
        super().__init__()
        self._of = of

    def draw(self) -> None:
        """Write the list."""
        say = self.texts.say
        self.write_heading(say("help.title"))
        rows = [("1-9", say("help.choices")), ("↑ ↓", say("help.move")), *keys_of(self._of)]
        width = max(cell_len(key) for key, _text in rows)
        lines = [
            Content.assemble((key + " " * (width - cell_len(key)), "bold $primary"), f"  {text}") for key, text in rows
        ]
        self.write("text", Content("\n").join([*lines, Content(""), Content(say("help.mouse"))]))


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """Return the keys of a screen with what they do, several keys of one action together."""
    if not isinstance(screen, AppScreen):
        return []
    found: dict[str, tuple[list[str], str]] = {}
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if binding.id is None or not active.enabled or not screen.texts.has(f"key.{binding.id}"):
            continue
        keys, _ = found.setdefault(binding.id, ([], screen.describe(binding.id)))
        shown = key_name(key)
        if shown not in keys:
            keys.append(shown)
    return [(" ".join(keys), text) for keys, text in found.values()]


class CommandsScreen(ListScreen["str | None"]):
    """A search over what the keys do on the screen below, what was answered, and the questions by their words.

    Gives `key:ID` of a binding or `question:ID`.
    """

    SEARCH = True

    def __init__(self, of: Screen[object]) -> None:
        super().__init__()
        self._of = of

    def heading(self) -> str:
        """Return the page's name."""
        return self.texts.say("key.commands")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return commands with their keys, answers, and questions."""
        of = self._of
        if not isinstance(of, AppScreen):
            return []
        found: dict[str, Content] = {}
        for active in sorted(of.active_bindings.values(), key=lambda one: not one.binding.show):
            id_ = active.binding.id
            if id_ is not None and active.enabled and id_ != "commands" and self.texts.has(f"key.{id_}"):
                key = self.app.get_key_display(active.binding)
                found.setdefault(f"key:{id_}", Content.assemble(of.describe(id_), (f"  {key}", "bold $primary")))
        knowledge, lang = self.texts.knowledge, self.texts.lang
        held = {one.id: clean_line(one.text, 80) for one in self.doctor.report.observations}
        for id_, question in knowledge.questions.items():
            text = question.text(lang)
            said = f"  {held[id_]}" if id_ in held else ""
            found[f"question:{id_}"] = Content.assemble((f"{self.texts.say('commands.answer')} ", "dim"), text.title,
                                                        said, (f"  {text.ask}", "dim"))  # fmt: skip
        return list(found.items())

    def choose(self, id_: str) -> None:
        """Give what was chosen."""
        self.leave(id_)


class SettingsScreen(ListScreen[None]):
    """Colours, language, plain ASCII; each kept for the next time."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2", "close", "close", id="close", key_display="Esc")]

    def heading(self) -> str:
        """Return the page's name."""
        return self.texts.say("settings.title")

    def about(self) -> str:
        """Return how to change something."""
        return self.texts.say("settings.help")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return every setting with its value."""
        say, english = self.texts.say, self.texts.lang == "en"
        values = {
            "theme": say(f"settings.theme_name.{self.doctor.theme}"),
            "language": say("settings.language_name.english" if english else "settings.language_name.chinese"),
            "ascii": say("settings.on" if self.doctor.plain else "settings.off"),
        }
        return [(id_, Content.assemble(say(f"settings.{id_}"), "  ", (value, "bold"))) for id_, value in values.items()]

    def choose(self, id_: str) -> None:
        """Change one setting."""
        doctor = self.doctor
        if id_ == "theme":
            at = themes.NAMES.index(doctor.theme) if doctor.theme in themes.NAMES else -1
            doctor.theme = themes.NAMES[(at + 1) % len(themes.NAMES)]
            doctor.remember(theme=doctor.theme)
            doctor.changed.publish("theme")
        elif id_ == "language":
            doctor.set_language("zh" if self.texts.lang == "en" else "en")
        else:
            doctor.remember(ascii=not doctor.likes.ascii)
            doctor.refresh_css(animate=False)
            doctor.changed.publish("glyphs")


class AnswersScreen(ListScreen[None]):
    """Everything that was answered or measured; the user's own answers can be changed or taken back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "change", id="change", key_display="Enter", priority=True),
        Binding("t,delete", "take_back", "take back", id="take_back", key_display="t"),
    ]

    def heading(self) -> str:
        """Return the page's name."""
        return self.texts.say("answers.title")

    def about(self) -> str:
        """Return how to change something."""
        return self.texts.say("answers.help" if self.doctor.report.observations else "answers.empty")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the observations, the latest answer last, each with the words it was read from."""
        return [
            (one.id if one.source not in ("phone", "computer") else f"{one.source}:{one.id}", Content.assemble(
                (title_of(self.texts, one.id), "bold"), "  ", clean_line(one.text),
                (f"  {clean_line(one.detail, 60)}" if one.detail and one.detail.startswith("「") else "", "dim"),
                (f"  {self.texts(f'source.{one.source}.name')}", "dim"), (when(one, self.texts), "dim"),
            ))
            for one in self.doctor.report.observations
        ]  # fmt: skip

    def choose(self, id_: str) -> None:
        """Put this question in front again."""
        if id_ in self.doctor.session.knowledge.questions:
            self.doctor.flow.call_up(id_)
            self.doctor.show_questions()

    def action_take_back(self) -> None:
        """Forget the highlighted answer."""
        list_ = self.query_one("#list")
        at = getattr(list_, "highlighted", None)
        if at is not None:
            id_ = self.rows()[at][0]
            if id_ in self.doctor.session.own_answers():
                self.doctor.flow.take_back(id_)
                self.doctor.flow.advance()
                self.doctor.refresh_all()


class MessageScreen(TextScreen[None]):
    """A message as it was copied. Whether the terminal took it nobody learns, so the text itself stands here."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "copy again", id="copy_again"), CLOSE]

    def __init__(self, message: ChatMessage) -> None:
        super().__init__()
        self.message = message

    def begin(self) -> None:
        """Copy at once: that is what the key was pressed for."""
        super().begin()
        self.action_copy()

    def draw(self) -> None:
        """Write the page; the message stays in the language in which it was made."""
        say, asks = self.texts.say, self.message.sent is not None
        self.write_heading(say("message.title"), say("message.copied") if asks else self.message.text)
        self.write("text", Content(self.message.text if asks else ""))

    def action_copy(self) -> None:
        """Hand the text to the terminal, which may not take it."""
        if self.message.sent is not None:
            self.doctor.copy_to_clipboard(self.message.text)
