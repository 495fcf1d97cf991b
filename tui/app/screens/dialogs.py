"""Small pages that ask for one thing or show one list: a choice, a line, what was read, keys, answers, a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from rich.cells import cell_len
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from diagnostics.answers import AnswerError, parse_typed
from diagnostics.evidence import Value
from diagnostics.i18n import name_masks
from diagnostics.report.evidence_text import say_value, title_of
from diagnostics.sanitize import clean_line
from tui.app import style
from tui.app.keyboard import LONGEST, CleanInput
from tui.app.panes import READABLE, Block, RowPane, TextPane
from tui.app.report_content import quoted, when
from tui.app.screens.base import CLOSE, AppScreen, ListScreen, TextScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.events import Key

    from diagnostics.evidence import Evidence
    from diagnostics.images import ImageReading
    from diagnostics.questionnaire.message import ChatMessage
    from diagnostics.reading import Finding, Reading
    from tui.app.app import DoctorApp
    from tui.app.style import ScreenTexts


class ChooseScreen(ListScreen["str | None"]):
    """Gives the id of what was chosen, None where nothing is wanted.

    Title, choices (texts by id) and what is to be known before choosing are asked for in the texts of the moment: the
    language may change meanwhile.
    """

    def __init__(
        self, title: Callable[[ScreenTexts], str], choices: Callable[[ScreenTexts], Mapping[str, str]],
        about: Callable[[ScreenTexts], str] = lambda _texts: "", *, search: bool = False,
    ) -> None:  # fmt: skip
        self.SEARCH = search  # type: ignore[misc]  # of this page alone
        self.AUTO_FOCUS = "#field" if search else "#list"  # type: ignore[misc]  # as above
        super().__init__()
        self._title, self._choices, self._about = title, choices, about

    def heading(self) -> tuple[str, str]:
        """Return what is asked."""
        return self._title(self.texts), self._about(self.texts)

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the choices."""
        return [(id_, Content(text)) for id_, text in self._choices(self.texts).items()]

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
    """Gives the line that was typed, None where nothing is wanted. `title` and `about` are names of texts.

    `kept`: where what is typed outlives a kill, as place and run; whoever asked lets it go once it is handed in.
    """

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = "#field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "ok", id="take", priority=True),
        CLOSE,
    ]

    def __init__(
        self, title: str, about: str, value: str = "", *, longest: int = LONGEST, kept: tuple[str, str] | None = None
    ) -> None:
        super().__init__()
        self._heading, self._about, self._kept = title, about, kept
        self._field = CleanInput(value, id="field", compact=True, select_on_focus=False)
        self._field.longest = longest
        self.parts = TextPane(id="title"), TextPane(id="about"), self._field

    def begin(self) -> None:
        """Restore a text that was typed before and not submitted."""
        typed = self.session.draft.unsent.get(*self._kept) if self._kept is not None else ""
        if typed:
            self._field.value = typed
            self._field.cursor_position = len(typed)

    def draw(self) -> None:
        """Write the heading."""
        self.write_heading(self.texts.say(self._heading), self.texts.say(self._about))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._keep(event.value)

    def _keep(self, text: str) -> None:
        if self._kept is not None and self.is_active:
            place, run = self._kept
            self.session.draft.unsent.keep(place, text, run)

    def action_take(self) -> None:
        """Give what was typed."""
        self.leave(self._field.value.strip())

    def action_close(self) -> None:
        """Drop what was typed."""
        self._keep("")
        super().action_close()


QUOTE: Final = 60
"""Characters of the person's words that are shown and kept."""


class Item(msgspec.Struct):
    """One answer that was read: what, from which words, and whether it is to count."""

    id: str
    value: Value
    quote: str
    sure: bool
    on: bool


def items_of(doctor: DoctorApp, found: Sequence[Finding | ImageReading]) -> list[Item]:
    """Return what was read and is not answered so already; what is sure is ticked."""
    own = doctor.session.own_answers()
    return [
        Item(one.id, one.value, clean_line(one.quote, QUOTE), one.sure, one.sure)
        for one in found
        if one.id in doctor.session.knowledge.questions and own.get(one.id) != one.value
    ]


class ConfirmScreen(AppScreen["list[Item] | None"]):
    """Gives what the person confirmed, which may be nothing; None where the words are to be changed."""

    CSS_PATH = "say.tcss"
    AUTO_FOCUS = "#items"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "accept", id="accept", priority=True),
        Binding("space", "tick", "toggle", id="toggle", priority=True),
        Binding("c", "correct", "correct", id="correct"),
        Binding("escape,e", "close", "edit the words", id="edit_words"),
    ]

    def __init__(self, items: list[Item], reading: Reading | None) -> None:
        super().__init__()
        self.items, self.reading = items, reading
        self._asked = False
        self.list_ = RowPane(id="items")
        self.parts = TextPane(id="title"), self.list_, TextPane(id="beliefs")

    def draw(self) -> None:
        """Write everything in the current language."""
        say, known = self.texts.say, self.texts.knowledge.beliefs
        session = self.doctor.session
        before, urgent = session.urgent({}), session.urgent({item.id: item.value for item in self.items})
        space = " " * (self.texts.lang == "en")
        warning = f"! {urgent[0]}{space}{urgent[1].short}\n" if urgent is not None and urgent != before else ""
        read = [one for one in (self.reading.beliefs if self.reading is not None else ()) if one.id in known]
        first = "".join(f"{known[one.id].get(self.texts.lang)}\n" for one in read if known[one.id].first)
        self.write("title", Content.assemble(
            (first, "bold"), (warning, "bold $text-error"), (say("confirm.title"), "bold"),
            (f"  {say('confirm.help')}", "dim"),
        ))  # fmt: skip
        self.list_.border_title = say("confirm.read")
        self.list_.display = bool(self.items)
        self.list_.show_blocks(self._row(number, item) for number, item in enumerate(self.items, 1))
        lines = [
            Content.assemble((f"{self._quoted(one.quote)} ", "dim"), known[one.id].get(self.texts.lang))
            for one in read
            if not known[one.id].first
        ]
        head = Content.styled(say("confirm.beliefs"), "bold")
        self.write("beliefs", Content("\n").join([head, *lines]) if lines else None, most=READABLE)

    def _quoted(self, words: str) -> str:
        return self.texts("list.quote", words=name_masks(clean_line(words, QUOTE), self.texts.lang))

    def _row(self, number: int, item: Item) -> Block:
        texts, box = self.texts, f"[{'x' if item.on else ' '}] "
        title = texts.knowledge.questions[item.id].text(texts.lang).title
        content = Content.assemble(
            (f"{number} ", "bold $primary"), f"{box}{title}{texts('list.colon')}",
            (say_value(texts, item.id, item.value), "bold"), (f"  {self._quoted(item.quote)}", "dim"),
            ("" if item.sure else f"  {texts.say('confirm.unsure')}", "$text-warning"),
        )  # fmt: skip
        return Block(content, key=str(number), lead=len(f"{number} {box}"))

    @on(RowPane.Chosen)
    def _chosen(self, event: RowPane.Chosen) -> None:
        self._toggle(event.number)

    def _toggle(self, number: int) -> None:
        self._asked = False
        self.items[number].on ^= True
        self.draw()

    def press(self, key: Key) -> bool:
        """A row's number ticks it, or takes the tick away."""
        digit = key.character or ""
        if not (digit.isdecimal() and digit.isascii() and 0 < int(digit) <= len(self.items)):
            return False
        self._toggle(int(digit) - 1)
        self.list_.action_highlight(int(digit) - 1)
        return True

    def action_tick(self) -> None:
        """Tick the highlighted row, or take the tick away."""
        self.list_.action_take()

    @work
    async def action_correct(self) -> None:
        """Give the highlighted row another value."""
        at = self.list_.highlighted
        if at is None:
            self.doctor.tell("confirm.choose_first")
            return
        item = self.items[at]
        question = self.texts.knowledge.questions[item.id]
        asked: PromptScreen | ChooseScreen
        if question.value:
            asked = ChooseScreen(
                lambda texts: question.text(texts.lang).ask,
                lambda texts: {choice.id: choice.get(texts.lang) for choice in question.value},
            )
        else:
            asked = PromptScreen("confirm.correct", "confirm.correct_about", str(item.value))
        given = await self.app.push_screen_wait(asked)
        if not given:
            return
        try:
            item.value = parse_typed(question, given) if not question.value else (
                [given] if question.type == "choices" else given)  # fmt: skip
        except AnswerError as error:
            self.doctor.tell_text(error.message(self.texts.lang), severe=True)
            return
        item.on = item.sure = True
        self.draw()

    def action_accept(self) -> None:
        """Return what is ticked; where nothing is, say so the first time."""
        taken = [item for item in self.items if item.on]
        if self.items and not taken and not self._asked:
            self._asked = True
            self.doctor.tell("confirm.none", severe=True)
        else:
            self.leave(taken)


class HelpScreen(TextScreen[None]):
    """Every key of one screen with what it does, from its bindings: it cannot say anything else than what works."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,f1", "close", "close", id="close")]

    def __init__(self, of: AppScreen[Any]) -> None:
        super().__init__()
        self._of = of

    def draw(self) -> None:
        """Write the list, several keys of one action together."""
        say = self.texts.say
        self.write_heading(say("help.title"))
        keys: dict[str, list[str]] = {}
        for key, id_, _ in self._of.named_keys():
            keys.setdefault(id_, []).append(style.key_name(key))
        rows = [("1-9", say("help.choices")), ("↑ ↓", say("help.move"))]
        rows += [(" ".join(dict.fromkeys(names)), self._of.describe(id_)) for id_, names in keys.items()]
        width = max(cell_len(key) for key, _text in rows)
        lines = [
            Content.assemble((key + " " * (width - cell_len(key)), "bold $primary"), f"  {text}") for key, text in rows
        ]
        self.body.show(Content("\n").join([*lines, Content(""), Content(say("help.mouse"))]))


class CommandsScreen(ListScreen["str | None"]):
    """A search over what the keys do on the screen below, what was answered, and the questions by their words.

    Gives `key:ID` of a binding or `question:ID`.
    """

    TITLE_KEY = "key.commands"
    SEARCH = True
    AUTO_FOCUS = "#field"

    def __init__(self, of: AppScreen[Any]) -> None:
        super().__init__()
        self._of = of

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return commands with their keys, answers, and questions."""
        say = self.texts.say
        found: dict[str, Content] = {}
        for _, id_, active in sorted(self._of.named_keys(), key=lambda named: not named[2].binding.show):
            if id_ != "commands":
                key = (f"  {self.app.get_key_display(active.binding)}", "bold $primary")
                found.setdefault(f"key:{id_}", Content.assemble(self._of.describe(id_), key))
        held = {one.id: f"  {clean_line(one.text, 80)}" for one in self.doctor.report.observations}
        for id_, question in self.texts.knowledge.questions.items():
            text = question.text(self.texts.lang)
            found[f"question:{id_}"] = Content.assemble(
                (f"{say('commands.answer')} ", "dim"), text.title, held.get(id_, ""), (f"  {text.ask}", "dim")
            )
        return list(found.items())

    def choose(self, id_: str) -> None:
        """Give what was chosen."""
        self.leave(id_)


class SettingsScreen(ListScreen[None]):
    """Colours, language, plain ASCII; each kept for the next time."""

    TITLE_KEY, ABOUT_KEY = "settings.title", "settings.help"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2", "close", "close", id="close")]

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return every setting with its value."""
        values = {
            "theme": f"settings.theme_name.{self.doctor.theme}",
            "language": f"settings.language_name.{'english' if self.texts.lang == 'en' else 'chinese'}",
            "ascii": "settings.on" if self.doctor.plain else "settings.off",
        }
        say = self.texts.say
        return [
            (id_, Content.assemble(say(f"settings.{id_}"), "  ", (say(value), "bold"))) for id_, value in values.items()
        ]

    def choose(self, id_: str) -> None:
        """Change one setting."""
        doctor = self.doctor
        if id_ == "theme":
            at = style.NAMES.index(doctor.theme) if doctor.theme in style.NAMES else -1
            doctor.theme = style.NAMES[(at + 1) % len(style.NAMES)]
            doctor.remember(theme=doctor.theme)
        elif id_ == "language":
            doctor.action_switch_language()
            return
        else:
            doctor.remember(ascii=not doctor.preferences.ascii)
            doctor.refresh_css(animate=False)
        doctor.changed.publish(id_)


class AnswersScreen(ListScreen[None]):
    """Everything that was answered or measured; the user's own answers can be changed or taken back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "change", id="change", priority=True),
        Binding("t,delete", "take_back", "take back", id="take_back"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the page's name, and how to change something."""
        say = self.texts.say
        return say("answers.title"), say("answers.help" if self.doctor.report.observations else "answers.empty")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the observations, the latest answer last, each with the words it was read from."""
        texts = self.texts
        return [
            (one.id if one.source not in ("phone", "computer") else f"{one.source}:{one.id}", Content.assemble(
                (title_of(texts, one.id), "bold"), "  ", clean_line(one.text), (quoted(one, texts), "dim"),
                (f"  {texts(f'source.{one.source}.name')}", "dim"), (when(one, texts), "dim"),
            ))
            for one in self.doctor.report.observations
        ]  # fmt: skip

    def choose(self, id_: str) -> None:
        """Put this question in front again."""
        if id_ in self.session.knowledge.questions:
            self.session.call_up(id_)
            self.doctor.show_questions()

    def action_take_back(self) -> None:
        """Forget the highlighted answer."""
        at = self.list_.highlighted
        id_ = self.list_.keys[at] if at is not None else ""
        if id_ in self.session.own_answers():
            self.session.take_back(id_)
            self.session.advance()
            self.doctor.refresh_all()


def next_message(texts: ScreenTexts, evidence: Evidence) -> ChatMessage:
    """Return the next questions as a chat message, by what is known."""
    from diagnostics.questionnaire.message import values_of, write_message

    return write_message(texts.knowledge, values_of(texts.knowledge, evidence), texts.lang)


class MessageScreen(TextScreen[None]):
    """A message that was copied. A terminal does not confirm a copy, so the text is shown as well."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "copy again", id="copy_again"), CLOSE]

    def __init__(self, message: ChatMessage) -> None:
        super().__init__()
        self.message = message

    def begin(self) -> None:
        """Copy at once: that is what the key was pressed for."""
        self.action_copy()

    def draw(self) -> None:
        """Write the page; the message stays in the language in which it was made."""
        say, asks = self.texts.say, self.message.sent is not None
        self.write_heading(say("message.title"), say("message.copied") if asks else self.message.text)
        self.body.show(Content(self.message.text if asks else ""))

    def action_copy(self) -> None:
        """Hand the text to the terminal, which may not take it."""
        if self.message.sent is not None:
            self.doctor.copy_to_clipboard(self.message.text)
