"""Panes that wrap and draw running text themselves: a line that stays the same is not drawn again."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import ScrollableContainer
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui.app.cjk_wrap import Drawn, Prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.content import Content

READABLE: Final = 76
"""Cells of a line that the eye still follows."""


class Block:
    """A piece of a pane's text: at most so many cells wide, in the style of a component where one is named."""

    def __init__(self, content: Content, *, most: int | None = None, lead: int | None = None, tone: str = "") -> None:
        self.prose = Prose(content, lead=lead)
        self.tone = tone
        self._most = most
        self._drawn: tuple[object, list[Strip]] | None = None

    def same_as(self, other: Block | None) -> bool:
        """Whether another block looks the same, so that nothing need be drawn anew."""
        return (
            other is not None
            and self.tone == other.tone
            and self._most == other._most
            and self.prose.same_as(other.prose)
        )

    def height(self, width: int) -> int:
        """Return how many lines it takes in a pane of this width."""
        return len(self.prose.lines(self._room(width)))

    def strips(self, pane: TextPane, width: int, sides: tuple[Strip, Strip]) -> list[Strip]:
        """Return its lines as they are drawn: each as wide as the pane, and between the sides of its frame."""
        filters = pane.get_line_filters()
        key = width, sides, filters
        if self._drawn is None or self._drawn[0] != key:
            style = pane.get_visual_style(self.tone) if self.tone else pane.visual_style
            strips = Visual.to_strips(pane, self.prose, self._room(width), None, style)
            strips = [strip.extend_cell_length(width, style.rich_style) for strip in strips]
            for each in filters:
                strips = [strip.apply_filter(each, pane.background_colors[1]) for strip in strips]
            self._drawn = key, [Strip.join([sides[0], strip, sides[1]]) for strip in strips]
        return self._drawn[1]

    def forget(self) -> None:
        """Draw it anew the next time: colours have changed."""
        self._drawn = None

    def _room(self, width: int) -> int:
        return width if self._most is None else min(width, self._most)


class TextPane(Drawn, ScrollView, can_focus=False):
    """Shows blocks of text one below the other, which the mouse scrolls."""

    DEFAULT_CSS = "TextPane { background: $background; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)  # a longer text changes no other pane

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.auto_links = False  # nothing in it is a link
        self._empty = Strip([])
        """A line of the pane on which no text stands."""
        self.blocks: list[Block] = []
        self._strips: list[Strip] = []
        self._ends: list[int] = []
        self._width = 0
        self._sides = (self._empty, self._empty)

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
        width, lines = self._width, len(self._strips)
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
        self._width, self._sides = self._room, self._edges()
        drawn = [block.strips(self, self._width, self._sides) for block in self.blocks] if self._width else []
        self._strips = [strip for strips in drawn for strip in strips]
        self._ends = list(accumulate(map(len, drawn)))

    @property
    def _room(self) -> int:
        return max(0, self.outer_size.width - self.styles.gutter.width - self.scrollbars_space[0])

    def _edges(self) -> tuple[Strip, Strip]:
        """Return what stands left and right of each line of text: frame, padding, and the place of the scroll bar."""
        left, width = self.styles.gutter.left, self.outer_size.width
        self._empty = self._frame(self.styles.gutter.top, 1)[0]
        return self._empty.crop(0, left), self._empty.crop(left + self._room, width)

    def _frame(self, y: int, lines: int) -> list[Strip]:
        """Return lines of the pane as Textual draws them without a text."""
        return super().draw_lines(Region(0, y, self.outer_size.width, lines))

    def height_at(self, width: int) -> int:
        """Return how many lines the text takes at this width of the pane, its frame included."""
        room = width - self.styles.gutter.width
        return sum(block.height(room) for block in self.blocks) + self.styles.gutter.height if room > 0 else 0

    def line_of(self, number: int, width: int | None = None) -> int:
        """Return the line on which a block begins, at the width of the moment or another one of the pane."""
        room = self._room if width is None else width - self.styles.gutter.width
        return sum(block.height(room) for block in self.blocks[:number])

    def block_at(self, line: int) -> int:
        """Return the number of the block on a line of the text; past the last block where there is none."""
        return bisect_right(self._ends, line)

    def notify_style_update(self) -> None:
        """Draw everything anew in other colours."""
        super().notify_style_update()
        for block in self.blocks:
            block.forget()
        self._width = 0

    def on_resize(self) -> None:
        """Break the text to the new width."""
        self.lay_out()

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines: of the frame what Textual draws, and the text between."""
        if (self._width, self._sides) != (self._room, self._edges()):
            self._wrap()
        width, height = self.outer_size
        gutter, top = self.styles.gutter, self.scroll_offset.y
        room = max(0, height - gutter.height)
        text = self._strips[top : top + room]
        lines = [*self._frame(0, gutter.top), *text, *[self._empty] * (room - len(text)),
                 *self._frame(height - gutter.bottom, gutter.bottom)]  # fmt: skip
        lines = lines[crop.y : crop.bottom]
        return lines if crop.width == width else [line.crop(crop.x, crop.right) for line in lines]

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  every line of the frame is alike
        """Draw the inside of a line of the frame."""
        return Strip.blank(self._room, self.rich_style)


class ReadingPane(TextPane, can_focus=True):
    """A pane that the keys scroll too."""

    BINDINGS: ClassVar[list[BindingType]] = ScrollableContainer.BINDINGS
