"""The main screen: reasons on the left, the question beside them, the detail of what is highlighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui.cards import UNKNOWN_KEY, Card, Row, make_card
from tui.choosing import choose, dont_know_line, judge
from tui.describe import head_content
from tui.prose import ProseBlock
from tui.screens.base import PAGES, Localized
from tui.widgets.card import QuestionCard
from tui.widgets.checkbar import CheckBar
from tui.widgets.detail import DetailPane
from tui.widgets.keybar import KeyBar
from tui.widgets.reasons import ReasonTree
from tui.widgets.tabs import PaneTabs

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key, Resize

    from tui.flow import Part

Pane = Literal["reasons", "question", "detail"]
AFTER: Final[dict[Pane, Pane]] = {"question": "reasons", "reasons": "detail", "detail": "question"}  # as Tab goes
COMMANDS: Final = frozenset("abcdeglmnoqrsxw?")  # single keys that stay commands while a text field is empty


class MainScreen(Localized[None]):
    """Asks, and shows what follows."""

    CSS_PATH = "main.tcss"
    VIEW = "#question"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-beside"), (110, "-roomy"), (150, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "dont_know", "don't know", id="dont_know"),
        Binding("s", "skip", "skip", id="skip"),
        Binding("b,left", "back", "back", id="back", key_display="b"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("r", "open('result')", "result", id="result"),
        Binding("tab", "next_pane", "next pane", id="next_pane", key_display="Tab"),
        Binding("shift+tab", "previous_pane", "previous pane", id="previous_pane", show=False),
        Binding("escape", "pane('question')", "to the question", id="to_question", show=False),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("x", "hide", "hide ruled out", id="hide", show=False),
        Binding("o", "order", "strongest first", id="order", show=False),
        Binding("m", "open('debts')", "debts", id="debts", show=False),
        Binding("w", "open('export')", "export", id="export", show=False),
        *PAGES,
    ]

    def __init__(self, typed_ahead: list[str] | None = None) -> None:
        super().__init__()
        self._typed_ahead = typed_ahead if typed_ahead is not None else []
        self.front: Pane = "question"
        self._highlight: tuple[str, bool] | None = None

    def compose(self) -> ComposeResult:
        """Three panes, of which as many are shown as there is room for."""
        yield ProseBlock(id="verdict-line")
        yield PaneTabs(id="tabs")
        with Horizontal(id="panes"):
            yield ReasonTree(id="reasons")
            with Vertical(id="right"):
                yield QuestionCard(commands=COMMANDS, id="question")
                yield DetailPane(id="detail")
        yield CheckBar(id="checks")
        yield KeyBar()

    def begin(self) -> None:
        """Draw, and let the seconds of running checks be seen."""
        self.set_interval(0.5, self._tick)
        self.action_pane("question")
        self.call_after_refresh(self._take_over)

    def _take_over(self) -> None:
        """Do what was typed before this screen stood."""
        for key in self._typed_ahead:
            self.app.simulate_key(key)
        self._typed_ahead.clear()

    def _tick(self) -> None:
        if self.doctor.desk.running() and self.is_active:
            self._draw_checks()

    def draw(self) -> None:
        """Draw everything as it stands."""
        self.query_one("#verdict-line", ProseBlock).show(head_content(self.doctor.report, self.words))
        self._draw_tree()
        self.query_one(QuestionCard).draw(self._card(), self.words)
        self._draw_detail()
        self._draw_checks()
        self._draw_tabs()
        if self.front == "question" and self.is_active:
            self.query_one(QuestionCard).settle()

    def _card(self) -> Card:
        return make_card(self.doctor.flow, self.words, on_behalf=self.doctor.launch.on_behalf)

    def _draw_tree(self) -> None:
        doctor = self.doctor
        likes = doctor.likes
        ids = [id_ for group in doctor.report.tree.values() for id_ in group]
        order = ids if likes.strongest_first else list(doctor.session.knowledge.causes)
        self.query_one(ReasonTree).draw(
            doctor.report, self.words, doctor.moves, order, hide_ruled_out=likes.hide_ruled_out
        )

    def _draw_detail(self) -> None:
        pane = self.query_one(DetailPane)
        if self._highlight is None:
            return
        id_, group = self._highlight
        pane.draw(self.doctor.report, self.words, id_, group=group)

    def _draw_checks(self) -> None:
        self.query_one(CheckBar).draw(self.doctor.desk, self.words)

    def _draw_tabs(self) -> None:
        names: list[Pane] = (
            ["question", "detail"] if not self.has_class("-narrow") else ["reasons", "question", "detail"]
        )
        front = "detail" if self.front == "reasons" and "reasons" not in names else self.front
        self.query_one(PaneTabs).draw([(name, self.words.say(f"pane.{name}")) for name in names], front)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The other panes go their own pages."""
        return super().check_action(action, parameters) and (action != "page" or self.front == "question")

    def on_resize(self, _event: Resize) -> None:
        """Name the panes that fit now."""
        if self._begun:
            self.call_after_refresh(self._draw_tabs)

    def action_pane(self, name: Pane) -> None:
        """Bring a pane to the front and give it the keys."""
        self._bring(name)
        if name == "question":
            self.query_one(QuestionCard).settle()
        else:
            self.query_one(f"#{name}").focus()
        self.refresh_bindings()

    def _bring(self, name: Pane) -> None:
        self.front = name
        for pane in AFTER:
            self.set_class(pane == name, f"-front-{pane}")
        self._draw_tabs()

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.action_pane(AFTER[self.front])

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.action_pane(AFTER[AFTER[self.front]])

    def question_visible(self) -> bool:
        """Whether the question is on the screen, so that its keys act."""
        shown = self.query_one(QuestionCard).ancestors_with_self
        return all(node.display for node in shown if isinstance(node, Widget))

    @on(ReasonTree.Highlighted)
    def _highlighted(self, event: ReasonTree.Highlighted) -> None:
        self._highlight = (event.id, event.group)
        self._draw_detail()

    @on(ReasonTree.NodeSelected)
    def _selected(self, event: ReasonTree.NodeSelected[str]) -> None:
        if event.node.allow_expand:
            event.node.toggle()
        elif self.front != "detail":
            self.action_pane("detail")

    def on_descendant_focus(self) -> None:
        """A click brings a pane to the front as Tab does."""
        ids = {node.id for node in self.focused.ancestors_with_self} if self.focused is not None else set()
        name = next((pane for pane in AFTER if pane in ids), None)
        if name is not None and name != self.front:
            self._bring(name)

    def on_key(self, event: Key) -> None:
        """A choice's key chooses it; where the question is out of sight, it comes to the front first.

        The question of this moment counts, not the one last drawn: keys may come faster than the screen.
        """
        if not self._begun:
            event.stop()
            self._typed_ahead.append(event.key)
            return
        key = event.character or event.key
        row = self._row(key)
        if row is None or key == UNKNOWN_KEY:
            return
        event.stop()
        if self.question_visible():
            self._choose(row)
        else:
            self.action_pane("question")

    def _row(self, key: str) -> Row | None:
        return next((row for row in self._card().rows if row.key == key), None)

    @on(QuestionCard.Chosen)
    def _chosen(self, event: QuestionCard.Chosen) -> None:
        row = self._row(event.key)
        if row is not None and event.identity == self._card().identity:
            self._choose(row)

    def _choose(self, row: Row) -> None:
        if row.action == "result":
            self.action_open("result")
            return
        part = self.doctor.flow.part
        choose(self.doctor.flow, row)
        self._done_with(part)

    def _done_with(self, part: Part | None) -> None:
        """Show what the last step did; where it was the last question, show the result."""
        self.doctor.told()
        if self.doctor.flow.part is None and part is not None:
            self.action_open("result")

    @on(QuestionCard.Typed)
    def _typed(self, event: QuestionCard.Typed) -> None:
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        part = flow.part
        if event.identity != self._card().identity:
            return
        value, told = judge(flow, event.text, self.words)
        if value is not None and event.done:
            card.tell_verdict("", wrong=False)
            flow.answer(value)
            self._done_with(part)
        else:
            card.tell_verdict(told, wrong=value is None)

    def action_dont_know(self) -> None:
        """Answer `unknown` to what is in front; on a checklist to the highlighted line."""
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        part = flow.part
        if part is None:
            return
        if not part.checklist:
            flow.dont_know()
            self._done_with(part)
        elif dont_know_line(flow, card.highlighted()):
            self.doctor.told()
            card.move_down()

    def action_skip(self) -> None:
        """Leave what is in front unanswered."""
        part = self.doctor.flow.part
        if part is not None:
            self.doctor.flow.skip()
            self._done_with(part)

    def action_back(self) -> None:
        """Undo the last thing done."""
        if self.doctor.flow.back():
            self.doctor.told()
        elif self.doctor.session.own_answers():
            self.action_open("answers")

    @on(CheckBar.Pressed)
    def _checks_pressed(self) -> None:
        self.action_open("checks")

    def action_hide(self) -> None:
        """Hide what is ruled out, or show it again."""
        self.doctor.remember(hide_ruled_out=not self.doctor.likes.hide_ruled_out)
        self._draw_tree()
        self.refresh_bindings()

    def action_order(self) -> None:
        """Put the strongest first, or the usual order again."""
        self.doctor.remember(strongest_first=not self.doctor.likes.strongest_first)
        self._draw_tree()
        self.refresh_bindings()

    def describe(self, binding_id: str) -> str:
        """Flip the labels of the keys that switch something."""
        likes = self.doctor.likes
        if binding_id == "hide" and likes.hide_ruled_out:
            return self.words.say("key.hide_off")
        if binding_id == "order" and likes.strongest_first:
            return self.words.say("key.order_off")
        return super().describe(binding_id)
