"""The tree of reasons: groups with counts, causes with mark, title and status in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style as RichStyle
from rich.text import Text
from textual.message import Message
from textual.widgets import Tree

from diagnostics.engine.rule_table import FOR
from tui.words import MARKS, fit

if TYPE_CHECKING:
    from rich.style import Style
    from textual.events import Resize
    from textual.widgets.tree import TreeNode

    from diagnostics.engine.assessment import Move
    from diagnostics.report import CauseReport, Report
    from tui.words import Words

TONES = {"confirmed": "error", "likely": "warning", "possible": "accent", "ruled_out": "success"}


class ReasonTree(Tree[str]):
    """Draws a report's tree in place: what was highlighted and folded stays so while verdicts move."""

    class Highlighted(Message):
        """Another cause or group is highlighted; `id` is its id, `group` whether it is a group."""

        def __init__(self, id_: str, *, group: bool) -> None:
            self.id = id_
            self.group = group
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__("", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False
        self._report: Report | None = None
        self._words: Words | None = None
        self._moves: dict[str, Move] = {}
        self._order: list[str] = []
        self._hidden = 0

    def draw(
        self, report: Report, words: Words, moves: tuple[Move, ...], order: list[str], *, hide_ruled_out: bool
    ) -> None:
        """Show this report. `order` are the causes' ids as they stand within their groups."""
        self._report, self._words = report, words
        self._moves = {move.cause: move for move in moves}
        self._order = order
        causes = {cause.id: cause for cause in report.causes}
        shown: dict[str, list[CauseReport]] = {
            group: sorted(
                (causes[id_] for id_ in ids if not (hide_ruled_out and causes[id_].status == "ruled_out")),
                key=lambda cause: order.index(cause.id),
            )
            for group, ids in report.tree.items()
        }
        self._hidden = sum(cause.status == "ruled_out" for cause in causes.values()) if hide_ruled_out else 0
        held = self.cursor_node.data if self.cursor_node is not None else None
        row = max(0, self.cursor_line) - self.scroll_offset.y
        if [node.data for node in self.root.children] != list(shown):
            self.root.remove_children()
            for group in shown:
                self.root.add("", data=group, expand=True)
        rebuilt = False
        for node in self.root.children:
            wanted = shown[str(node.data)]
            if [child.data for child in node.children] != [cause.id for cause in wanted]:
                rebuilt = True
                node.remove_children()
                for cause in wanted:
                    node.add_leaf("", data=cause.id)
        self._label()
        if rebuilt:
            self.call_after_refresh(self._return_to, held, row)

    def _return_to(self, held: str | None, row: int) -> None:
        """Put the highlight back on the same cause, on the same line of the pane."""
        node = self._find(held) or next(iter(self.root.children), None)
        if node is None:
            return
        if node.line >= 0:
            self.move_cursor(node)
            self.scroll_to(y=max(0, node.line - row), animate=False)

    def _find(self, id_: str | None) -> TreeNode[str] | None:
        for group in self.root.children:
            if group.data == id_:
                return group
            for node in group.children:
                if node.data == id_:
                    return node
        return None

    def show(self, id_: str) -> None:
        """Highlight a cause."""
        node = self._find(id_)
        if node is not None and node.parent is not None:
            node.parent.expand()
            self.call_after_refresh(self.move_cursor, node)

    def _label(self) -> None:
        report, words = self._report, self._words
        if report is None or words is None:
            return
        causes = {cause.id: cause for cause in report.causes}
        groups = {group.id: group for group in words.knowledge.groups}
        for node in self.root.children:
            ids = report.tree[str(node.data)]
            title = groups[str(node.data)].get(words.lang)
            self._relabel(node, self._group_label(title, [causes[id_] for id_ in ids], words))
            for child in node.children:
                self._relabel(child, self._cause_label(causes[str(child.data)], words))

    @staticmethod
    def _relabel(node: TreeNode[str], label: Text) -> None:
        """Set a label where it changed: the others need not be drawn anew."""
        if node.label != label or getattr(node.label, "spans", None) != label.spans:
            node.set_label(label)

    def _group_label(self, title: str, causes: list[CauseReport], words: Words) -> Text:
        standing = sum(cause.status in FOR for cause in causes)
        cleared = sum(cause.status == "ruled_out" for cause in causes)
        counts = [
            words.say(key, standing=standing, cleared=cleared, total=len(causes))
            for key in (("tree.count", "tree.standing") if standing else ("tree.cleared",))
        ]
        room = self._room() - 4
        count = next((one for one in counts if cell_len(title) + cell_len(one) <= room), counts[-1])
        width = room - cell_len(count)
        return Text.assemble((fit(title, width), "bold"), "  ", (count, self._tone("muted")))

    def _cause_label(self, cause: CauseReport, words: Words) -> Text:
        status = words.of(f"status.{cause.status}")
        move = self._moves.get(cause.id)
        tone = self._tone(TONES.get(cause.status, "muted"))
        style = tone + RichStyle(bold=True) if move else tone
        changes = (f" ← {words.of(f'status.{move.before}')}", " ←") if move else ("",)
        room = self._room() - 5 - cell_len(status)
        short = words.knowledge.causes[cause.id].text(words.lang).short or cause.title
        ways = [(title, changed) for changed in changes for title in (cause.title, short)]
        title, changed = next((way for way in ways if cell_len("".join(way)) <= room), ways[-1])
        title = fit(title, max(6, room - cell_len(changed)))
        return Text.assemble((f"{MARKS[cause.status]} ", style), (title, RichStyle(bold=True) if move else ""),
                             " ", (status, style), (changed, self._tone("accent")))  # fmt: skip

    def _room(self) -> int:
        return max(20, self.scrollable_content_region.width or self.size.width or 30)

    def _tone(self, name: str) -> Style:
        variables = self.app.theme_variables
        colour = variables.get("text-muted" if name == "muted" else name, "")
        if self.app.no_color or not colour.startswith("#"):
            return RichStyle(dim=name == "muted")
        return RichStyle(color=colour[:7])

    def on_resize(self, _event: Resize) -> None:
        """Cut titles to the new width."""
        self._label()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[str]) -> None:
        """Tell which reason the highlight is on."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.Highlighted(event.node.data, group=event.node.allow_expand))
