"""One stored case: what came of it, what the desk wrote, and everything that can be done with it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from diagnostics.cases.model import CLOSINGS, MAX_NOTE, Case, Filter, StoreError
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Evidence
from diagnostics.report import build
from diagnostics.sanitize import clean_line
from tui.app.case_view import case_content
from tui.app.case_worker import LONGEST
from tui.app.cjk_wrap import ProseBlock
from tui.app.screens.base import PAGES, AppScreen
from tui.app.screens.dialogs import ChooseScreen, PromptScreen
from tui.app.screens.export import full_name, save, taken, target
from tui.cli.case_text import cause_title

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from textual.widget import Widget

    from diagnostics.cases.store import CaseStore
    from diagnostics.i18n import UserError
    from tui.app.texts import ScreenTexts


def stored(action: Callable[[CaseScreen], Awaitable[None]]) -> Callable[[CaseScreen], object]:
    """Do what waits for the person or the store beside the screen; what the store refuses is told."""

    @wraps(action)
    async def run(screen: CaseScreen) -> None:
        try:
            await action(screen)
        except StoreError as error:
            screen.refused(error)

    return work(run)


class CaseScreen(AppScreen["str | None"]):
    """Gives the id of the case where something was done to it."""

    CSS_PATH = "cases.tcss"
    VIEW = "#case"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,b", "close", "close", id="close", key_display="Esc"),  # first: what has no room is left out
        Binding("u", "take_up", "take it up", id="take_up"),
        Binding("n", "note", "note", id="note"),
        Binding("t", "tag", "tag", id="tag"),
        Binding("c", "end", "close the case", id="end_case"),
        Binding("o", "reopen", "reopen", id="reopen"),
        Binding("m", "mine", "mine", id="mine"),
        Binding("d", "due", "due", id="due_case"),
        Binding("e", "name", "name", id="name_case"),
        Binding("g", "agree", "agree", id="agree_case"),
        Binding("w", "export", "export", id="export_case"),
        Binding("y", "message", "copy as message", id="message", show=False),
        Binding("x,delete", "delete", "delete", id="delete_case", key_display="x"),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
    ]

    def __init__(self, id_: str) -> None:
        super().__init__()
        self.case: Case | None = None
        self.case_id = id_
        self._touched = False

    def parts(self) -> Iterable[Widget]:
        """Yield one long text."""
        with VerticalScroll(id="case"):
            yield ProseBlock(id="text")

    def begin(self) -> None:
        """Fetch the case."""
        self.query_one("#case").focus()
        self._fetch()

    @stored
    async def _fetch(self) -> None:
        await self._reload()

    async def _reload(self) -> None:
        self.case = await self.cases.do(lambda store: store.open(self.case_id))
        self.draw()
        self.refresh_bindings()

    def draw(self) -> None:
        """Write the case in the language of the moment."""
        if self.case is not None:
            self.write("text", case_content(self.case, self.texts))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """What is closed can be reopened; what is open can be taken up and closed; the running one not deleted."""
        if action not in ("take_up", "end", "reopen", "delete", "mine", "agree"):
            return True
        case, running = self.case, self.case_id == self.cases.file.case_id
        if case is None:
            return False
        return {
            "take_up": case.status == "open" and not running,
            "end": case.status == "open",
            "reopen": case.status == "closed",
            "delete": not running,
            "mine": bool(self.cases.file.operator) and case.owner != self.cases.file.operator,
            "agree": case.consent_at is None,
        }[action]

    async def _do(self, change: Callable[[CaseStore, int | None], object], told: str, **values: object) -> None:
        """Change the case in the version that is on the screen, say so, and show it as it is then."""
        version = self._version
        try:
            await self.cases.do(lambda store: change(store, version))
        except StoreError as error:
            self.refused(error)
        else:
            self._touched = True
            self.doctor.tell_text(self.texts(told, id=self.case_id, **values))
        if self.is_attached:
            await self._reload()

    @property
    def _version(self) -> int | None:
        """The version that is on the screen."""
        return self.case.version if self.case is not None else None

    def refused(self, error: StoreError) -> None:
        """Say why the store did not do something."""
        self.doctor.tell_text(clean_line(error.text(self.texts.lang), LONGEST), severe=True)

    async def _prompt(self, title: str, about: str, value: str = "", **more: int) -> str | None:
        """Ask for a line; None where nothing is wanted or nothing was changed."""
        typed = await self.app.push_screen_wait(PromptScreen(f"desk.{title}", f"desk.{about}", value, **more))
        return None if typed is None or (typed == value and value) else typed

    @stored
    async def action_take_up(self) -> None:
        """Go on with this case as the running one, and let more of the story be told."""
        doctor, label = self.doctor, self.case.label if self.case is not None else ""
        doctor.take_up(self.cases.file.take_up(self.case_id), label or self.case_id)

    @stored
    async def action_note(self) -> None:
        """Add a note."""
        text = await self._prompt("note_title", "note_about", longest=MAX_NOTE - 1)
        if text:
            await self._do(lambda store, _: store.note(self.case_id, text), "ui.desk.noted")

    @stored
    async def action_tag(self) -> None:
        """Change the tags: what stands in the field afterwards are all of them."""
        had = self.case.tags if self.case is not None else ()
        text = await self._prompt("tag_title", "tag_about", " ".join(had))
        if text is not None:
            tags = text.replace("，", " ").replace(",", " ").split()
            gone = [tag for tag in had if tag not in tags]
            await self._do(lambda store, _: store.tag(self.case_id, tags, gone), "ui.desk.tagged")

    @stored
    async def action_end(self) -> None:
        """Close the case with what proved to be the cause; the standing ones come first."""
        if self.case is None:
            return
        knowledge = self.texts.knowledge
        report = build(knowledge, Evidence(self.case.observations), lang=self.texts.lang)
        status = {one.id: one.status for one in report.causes}
        standing = [one.id for one in report.causes if one.status in FOR]
        ids = [*standing, *CLOSINGS, *(id_ for id_ in knowledge.causes if id_ not in standing)]

        def choices(texts: ScreenTexts) -> dict[str, str]:
            return {id_: cause_title(knowledge, id_, texts.lang) + (
                f"  {texts(f'status.{status[id_]}')}" if status.get(id_) in FOR else "") for id_ in ids}  # fmt: skip

        asked = ChooseScreen(lambda texts: texts.say("desk.close_title"), choices, search=True)
        cause = await self.app.push_screen_wait(asked)
        if cause is None:
            return
        named = cause_title(knowledge, cause, self.texts.lang)
        against = status.get(cause) == "ruled_out" or (cause == "entry_found" and report.outcome == "cause_found")
        if against and not await self._sure("desk.contradicts", "close_anyway", title=named):
            return
        await self._do(
            lambda store, version: store.close(self.case_id, cause, version=version), "cases.closed", cause=named
        )

    async def _sure(self, about: str, yes: str, **values: object) -> bool:
        """Ask once more before something that cannot be meant lightly."""
        no = "close_not" if yes == "close_anyway" else "delete_no"
        asked = ChooseScreen(
            lambda texts: texts.say(about, **values) if texts.has(about) else texts(about, **values),
            lambda texts: {"no": texts.say(f"desk.{no}"), "yes": texts.say(f"desk.{yes}")},
        )
        return await self.app.push_screen_wait(asked) == "yes"

    @stored
    async def action_reopen(self) -> None:
        """Open the case again."""
        await self._do(lambda store, version: store.reopen(self.case_id, version=version), "cases.reopened")

    @stored
    async def action_mine(self) -> None:
        """Look after this case from now on."""
        name = self.cases.file.operator
        await self._do(lambda store, version: store.own(self.case_id, name, version=version), "cases.owned", owner=name)

    @stored
    async def action_due(self) -> None:
        """Set the day on which to come back to the case; an empty field takes it away."""
        had = (self.case.due_on if self.case is not None else None) or ""
        day = await self._prompt("due_title", "due_about", had)
        if day is not None and day != had:
            await self._do(
                lambda store, version: store.follow_up(self.case_id, day or None, version=version),
                "cases.due" if day else "cases.undue", day=day,
            )  # fmt: skip

    @stored
    async def action_name(self) -> None:
        """Give the case another nickname or ticket number."""
        had = self.case.label if self.case is not None else ""
        name = await self._prompt("name_title", "new_about", had)
        if name is not None and name != had:
            await self._do(lambda store, version: store.rename(self.case_id, name, version=version), "ui.desk.named")
            if self.case_id == self.cases.file.case_id:
                self.doctor.label = clean_line(name, 80)
                self.doctor.changed.publish("label")

    @stored
    async def action_agree(self) -> None:
        """Note that the user agrees to the case being kept."""
        await self._do(lambda store, version: store.consent(self.case_id, version=version), "cases.consented")

    @stored
    async def action_delete(self) -> None:
        """Delete the case for good; asked twice."""
        version = self._version
        if not await self._sure("cases.delete_sure", "delete_yes", id=self.case_id):
            return
        if not await self._sure("desk.delete_again", "delete_really"):
            return

        def delete(store: CaseStore) -> list[UserError]:
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
        from diagnostics.questionnaire.message import values_of, write_message
        from tui.app.screens.dialogs import MessageScreen

        if self.case is None:
            return
        knowledge, lang = self.texts.knowledge, self.texts.lang
        message = write_message(knowledge, values_of(knowledge, Evidence(self.case.observations)), lang)
        sent = message.sent
        if sent is not None and self.case_id == self.cases.file.case_id:
            self.doctor.session.send(sent)
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
            return
        fault = save(path, text, self.texts.lang)
        if fault is not None:
            self.doctor.tell("export.failed", severe=True, where=fault)
        else:
            self.doctor.tell("export.saved", where=full_name(path))

    def action_close(self) -> None:
        """Back to the list."""
        self.leave(self.case_id if self._touched else None)
