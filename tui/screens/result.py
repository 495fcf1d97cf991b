"""The result: the verdict in a sentence, the plan in the order to try, when to look again, the warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.describe import plan_content, result_after, result_before
from tui.screens.base import Localized
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ResultScreen(Localized[None]):
    """The report, told from the most useful to the least."""

    CSS_PATH = "result.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,b", "close", "close", id="close", key_display="Esc"),
        Binding("w", "export", "save", id="export"),
        Binding("a", "answers", "answers", id="answers"),
        Binding("g", "go_on", "go on", id="go_on"),
        Binding("n", "another", "start another", id="new"),
        Binding("c", "checks", "checks", id="checks", show=False),
        Binding("m", "debts", "debts", id="debts", show=False),
        Binding("pageup", "page(-1)", "up", id="up", show=False, priority=True),
        Binding("pagedown,space", "page(1)", "down", id="down", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Verdict and warnings, the plan, and what comes after it; all of it scrolls as one."""
        with VerticalScroll(id="result", can_focus=False):
            yield Static(id="before")
            yield OptionList(id="plan")
            yield Static(id="after")
        yield KeyBar()

    def draw(self) -> None:
        """Write the report as it stands."""
        report, words = self.doctor.report, self.words
        self.query_one("#before", Static).update(result_before(report, words))
        self.query_one("#after", Static).update(result_after(report, words))
        plan = self.query_one("#plan", OptionList)
        titles = {cause.id: cause.title for cause in report.causes}
        at = plan.highlighted
        plan.clear_options()
        plan.add_options(
            Option(plan_content(item, number, words, titles[item.cause])) for number, item in enumerate(report.plan, 1)
        )
        plan.display = bool(report.plan)
        if report.plan:
            plan.highlighted = min(at or 0, len(report.plan) - 1)
            plan.focus(scroll_visible=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """`go on` is only offered where something is left to ask."""
        return action != "go_on" or self.doctor.flow.part is not None or bool(self.doctor.session.interview.remaining)

    @on(OptionList.OptionSelected)
    def _done(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        item = self.doctor.report.plan[event.option_index]
        known = [id_ for id_ in item.rechecks if id_ in self.doctor.session.knowledge.questions]
        if not known:
            self.doctor.tell("result.nothing_again")
            return
        self.doctor.flow.ask_again(known)
        self.doctor.told()
        self.doctor.tell("result.again")
        self.dismiss()

    @on(OptionList.OptionHighlighted)
    def _seen(self, event: OptionList.OptionHighlighted) -> None:
        """Keep the highlighted step in sight: the page scrolls, not the list."""
        event.stop()
        plan = self.query_one("#plan", OptionList)
        if event.option_index == 0:
            return
        line = plan._index_to_line.get(event.option_index, 0) if hasattr(plan, "_index_to_line") else 0
        self.query_one("#result", VerticalScroll).scroll_to(y=max(0, plan.virtual_region.y + line - 4), animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll the whole page."""
        view = self.query_one("#result", VerticalScroll)
        view.scroll_relative(y=pages * max(1, view.size.height - 2), animate=False)

    def action_close(self) -> None:
        """Back to the questions."""
        self.dismiss()

    def action_go_on(self) -> None:
        """Ask on although there is a result."""
        if self.doctor.flow.part is None:
            self.doctor.flow.go_on()
            self.doctor.told(())
        self.dismiss()

    def action_another(self) -> None:
        """Begin again with nothing answered."""
        self.doctor.start_again()
        self.dismiss()

    def action_answers(self) -> None:
        """Show what was answered."""
        from tui.screens.answers import AnswersScreen

        self.app.switch_screen(AnswersScreen())

    def action_export(self) -> None:
        """Save or copy the report."""
        from tui.screens.export import ExportScreen

        self.app.push_screen(ExportScreen())

    def action_checks(self) -> None:
        """Show the checks."""
        from tui.screens.checks import ChecksScreen

        self.app.push_screen(ChecksScreen())

    def action_debts(self) -> None:
        """Show the debt helper."""
        from tui.screens.debts import DebtsScreen

        self.app.push_screen(DebtsScreen())
