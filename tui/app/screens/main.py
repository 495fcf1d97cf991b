"""The main screen: the situation and the next steps above, the one question that still matters, and the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.keys import _character_to_key
from textual.widgets import Input

from diagnostics.evidence import UNKNOWN, Value
from diagnostics.i18n import name_masks
from diagnostics.report.evidence_text import say_value, title_of
from diagnostics.sanitize import clean_line
from diagnostics.unsent import entry_of
from tui.app.keyboard import EntryField
from tui.app.panes import RowPane, TextPane
from tui.app.question import UNKNOWN_KEY, Card, QuestionCard, Row, make_card, validate_entry
from tui.app.report_content import (
    FOLDED,
    cause_content,
    checks_line,
    head_content,
    plan_contents,
    quoted,
    reason_rows,
    reasons_line,
)
from tui.app.screens.base import PAGES, AppScreen
from tui.app.screens.dialogs import MessageScreen, choice, next_message

if TYPE_CHECKING:
    from textual.events import Click, Key

    from diagnostics.autosave import StepResult
    from diagnostics.engine.assessment import Assessment
    from diagnostics.report.model import PlanItem
    from diagnostics.session import Position
    from tui.app.app import DoctorApp

PaneName = Literal["question", "reasons", "detail"]

PANES: Final[tuple[PaneName, ...]] = ("question", "reasons", "detail")
"""The panes that the keys go through."""
PAGE_OF_PANE: Final = {"head": "plan", "checks": "checks"}
"""The panes that a click opens a page from."""
MOST_TYPED: Final = 60
"""Cells of the field for typing."""
MANY: Final = 9
"""Useful questions up to which their number is told: of more than that it says nothing yet, and no number rises."""
PAUSE: Final = 0.04
"""Seconds without a change after which the panes beside the question follow; a held key repeats faster."""
STEP_RESULTS: Final[tuple[StepResult, ...]] = ("done", "no_change", "later")
ROOMY: Final = 110
"""Cells from which on the reasons stand beside the question."""
THREE: Final = 160
"""Cells from which on the whole plan stands beside both."""
SHORT, MIDDLE, TALL = 12, 22, 34
"""Lines from which on the head has room for more than a step, for its frame, and for what was said."""


class MainScreen(AppScreen[None]):
    """Asks, and shows what follows."""

    CSS_PATH = "main.tcss"
    VIEW = "#question"
    HEADED = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY, "-roomy"), (THREE, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (SHORT, "-short"), (MIDDLE, "-middle"), (TALL, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "open('more')", "say more", id="more"),
        Binding("f", "done", "done", id="done"),
        Binding("p,r", "open('plan')", "plan", id="plan"),
        Binding("d", "dont_know", "don't know", id="dont_know"),
        Binding("s", "skip", "skip", id="skip"),
        Binding("b,left", "back", "back", id="back"),
        Binding("t", "reasons", "reasons", id="reasons"),
        Binding("w", "open('export')", "save", id="export"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("escape", "pane('question')", "to the question", id="to_question"),
        Binding("tab", "cycle(1)", "next pane", id="next_pane", show=False),
        Binding("shift+tab", "cycle(-1)", "previous pane", id="previous_pane", show=False),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("m", "app.debts", "debts", id="debts", show=False),
        Binding("y", "message", "copy as message", id="message", show=False),
        *PAGES,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.front: PaneName = "question"
        self._about: str | None = None
        """What the pane of details is about."""
        self._unfolded: set[str] = set()
        self._drawn = False
        self._fewest = MANY
        self._made: tuple[Assessment, tuple[Position, str], Card] | None = None
        self.behind = False
        """Whether the panes do not show yet what the question shows."""
        self._doubted: tuple[str, Value] | None = None
        """A number that looks like a slip, and its question: Enter once more takes it."""
        self.head, self.card, self.reasons = TextPane(id="head"), QuestionCard(id="question"), RowPane(id="reasons")
        self.entry, self.detail = (
            EntryField(id="entry", numeric=False, is_command=self.is_command),
            TextPane(id="detail", focus=True),
        )
        self.said, self.plan, self.checks = TextPane(id="said"), TextPane(id="plan"), TextPane(id="checks")
        side = Vertical(self.reasons, self.detail, id="side")
        body = Horizontal(Vertical(self.card, self.entry, self.said, id="asked"), side, self.plan, id="body")
        self.parts = self.head, body, TextPane(id="reasons-line"), self.checks

    def _place_entry(self) -> None:
        """Put the field over the line that the card leaves free for it."""
        card, entry = self.card, self.entry
        entry.display = card.entry_at is not None
        if card.entry_at is not None:
            gutter, size = card.styles.gutter, card.size
            line = card.line_of(card.entry_at) - card.scroll_offset.y
            entry.styles.width = min(MOST_TYPED, size.width)
            entry.styles.offset = gutter.left, line + gutter.top if 0 <= line < size.height else -1

    def begin(self) -> None:
        """Draw, and let the seconds of running checks be seen."""
        self._later = self.set_interval(PAUSE, self._draw_panes, pause=True)
        self.set_interval(1.0, self._tick)
        self.watch(self.card, "scroll_y", self._place_entry, init=False)
        self.action_pane("question")

    def _tick(self) -> None:
        if self.doctor.checks.running() and self.is_active:
            self._draw_checks()

    # drawing

    def draw(self) -> None:
        """Draw what follows from an answer at once, and the rest in a pause between keys."""
        self.behind = self._drawn
        self._draw_head()
        self._draw_question(self._card())
        self._draw_checks()
        if self.front == "question" and self.is_active:
            self._focus_question()
        if self._drawn:
            self.call_after_refresh(self._later.reset)  # the pause is counted from when the answer was drawn
        else:
            self._draw_panes()

    def _draw_panes(self) -> None:
        """Draw the reasons, what was said and the plan, as far as there is room for them."""
        self.behind = False
        self._later.pause()
        if not self.is_active:
            self._stale = True
            return
        self._drawn = True
        texts, report = self.texts, self.doctor.report
        self.reasons.set_titles(texts.say("pane.reasons"))
        if self.reasons.highlighted is None:
            self.reasons.highlighted = 0
        width = self.reasons.size.width or self.size.width - 2
        self.reasons.show_blocks(reason_rows(report, texts, self.doctor.moves, self._unfolded, width))
        self.pane("reasons-line").show(reasons_line(report, texts, max(20, self.size.width - 2)))
        self._draw_detail()
        if self.has_class("-tall"):
            self._draw_said()
        if self.has_class("-three"):
            self._draw_plan()

    def _draw_head(self) -> None:
        doctor, say = self.doctor, self.texts.say
        steps, report = doctor.steps, doctor.report
        lines = head_content(report, self.texts, steps, self.size.width - 4, went=doctor.session.draft.went)
        if self.has_class("-low") and steps:  # no room but for the first step
            lines = lines[1:2]
        self.head.show(*lines[: 3 if self.has_class("-short") else None])
        title = say("head.title")
        if doctor.label:
            title += f" · {name_masks(doctor.label, self.texts.lang)}"
        keys = [say("head.done")] if steps else []
        count = len(report.plan)
        keys += [say("head.plan" if count > 1 else "head.plan_one", count=count)] if count else []
        self.head.set_titles(f"{title} · {say('head.known', count=len(doctor.session.own_answers()))}", "  ".join(keys))

    def _draw_question(self, card: Card) -> None:
        """Draw the card, and the field where something is typed."""
        fresh = self.card.draw(card, self.texts, self._question_title())
        self._place_entry()
        if card.kind == "entry":
            if not card.numeric:
                self.doctor.read_ahead()
            entry, name = self.entry, "card.type_number" if card.numeric else "card.type_text"
            entry.numeric = card.numeric
            entry.placeholder = self.texts.say(name, unit=card.unit)
            if fresh:
                typed = self.session.typed(entry_of(self._asked))
                with entry.prevent(Input.Changed):
                    entry.value = typed or card.entry
                entry.cursor_position = len(entry.value)
                if typed:
                    self._enter(typed, done=False)

    def _question_title(self) -> str:
        asked, say = self.doctor.report.questions, self.texts.say
        if self.session.part is None:
            return say("card.look_first" if asked.stop_reason == "look_first" else "card.over")
        title = say("card.more" if self.doctor.report.plan else "card.first")
        if not self.session.own_answers():
            self._fewest = MANY  # begun anew
        if not 0 < asked.useful <= self._fewest:
            return title
        self._fewest = asked.useful
        return f"{title} · {say('card.useful', count=asked.useful)}"

    def _draw_checks(self) -> None:
        line = checks_line(self.doctor.checks, self.texts)
        self.checks.show(line.truncate(max(1, self.size.width - 2), ellipsis=True))

    def _draw_detail(self) -> None:
        """Show the highlighted cause or fold; a new one from its top, the same one where it was scrolled to."""
        detail, at = self.detail, self.reasons.highlighted
        if at is None:
            return
        detail.set_titles(self.texts.say("pane.detail"))
        before, self._about = self._about, self.reasons.keys[at]
        detail.show(cause_content(self.doctor.report, self.texts, self._about))
        if self._about != before:
            detail.scroll_home(animate=False)

    def _draw_said(self) -> None:
        doctor, texts = self.doctor, self.texts
        self.said.set_titles(f"{texts.say('pane.said')} · a {texts.say('key.answers')}")
        lines = [
            Content.assemble(
                (f"{title_of(texts, one.id)}{texts('list.colon')}", "dim"),
                clean_line(one.text),
                (quoted(one, texts), "dim"),
            )
            for one in reversed(doctor.report.observations)
            if one.source not in ("phone", "computer")
        ]
        self.said.show(*(lines or [Content.styled(texts.say("answers.empty"), "dim")]))

    def _draw_plan(self) -> None:
        """Show every step in the third column."""
        report, went = self.doctor.report, self.session.draft.went
        self.plan.set_titles(self.texts.say("head.plan_title", count=len(report.plan)))
        plan = plan_contents(report, self.texts, self.doctor.steps, went)
        self.plan.show(*(plan or [Content(report.summary)]))

    def _card(self) -> Card:
        """Return what is asked now, worked out once for each change."""
        session, lang = self.session, self.texts.lang
        if self._made is None or self._made[0] is not session.assessment or self._made[1] != (session.position, lang):
            card = make_card(self.session, self.texts, on_behalf=self.doctor.launch.on_behalf)
            self._made = session.assessment, (session.position, lang), card
        return self._made[2]

    def on_resize(self) -> None:
        """Say as much as fits now."""
        if self.ready:
            self.call_after_refresh(self.draw)

    # panes

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The other panes go their own pages; a step can be done where there is one, a question left where one is."""
        if not super().check_action(action, parameters):
            return False
        asked = self.front == "question"
        if action in ("dont_know", "skip"):
            return asked and self.session.part is not None
        if action == "done":
            return bool(self.doctor.steps)
        return asked if action == "page" else not asked if action == "pane" else True

    def describe(self, binding_id: str) -> str:
        """Flip the label of the key that switches between reasons and question."""
        back = binding_id == "reasons" and self.front != "question"
        return self.texts.say("key.to_question") if back else super().describe(binding_id)

    def _focus_question(self) -> None:
        """Give the keys to the rows, or to the field where something is typed."""
        target = self.card if self.card.entry_at is None else self.entry
        if self.focused is not target:
            target.focus(scroll_visible=False)

    def action_pane(self, name: PaneName) -> None:
        """Bring a pane to the front and give it the keys."""
        self._bring(name)
        if name == "question":
            self._focus_question()
        else:
            self.pane(name).focus()
        self.refresh_bindings()

    def _bring(self, name: PaneName) -> None:
        self.front = name
        for pane in PANES:
            self.set_class(pane == name, f"-{pane}")

    def action_reasons(self) -> None:
        """Show the reasons in full, or the question again."""
        self.action_pane("reasons" if self.front == "question" else "question")

    def action_cycle(self, panes: int) -> None:
        """Go to the next pane, or to the one before."""
        self.action_pane(PANES[(PANES.index(self.front) + panes) % len(PANES)])

    @on(RowPane.Highlighted, "#reasons")
    def _reason_highlighted(self) -> None:
        self._draw_detail()

    @on(RowPane.Chosen, "#reasons")
    def _reason_chosen(self, event: RowPane.Chosen) -> None:
        if event.key in FOLDED:
            self._unfolded ^= {event.key}
            self._draw_panes()
        elif self.front != "detail":
            self.action_pane("detail")

    def on_descendant_focus(self) -> None:
        """A click brings a pane to the front as Tab does."""
        id_ = self.focused.id if self.focused is not None else None
        name = next((pane for pane in PANES if pane == id_ or (pane == "question" and id_ == "entry")), None)
        if name is not None and name != self.front:
            self._bring(name)

    def on_click(self, event: Click) -> None:
        """Open every step from the head, and the checks from their line."""
        opens = PAGE_OF_PANE.get(event.widget.id or "") if event.widget is not None else None
        if opens is not None:
            self.action_open(opens)

    # answers

    def foresee(self, key: Key) -> None:
        """Work out what a choice will lead to, while its key is held back."""
        row, part = self._row(key.character or key.key), self.session.part
        if row is not None and part is not None and row.value is not None:
            self.session.foresee({part.ids[0]: row.value})

    def press(self, key: Key) -> bool:
        """A choice's key chooses it; where the question is out of sight, it comes to the front first.

        The question of this moment counts, not the one last drawn: keys may come faster than the screen.
        """
        row = self._row(key.character or key.key)
        if row is None or row.key == UNKNOWN_KEY:
            return False
        if self.front == "question" or not self.has_class("-narrow"):
            self._choose(row)
        else:
            self.action_pane("question")
        return True

    def is_command(self, character: str) -> bool:
        """Whether a key acts here although a field for text has the keys, as long as that is empty."""
        bound = (*self._bindings.key_to_bindings, *self.doctor._bindings.key_to_bindings)
        return _character_to_key(character) in bound or self._row(character) is not None

    def _row(self, key: str) -> Row | None:
        return next((row for row in self._card().rows if row.key == key), None)

    @on(RowPane.Chosen, "#question")
    def _chosen(self, event: RowPane.Chosen) -> None:
        row = self._row(event.key)
        if row is not None and event.about == self._card().identity:
            self._choose(row)

    def _choose(self, row: Row) -> None:
        if row.choose is None:
            self.action_open("plan")
            return
        row.choose()
        self.doctor.refresh_all()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._enter(event.value, done=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._enter(event.value, done=True)

    def _enter(self, text: str, *, done: bool) -> None:
        """Say what can be read in what was typed for the card that is drawn; take it once Enter was pressed."""
        session, card = self.session, self.card
        if card.card is None or card.card.identity != self._card().identity:
            return
        self.session.keep_typed(entry_of(self._asked), text if text != card.card.entry else "")
        value, verdict = validate_entry(session, text, self.texts)
        if done and value is not None and session.question(self._asked).doubts(value):
            doubted, self._doubted = self._doubted, (self._asked, value)
            if doubted != self._doubted:
                verdict = self.texts.say("card.doubt", value=say_value(self.texts, self._asked, value))
                value = None
        if value is not None and done:
            session.finish({self._asked: value})
            self.doctor.refresh_all()
        else:
            card.show_verdict(verdict, wrong=value is None)

    @property
    def _asked(self) -> str:
        """The question that something is typed for."""
        part = self.session.part
        return part.ids[0] if part is not None else ""

    def action_dont_know(self) -> None:
        """Answer `unknown` to what is in front; on a checklist to the highlighted line."""
        session, card, part = self.session, self.card, self.session.part
        lines = session.lines()
        if part is None:
            return
        if not part.checklist:
            session.finish({self._asked: UNKNOWN})
            self.doctor.refresh_all()
        elif card.highlighted is None or card.highlighted >= len(lines):
            self.doctor.tell("card.line_first")
        else:
            session.answer({lines[card.highlighted].question: UNKNOWN})
            self.doctor.refresh_all()
            card.action_move(1)

    def action_skip(self) -> None:
        """Leave what is in front unanswered."""
        self.session.skip()
        self.doctor.refresh_all()

    def action_back(self) -> None:
        """Undo the last thing done."""
        if self.session.undo():
            self.doctor.refresh_all()
        elif self.session.own_answers():
            self.action_open("answers")

    def action_message(self) -> None:
        """Copy the next questions as a chat message, and remember what it asks."""
        message = next_message(self.texts, self.session.evidence)
        if message.sent is not None:
            self.session.draft.send(message.sent)
        self.doctor.push_screen(MessageScreen(message))

    @work
    async def action_done(self) -> None:
        """Say how the first step went."""
        if self.doctor.steps:
            await close_step(self.doctor, self.doctor.steps[0])


async def close_step(doctor: DoctorApp, step: PlanItem) -> None:
    """Ask how a step of the plan went, note it, and put what it may have changed in front."""
    asked = choice("done.title", "done.", STEP_RESULTS, "detail.verify", step=step.short, text=step.verify)
    chosen = await doctor.push_screen_wait(asked)
    how = next((one for one in STEP_RESULTS if one == chosen), None)
    if how is None:
        return
    again = doctor.session.close_step(step, how)
    doctor.refresh_all()
    if again:
        doctor.tell("done.again")
        doctor.show_questions()
    elif doctor.steps:
        doctor.tell("done.next", step=doctor.steps[0].short)
