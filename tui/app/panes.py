"""Panes of running text, and of rows to choose from: broken into lines as Chinese and English are read.

Textual breaks at spaces only, so a Chinese sentence with one English word in it would fall apart; and it draws a whole
pane for one changed line. Here a line that stays the same is not drawn again. Lists keep their indentation: what
follows `- ` or `1. ` stands below it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from diagnostics.formats.width import line_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.events import Click
    from textual.style import Style

READABLE: Final = 76
"""Cells of a line that the eye still follows."""
HIGHLIGHTED: Final = "rows--highlighted"
_HANG: Final = r"\s*(?:[-*] |\d+\. |[-!~?.▸] )?"


@dataclass(frozen=True)
class Block:
    """A piece of a pane's text: at most so many cells wide; with a `key` it is a row that can be chosen.

    `lead`: how many characters at the start its following lines are indented by; found out where left out.
    """

    content: Content
    key: str | None = None
    most: int | None = None
    lead: int | None = None

    def lines(self, width: int) -> list[Content]:
        """Return its text in lines, in a pane with room for this width."""
        return wrap(self.content, max(2, min(width, self.most or width)), lead=self.lead)


class TextPane(ScrollView, can_focus=False):
    """Shows blocks of text one below the other; the mouse scrolls them, and the keys where it can have the focus."""

    DEFAULT_CSS = "TextPane { background: $background; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)  # a longer text changes no other pane

    def __init__(self, *, id: str | None = None, focus: bool = False) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        if focus:
            self.can_focus = True
        self.auto_links = False  # nothing in it is a link
        self.blocks: list[Block] = []
        self._strips: list[Strip] = []
        self._ends: list[int] = []
        self._broken_at = -1
        """The width that the text was broken to."""

    def show(self, *contents: Content) -> None:
        """Show these texts."""
        self.show_blocks(Block(content) for content in contents)

    def show_blocks(self, blocks: Iterable[Block]) -> None:
        """Show these blocks."""
        self.blocks = list(blocks)
        if self.styles.is_auto_height and self._height_at(self._room) != self.size.height:
            self.refresh(layout=True)
        self.lay_out()

    def lay_out(self) -> None:
        """Break the text into lines, and draw those that differ from what stands there."""
        height = self.outer_size.height - self.styles.gutter.height
        if height <= 0:  # not placed
            self._strips, self._ends = [], []
            return
        if self.styles.overflow_y == "auto":
            self.show_vertical_scrollbar = self._height_at(self.outer_size.width - self.styles.gutter.width) > height
        before = self._strips
        self._break()
        width, lines = self._room, len(self._strips)
        self.virtual_size = Size(width, lines)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = lines
        if self.scroll_y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
        top = self.scroll_offset.y
        pairs = zip_longest(before[top : top + height], self._strips[top : top + height])
        changed = [Region(0, y, width, 1) for y, (old, new) in enumerate(pairs) if old is not new and old != new]
        if changed:
            self.refresh(*changed)

    def _break(self) -> None:
        self._broken_at = room = self._room
        self._strips, self._ends = [], []
        for number, block in enumerate(self.blocks if room else ()):
            style = self.style_of(number)
            for line in block.lines(room):
                strip = Strip(line.render_segments(style), line.cell_length)
                self._strips.append(strip.adjust_cell_length(room, style.rich_style))
            self._ends.append(len(self._strips))

    def style_of(self, _number: int) -> Style:
        """Return how a block is drawn."""
        return self.visual_style

    @property
    def _room(self) -> int:
        return max(0, self.outer_size.width - self.styles.gutter.width - self.scrollbars_space[0])

    def _height_at(self, room: int) -> int:
        return sum(len(block.lines(room)) for block in self.blocks) if room else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Return how many lines the text takes, where the pane is as high as its text."""
        return self._height_at(width)

    def line_of(self, number: int) -> int:
        """Return the line of the text on which a block begins."""
        return sum(len(block.lines(self._room)) for block in self.blocks[:number])

    def set_titles(self, title: str, below: str = "") -> None:
        """Write on the frame, where that changes anything."""
        for name, text in (("border_title", title), ("border_subtitle", below)):
            content = Content(text)
            if (getattr(self, name) or "") != content.markup:
                setattr(self, name, content)

    def notify_style_update(self) -> None:
        """Draw the text in other colours."""
        super().notify_style_update()
        self.lay_out()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines, also where that is asked for before the pane is told its size."""
        if self._broken_at != self._room:
            self._break()
        return super().render_lines(crop)

    def on_resize(self) -> None:
        """Break the text to the new width."""
        self.lay_out()

    def render_line(self, y: int) -> Strip:
        """Draw a line of the text, or an empty one below it."""
        at = y + self.scroll_offset.y
        return self._strips[at] if at < len(self._strips) else Strip.blank(self._room, self.rich_style)


@dataclass
class OfRow(Message):
    """What happened to a row: its key, which of the rows it is, and what they were about then."""

    pane: RowPane
    key: str
    number: int
    about: object

    @property
    def control(self) -> RowPane:
        """The pane, for handlers that want one pane's alone."""
        return self.pane


class RowPane(TextPane, can_focus=True):
    """Text with rows in it, chosen with Enter, Space or the mouse; none is highlighted before the person goes there."""

    DEFAULT_CSS = """
    RowPane > .rows--highlighted {
        color: $foreground; background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    RowPane:focus > .rows--highlighted {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    RowPane:nocolor > .rows--highlighted { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {HIGHLIGHTED}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("home", "highlight(0)", show=False),
        Binding("end", "highlight(-1)", show=False),
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
        Binding("enter,space", "take", show=False),
    ]

    class Highlighted(OfRow):
        """Another row is highlighted."""

    class Chosen(OfRow):
        """A row was chosen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.highlighted: int | None = None
        """The number of the highlighted row, None where none is."""
        self.about: object = None
        """What the rows are about, told with each choice: others may stand here by then."""
        self._rows: list[int] = []

    @property
    def keys(self) -> list[str]:
        """The keys of the rows, from top to bottom."""
        return [self.blocks[at].key or "" for at in self._rows]

    def show_blocks(self, blocks: Iterable[Block]) -> None:
        """Show this text; the highlight stays on the same row and its line, else on the row of the same number."""
        blocks, held, line = list(blocks), self.highlighted, self._line()
        key = self.keys[held] if held is not None and held < len(self._rows) else None
        self._rows = [at for at, block in enumerate(blocks) if block.key is not None]
        keys = [blocks[at].key for at in self._rows]
        self.highlighted = keys.index(key) if key in keys else held if held is not None and held < len(keys) else None
        super().show_blocks(blocks)
        if self._line() != line and line is not None:
            self.scroll_relative(y=(self._line() or line) - line, animate=False, immediate=True)

    def _line(self) -> int | None:
        """Return the line of the text that the highlighted row begins on, None where it is not drawn."""
        number = self.highlighted
        drawn = number is not None and number < len(self._rows) and len(self._ends) == len(self.blocks)
        return self._span(number)[0] if drawn and number is not None else None

    def style_of(self, number: int) -> Style:
        """Return how a block is drawn: the highlighted row in colours of its own."""
        at = self.highlighted
        highlighted = at is not None and at < len(self._rows) and self._rows[at] == number
        return self.get_visual_style(HIGHLIGHTED) if highlighted else self.visual_style

    def _restyle(self) -> None:
        """Draw the rows as they are highlighted by now."""
        self.lay_out()

    def action_highlight(self, number: int) -> None:
        """Highlight a row and keep it in sight; what stands above the first one is shown with it."""
        if not self._rows:
            return
        self.highlighted = number % len(self._rows)
        self._restyle()
        if self._line() is not None:
            first, last = self._span(self.highlighted)
            if self.highlighted == 0 and last <= self.size.height:
                first = 0
            self.scroll_to_region(Region(0, first, 1, last - first), animate=False, immediate=True)
        self._tell(self.Highlighted, self.highlighted)

    def _span(self, number: int) -> tuple[int, int]:
        """Return the first line of a row, and the one behind its last, as they are drawn."""
        at = self._rows[number]
        return self._ends[at - 1] if at else 0, self._ends[at]

    def action_move(self, rows: int) -> None:
        """Highlight the next row, or the one before; behind the last one comes the first."""
        at = self.highlighted
        self.action_highlight((0 if rows > 0 else -1) if at is None else at + rows)

    def action_turn(self, pages: int) -> None:
        """Highlight the row that is a page further."""
        line = self._line() or self.scroll_offset.y
        ends = [self._ends[at] for at in self._rows] if self._ends else []
        if ends:
            self.action_highlight(min(bisect_right(ends, max(0, line + pages * self.size.height)), len(ends) - 1))

    def action_take(self) -> None:
        """Choose the highlighted row."""
        if self.highlighted is not None:
            self.take(self.highlighted)

    def take(self, number: int) -> None:
        """Choose a row."""
        self._tell(self.Chosen, number)

    def _tell(self, kind: type[OfRow], number: int) -> None:
        self.post_message(kind(self, self.keys[number], number, self.about))

    def on_click(self, event: Click) -> None:
        """Choose the row that was clicked."""
        offset = event.get_content_offset(self)
        at = bisect_right(self._ends, offset.y + self.scroll_offset.y) if offset is not None else -1
        if at in self._rows:
            self.action_highlight(self._rows.index(at))
            self.action_take()


def numbered(rows: Iterable[tuple[str, Content]]) -> Iterator[Block]:
    """Yield rows with a digit before each, as long as there is one for it."""
    for number, (key, text) in enumerate(rows, 1):
        digit = f"{number} " if number < 10 else "  "
        yield Block(Content.assemble((digit, "bold $primary"), text), key=key, lead=2)


def wrap(content: Content, width: int, *, lead: int | None = None) -> list[Content]:
    """Return styled text in lines: it is broken wherever a line of so many cells is full."""
    content = content.expand_tabs()
    lines: list[Content] = []
    begin = 0
    for paragraph in content.plain.split("\n"):
        spans, hang = _spans(paragraph, width, lead)
        for number, (start, end) in enumerate(spans):
            part = content[begin + start : begin + end]
            lines.append(part.pad_left(hang) if number and hang else part)
        begin += len(paragraph) + 1
    return lines


@lru_cache(maxsize=2048)
def _spans(text: str, width: int, lead: int | None) -> tuple[list[tuple[int, int]], int]:
    """Return the parts of a paragraph that each fill a line, and how far all but the first are indented."""
    found = re.match(_HANG, text)
    last = lead if lead is not None else found.end() if found is not None else 0
    hang = cell_len(text[:last])
    if hang * 2 > width or width - hang < 2:
        hang = last = 0
    return line_spans(text, width, lead=last, hang=hang, measure=cell_len), hang
