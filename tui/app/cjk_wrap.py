"""Running text that wraps as Chinese and English do: between Chinese characters, never before a comma.

Textual breaks at spaces only, so a Chinese sentence with one English word in it would fall apart. Lists keep their
indentation: what follows `- ` or `1. ` stands below it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Static

from diagnostics.formats.width import is_english

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from textual.css.styles import RulesMap
    from textual.events import Resize
    from textual.style import Style
    from textual.visual import RenderOptions
    from textual.widget import Widget
    from textual.widget import Widget as _Mixed
else:
    _Mixed = object  # what is mixed in would hide the styles of the widget's own class

_NOT_FIRST: Final = "，。、；：？！」』）》】”’…—,.;:?!)]}%"
_NOT_LAST: Final = "「『（《【“‘([{"
_WORD: Final = r"[!-~\u00a0-\u02ff\u2010-\u2027]"
_UNIT: Final = re.compile(rf"[{re.escape(_NOT_LAST)}]*(?:{_WORD}+|\S)[{re.escape(_NOT_FIRST)}]*")
_NAMED: Final = re.compile(
    rf"[{re.escape(_NOT_LAST)}]*(?:{_WORD}+|[\u3400-\u9fff]{{2,12}}|\S)[{re.escape(_NOT_FIRST)}]*"
)
"""The same in an English text: a name in Chinese characters is a word there."""
_HANG: Final = re.compile(r"\s*(?:[-*] |\d+\. |[-!~?.▸] )?")


class Prose(Visual):
    """Styled text, wrapped for reading."""

    def __init__(self, content: Content, *, lead: int | None = None) -> None:
        """`lead`: how many characters at the start the following lines are indented by; found out where left out."""
        self.content = content
        self._lead = lead
        self._width = -1
        self._lines: list[Content] = []

    def same_as(self, other: object) -> bool:
        """Whether another text would look the same, so that nothing need be drawn anew."""
        return (
            isinstance(other, Prose)
            and self.content.plain == other.content.plain
            and self.content.spans == other.content.spans
            and self._lead == other._lead
        )

    def lines(self, width: int) -> list[Content]:
        """Return the text, broken into lines of this width."""
        if width != self._width:
            self._width = width
            self._lines = wrap(self.content, max(2, width), lead=self._lead)
        return self._lines

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Draw it, as Textual asks; Textual's own way would break each line once more."""
        strips = []
        for line in self.lines(width)[:height]:
            parts = line.render(style, "", options.get_style)
            strips.append(Strip([Segment(text, (style + own).rich_style) for text, own in parts], line.cell_length))
        return strips

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Return the width at which nothing wraps."""
        return self.content.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:  # noqa: ARG002  Textual's signature
        """One wide character fits everywhere."""
        return 2

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Return how many lines it takes."""
        return len(self.lines(width))


class Drawn(_Mixed):
    """For widgets that hand over what they drew last while nothing in it changed: Textual asks them all each time."""

    _painted: tuple[Region, Size, list[Strip]] | None = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew the next time."""
        if repaint:
            self._painted = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Draw anew in other colours."""
        self._painted = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines, only where something changed."""
        if self._painted is None or self._painted[:2] != (crop, self.outer_size):
            self._painted = crop, self.outer_size, self.draw_lines(crop)
        return self._painted[2]

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Draw these lines."""
        return super().render_lines(crop)


class Settled(Drawn):
    """For widgets that are laid out once: Textual lays the whole screen out again where what scrolls in one grew."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)
    _laid_out = 0

    def on_resize(self, event: Resize) -> None:
        """Keep what is wrapped while the width stays: Textual's lists and trees forget it with every change of size."""
        if event.size.width == self._laid_out:
            event.prevent_default()
        self._laid_out = event.size.width


def entitle(widget: Widget, title: str, below: str = "") -> None:
    """Write on a widget's frame; it is drawn anew only where that changes."""
    for name, text in (("border_title", title), ("border_subtitle", below)):
        content = Content(text)
        if (getattr(widget, name) or "") != content.markup:
            setattr(widget, name, content)


class ProseBlock(Settled, Static):
    """A block of running text; shown anew only where it differs from what stands there."""

    _shown: Prose | None = None

    def show(self, content: Content) -> None:
        """Show this text."""
        prose = Prose(content)
        if not prose.same_as(self._shown):
            self._shown = prose
            self.update(prose)


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
    found = _HANG.match(text)
    last = lead if lead is not None else found.end() if found is not None else 0
    hang = cell_len(text[:last])
    if hang * 2 > width or width - hang < 2:
        hang = last = 0
    spans: list[tuple[int, int]] = []
    begin, used = 0, hang
    for start, end, size in _units(text, last, max(2, width - hang)):
        gap = cell_len(text[last:start])
        if used + gap + size > width and last > begin:
            spans.append((begin, last))
            begin, used = start, hang + size
        elif used + gap + size > width:  # too narrow even for the indentation
            begin, used = start, size
        else:
            used += gap + size
        last = end
    spans.append((begin, last))
    return spans, hang


def _units(text: str, start: int, room: int) -> Iterator[tuple[int, int, int]]:
    """Yield what may not be broken, without the spaces between: begin, end and cells; a longer word is cut."""
    for unit in (_NAMED if is_english(text) else _UNIT).finditer(text, start):
        at, end = unit.span()
        while at < end:
            size = cell_len(text[at:end])
            stop = end
            while size > room and stop - at > 1:
                stop -= 1
                size = cell_len(text[at:stop])
            yield at, stop, size
            at = stop
