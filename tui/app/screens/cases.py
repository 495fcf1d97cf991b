"""The support desk's cases: newest first, searched as one types; and one of them, with all that can be done to it."""

from __future__ import annotations

from datetime import datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.cells import cell_len
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from diagnostics.cases.model import CLOSINGS, MAX_NOTE, Case, Filter, NoSuchCaseError, StoreError
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Evidence, now
from diagnostics.formats.width import fit
from diagnostics.i18n import name_masks
from diagnostics.report import build
from diagnostics.sanitize import clean_line
from diagnostics.unsent import NOTE
from tui.app.case_worker import LONGEST
from tui.app.keyboard import CleanInput
from tui.app.panes import READABLE, Block, RowPane, TextPane
from tui.app.report_content import plan_contents, result_after, result_before
from tui.app.screens.base import PAGES, AppScreen
from tui.app.screens.dialogs import ChooseScreen, MessageScreen, PromptScreen, next_message
from tui.app.screens.pages import full_name, save, taken, target
from tui.app.style import short_time
from tui.cli.case_text import cause_title, facts, gists, parts, state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.timer import Timer

    from diagnostics.cases.model import CaseRow, CaseStatus
    from diagnostics.cases.store import CaseStore
    from diagnostics.i18n import UserError
    from tui.app.style import ScreenTexts
    from tui.cli.case_text import Gist

PAGE: Final = 100
"""Cases that are fetched at once."""
AHEAD: Final = 30
"""Lines before the end of the list at which the next page is fetched."""
PAUSE: Final = 0.15
"""Seconds without a key after which the search begins."""
STATES: Final[tuple[CaseStatus | None, ...]] = (None, "open", "closed")

GAP: Final = 2
RUNNING: Final = "> "
"""Stands before the case of this window where no column says so."""
ORDER: Final = ("age", "label", "situation", "step", "status", "operator")
_UNITS: Final = (("days", 86_400), ("hours", 3_600))

Column = tuple[str, int]


class CasesScreen(AppScreen[None]):
    """The list of cases, one page after the other as it is scrolled."""

    CSS_PATH = "cases.tcss"
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", id="open_case", priority=True),
        Binding("slash", "focus('#field')", "search", id="search_cases"),
        Binding("f", "filter", "filter", id="filter_cases"),
        Binding("n", "new", "new case", id="new_case"),
        Binding("down", "focus('#list')", "to the list", id="down", show=False),
        Binding("escape,b,f3", "close", "close", id="close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[CaseRow] = []
        self._gists: dict[str, Gist] = {}
        self._status: CaseStatus | None = None
        self._next: int | None = None
        self.waiting = False
        """Whether a page is being fetched."""
        self._typed: Timer | None = None
        self._said: Callable[[], str] | None = None
        self.field, self.list_ = CleanInput(id="field", compact=True), RowPane(id="list")
        self.parts = TextPane(id="title"), self.field, TextPane(id="heads"), self.list_, TextPane(id="none")

    def begin(self) -> None:
        """Fetch the first page."""
        self.watch(self.list_, "scroll_y", self._scrolled, init=False)
        self.fetch()

    def draw(self) -> None:
        """Write everything in the current language and width."""
        say = self.texts.say
        state = say("desk.every") if self._status is None else self.texts(f"cases.status.{self._status}")
        shown = (say("desk.shown", status=state), "dim")
        self.write("title", Content.assemble((say("desk.title"), "bold $primary"), "  ", shown))
        self.field.placeholder = say("desk.search")
        self._draw_rows()
        self._say(self._said)

    def _draw_rows(self) -> None:
        texts, running = self.texts, self.cases.file.case_id
        room = self.list_.scrollable_content_region.width or self.app.size.width - 5
        found = columns(max(20, room), self.rows)
        self.pane("heads").show(heads(texts, found))
        self.list_.show_blocks(
            Block(line(row, texts, found, self._gists.get(row.id), running=row.id == running), key=row.id)
            for row in self.rows
        )

    def on_resize(self) -> None:
        """Other columns may fit now."""
        self.call_after_refresh(self._draw_rows)

    # fetching

    def fetch(self) -> None:
        """Fetch the first page again, for the present words and filter."""
        self._next = None
        self._ask(None)

    @work(exclusive=True, group="page")
    async def _ask(self, after: int | None) -> None:
        """Fetch a page, show it, then say of each case what it is about, a screenful at a time."""
        wanted = Filter(text=self.field.value, status=self._status)
        self.waiting = True
        if not self.rows:
            self._say(lambda: self.texts.say("desk.opening"))
        try:
            page = await self.cases.do(lambda store: store.list(wanted, after, PAGE))
        except StoreError as error:
            why = error
            self._say(lambda: clean_line(why.text(self.texts.lang), LONGEST))
            return
        finally:
            self.waiting = False
        if after is None:
            self.list_.highlighted = None
        self.rows = [*(self.rows if after is not None else ()), *page.rows]
        self._next = page.next
        self._draw_rows()
        self._say(None if self.rows else lambda: self.texts("cases.none"))
        for at in range(0, len(page.rows), 20):
            some = page.rows[at : at + 20]
            look = partial(gists, texts=self.texts, rows=some)
            try:
                self._gists |= await self.cases.do(look)
            except StoreError:
                return  # deleted or unreachable meanwhile: the list says so when it is fetched the next time
            if self.is_active:
                self._draw_rows()

    def _say(self, text: Callable[[], str] | None) -> None:
        """Say something below the list, in the language of each moment, or nothing any more."""
        self._said = text
        self.write("none", Content.styled(text(), "dim") if text is not None else None)

    def _fetch_more(self) -> None:
        if self._next is not None and not self.waiting:
            self._ask(self._next)

    def _scrolled(self) -> None:
        if self.list_.max_scroll_y - self.list_.scroll_y < AHEAD:
            self._fetch_more()

    @on(RowPane.Highlighted)
    def _highlighted(self, event: RowPane.Highlighted) -> None:
        if event.number >= len(self.rows) - AHEAD:
            self._fetch_more()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(PAUSE, self.fetch)

    # what the user does

    @on(RowPane.Chosen)
    @work
    async def _open(self, event: RowPane.Chosen) -> None:
        """Open a case; what was done to it is shown in its line afterwards."""
        id_ = event.key
        if await self.app.push_screen_wait(CaseScreen(id_)) is None or not self.is_attached:
            return
        try:
            fresh = [await self.cases.do(lambda store: store.open(id_))]
        except NoSuchCaseError:
            fresh = []
        except StoreError:
            return  # said by the case's own page
        self.rows = [one for row in self.rows for one in (fresh if row.id == id_ else [row])]
        self._draw_rows()

    def action_choose(self) -> None:
        """Open the highlighted case; from the search field, go to what was found."""
        if self.list_.has_focus:
            self.list_.action_take()
            return
        self.list_.focus()
        if self.list_.highlighted is None:
            self.list_.action_highlight(0)

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
        if self.field.has_focus:
            self.list_.focus()
        else:
            self.leave()


def stored(action: Callable[..., Awaitable[None]]) -> Callable[..., object]:
    """Run an action that waits for the person or the store as a worker; an error of the store is shown."""

    @wraps(action)
    async def run(screen: CaseScreen, *given: str) -> None:
        try:
            await action(screen, *given)
        except StoreError as error:
            screen.refused(error)

    return work(run)


class CaseScreen(AppScreen["str | None"]):
    """One stored case: what came of it and what the desk wrote. Gives its id where something was done to it."""

    CSS_PATH = "cases.tcss"
    AUTO_FOCUS = VIEW = "#case"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,b", "close", "close", id="close"),  # first: what has no room is left out
        Binding("u", "take_up", "take it up", id="take_up"),
        Binding("n", "note", "note", id="note"),
        Binding("t", "tag", "tag", id="tag"),
        Binding("c", "end", "close the case", id="end_case"),
        Binding("o", "change('reopen', 'cases.reopened')", "reopen", id="reopen"),
        Binding("m", "mine", "mine", id="mine"),
        Binding("d", "due", "due", id="due_case"),
        Binding("e", "name", "name", id="name_case"),
        Binding("g", "change('consent', 'cases.consented')", "agree", id="agree_case"),
        Binding("w", "export", "export", id="export_case"),
        Binding("y", "message", "copy as message", id="message", show=False),
        Binding("x,delete", "delete", "delete", id="delete_case"),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
    ]

    def __init__(self, id_: str) -> None:
        super().__init__()
        self.case: Case | None = None
        self.case_id = id_
        self._touched = False
        self._text = TextPane(id="case", focus=True)
        self.parts = (self._text,)

    def begin(self) -> None:
        """Fetch the case."""
        stored(CaseScreen._reload)(self)

    def refused(self, error: StoreError) -> None:
        """Say why the store did not do something; of a case that is gone nothing is left here either."""
        if isinstance(error, NoSuchCaseError):
            self.session.draft.unsent.forget(self.case_id, notes=True)
        self.doctor.tell_text(clean_line(error.text(self.texts.lang), LONGEST), severe=True)

    async def _reload(self) -> None:
        self.case = await self.cases.do(lambda store: store.open(self.case_id))
        self.draw()
        self.refresh_bindings()

    def draw(self) -> None:
        """Write the case in the current language."""
        if self.case is not None:
            self._text.show_blocks([Block(case_content(self.case, self.texts), most=READABLE)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is closed can be reopened; what is open can be taken up and closed; the running one not deleted."""
        case, operator, running = self.case, self.cases.file.operator, self.case_id == self.cases.file.case_id
        if case is None:
            return action in ("close", "help", "commands", "run_named")
        allowed = {
            "take_up": case.status == "open" and not running,
            "end": case.status == "open",
            "delete": not running,
            "mine": bool(operator) and case.owner != operator,
            "change": case.consent_at is None if "consent" in parameters else case.status == "closed",
        }
        return allowed.get(action, True)

    async def _do(self, method: str, told: str, *given: object, **values: object) -> bool:
        """Change the case by this method of the store, in the version on the screen; say so, and show it then."""
        version, done = {"version": self.shown.version} if method not in ("note", "tag") else {}, False
        try:
            await self.cases.do(lambda store: getattr(store, method)(self.case_id, *given, **version))
        except StoreError as error:
            self.refused(error)
        else:
            self._touched = done = True
            self.doctor.tell_text(self.texts(told, id=self.case_id, **values))
        if self.is_attached:
            await self._reload()
        return done

    @property
    def shown(self) -> Case:
        """The case, which is there before anything can be done to it."""
        if self.case is None:
            raise LookupError(self.case_id)
        return self.case

    async def _prompt(self, title: str, about: str, value: str | None = "", **more: Any) -> str | None:
        """Ask for a line; None where nothing is wanted or nothing was changed."""
        typed = await self.app.push_screen_wait(PromptScreen(title, about, value or "", **more))
        return None if typed == (value or "") else typed

    async def _confirm(self, about: str, no: str, yes: str, **values: object) -> bool:
        """Ask for confirmation."""
        asked = ChooseScreen(
            lambda texts: texts(about, **values), lambda texts: {"no": texts.say(no), "yes": texts.say(yes)}
        )
        return await self.app.push_screen_wait(asked) == "yes"

    @stored
    async def action_change(self, method: str, told: str) -> None:
        """Change what needs no word more."""
        await self._do(method, told)

    @stored
    async def action_take_up(self) -> None:
        """Continue with this case, and open the box for more of the story."""
        self.doctor.take_up(self.cases.file.take_up(self.case_id), self.shown.label or self.case_id)

    @stored
    async def action_note(self) -> None:
        """Add a note."""
        text = await self._prompt("desk.note_title", "desk.note_about", longest=MAX_NOTE - 1, kept=(NOTE, self.case_id))
        if text is not None and await self._do("note", "ui.desk.noted", text):
            self.session.draft.unsent.keep(NOTE, "", self.case_id)

    @stored
    async def action_tag(self) -> None:
        """Change the tags: the field holds all of them."""
        had = self.shown.tags
        text = await self._prompt("desk.tag_title", "desk.tag_about", " ".join(had))
        if text is not None:
            tags = text.replace("，", " ").replace(",", " ").split()
            await self._do("tag", "ui.desk.tagged", tags, [tag for tag in had if tag not in tags])

    @stored
    async def action_end(self) -> None:
        """Close the case with what proved to be the cause; the standing ones come first."""
        knowledge = self.texts.knowledge
        report = build(knowledge, Evidence(self.shown.observations), lang=self.texts.lang)
        status = {one.id: one.status for one in report.causes}
        standing = [one.id for one in report.causes if one.status in FOR]
        ids = [*standing, *CLOSINGS, *(id_ for id_ in knowledge.causes if id_ not in standing)]

        def choices(texts: ScreenTexts) -> dict[str, str]:
            told = {id_: f"  {texts(f'status.{status[id_]}')}" for id_ in standing}
            return {id_: cause_title(texts, id_) + told.get(id_, "") for id_ in ids}

        asked = ChooseScreen(lambda texts: texts.say("desk.close_title"), choices, search=True)
        cause = await self.app.push_screen_wait(asked)
        if cause is None:
            return
        named = cause_title(self.texts, cause)
        against = status.get(cause) == "ruled_out" or (cause == "entry_found" and report.outcome == "cause_found")
        contradicts = "ui.desk.contradicts", "desk.close_not", "desk.close_anyway"
        if not against or await self._confirm(*contradicts, title=named):
            await self._do("close", "cases.closed", cause, cause=named)

    @stored
    async def action_mine(self) -> None:
        """Look after this case from now on."""
        name = self.cases.file.operator
        await self._do("own", "cases.owned", name, owner=name)

    @stored
    async def action_due(self) -> None:
        """Set the day on which to come back to the case; an empty field takes it away."""
        day = await self._prompt("desk.due_title", "desk.due_about", self.shown.due_on)
        if day is not None:
            await self._do("follow_up", "cases.due" if day else "cases.undue", day or None, day=day)

    @stored
    async def action_name(self) -> None:
        """Give the case another nickname or ticket number."""
        name = await self._prompt("desk.name_title", "desk.new_about", self.shown.label)
        if name is not None:
            await self._do("rename", "ui.desk.named", name)
            if self.case_id == self.cases.file.case_id:
                self.doctor.label = clean_line(name, 80)
                self.doctor.changed.publish("label")

    @stored
    async def action_delete(self) -> None:
        """Delete the case for good; asked twice."""
        version, unsent = self.shown.version, self.session.draft.unsent
        if not await self._confirm("cases.delete_sure", "desk.delete_no", "desk.delete_yes", id=self.case_id):
            return
        if not await self._confirm("ui.desk.delete_again", "desk.delete_no", "desk.delete_really"):
            return
        unsent.forget(self.case_id, notes=True)

        def delete(store: CaseStore) -> list[UserError]:
            unsent.save()
            store.delete(self.case_id, version=version)
            return list(store.left)

        left = await self.cases.do(delete)
        self.doctor.tell_text(self.texts("cases.deleted", id=self.case_id))
        if left:
            why = "; ".join(clean_line(one.text(self.texts.lang)) for one in left)
            self.doctor.tell_text(self.texts("cases.left", why=why), severe=True)
        self.leave(self.case_id)

    @stored
    async def action_message(self) -> None:
        """Copy the questions that this case leaves open as a chat message; the case keeps what it asks."""
        message = next_message(self.texts, Evidence(self.shown.observations))
        sent = message.sent
        if sent is not None and self.case_id == self.cases.file.case_id:
            self.session.draft.send(sent)
        elif sent is not None:
            await self.cases.do(lambda store: store.keep_message(self.case_id, sent))
        self.doctor.push_screen(MessageScreen(message))
        await self._reload()

    @stored
    async def action_export(self) -> None:
        """Write the case to a file, every text masked once more."""
        name = f"weilidai-case-{self.case_id}.jsonl"
        typed = await self.app.push_screen_wait(PromptScreen("desk.export_title", "desk.export_about", name))
        if typed is None:
            return
        from diagnostics.cases.bundle import export  # in the store's thread the rest of it is loaded already

        path = target(typed, name, ".jsonl")
        text = await self.cases.do(lambda store: "".join(export(store, Filter(id=self.case_id))))
        if taken(path):
            self.doctor.tell("desk.export_exists", severe=True, where=full_name(path))
        else:
            save(self.doctor, path, text)

    def action_close(self) -> None:
        """Back to the list."""
        self.leave(self.case_id if self._touched else None)


def columns(width: int, rows: Sequence[CaseRow]) -> list[Column]:
    """Return the columns that fit into so many cells, with the cells of each; one that says nothing is left out."""
    label = min(24, max([10, *(cell_len(clean_line(row.label, 80) or row.id) for row in rows)]))
    sizes = {"age": 8, "label": label, "situation": 0, "step": 0, "status": 8, "operator": 8}
    if len({row.operator for row in rows}) < 2 or width < 110:
        del sizes["operator"]
    if len({row.status for row in rows}) < 2 or width < 90:
        del sizes["status"]
        sizes["label"] += len(RUNNING)
    room = width - sum(sizes.values()) - GAP * (len(sizes) - 1)
    if room < 34:
        del sizes["step"]
        room += GAP
    sizes["situation"] = max(8, room if "step" not in sizes else min(26, room * 2 // 5))
    if "step" in sizes:
        sizes["step"] = max(8, room - sizes["situation"])
    return [(name, sizes[name]) for name in ORDER if name in sizes]


def heads(texts: ScreenTexts, found: Sequence[Column]) -> Content:
    """Write the names of the columns."""
    cells = [fit(texts.say(f"desk.column.{name}"), size) for name, size in found]
    return Content.styled((" " * GAP).join(cells).rstrip(), "dim")


def line(
    row: CaseRow, texts: ScreenTexts, found: Sequence[Column], gist: Gist | None, *, running: bool = False
) -> Content:
    """Write one case; the one that is going on in this window is marked in words, a danger in red and with a mark."""
    danger = gist is not None and gist.danger
    parts = {
        "age": age(row.created_at, texts),
        "label": name_masks(clean_line(row.label, 80), texts.lang) or row.id,
        "situation": state(texts, row, gist) if gist is not None else "…",
        "step": gist.step if gist is not None else "",
        "status": texts.say("desk.running") if running else texts(f"cases.status.{row.status}"),
        "operator": clean_line(row.operator, 40),
    }
    if running and "status" not in dict(found):
        parts["label"] = f"{RUNNING}{parts['label']}"
    styles = {"situation": "bold $text-error" if danger else "", "label": "bold", "age": "dim", "operator": "dim"}
    cells = [Content.styled(fit(parts[name], size), styles.get(name, "")) for name, size in found]
    return Content(" " * GAP).join(cells).rstrip()


def age(stamp: str, texts: ScreenTexts) -> str:
    """Return how old a case is, in words."""
    try:
        seconds = (datetime.fromisoformat(now()) - datetime.fromisoformat(stamp)).total_seconds()
    except (ValueError, TypeError):
        return clean_line(stamp, 8)
    unit, length = next(((name, size) for name, size in _UNITS if seconds >= size), ("minutes", 60))
    return texts.say(f"desk.{unit}", count=max(0, int(seconds // length)))


def local(stamp: str) -> str:
    """Return a stored time as this computer's clock shows it."""
    return short_time(stamp, "%Y-%m-%d %H:%M") or clean_line(stamp, 20)


def case_content(case: Case, texts: ScreenTexts) -> Content:
    """Everything about one case: the desk's own facts and notes, then the report, then what is known and was done."""
    lists = {name: _list(texts, name, lines) for name, lines in parts(texts, case, local).items()}
    notes = lists.pop("notes")
    blocks = [_facts(case, texts), notes, _report(case, texts), *lists.values()]
    return Content("\n\n").join([block for block in blocks if block])


def _facts(case: Case, texts: ScreenTexts) -> Content:
    title = f"{name_masks(clean_line(case.label, 80), texts.lang)}  " if case.label else ""
    status = texts(f"cases.status.{case.status}")
    head = texts("cases.show.head", id=case.id, status=status, version=case.version)
    lines = facts(texts, case, local)
    return Content("\n").join([Content.assemble((title, "bold"), (head, "bold $primary")), *map(Content, lines)])


def _list(texts: ScreenTexts, name: str, lines: list[str]) -> Content:
    if not lines:
        return Content("")
    title = Content.styled(texts(f"cases.show.{name}"), "bold $primary")
    return Content("\n").join([title, *(Content(f"- {name_masks(line, texts.lang)}") for line in lines)])


def _report(case: Case, texts: ScreenTexts) -> Content:
    report = build(texts.knowledge, Evidence(case.observations), lang=texts.lang)
    plan = plan_contents(report, texts, report.plan, {})
    return Content("\n").join([result_before(report, texts), *plan, result_after(report, texts)])
