"""The question pane: a card drawn as text, in which rows are highlighted and chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from tui.app.cjk_wrap import entitle
from tui.app.widgets.panes import READABLE, Block, TextPane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.events import Click, Leave, MouseMove

    from tui.app.question_view import Card, Row
    from tui.app.texts import ScreenTexts

TICKS: Final = {"on": "[x]", "off": "[ ]", "unknown": "[?]"}
HIGHLIGHTED: Final = "card--highlighted"
HOVERED: Final = "card--hovered"


class QuestionCard(TextPane, can_focus=True):
    """Draws a card and tells what the user chose: Space and the mouse take a row, Enter what is highlighted."""

    DEFAULT_CSS = """
    QuestionCard > .card--highlighted {
        color: $foreground; background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    QuestionCard:focus > .card--highlighted {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    QuestionCard:nocolor > .card--highlighted { text-style: reverse; }
    QuestionCard > .card--hovered { background: $block-hover-background; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {HIGHLIGHTED, HOVERED}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("home", "highlight(0)", show=False),
        Binding("end", "highlight(-1)", show=False),
        Binding("enter", "enter", show=False),
        Binding("space", "take", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """A row was chosen with Enter or the mouse: its key, and of which card it is."""

        key: str
        identity: tuple[object, ...]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.card: Card | None = None
        self.highlighted: int | None = None
        """The number of the highlighted row, None where none is."""
        self._hovered: int | None = None
        self._texts: ScreenTexts | None = None
        self._verdict = Content("")
        self._first_row = 0
        self.entry_at: int | None = None
        """The number of the block in whose place the field for typing stands, None where nothing is typed."""

    def allow_focus(self) -> bool:
        """Whether the keys go to the rows: where something is typed, they go to the field."""
        return super().allow_focus() and (self.card is None or self.card.kind != "entry")

    def draw(self, card: Card, texts: ScreenTexts, title: str) -> bool:
        """Show a card; returns whether it is another one: that has no highlight, and is shown from its top."""
        fresh = self.card is None or self.card.identity != card.identity
        self.card, self._texts = card, texts
        entitle(self, title)
        if fresh:
            self.highlighted = self._hovered = None
        if fresh or card.kind != "entry":
            self._verdict = Content("")
        self._show()
        if fresh:
            self.scroll_to(y=0, animate=False, immediate=True)
        return fresh

    def tell_verdict(self, text: str, *, wrong: bool) -> None:
        """Say beside the field whether what was typed can be used."""
        self._verdict = Content.styled(text, "$text-warning" if wrong else "dim")
        self._show()

    def _show(self) -> None:
        if self.card is not None and self._texts is not None:
            self.show_blocks(self._blocks(self.card, self._texts))

    def _blocks(self, card: Card, texts: ScreenTexts) -> Iterator[Block]:
        """Yield the parts of the card from top to bottom; where there is height, lines are left free between them."""
        gap = [Block(Content(""))] if self.screen.has_class("-tall") else []
        conflict = (f"{card.conflict}\n", "$text-warning") if card.conflict else ""
        above = [Block(Content.assemble(conflict, (card.ask, "bold")), most=READABLE), *gap]
        if card.say:
            above += [Block(Content.styled(texts.say("card.say", text=card.say), "$secondary"), most=READABLE), *gap]
        self.entry_at = len(above) if card.kind == "entry" else None
        above += [Block(Content(""))] if card.kind == "entry" else []
        above += [Block(self._verdict)] if self._verdict else []
        self._first_row = len(above)
        yield from above
        for number, row in enumerate(card.rows):
            tone = HIGHLIGHTED if number == self.highlighted else HOVERED if number == self._hovered else ""
            yield self._row(row, tone)
        yield from gap
        about = 0 if len(card.notes) == 1 else self.highlighted
        if about is not None and about < len(card.notes):
            note, why, how = card.notes[about], texts.say("card.why"), texts.say("card.how")
            yield Block(Content.assemble((why, "dim"), note.why, "\n", (how, "dim"), note.how), most=READABLE)
            yield from gap
        if card.others:
            lines = [Content.styled(f"{name}  {answer}", "dim $text-muted") for name, answer in card.others]
            yield Block(Content("\n").join(lines), most=READABLE)

    @staticmethod
    def _row(row: Row, tone: str) -> Block:
        tick = f"{TICKS[row.tick]} " if row.tick else ""
        mark = "> " if row.chosen else ""
        content = Content.assemble((f"{row.key} ", "bold $primary"), tick, mark, row.text)
        return Block(content, lead=len(f"{row.key} {tick}{mark}"), tone=tone)

    # rows

    def action_move(self, rows: int) -> None:
        """Highlight the next row, or the one before; behind the last one comes the first."""
        at = self.highlighted
        self.action_highlight((0 if rows > 0 else -1) if at is None else at + rows)

    def action_highlight(self, row: int) -> None:
        """Highlight a row and keep it in sight."""
        if self.card is None or not self.card.rows:
            return
        self.highlighted = row % len(self.card.rows)
        self._show()
        first, last = self.span_of(self._first_row + self.highlighted)
        self.scroll_to_region(Region(0, first, 1, last - first), animate=False, immediate=True)

    def action_enter(self) -> None:
        """Choose the highlighted row; Enter never takes back what was ticked among several, it goes on then."""
        if self.card is None:
            return
        rows, at = self.card.rows, self.highlighted
        row = rows[at] if at is not None and at < len(rows) else None
        ticked = self.card.kind == "choices" and any(each.tick == "on" for each in rows)
        if ticked and (row is None or row.tick == "on"):
            row = next((each for each in rows if each.action == "none"), None)
        self._choose(row)

    def action_take(self) -> None:
        """Choose the highlighted row."""
        if self.card is not None and self.highlighted is not None:
            self._choose(self.card.rows[self.highlighted])

    def _choose(self, row: Row | None) -> None:
        if row is not None and self.card is not None:
            self.post_message(self.Chosen(row.key, self.card.identity))

    def _row_under(self, event: MouseMove | Click) -> int | None:
        """Return the number of the row under the mouse."""
        at = event.get_content_offset(self)
        if at is None or self.card is None:
            return None
        number = self.block_at(at.y + self.scroll_offset.y) - self._first_row
        return number if 0 <= number < len(self.card.rows) else None

    def on_click(self, event: Click) -> None:
        """Choose the row that was clicked."""
        row = self._row_under(event)
        if row is not None:
            self.action_highlight(row)
            self.action_take()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Mark the row under the mouse."""
        self._hover(self._row_under(event))

    def on_leave(self, _event: Leave) -> None:
        """Mark no row any more."""
        self._hover(None)

    def _hover(self, row: int | None) -> None:
        if row != self._hovered:
            self._hovered = row
            self._show()
