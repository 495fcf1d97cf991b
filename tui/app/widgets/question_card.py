"""The question pane: one card of fixed widgets, rewritten in place, so that nothing flickers or loses the focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.app.cjk_wrap import Plane, Prose, ProseBlock, entitle
from tui.app.widgets.fields import Choices, EntryField

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.app.question_view import Card, Row
    from tui.app.texts import ScreenTexts

TICKS: Final = {"on": "[x]", "off": "[ ]", "unknown": "[?]"}


class Rows(Choices):
    """The rows of a card: Space and the mouse take a row, what Enter does is the card's to say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", show=False),
        Binding("space", "select", show=False),
    ]

    @dataclass
    class Entered(Message):
        """Enter was pressed; `row` is the key of the highlighted row, None where none is."""

        row: str | None

    def action_enter(self) -> None:
        """Tell of Enter."""
        at = self.highlighted
        self.post_message(self.Entered(None if at is None else self.get_option_at_index(at).id))


class QuestionCard(VerticalScroll, Plane, can_focus=False):
    """Draws a card and tells what the user chose."""

    @dataclass
    class Chosen(Message):
        """A row was chosen with Enter or the mouse: its key, and of which card it is."""

        key: str
        identity: tuple[object, ...]

    @dataclass
    class Typed(Message):
        """Something was typed for the card of this identity; `done` once Enter was pressed."""

        text: str
        identity: tuple[object, ...]
        done: bool

    def __init__(self, *, commands: frozenset[str], id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._commands = commands
        self.card: Card | None = None
        self._texts: ScreenTexts | None = None

    def compose(self) -> ComposeResult:
        """The parts of every card, from top to bottom."""
        yield ProseBlock(id="ask")
        yield ProseBlock(id="say")
        yield EntryField(commands=self._commands, id="entry")
        yield ProseBlock(id="verdict")
        yield Rows(id="rows")
        yield ProseBlock(id="note")
        yield ProseBlock(id="others")

    def draw(self, card: Card, texts: ScreenTexts, title: str) -> None:
        """Show a card; the highlight stays where it is while the question is the same, and a new one has none."""
        fresh = self.card is None or self.card.identity != card.identity
        self.card, self._texts = card, texts
        entitle(self, title)
        conflict = (f"{card.conflict}\n", "$text-warning") if card.conflict else ""
        self._set("ask", Content.assemble(conflict, (card.ask, "bold")))
        self._set("say", Content(texts.say("card.say", text=card.say)) if card.say else None)
        self._rows(card, fresh=fresh)
        self._entry(card, texts, fresh=fresh)
        lines = [Content.styled(f"{name}  {answer}", "dim") for name, answer in card.others]
        self._set("others", Content("\n").join(lines) if lines else None)
        self._note()
        if fresh:
            self.scroll_home(animate=False)

    def take_focus(self) -> None:
        """Take the focus where the user goes on."""
        entry = self.query_one("#entry", EntryField)
        target = entry if entry.display else self.query_one("#rows", Rows)
        if self.screen.focused is not target:
            target.focus(scroll_visible=False)

    def highlighted(self) -> int | None:
        """Return the number of the highlighted row, None where none is."""
        return self.query_one("#rows", Rows).highlighted

    def move_down(self) -> None:
        """Highlight the next row."""
        self.query_one("#rows", Rows).action_cursor_down()

    def tell_verdict(self, text: str, *, wrong: bool) -> None:
        """Say beside the field whether what was typed can be used."""
        self._set("verdict", Content.styled(text, "$text-warning" if wrong else "dim") if text else None)

    def _set(self, name: str, content: Content | None) -> None:
        block = self.query_one(f"#{name}", ProseBlock)
        block.display = content is not None
        if content is not None:
            block.show(content)

    def _rows(self, card: Card, *, fresh: bool) -> None:
        rows = self.query_one("#rows", Rows)
        prompts = [self._prompt(row) for row in card.rows]
        if fresh or rows.option_count != len(prompts):
            at = None if fresh else rows.highlighted
            rows.clear_options()
            rows.add_options([Option(prompt, id=row.key) for prompt, row in zip(prompts, card.rows, strict=True)])
            rows.highlighted = at
        else:
            for number, prompt in enumerate(prompts):
                if not prompt.same_as(rows.get_option_at_index(number).prompt):
                    rows.replace_option_prompt_at_index(number, prompt)

    @staticmethod
    def _prompt(row: Row) -> Prose:
        tick = f"{TICKS[row.tick]} " if row.tick else ""
        mark = "> " if row.chosen else ""
        lead = f"{row.key} {tick}{mark}"
        return Prose(Content.assemble((f"{row.key} ", "bold $primary"), tick, mark, row.text), lead=len(lead))

    def _entry(self, card: Card, texts: ScreenTexts, *, fresh: bool) -> None:
        entry = self.query_one("#entry", EntryField)
        entry.display = card.kind == "entry"
        if fresh or card.kind != "entry":
            self._set("verdict", None)
        if card.kind == "entry":
            entry.numeric = card.numeric
            entry.placeholder = texts.say("card.type_number" if card.numeric else "card.type_text", unit=card.unit)
            if fresh:
                with entry.prevent(Input.Changed):
                    entry.value = card.entry
                entry.cursor_position = len(card.entry)

    def _note(self) -> None:
        card, texts = self.card, self._texts
        number = 0 if card is not None and len(card.notes) == 1 else self.highlighted()
        if card is None or texts is None or number is None or number >= len(card.notes):
            self._set("note", None)
            return
        note = card.notes[number]
        self._set("note", Content.assemble(
            (texts.say("card.why"), "dim"), note.why, "\n", (texts.say("card.how"), "dim"), note.how,
        ))  # fmt: skip

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._note()

    @on(Rows.Entered)
    def _entered(self, event: Rows.Entered) -> None:
        """Choose the highlighted row; Enter never takes back what was ticked among several, it goes on then."""
        event.stop()
        if self.card is None:
            return
        rows = {row.key: row for row in self.card.rows}
        row, closing = rows.get(event.row or ""), next((one for one in rows.values() if one.action == "none"), None)
        ticked = self.card.kind == "choices" and any(one.tick == "on" for one in rows.values())
        if ticked and (row is None or row.tick == "on"):
            row = closing
        if row is not None:
            self.post_message(self.Chosen(row.key, self.card.identity))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None and self.card is not None:
            self.post_message(self.Chosen(event.option.id, self.card.identity))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.card is not None:
            self.post_message(self.Typed(event.value, self.card.identity, done=False))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.card is not None:
            self.post_message(self.Typed(event.value, self.card.identity, done=True))
