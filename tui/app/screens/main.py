"""The main screen: the situation and the next steps above, the one question that still matters, and the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Input, Tree

from diagnostics.i18n import name_masks
from diagnostics.report.evidence_text import title_of
from diagnostics.sanitize import clean_line
from tui.app.app import tidy_up
from tui.app.cjk_wrap import entitle
from tui.app.question_view import UNKNOWN_KEY, Card, Row, answer_of, choose, dont_know_line, make_card, validate_entry
from tui.app.report_content import head_content, plan_content
from tui.app.screens.base import PAGES, AppScreen
from tui.app.screens.checks import CheckBar
from tui.app.screens.dialogs import choice
from tui.app.widgets.fields import EntryField
from tui.app.widgets.panes import TextPane
from tui.app.widgets.places import PaneName, Places, place
from tui.app.widgets.question_card import QuestionCard
from tui.app.widgets.reasons import DetailPane, ReasonTree, reasons_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.events import Click, Key, Resize
    from textual.geometry import Size
    from textual.widget import Widget

    from diagnostics.autosave import StepResult
    from diagnostics.engine.assessment import Assessment
    from diagnostics.report.model import PlanItem
    from diagnostics.session import Part, Position
    from tui.app.app import DoctorApp

AFTER: Final[dict[PaneName, PaneName]] = {"question": "reasons", "reasons": "detail", "detail": "question"}
COMMANDS: Final = frozenset("abcdflmnpqrstwy/?")  # single keys that stay commands while a text field is empty
BESIDE: Final = frozenset({"reasons", "detail", "plan"})
"""What stands beside the question, and follows it in the next pause."""
MOST_TYPED: Final = 60
"""Cells of the field for typing."""
MANY: Final = 9
"""Useful questions up to which their number is told: of more than that it says nothing yet, and no number rises."""
PAUSE: Final = 0.04
"""Seconds without a change after which the panes beside the question follow; a held key repeats faster."""
HOW: Final[tuple[StepResult, ...]] = ("done", "no_change", "later")


class Head(TextPane):
    """The situation, a danger, and the next steps; a click opens the plan."""

    def on_click(self, _event: Click) -> None:
        """Show every step."""
        if isinstance(self.screen, AppScreen):
            self.screen.action_open("plan")


class MainScreen(AppScreen[None]):
    """Asks, and shows what follows."""

    CSS_PATH = "main.tcss"
    VIEW = "#question"
    HEADED = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-roomy"), (160, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-short"), (22, "-middle"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "open('more')", "say more", id="more", key_display="/"),
        Binding("f", "done", "done", id="done"),
        Binding("p,r", "open('plan')", "plan", id="plan", key_display="p"),
        Binding("d", "dont_know", "don't know", id="dont_know"),
        Binding("s", "skip", "skip", id="skip"),
        Binding("b,left", "back", "back", id="back", key_display="b"),
        Binding("t", "reasons", "reasons", id="reasons"),
        Binding("w", "open('export')", "save", id="export"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("escape", "pane('question')", "to the question", id="to_question", key_display="Esc"),
        Binding("tab", "next_pane", "next pane", id="next_pane", key_display="Tab", show=False),
        Binding("shift+tab", "previous_pane", "previous pane", id="previous_pane", show=False),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("m", "open('debts')", "debts", id="debts", show=False),
        Binding("y", "message", "copy as message", id="message", show=False),
        *PAGES,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.front: PaneName = "question"
        self._places = Places(self.where)
        self._highlight: str | None = None
        self._drawn = False
        self._fewest = MANY
        self._made: tuple[Assessment, tuple[Position, str], Card] | None = None
        self.behind = False
        """Whether the panes do not show yet what the question shows."""

    def parts(self) -> Iterable[Widget]:
        """Yield every pane; `where` says which of them have room."""
        yield Head(id="head")
        yield EntryField(commands=COMMANDS, id="entry")
        yield QuestionCard(id="question")
        yield TextPane(id="said")
        yield ReasonTree(id="reasons")
        yield DetailPane(id="detail")
        yield TextPane(id="plan")
        yield TextPane(id="reasons-line")
        yield CheckBar(id="checks")

    @property
    def layout(self) -> Places:
        """Every pane stands where `where` says: no layout that is worked out from style sheets."""
        return self._places

    def where(self, room: Size) -> dict[str, Region]:
        """Return where each pane stands that there is room for, and the field before the question's own line for it."""
        card, said = self.query_one(QuestionCard), self.query_one("#said", TextPane)
        found = place(self.size, room, self.front, self.query_one(Head).height_at(room.width), said.height_at)
        if self.behind and room == self._places.room:  # what is drawn later moves later
            found |= {name: at for name, at in self._places.regions.items() if name in BESIDE and name in found}
        if card.entry_at is not None and "question" in found:
            pane = found["question"]
            text = pane.shrink(card.styles.gutter)
            line = card.line_of(card.entry_at, pane.width) - card.scroll_offset.y
            found["entry"] = Region(text.x, text.y + line, min(MOST_TYPED, text.width), 1).intersection(text)
        return found

    def _place(self) -> None:
        """Lay the panes out anew where one of them takes more or less room by now."""
        if self._places.stale:
            self.query_one(Head).refresh(layout=True, repaint=False)

    def begin(self) -> None:
        """Draw, and let the seconds of running checks be seen."""
        self._later = self.set_interval(PAUSE, self._draw_panes, pause=True)
        self.set_interval(1.0, self._tick)
        self.watch(self.query_one(QuestionCard), "scroll_y", self._place, init=False)
        self.action_pane("question")

    def _tick(self) -> None:
        if self.doctor.checks.running() and self.is_active:
            self.query_one(CheckBar).draw(self.doctor.checks, self.texts)

    def draw(self) -> None:
        """Draw what follows from an answer at once, and the rest in a pause between keys."""
        self.behind = self._drawn
        self._draw_head()
        self._draw_question(self._card())
        self.query_one(CheckBar).draw(self.doctor.checks, self.texts)
        self._place()
        if self.front == "question" and self.is_active:
            self._focus_question()
        if self._drawn:
            self.call_after_refresh(self._pause)
        else:
            self._draw_panes()

    def _pause(self) -> None:
        """Count the pause from when the answer was painted; another change begins anew."""
        tidy_up()
        self._later.reset()

    def _draw_panes(self) -> None:
        """Draw the reasons, what was said and the plan, as far as there is room for them."""
        self.behind = False
        self._later.pause()
        if not self.is_active:
            self._stale = True
            return
        self._drawn = True
        doctor, texts = self.doctor, self.texts
        self.query_one(ReasonTree).draw(doctor.report, texts, doctor.moves)
        width = max(20, self.size.width - 2)
        self.query_one("#reasons-line", TextPane).show(reasons_line(doctor.report, texts, width))
        self._draw_detail()
        if self.has_class("-tall"):
            self._draw_said()
        if self.has_class("-three"):
            self._draw_plan(doctor.steps)
        self._place()

    def _draw_question(self, card: Card) -> None:
        """Draw the card, and the field where something is typed."""
        fresh = self.query_one(QuestionCard).draw(card, self.texts, self._question_title())
        if card.kind == "entry":
            entry = self.query_one(EntryField)
            entry.numeric = card.numeric
            name = "card.type_number" if card.numeric else "card.type_text"
            entry.placeholder = self.texts.say(name, unit=card.unit)
            if fresh:
                with entry.prevent(Input.Changed):
                    entry.value = card.entry
                entry.cursor_position = len(card.entry)

    def _focus_question(self) -> None:
        """Give the keys to the rows, or to the field where something is typed."""
        card = self.query_one(QuestionCard)
        target = card if card.entry_at is None else self.query_one(EntryField)
        if self.focused is not target:
            target.focus(scroll_visible=False)

    def _draw_head(self) -> None:
        head, doctor, say = self.query_one(Head), self.doctor, self.texts.say
        steps, report = doctor.steps, doctor.report
        content = head_content(report, self.texts, steps, self.size.width - 4, went=doctor.session.went)
        low = self.has_class("-low") and bool(steps)  # no room but for the first step
        most = 3 if self.has_class("-short") else None
        head.show(content.split("\n")[1] if low else Content("\n").join(content.split("\n")[:most]))
        known = len(doctor.session.own_answers())
        title = (
            f"{say('head.title')} · {name_masks(doctor.label, self.texts.lang)}" if doctor.label else say("head.title")
        )
        keys = [say("head.done")] if steps else []
        keys += [say("head.plan", count=len(report.plan))] if report.plan else []
        entitle(head, f"{title} · {say('head.known', count=known)}", "  ".join(keys))

    def _draw_plan(self, steps: list[PlanItem]) -> None:
        """Show every step in the third column."""
        doctor, say, report = self.doctor, self.texts.say, self.doctor.report
        plan = [
            plan_content(item, number, self.texts, report, first=bool(steps) and item is steps[0],
                         done=doctor.session.went.get(item.id, ""))
            for number, item in enumerate(report.plan, 1)
        ]  # fmt: skip
        entitle(self.query_one("#plan"), say("head.plan_title", count=len(report.plan)))
        self.query_one("#plan", TextPane).show(*(plan or [Content(report.summary)]))

    def _question_title(self) -> str:
        asked, flow, say = self.doctor.report.questions, self.doctor.flow, self.texts.say
        if flow.part is None:
            return say("card.look_first" if asked.stop_reason == "look_first" else "card.over")
        title = say("card.more" if self.doctor.report.plan else "card.first")
        if not self.doctor.session.own_answers():
            self._fewest = MANY  # begun anew
        if not 0 < asked.useful <= self._fewest:
            return title
        self._fewest = asked.useful
        return f"{title} · {say('card.useful', count=asked.useful)}"

    def _draw_said(self) -> None:
        doctor, texts = self.doctor, self.texts
        entitle(self.query_one("#said"), f"{texts.say('pane.said')} · a {texts.say('key.answers')}")
        seen = [one for one in doctor.report.observations if one.source not in ("phone", "computer")]
        lines = [
            Content.assemble(
                (f"{title_of(texts, one.id)}{texts('list.colon')}", "dim"),
                clean_line(one.text),
                (f"  {clean_line(one.detail, 60)}" if one.detail and one.detail.startswith("「") else "", "dim"),
            )
            for one in reversed(seen)
        ]  # fmt: skip
        self.query_one("#said", TextPane).show(*(lines or [Content.styled(texts.say("answers.empty"), "dim")]))

    def _card(self) -> Card:
        """Return what is asked now, worked out once for each change."""
        session, lang = self.doctor.session, self.texts.lang
        if self._made is None or self._made[0] is not session.assessment or self._made[1] != (session.position, lang):
            card = make_card(self.doctor.flow, self.texts, on_behalf=self.doctor.launch.on_behalf)
            self._made = session.assessment, (session.position, lang), card
        return self._made[2]

    def _draw_detail(self) -> None:
        if self._highlight is not None:
            self.query_one(DetailPane).draw(self.doctor.report, self.texts, self._highlight)

    def on_resize(self, _event: Resize) -> None:
        """Say as much as fits now."""
        if self._begun:
            self.call_after_refresh(self.draw)

    # panes

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The other panes go their own pages; a step can be done where there is one, a question left where one is."""
        if not super().check_action(action, parameters):
            return False
        if action == "pane":
            return self.front != "question"
        if action == "page":
            return self.front == "question"
        if action == "done":
            return bool(self.doctor.steps)
        if action == "dont_know" or action == "skip":
            return self.doctor.flow.part is not None and self.front == "question"
        return True

    def keys(self) -> object:
        """Return what `check_action` and the names of the keys look at."""
        return self.texts.lang, self.front, bool(self.doctor.steps), self.doctor.flow.part is None

    def action_pane(self, name: PaneName) -> None:
        """Bring a pane to the front and give it the keys."""
        self._bring(name)
        if name == "question":
            self._focus_question()
        else:
            self.query_one(f"#{name}").focus()
        self.refresh_bindings()

    def _bring(self, name: PaneName) -> None:
        self.front = name
        self.query_one(QuestionCard).set_class(name == "question", "-front")
        self._place()

    def action_reasons(self) -> None:
        """Show the reasons in full, or the question again."""
        self.action_pane("reasons" if self.front == "question" else "question")

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.action_pane(AFTER[self.front])

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.action_pane(AFTER[AFTER[self.front]])

    def describe(self, binding_id: str) -> str:
        """Flip the label of the key that switches between reasons and question."""
        if binding_id == "reasons" and self.front != "question":
            return self.texts.say("key.to_question")
        return super().describe(binding_id)

    @on(ReasonTree.Highlighted)
    def _highlighted(self, event: ReasonTree.Highlighted) -> None:
        self._highlight = event.id
        self._draw_detail()

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[str]) -> None:
        if event.node.allow_expand:
            event.node.toggle()
        elif self.front != "detail":
            self.action_pane("detail")

    def on_descendant_focus(self) -> None:
        """A click brings a pane to the front as Tab does."""
        id_ = self.focused.id if self.focused is not None else None
        name = next((pane for pane in AFTER if pane == id_ or (pane == "question" and id_ == "entry")), None)
        if name is not None and name != self.front:
            self._bring(name)

    # answers

    def foresee(self, key: Key) -> None:
        """Work out what a choice will lead to, while its key is held back."""
        row = self._row(key.character or key.key)
        if row is not None and row.tick == "":
            self.doctor.session.foresee(answer_of(self.doctor.flow, row))

    def press(self, key: Key) -> bool:
        """A choice's key chooses it; where the question is out of sight, it comes to the front first.

        The question of this moment counts, not the one last drawn: keys may come faster than the screen.
        """
        name = key.character or key.key
        row = self._row(name)
        if row is None or name == UNKNOWN_KEY:
            return False
        if self.front == "question" or not self.has_class("-narrow"):
            self._choose(row)
        else:
            self.action_pane("question")
        return True

    def _row(self, key: str) -> Row | None:
        return next((row for row in self._card().rows if row.key == key), None)

    @on(QuestionCard.Chosen)
    def _chosen(self, event: QuestionCard.Chosen) -> None:
        row = self._row(event.key)
        if row is not None and event.identity == self._card().identity:
            self._choose(row)

    def _choose(self, row: Row) -> None:
        if row.action == "plan":
            self.action_open("plan")
            return
        choose(self.doctor.flow, row)
        self.doctor.refresh_all()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._enter(event.value, done=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._enter(event.value, done=True)

    def _enter(self, text: str, *, done: bool) -> None:
        """Say what can be read in what was typed for the card that is drawn; take it once Enter was pressed."""
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        if card.card is None or card.card.identity != self._card().identity:
            return
        value, verdict = validate_entry(flow, text, self.texts)
        if value is not None and done:
            flow.answer(value)
            self.doctor.refresh_all()
        else:
            card.tell_verdict(verdict, wrong=value is None)
            self._place()

    def action_dont_know(self) -> None:
        """Answer `unknown` to what is in front; on a checklist to the highlighted line."""
        flow, card = self.doctor.flow, self.query_one(QuestionCard)
        part: Part | None = flow.part
        if part is None:
            return
        if not part.checklist:
            flow.dont_know()
            self.doctor.refresh_all()
        elif dont_know_line(flow, card.highlighted):
            self.doctor.refresh_all()
            card.action_move(1)
        else:
            self.doctor.tell("card.line_first")

    def action_skip(self) -> None:
        """Leave what is in front unanswered."""
        self.doctor.flow.skip()
        self.doctor.refresh_all()

    def action_back(self) -> None:
        """Undo the last thing done."""
        if self.doctor.flow.back():
            self.doctor.refresh_all()
        elif self.doctor.session.own_answers():
            self.action_open("answers")

    def action_message(self) -> None:
        """Copy the next questions as a chat message, and remember what it asks."""
        from diagnostics.questionnaire.message import values_of, write_message
        from tui.app.screens.dialogs import MessageScreen

        session = self.doctor.session
        message = write_message(session.knowledge, values_of(session.knowledge, session.evidence), session.lang)
        if message.sent is not None:
            session.send(message.sent)
        self.doctor.push_screen(MessageScreen(message))

    @work
    async def action_done(self) -> None:
        """Say how the first step went."""
        if self.doctor.steps:
            await close_step(self.doctor, self.doctor.steps[0])

    @on(CheckBar.Pressed)
    def _checks_pressed(self) -> None:
        self.action_open("checks")


async def close_step(doctor: DoctorApp, step: PlanItem) -> None:
    """Ask how a step of the plan went, note it, and put what it may have changed in front."""
    asked = choice("done.title", "done.", HOW, "detail.verify", step=step.short, text=step.verify)
    chosen = await doctor.push_screen_wait(asked)
    how = next((one for one in HOW if one == chosen), None)
    if how is None:
        return
    if doctor.close_step(step, how):
        doctor.tell("done.again")
        doctor.show_questions()
    elif doctor.steps:
        doctor.tell("done.next", step=doctor.steps[0].short)
