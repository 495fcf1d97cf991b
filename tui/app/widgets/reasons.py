"""The reasons: those that something speaks for or that just moved, the rest folded; and what is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.message import Message
from textual.widgets import Tree

from diagnostics.report.build import strongest
from tui.app.cjk_wrap import Settled, entitle
from tui.app.report_content import cause_content, section_content
from tui.app.texts import MARKS, fit
from tui.app.widgets.panes import TextPane

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.widgets.tree import TreeNode

    from diagnostics.engine.assessment import Move
    from diagnostics.report import CauseReport, Report
    from tui.app.texts import ScreenTexts

FOLDED: Final = ("ruled_out", "unknown")
"""What is shown as one line each, to be unfolded."""


class ReasonTree(Settled, Tree[str]):
    """Draws a report's causes in place: what was highlighted and folded stays so while statuses move."""

    @dataclass
    class Highlighted(Message):
        """Another cause or fold is highlighted; `id` is the cause's id, or the status of those folded."""

        id: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__("", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False
        self._report: Report | None = None
        self._texts: ScreenTexts | None = None
        self._moves: dict[str, Move] = {}
        self._folds: dict[str, list[str]] = {}

    def draw(self, report: Report, texts: ScreenTexts, moves: tuple[Move, ...]) -> None:
        """Show this report; `moves` are marked, with what their causes were before."""
        self._report, self._texts = report, texts
        self._moves = {move.cause: move for move in moves}
        entitle(self, texts.say("pane.reasons"))
        spoken_for = {one.id for one in strongest(report, texts.knowledge)}
        noted = [one.id for one in report.causes if one.id in spoken_for or one.id in self._moves]
        folds = {status: [one.id for one in report.causes if one.status == status and one.id not in noted]
                 for status in FOLDED}  # fmt: skip
        shown = [*noted, *(status for status in FOLDED if folds[status])]
        held = self.cursor_node.data if self.cursor_node is not None else None
        row = max(0, self.cursor_line) - self.scroll_offset.y
        open_ = {node.data for node in self.root.children if node.is_expanded and node.allow_expand}
        rebuilt = [node.data for node in self.root.children] != shown
        if rebuilt:
            self.root.remove_children()
            for id_ in shown:
                self.root.add("", data=id_, expand=id_ in open_, allow_expand=id_ in FOLDED)
        self._folds = folds
        for node in self.root.children:
            rebuilt |= node.is_expanded and self._unfold(node)
        self._label()
        if rebuilt:
            self.call_after_refresh(self._return_to, held, row)

    def _unfold(self, node: TreeNode[str]) -> bool:
        """Put the causes below a fold that is open; False where they stand there already."""
        wanted = self._folds.get(str(node.data), [])
        if [child.data for child in node.children] == wanted:
            return False
        node.remove_children()
        for id_ in wanted:
            node.add_leaf("", data=id_)
        return True

    def _return_to(self, held: str | None, row: int) -> None:
        """Put the highlight back on the same cause, on the same line of the pane; one folded away keeps its place."""
        if any(held in ids for ids in self._folds.values()) and self._find(held) is None:
            return
        node = self._find(held) or next(iter(self.root.children), None)
        if node is not None and node.line >= 0:
            self.move_cursor(node)
            self.scroll_to(y=max(0, node.line - row), animate=False)

    def _find(self, id_: str | None) -> TreeNode[str] | None:
        nodes = (one for top in self.root.children for one in (top, *top.children))
        return next((one for one in nodes if one.data == id_), None)

    def show(self, id_: str) -> None:
        """Highlight a cause."""
        fold = next((name for name, ids in self._folds.items() if id_ in ids), None)
        for node in self.root.children:
            if node.data == fold:
                self._unfold(node)
                node.expand()
        self.call_after_refresh(lambda: self.move_cursor(self._find(id_)))

    def _label(self) -> None:
        report, texts = self._report, self._texts
        if report is None or texts is None:
            return
        causes = {cause.id: cause for cause in report.causes}
        for node in (one for top in self.root.children for one in (top, *(top.children if top.is_expanded else ()))):
            id_ = str(node.data)
            label = (Text(texts.say(f"tree.{id_}", count=len(self._folds[id_])), self._tone("muted")) if id_ in FOLDED
                     else self._cause_label(causes[id_], texts))  # fmt: skip
            if node.label != label or getattr(node.label, "spans", None) != label.spans:
                node.set_label(label)

    def _cause_label(self, cause: CauseReport, texts: ScreenTexts) -> Text:
        status = texts(f"status.{cause.status}")
        move = self._moves.get(cause.id)
        tone = self._tone("muted") if cause.status in FOLDED else Style(bold=cause.status != "possible")
        changes = (texts.say("tree.before", status=texts(f"status.{move.before}")), " ←") if move else ("",)
        room = max(20, self.scrollable_content_region.width or self.size.width or 30) - 5 - cell_len(status)
        short = texts.knowledge.causes[cause.id].text(texts.lang).short or cause.title
        ways = [(title, changed) for changed in changes for title in (cause.title, short)]
        title, changed = next((way for way in ways if cell_len("".join(way)) <= room), ways[-1])
        title = fit(title, max(6, room - cell_len(changed)))
        return Text.assemble((f"{MARKS[cause.status]} ", tone), (title, Style(bold=True) if move else tone),
                             " ", (status, tone), (changed, self._tone("primary")))  # fmt: skip

    def _tone(self, name: str) -> Style:
        variables = self.app.theme_variables
        colour = variables.get("text-muted" if name == "muted" else name, "")
        if self.app.no_color or not colour.startswith("#"):
            return Style(dim=name == "muted")
        return Style(color=colour[:7])

    def on_resize(self, _event: Resize) -> None:
        """Cut titles to the new width."""
        self._label()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[str]) -> None:
        """Write the rows that come to light."""
        self._unfold(event.node)
        self._label()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[str]) -> None:
        """Tell which reason the highlight is on."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.Highlighted(event.node.data))


def reasons_line(report: Report, texts: ScreenTexts, width: int) -> Content:
    """Name on one line the reasons that something speaks for, and count the rest."""
    counts = {status: sum(one.status == status for one in report.causes) for status in FOLDED}
    rest = [texts.say(f"tree.{status}", count=count) for status, count in counts.items() if count]
    tail = f"{' · '.join(rest)}  t {texts.say('tree.unfold')}"
    room = width - cell_len(tail) - cell_len(texts.say("pane.reasons")) - 6
    named: list[str] = []
    for one in strongest(report, texts.knowledge):
        title = texts.knowledge.causes[one.id].text(texts.lang).short or one.title
        told = f"{MARKS[one.status]} {title} {texts(f'status.{one.status}')}"
        if cell_len("  ".join([*named, told])) > room:
            break
        named.append(told)
    return Content.assemble((texts.say("pane.reasons"), "bold"), "  ", "  ".join(named), "  " if named else "",
                            (tail, "dim"))  # fmt: skip


class DetailPane(TextPane, can_focus=True):
    """Shows one cause, or those folded together; scrolls by keyboard and mouse."""

    BINDINGS: ClassVar[list[BindingType]] = ScrollableContainer.BINDINGS

    _about: str | None = None

    def draw(self, report: Report, texts: ScreenTexts, id_: str) -> None:
        """Show this cause or fold; a new one from its top, the same one where it was scrolled to."""
        content = section_content(report, texts, id_) if id_ in FOLDED else cause_content(report, texts, id_)
        entitle(self, texts.say("pane.detail"))
        self.show(content)
        if self._about != id_:
            self._about = id_
            self.scroll_home(animate=False)
