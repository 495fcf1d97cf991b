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
        self._drawn: tuple[int, list[Strip]] | None = None

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

    def strips(self, pane: TextPane, width: int) -> list[Strip]:
        """Return its lines as they are drawn, each as wide as the pane."""
        if self._drawn is None or self._drawn[0] != width:
            style = pane.get_visual_style(self.tone) if self.tone else pane.visual_style
            strips = Visual.to_strips(pane, self.prose, self._room(width), None, style)
            self._drawn = width, [strip.extend_cell_length(width, style.rich_style) for strip in strips]
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
        self.blocks: list[Block] = []
        self._strips: list[Strip] = []
        self._ends: list[int] = []
        self._width = 0

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
        self._width = self._room
        drawn = [block.strips(self, self._width) for block in self.blocks] if self._width else []
        self._strips = [strip for strips in drawn for strip in strips]
        self._ends = list(accumulate(map(len, drawn)))

    @property
    def _room(self) -> int:
        return max(0, self.outer_size.width - self.styles.gutter.width - self.scrollbars_space[0])

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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines, broken to the width of the moment."""
        if self._width != self._room:
            self._wrap()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        at = y + self.scroll_offset.y
        return self._strips[at] if at < len(self._strips) else Strip.blank(self.size.width, self.rich_style)


class ReadingPane(TextPane, can_focus=True):
    """A pane that the keys scroll too."""

    BINDINGS: ClassVar[list[BindingType]] = ScrollableContainer.BINDINGS
