"""The result: the verdict in a sentence, the plan in the order to try, when to look again, the warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.describe import plan_content, result_after, result_before
from tui.prose import Prose
from tui.screens.base import PAGES, Localized
from tui.widgets.choices import Choices
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ResultScreen(Localized[None]):
    """The report, told from the most useful to the least."""

    CSS_PATH = "result.tcss"
    VIEW = "#result"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "done", id="done", key_display="Enter", priority=True),
        Binding("escape,b", "close", "close", id="close", key_display="Esc"),
        Binding("w", "open('export')", "save", id="export"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("g", "go_on", "go on", id="go_on"),
        Binding("n", "another", "start another", id="new"),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("m", "open('debts')", "debts", id="debts", show=False),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Prose] = []
        self._settled = False

    def begin(self) -> None:
        """Begin at the top: the verdict comes first."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        if not self.is_active:
            return  # left before it was drawn
        self.query_one("#result", VerticalScroll).scroll_home(animate=False)
        self._settled = True

    def compose(self) -> ComposeResult:
        """Verdict and warnings, the plan, and what comes after it; all of it scrolls as one."""
        with VerticalScroll(id="result", can_focus=False):
            yield Static(id="before")
            yield Choices(id="plan")
            yield Static(id="after")
        yield KeyBar()

    def draw(self) -> None:
        """Write the report as it stands."""
        report, words = self.doctor.report, self.words
        self.query_one("#before", Static).update(Prose(result_before(report, words)))
        self.query_one("#after", Static).update(Prose(result_after(report, words)))
        plan = self.query_one("#plan", Choices)
        at = plan.highlighted
        plan.clear_options()
        plan.add_options(
            Option(Prose(plan_content(item, number, words, report))) for number, item in enumerate(report.plan, 1)
        )
        plan.display = bool(report.plan)
        if report.plan:
            plan.highlighted = min(at or 0, len(report.plan) - 1)
            plan.focus(scroll_visible=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`go on` is only offered where something is left to ask, `done` where there is a plan."""
        if not super().check_action(action, parameters):
            return False
        if action == "done":
            return bool(self.doctor.report.plan)
        return action != "go_on" or self.doctor.flow.part is not None or bool(self.doctor.session.interview.remaining)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._done(event.option_index)

    def action_done(self) -> None:
        """Say that the highlighted step is done."""
        at = self.query_one("#plan", Choices).highlighted
        if at is not None:
            self._done(at)

    def _done(self, number: int) -> None:
        """Ask again what this step may have changed."""
        item = self.doctor.report.plan[number]
        known = [id_ for id_ in item.rechecks if id_ in self.doctor.session.knowledge.questions]
        if not known:
            self.doctor.tell("result.nothing_again")
            return
        self.doctor.flow.ask_again(known)
        self.doctor.told()
        self.doctor.tell("result.again")
        self.leave()

    @on(OptionList.OptionHighlighted)
    def _seen(self, event: OptionList.OptionHighlighted) -> None:
        """Keep the highlighted step in sight: the page scrolls, not the list."""
        event.stop()
        plan = self.query_one("#plan", Choices)
        width = plan.scrollable_content_region.width
        if not width or not self._settled or event.option_index >= len(self._steps):
            return
        above = sum(prose.get_height({}, width) for prose in self._steps[: event.option_index])
        lines = self._steps[event.option_index].get_height({}, width)
        view = self.query_one("#result", VerticalScroll)
        top = plan.virtual_region.y + above
        if top < view.scroll_y or top + lines > view.scroll_y + view.size.height:
            view.scroll_to(y=0 if event.option_index == 0 else max(0, top - 2), animate=False)

    def action_close(self) -> None:
        """Back to the questions."""
        self.leave()

    def action_go_on(self) -> None:
        """Ask on although there is a result."""
        if self.doctor.flow.part is None:
            self.doctor.flow.go_on()
            self.doctor.told(())
        self.leave()

    def action_another(self) -> None:
        """Begin again with nothing answered."""
        self.doctor.start_again()
        self.leave()
