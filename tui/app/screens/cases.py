"""The support desk's cases: newest first, searched as one types, opened, and a new one begun."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from diagnostics.cases.model import Filter, NoSuchCaseError, StoreError
from diagnostics.sanitize import clean_line
from tui.app.case_view import columns, gists, heads, line
from tui.app.case_worker import LONGEST
from tui.app.cjk_wrap import ProseBlock
from tui.app.screens.base import AppScreen
from tui.app.screens.case import CaseScreen
from tui.app.widgets.fields import CleanInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.events import Resize
    from textual.timer import Timer
    from textual.widget import Widget

    from diagnostics.cases.model import CaseRow, CaseStatus
    from tui.app.case_view import Gist

PAGE: Final = 100
"""Cases that are fetched at once."""
AHEAD: Final = 30
"""Lines before the end of the list at which the next page is fetched."""
PAUSE: Final = 0.15
"""Seconds without a key after which the search begins."""
STATES: Final[tuple[CaseStatus | None, ...]] = (None, "open", "closed")


class CaseList(OptionList):
    """The list, which says when its end comes near, by key or by wheel."""

    class NearEnd(Message):
        """Little is left below what is shown."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Look how far the end is."""
        super().watch_scroll_y(old_value, new_value)
        if self.max_scroll_y - new_value < AHEAD:
            self.post_message(self.NearEnd())


class CasesScreen(AppScreen[None]):
    """The list of cases, one page after the other as it is scrolled."""

    CSS_PATH = "cases.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", id="open_case", key_display="Enter", priority=True),
        Binding("slash", "search", "search", id="search_cases", key_display="/"),
        Binding("f", "filter", "filter", id="filter_cases"),
        Binding("n", "new", "new case", id="new_case"),
        Binding("down", "to_list", "to the list", id="down", show=False),
        Binding("escape,b,f3", "close", "close", id="close", key_display="Esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[CaseRow] = []
        self._gists: dict[str, Gist] = {}
        self._status: CaseStatus | None = None
        self._next: int | None = None
        self._waiting = False
        self._typed: Timer | None = None
        self._said: Callable[[], str] | None = None

    def parts(self) -> Iterable[Widget]:
        """Yield heading with the filter, search field, column names, list."""
        yield ProseBlock(id="title")
        yield CleanInput(id="field", compact=True)
        yield Static(id="heads")
        yield CaseList(id="list")
        yield ProseBlock(id="none")

    def begin(self) -> None:
        """Fetch the first page."""
        self.query_one("#list").focus()
        self.fetch()

    def draw(self) -> None:
        """Write everything in the language and for the width of the moment."""
        say = self.texts.say
        state = say("desk.every") if self._status is None else self.texts(f"cases.status.{self._status}")
        shown = (say("desk.shown", status=state), "dim")
        self.write("title", Content.assemble((say("desk.title"), "bold $primary"), "  ", shown))
        self.query_one("#field", Input).placeholder = say("desk.search")
        self._draw_rows()
        self._say(self._said)

    def _draw_rows(self) -> None:
        list_ = self.query_one("#list", CaseList)
        room = list_.scrollable_content_region.width or self.app.size.width - 8
        found = columns(max(20, room), self.rows)
        self.query_one("#heads", Static).update(heads(self.texts, found))
        for number, row in enumerate(self.rows):
            if number < list_.option_count:
                running = row.id == self.cases.file.case_id
                text = line(row, self.texts, found, self._gists.get(row.id), running=running)
                list_.replace_option_prompt_at_index(number, text)

    def on_resize(self, _event: Resize) -> None:
        """Other columns may fit now."""
        self.call_after_refresh(self.draw)

    # fetching

    def fetch(self) -> None:
        """Fetch the first page anew, for the words and the filter of the moment."""
        self._next = None
        self._ask(None)

    @work(exclusive=True, group="page")
    async def _ask(self, after: int | None) -> None:
        """Fetch a page, show it, then say of each case what it is about."""
        wanted = Filter(text=self.query_one("#field", Input).value, status=self._status)
        self._waiting = True
        if not self.rows:
            self._say(lambda: self.texts.say("desk.opening"))
        try:
            page = await self.cases.do(lambda store: store.list(wanted, after, PAGE))
        except StoreError as error:
            why = error
            self._say(lambda: clean_line(why.text(self.texts.lang), LONGEST))
            return
        finally:
            self._waiting = False
        list_ = self.query_one("#list", CaseList)
        if after is None:
            list_.clear_options()
            self.rows = []
        self.rows += page.rows
        self._next = page.next
        list_.add_options(Option("", id=row.id) for row in page.rows)
        self._draw_rows()
        self._say(None if self.rows else lambda: self.texts("cases.none"))
        await self._look(list(page.rows))

    async def _look(self, rows: list[CaseRow]) -> None:
        """Assess the cases that were fetched, a screenful at a time."""
        for at in range(0, len(rows), 20):
            look = partial(gists, knowledge=self.texts.knowledge, rows=rows[at : at + 20], lang=self.texts.lang)
            try:
                self._gists |= await self.cases.do(look)
            except StoreError:
                return  # deleted or unreachable meanwhile: the list says so when it is fetched the next time
            if self.is_active:
                self._draw_rows()

    def _say(self, text: Callable[[], str] | None) -> None:
        """Say something below the list, in the language of each moment, or nothing any more."""
        self._said = text
        self.write("none", Content.styled(text(), "$text-muted") if text is not None else None)

    @on(CaseList.NearEnd)
    def _near_end(self) -> None:
        if self._next is not None and not self._waiting:
            self._ask(self._next)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self.rows) - AHEAD:
            self._near_end()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(PAUSE, self.fetch)

    # what the user does

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self._open(event.option.id)

    @work
    async def _open(self, id_: str) -> None:
        """Open a case; what was done to it is shown in its line afterwards."""
        if await self.app.push_screen_wait(CaseScreen(id_)) is None or not self.is_attached:
            return
        at = next((number for number, row in enumerate(self.rows) if row.id == id_), None)
        if at is None:
            return
        try:
            self.rows[at] = await self.cases.do(lambda store: store.open(id_))
        except NoSuchCaseError:
            del self.rows[at]
            self.query_one("#list", CaseList).remove_option_at_index(at)
        except StoreError:
            return  # said by the case's own page
        self._draw_rows()

    def action_choose(self) -> None:
        """Open the highlighted case; from the search field, go to what was found."""
        list_ = self.query_one("#list", CaseList)
        if self.focused is not list_:
            list_.focus()
            if self.rows and list_.highlighted is None:
                list_.highlighted = 0
        else:
            list_.action_select()

    def action_search(self) -> None:
        """Go to the search field."""
        self.query_one("#field").focus()

    def action_to_list(self) -> None:
        """Go from the search field to what was found."""
        self.query_one("#list").focus()

    def action_filter(self) -> None:
        """Show all, those in progress, or those that are closed."""
        self._status = STATES[(STATES.index(self._status) + 1) % len(STATES)]
        self.draw()
        self.fetch()

    @work
    async def action_new(self) -> None:
        """Begin a case under a nickname or a ticket number."""
        await self.doctor.new_case()

    def action_close(self) -> None:
        """From the search field to the list, from the list to where the user was."""
        if isinstance(self.focused, Input):
            self.query_one("#list").focus()
        else:
            self.leave()
