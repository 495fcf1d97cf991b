"""The support desk's cases: newest first, searched as one types, opened, and a new one begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from diagnostics.cases.model import CasePage, Cursor, Filter, NoSuchCaseError, StoreError
from diagnostics.sanitize import clean_line
from tui.caseroom import LONGEST, begin_case
from tui.caserows import columns, heads, line
from tui.prose import Prose
from tui.screens.base import Localized
from tui.widgets.entry import CleanInput
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.timer import Timer

    from diagnostics.cases.model import Case, CaseRow, CaseStatus
    from tui.caseroom import CaseRoom

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


class CasesScreen(Localized[None]):
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
        self._status: CaseStatus | None = None
        self._next: Cursor | None = None
        self._turn = 0
        self._waiting = False
        self._typed: Timer | None = None
        self._said: Callable[[], str] | None = None

    @property
    def cases(self) -> CaseRoom:
        """The desk, which is there wherever this screen is."""
        if self.doctor.cases is None:
            raise LookupError("no store")
        return self.doctor.cases

    def compose(self) -> ComposeResult:
        """Heading with the filter, search field, column names, list, keys."""
        yield Static(id="title")
        yield CleanInput(id="field", compact=True)
        yield Static(id="heads")
        yield CaseList(id="list")
        yield Static(id="none")
        yield KeyBar()

    def on_mount(self) -> None:
        """Fetch the first page."""
        super().on_mount()
        self.query_one("#list").focus()
        self.fetch()

    def draw(self) -> None:
        """Write everything in the language and for the width of the moment."""
        say = self.words.say
        state = say("desk.every") if self._status is None else self.words.of(f"cases.status.{self._status}")
        self.query_one("#title", Static).update(
            Content.assemble((say("desk.title"), "bold $primary"), f"  {say('desk.shown', status=state)}")
        )
        self.query_one("#field", Input).placeholder = say("desk.search")
        found = self._columns()
        self.query_one("#heads", Static).update(heads(self.words, found))
        list_ = self.query_one("#list", CaseList)
        for number, row in enumerate(self.rows):
            list_.replace_option_prompt_at_index(number, self._line(row))
        self._say(self._said)

    def on_resize(self, _event: Resize) -> None:
        """Other columns may fit now."""
        self.call_after_refresh(self.draw)

    def _columns(self) -> list[tuple[str, int]]:
        room = self.query_one("#list").scrollable_content_region.width or self.app.size.width - 8
        return columns(max(20, room), self.words.lang)

    def _line(self, row: CaseRow) -> Content:
        return line(row, self.words, self._columns(), running=row.id == self.cases.file.case_id)

    # fetching

    def fetch(self) -> None:
        """Fetch the first page anew, for the words and the filter of the moment."""
        self._turn += 1
        self._next = None
        self._ask(None)

    def _ask(self, after: Cursor | None) -> None:
        turn = self._turn
        wanted = Filter(text=self.query_one("#field", Input).value, status=self._status)
        self._waiting = True
        if not self.rows:
            self._say(lambda: self.words.say("desk.opening"))
        self.cases.do(
            lambda store: store.list(wanted, after, PAGE),
            lambda page: self._take(turn, page, first=after is None),
            lambda: turn == self._turn,
        )

    def _take(self, turn: int, page: CasePage | StoreError, *, first: bool) -> None:
        if turn != self._turn or not self.is_attached:
            return
        self._waiting = False
        if isinstance(page, StoreError):
            self._say(lambda: clean_line(page.text(self.words.lang), LONGEST))
            return
        list_ = self.query_one("#list", CaseList)
        if first:
            list_.clear_options()
            self.rows = []
        self.rows += page.rows
        self._next = page.next
        list_.add_options(Option(self._line(row), id=row.id) for row in page.rows)
        if first and page.rows:
            list_.highlighted = 0
        self._say(None if self.rows else lambda: self.words.of("cases.none"))

    def _say(self, text: Callable[[], str] | None) -> None:
        """Say something below the list, in the language of each moment, or nothing any more."""
        self._said = text
        note = self.query_one("#none", Static)
        note.display = text is not None
        if text is not None:
            note.update(Prose(Content.styled(text(), "$text-muted")))

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

    def _open(self, id_: str) -> None:
        from tui.screens.case import CaseScreen

        self.app.push_screen(CaseScreen(id_), self._refresh_one)

    def _refresh_one(self, id_: str | None) -> None:
        """Show what was done to a case that was open."""
        if id_ is not None:
            self.cases.do(lambda store: store.open(id_), lambda found: self._replace(id_, found))

    def _replace(self, id_: str, found: Case | StoreError) -> None:
        at = next((number for number, row in enumerate(self.rows) if row.id == id_), None)
        if at is None or not self.is_attached:
            return
        list_ = self.query_one("#list", CaseList)
        if isinstance(found, NoSuchCaseError):
            del self.rows[at]
            list_.remove_option_at_index(at)
        elif not isinstance(found, StoreError):
            self.rows[at] = found
            list_.replace_option_prompt_at_index(at, self._line(found))

    def action_choose(self) -> None:
        """Open the highlighted case; from the search field, go to what was found."""
        list_ = self.query_one("#list", CaseList)
        list_.action_select() if self.focused is list_ else list_.focus()

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

    def action_new(self) -> None:
        """Begin a case under a nickname or a ticket number."""
        from tui.screens.prompt import PromptScreen

        self.app.push_screen(PromptScreen("desk.new_title", "desk.new_about"), self._consent)

    def _consent(self, label: str | None) -> None:
        if label is None:
            return
        from tui.screens.choose import ChooseScreen

        self.app.push_screen(
            ChooseScreen(
                lambda words: words.say("desk.consent"),
                lambda words: {answer: words.say(f"desk.consent_{answer}") for answer in ("yes", "no")},
            ),
            lambda agreed: self._begin(label, agreed),
        )

    def _begin(self, label: str, agreed: str | None) -> None:
        if agreed is not None:
            begin_case(self.doctor, self.cases, label, agreed=agreed == "yes")

    def action_close(self) -> None:
        """From the search field to the list, from the list to where the user was."""
        if isinstance(self.focused, Input):
            self.query_one("#list").focus()
        else:
            self.leave()
