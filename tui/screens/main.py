"""The main screen: reasons on the left, the question beside them, the detail of what is highlighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from diagnostics.answers import AnswerError
from tui.cards import UNKNOWN_KEY, Card, Row, make_card, read_entry
from tui.screens.base import Localized
from tui.widgets.card import QuestionCard
from tui.widgets.checkbar import CheckBar
from tui.widgets.detail import DetailPane
from tui.widgets.keybar import KeyBar
from tui.widgets.reasons import ReasonTree
from tui.widgets.tabs import PaneTabs

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key, Resize

Pane = Literal["reasons", "question", "detail"]
COMMANDS: Final = frozenset("abcdeglmnoqrsxw?")
"""Single keys that stay commands while a text field is empty."""


class MainScreen(Localized[None]):
    """Asks, and shows what follows."""

    CSS_PATH = "main.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-beside"), (110, "-roomy"), (150, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "dont_know", "don't know", id="dont_know"),
        Binding("s", "skip", "skip", id="skip"),
        Binding("b,left", "back", "back", id="back", key_display="b"),
        Binding("a", "answers", "answers", id="answers"),
        Binding("r", "result", "result", id="result"),
        Binding("tab", "next_pane", "next pane", id="next_pane", key_display="Tab"),
        Binding("shift+tab", "previous_pane", "previous pane", id="previous_pane", show=False),
        Binding("escape", "pane('question')", "to the question", id="to_question", show=False),
        Binding("c", "checks", "checks", id="checks", show=False),
        Binding("x", "hide", "hide ruled out", id="hide", show=False),
        Binding("o", "order", "strongest first", id="order", show=False),
        Binding("m", "debts", "debts", id="debts", show=False),
        Binding("w", "export", "export", id="export", show=False),
    ]

    def __init__(self, typed_ahead: list[str] | None = None) -> None:
        super().__init__()
        self._typed_ahead = typed_ahead if typed_ahead is not None else []
        self.front: Pane = "question"
        self._highlight: tuple[str, bool] | None = None
        self._order: list[str] = []

    def compose(self) -> ComposeResult:
        """Three panes, of which as many are shown as there is room for."""
        yield Static(id="verdict-line")
        yield PaneTabs(id="tabs")
        with Horizontal(id="panes"):
            yield ReasonTree(id="reasons")
            with Vertical(id="right"):
                yield QuestionCard(commands=COMMANDS, id="question")
                yield DetailPane(id="detail")
        yield CheckBar(id="checks")
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw, and let the seconds of running checks be seen."""
        super().on_mount()
        self.set_interval(0.5, self._tick)
        self._show_pane()
        self.call_after_refresh(self._take_over)

    def _take_over(self) -> None:
        """Do what was typed before this screen stood."""
        for key in self._typed_ahead:
            self.app.simulate_key(key)
        self._typed_ahead.clear()

    def _tick(self) -> None:
        if self.doctor.desk.running() and self.is_current:
            self._draw_checks()

    # drawing -----------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw everything as it stands."""
        report = self.doctor.report
        self.query_one("#verdict-line", Static).update(
            Content.assemble((self.words.say("main.verdict"), "$text-muted"), report.summary)
        )
        self._draw_tree()
        self.query_one(QuestionCard).draw(self._card(), self.words)
        self._draw_detail()
        self._draw_checks()
        self._draw_tabs()
        if self.front == "question" and self.is_current:
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

    def on_resize(self, _event: Resize) -> None:
        """Name the panes that fit now."""
        self.call_after_refresh(self._draw_tabs)

    # panes -------------------------------------------------------------------------------------------------------

    def action_pane(self, name: Pane) -> None:
        """Bring a pane to the front and give it the keys."""
        self.front = name
        self._show_pane()

    def _show_pane(self) -> None:
        for name in ("reasons", "question", "detail"):
            self.set_class(self.front == name, f"-front-{name}")
        self._draw_tabs()
        if self.front == "question":
            self.query_one(QuestionCard).settle()
        elif self.front == "reasons":
            self.query_one(ReasonTree).focus()
        else:
            self.query_one(DetailPane).focus()
        self.refresh_bindings()

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        after: dict[Pane, Pane] = {"question": "reasons", "reasons": "detail", "detail": "question"}
        self.action_pane(after[self.front])

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        before: dict[Pane, Pane] = {"reasons": "question", "detail": "reasons", "question": "detail"}
        self.action_pane(before[self.front])

    def question_visible(self) -> bool:
        """Whether the question is on the screen, so that its keys act."""
        return all(node.display for node in self.query_one(QuestionCard).ancestors_with_self if isinstance(node, Widget))

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
        focused = self.focused
        if focused is None:
            return
        for name, kind in (("reasons", ReasonTree), ("detail", DetailPane), ("question", QuestionCard)):
            if any(isinstance(node, kind) for node in focused.ancestors_with_self) and self.front != name:
                self.front = name  # type: ignore[assignment]
                for other in ("reasons", "question", "detail"):
                    self.set_class(name == other, f"-front-{other}")
                self._draw_tabs()

    # answering ---------------------------------------------------------------------------------------------------

    def on_key(self, event: Key) -> None:
        """A choice's key chooses it; where the question is out of sight, it comes to the front first."""
        card = self.query_one(QuestionCard)
        key = event.character or event.key
        if card.card is None or not any(row.key == key for row in card.card.rows) or key == UNKNOWN_KEY:
            return
        event.stop()
        if self.question_visible():
            card.press(key)
        else:
            self.action_pane("question")

    @on(QuestionCard.Chosen)
    def _chosen(self, event: QuestionCard.Chosen) -> None:
        row = event.row
        if row.action == "result":
            self.action_result()
        elif row.action == "go_on":
            self.doctor.flow.go_on()
            self.doctor.told(())
        elif row.action == "unknown":
            self.action_dont_know()
        elif row.action == "none":
            self._close_list()
        elif row.action == "clear":
            self.doctor.flow.clear()
            self._gone_on()
        elif row.action.startswith("newest:"):
            self._answer(row.action.removeprefix("newest:"))
        else:
            self._pick(row)

    def _pick(self, row: Row) -> None:
        flow = self.doctor.flow
        card = self.query_one(QuestionCard)
        part = flow.part
        if part is None or card.card is None:
            return
        number = int(row.action.removeprefix("pick:"))
        if card.card.kind == "checklist":
            line = flow.lines()[number]
            following = {"off": line.tick, "on": "unknown", "unknown": None}[row.tick]
            flow.mark(line, following)
            self.doctor.told()
            return
        choice = flow.session.knowledge.questions[part.ids[0]].value[number].id
        if card.card.kind == "choices":
            held = flow.value(part.ids[0])
            ticked = list(held) if isinstance(held, list) else []
            flow.note([one for one in ticked if one != choice] if choice in ticked else [*ticked, choice])
            self.doctor.told()
        else:
            self._answer(choice)

    def _answer(self, value: object) -> None:
        self.doctor.flow.answer(value)
        self._gone_on()

    def _close_list(self) -> None:
        flow = self.doctor.flow
        if flow.part is not None and flow.part.checklist:
            flow.none_of_these()
        elif flow.part is not None:
            if not isinstance(flow.value(flow.part.ids[0]), list):
                flow.note([])
            flow.leave()
        self._gone_on()

    def _gone_on(self) -> None:
        self.doctor.told()
        if self.doctor.flow.part is None:
            self.action_result()

    @on(QuestionCard.Typed)
    def _typed(self, event: QuestionCard.Typed) -> None:
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        part = flow.part
        if part is None or part.checklist or not event.text.strip():
            card.tell_verdict("", wrong=False)
            return
        try:
            value = read_entry(flow, part.ids[0], event.text)
        except AnswerError:
            question = flow.session.knowledge.questions[part.ids[0]]
            highest = question.maximum
            key = "card.bad_number" if highest is None else "card.bad_range"
            if question.type == "text":
                key = "card.bad_text"
            card.tell_verdict(self.words.say(key, low=question.minimum or 0, high=highest), wrong=True)
            return
        if event.done:
            card.tell_verdict("", wrong=False)
            self._answer(value)
        else:
            card.tell_verdict(self.words.say("card.press_enter"), wrong=False)

    def action_dont_know(self) -> None:
        """Answer `unknown` to what is in front; on a checklist to the highlighted line."""
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        part = flow.part
        if part is None:
            return
        if not part.checklist:
            flow.dont_know()
            self._gone_on()
            return
        lines = flow.lines()
        number = card.highlighted()
        if number < len(lines):
            flow.mark(lines[number], "unknown")
            self.doctor.told()
            card.move_down()

    def action_skip(self) -> None:
        """Leave what is in front unanswered."""
        if self.doctor.flow.part is not None:
            self.doctor.flow.skip()
            self._gone_on()

    def action_back(self) -> None:
        """Undo the last thing done."""
        if self.doctor.flow.back():
            self.doctor.told()
        elif self.doctor.session.own_answers():
            self.action_answers()

    # other screens and views -------------------------------------------------------------------------------------

    def action_answers(self) -> None:
        """Show what was answered, to change any of it."""
        from tui.screens.answers import AnswersScreen

        self.app.push_screen(AnswersScreen())

    def action_result(self) -> None:
        """Show the result as it stands."""
        from tui.screens.result import ResultScreen

        if self.is_current:
            self.app.push_screen(ResultScreen())

    @on(CheckBar.Pressed)
    def action_checks(self) -> None:
        """Show the checks."""
        from tui.screens.checks import ChecksScreen

        self.app.push_screen(ChecksScreen())

    def action_debts(self) -> None:
        """Show the debt helper."""
        from tui.screens.debts import DebtsScreen

        self.app.push_screen(DebtsScreen())

    def action_export(self) -> None:
        """Save or copy the report."""
        from tui.screens.export import ExportScreen

        self.app.push_screen(ExportScreen())

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
