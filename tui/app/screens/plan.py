"""The plan: the verdict in a sentence, the steps in the order to try, when to look again, the warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.app.cjk_wrap import Prose, ProseBlock
from tui.app.report_content import plan_content, result_after, result_before
from tui.app.screens.base import PAGES, AppScreen
from tui.app.screens.main import close_step
from tui.app.widgets.fields import Choices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class PlanScreen(AppScreen[None]):
    """The report, told from the most useful to the least; a step that was tried is closed here."""

    CSS_PATH = "dialog.tcss"
    VIEW = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "done", "done", id="done"),
        Binding("n", "another", "start another", id="new"),
        Binding("w", "open('export')", "save", id="export"),
        Binding("a", "open('answers')", "answers", id="answers"),
        Binding("slash", "open('more')", "say more", id="more", key_display="/"),
        Binding("g", "go_on", "go on", id="go_on"),
        Binding("c", "open('checks')", "checks", id="checks", show=False),
        Binding("m", "open('debts')", "debts", id="debts", show=False),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
        Binding("escape,b,p,r", "close", "close", id="close", key_display="Esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Prose] = []

    def parts(self) -> Iterable[Widget]:
        """Yield verdict and warnings, the plan, and what comes after it; all of it scrolls as one."""
        with VerticalScroll(id="page", can_focus=False):
            yield ProseBlock(id="before")
            yield Choices(id="steps")
            yield ProseBlock(id="after")

    def draw(self) -> None:
        """Write the report as it stands."""
        doctor, texts = self.doctor, self.texts
        report, first = doctor.report, doctor.steps[0] if doctor.steps else None
        self.write("before", result_before(report, texts, help_=texts.say("result.plan_help")))
        self.write("after", result_after(report, texts))
        steps = self.query_one("#steps", Choices)
        at = steps.highlighted
        self._steps = [
            Prose(
                plan_content(
                    item, number, texts, report, first=item is first, done=doctor.session.went.get(item.id, "")
                )
            )
            for number, item in enumerate(report.plan, 1)
        ]
        steps.clear_options()
        steps.add_options(Option(prose) for prose in self._steps)
        steps.display = bool(report.plan)
        steps.highlighted = at if at is not None and at < len(report.plan) else None
        steps.focus(scroll_visible=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`go on` is only offered where something is left to ask, `done` where there is a step to do."""
        if not super().check_action(action, parameters):
            return False
        if action == "done":
            return bool(self.doctor.report.plan)
        return action != "go_on" or self.doctor.flow.part is not None or bool(self.doctor.session.interview.remaining)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_done()

    @work
    async def action_done(self) -> None:
        """Say how the highlighted step went; without one, the first that is still to do."""
        at = self.query_one("#steps", Choices).highlighted
        if at is not None:
            await close_step(self.doctor, self.doctor.report.plan[at])
        elif self.doctor.steps:
            await close_step(self.doctor, self.doctor.steps[0])

    @on(OptionList.OptionHighlighted)
    def _seen(self, event: OptionList.OptionHighlighted) -> None:
        """Keep the highlighted step in sight: the page scrolls, not the list."""
        event.stop()
        steps = self.query_one("#steps", Choices)
        width = steps.scrollable_content_region.width
        if not width or event.option_index >= len(self._steps):
            return
        above = sum(prose.get_height({}, width) for prose in self._steps[: event.option_index])
        lines = self._steps[event.option_index].get_height({}, width)
        view = self.query_one("#page", VerticalScroll)
        top = steps.virtual_region.y + above
        if top < view.scroll_y or top + lines > view.scroll_y + view.size.height:
            view.scroll_to(y=0 if event.option_index == 0 else max(0, top - 2), animate=False)

    def action_go_on(self) -> None:
        """Ask on although there is a plan."""
        if self.doctor.flow.part is None:
            self.doctor.flow.go_on()
            self.doctor.refresh_all(())
        self.leave()

    @work
    async def action_another(self) -> None:
        """Begin again with nothing answered."""
        await self.doctor.new_case()
