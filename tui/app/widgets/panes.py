"""Panes that wrap and draw running text themselves: a line that stays the same is not drawn again."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.cjk_wrap import Drawn, Prose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from textual.color import Color
    from textual.content import Content
    from textual.filter import LineFilter
    from textual.style import Style

READABLE: Final = 76
"""Cells of a line that the eye still follows."""


class Frame(NamedTuple):
    """What all lines of a pane have in common: width, the sides of the frame, colours, and what is done to signs."""

    width: int
    left: tuple[Segment, ...]
    right: tuple[Segment, ...]
    style: Style
    background: Color
    filters: tuple[LineFilter, ...]


class Block:
    """A piece of a pane's text: at most so many cells wide, in the style of a component where one is named."""

    def __init__(self, content: Content, *, most: int | None = None, lead: int | None = None, tone: str = "") -> None:
        self.prose = Prose(content, lead=lead)
        self.tone = tone
        self._most = most
        self._drawn: tuple[Frame, list[Strip]] | None = None

    def same_as(self, other: Block | None) -> bool:
        """Whether another block looks the same, so that nothing need be drawn anew."""
        return (
            other is not None
            and self.tone == other.tone
            and self._most == other._most
            and self.prose.same_as(other.prose)
        )

    def lines(self, width: int) -> list[Content]:
        """Return its text in lines, in a pane with room for this width."""
        return self.prose.lines(width if self._most is None else min(width, self._most))

    def strips(self, frame: Frame, pane: TextPane) -> list[Strip]:
        """Return its lines as they are drawn, as wide as the pane, its sides included."""
        if self._drawn is None or self._drawn[0] is not frame:
            style = pane.get_visual_style(self.tone) if self.tone else frame.style
            self._drawn = frame, [self._strip(line, style, frame) for line in self.lines(frame.width)]
        return self._drawn[1]

    @staticmethod
    def _strip(line: Content, style: Style, frame: Frame) -> Strip:
        segments = [Segment(text, (style + own).rich_style) for text, own in line.render(style, "")]
        if line.cell_length < frame.width:
            segments.append(Segment(" " * (frame.width - line.cell_length), style.rich_style))
        for each in frame.filters:
            segments = each.apply(segments, frame.background)
        return Strip([*frame.left, *segments, *frame.right])


class TextPane(Drawn, ScrollView, can_focus=False):
    """Shows blocks of text one below the other, which the mouse scrolls."""

    DEFAULT_CSS = "TextPane { background: $background; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)  # a longer text changes no other pane

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.auto_links = False  # nothing in it is a link
        self.blocks: list[Block] = []
        self._strips: list[Strip] = []
        self._ends: list[int] = []
        self._frame: Frame | None = None
        self._empty = Strip([])
        """A line of the pane on which no text stands."""
        self._lids: tuple[Size, list[Strip], list[Strip]] | None = None
        """The upper and the lower end of the frame, with the size that they belong to."""

    def show(self, *contents: Content) -> None:
        """Show these texts."""
        self.show_blocks(Block(content) for content in contents)

    def show_blocks(self, blocks: Iterable[Block]) -> None:
        """Show these blocks; one that looks as before is kept with what is drawn of it."""
        pairs = zip_longest(list(blocks), self.blocks)
        self.blocks = [old if old is not None and new.same_as(old) else new for new, old in pairs if new is not None]
        self.lay_out()

    def lay_out(self) -> None:
        """Break the text into lines, and draw those that differ from what stands there."""
        height = self.outer_size.height - self.styles.gutter.height
        if height <= 0:
            return  # not placed
        if self.styles.overflow_y == "auto":
            self.show_vertical_scrollbar = self.height_at(self.outer_size.width) > self.outer_size.height
        before = self._strips
        self._wrap()
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

    def _wrap(self) -> None:
        if self._frame is None or self._frame.width != self._room:
            self._frame = self._look()
        drawn = [block.strips(self._frame, self) for block in self.blocks] if self._frame.width else []
        self._strips = [strip for strips in drawn for strip in strips]
        self._ends = list(accumulate(map(len, drawn)))

    def _look(self) -> Frame:
        """Return what every line has in common: Textual draws one without text."""
        left, room, width = self.styles.gutter.left, self._room, self.outer_size.width
        self._empty = self._drawn(self.styles.gutter.top, 1)[0]
        sides = self._empty.crop(0, left), self._empty.crop(left + room, width)
        filters = tuple(self.get_line_filters())
        return Frame(room, tuple(sides[0]), tuple(sides[1]), self.visual_style, self.background_colors[1], filters)

    def _drawn(self, y: int, lines: int) -> list[Strip]:
        """Return lines of the pane as Textual draws them, without a text."""
        return super().draw_lines(Region(0, y, self.outer_size.width, lines))

    @property
    def _room(self) -> int:
        return max(0, self.outer_size.width - self.styles.gutter.width - self.scrollbars_space[0])

    def height_at(self, width: int) -> int:
        """Return how many lines the text takes at this width of the pane, its frame included."""
        return self.line_of(len(self.blocks), width) + self.styles.gutter.height if width else 0

    def line_of(self, number: int, width: int) -> int:
        """Return the line of the text on which a block begins, at this width of the pane."""
        room = max(0, width - self.styles.gutter.width)
        return sum(len(block.lines(room)) for block in self.blocks[:number])

    def span_of(self, number: int) -> tuple[int, int]:
        """Return the first line of a block, and the one behind its last, as they are drawn."""
        return self._ends[number - 1] if number else 0, self._ends[number]

    def block_at(self, line: int) -> int:
        """Return the number of the block on a line of the text; past the last block where there is none."""
        return bisect_right(self._ends, line)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw these lines anew, or everything."""
        if repaint and not regions:
            self._lids = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Draw everything anew in other colours."""
        super().notify_style_update()
        self._frame = self._lids = None

    def on_resize(self) -> None:
        """Break the text to the new width."""
        self.lay_out()

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines: of the frame what Textual draws, and the text between."""
        width, height = self.outer_size
        gutter, top = self.styles.gutter, self.scroll_offset.y
        if height <= gutter.height:
            return super().draw_lines(crop)
        if self._frame is None or self._frame.width != self._room:
            self._wrap()
        if self._lids is None or self._lids[0] != self.outer_size:
            ends = self._drawn(0, gutter.top), self._drawn(height - gutter.bottom, gutter.bottom)
            self._lids = self.outer_size, *ends
        room = height - gutter.height
        text = self._strips[top : top + room]
        lines = [*self._lids[1], *text, *[self._empty] * (room - len(text)), *self._lids[2]][crop.y : crop.bottom]
        return lines if crop.width == width else [line.crop(crop.x, crop.right) for line in lines]

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  every line of the frame is alike
        """Draw the inside of a line of the frame."""
        return Strip.blank(self._room, self.rich_style)
