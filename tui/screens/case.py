"""One stored case: what came of it, what the desk wrote, and everything that can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnostics.cases.model import MAX_NOTE, Case, Filter, StoreError, leading
from diagnostics.sanitize import clean_line
from tui.casedetail import case_content
from tui.caseroom import LONGEST, take_up_case
from tui.cli.case_text import cause_title
from tui.prose import Prose
from tui.saving import full_name, save, taken, target
from tui.screens.base import PAGES, Localized
from tui.screens.choose import ChooseScreen
from tui.screens.prompt import PromptScreen
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult

    from diagnostics.cases.store import CaseStore
    from diagnostics.i18n import UserError
    from tui.caseroom import CaseRoom
    from tui.words import Words


class CaseScreen(Localized["str | None"]):
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
        Binding("x,delete", "delete", "delete", id="delete_case", key_display="x"),
        *PAGES,
        Binding("space", "page(1)", "page down", id="page_down", show=False, priority=True),
    ]

    def __init__(self, id_: str) -> None:
        super().__init__()
        self.case: Case | None = None
        self.case_id = id_
        self._touched = False

    @property
    def cases(self) -> CaseRoom:
        """The desk, which is there wherever this screen is."""
        if self.doctor.cases is None:
            raise LookupError("no store")
        return self.doctor.cases

    def compose(self) -> ComposeResult:
        """One long text, and the keys."""
        with VerticalScroll(id="case"):
            yield Static(id="text")
        yield KeyBar()

    def on_mount(self) -> None:
        """Fetch the case."""
        super().on_mount()
        self.query_one("#case").focus()
        self._fetch()

    def _fetch(self) -> None:
        self.cases.do(lambda store: store.open(self.case_id), self._take)

    def _take(self, found: Case | StoreError) -> None:
        if not self.is_attached:
            return
        if isinstance(found, StoreError):
            self._refused(found)
            return
        self.case = found
        self.draw()
        self.refresh_bindings()

    def draw(self) -> None:
        """Write the case in the language of the moment."""
        if self.case is not None:
            self.query_one("#text", Static).update(Prose(case_content(self.case, self.words)))

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

    def _do(self, work: Callable[[CaseStore], object], told: str, **values: object) -> None:
        """Change the case in the store, say so, and show it as it is then."""

        def done(found: object) -> None:
            if isinstance(found, StoreError):
                self._refused(found)
            else:
                self._touched = True
                self.doctor.tell_text(self.words.of(told, **values))
            if self.is_attached:
                self._fetch()

        self.cases.do(work, done)

    def _version(self) -> int | None:
        """Return the version that is on the screen."""
        return self.case.version if self.case is not None else None

    def _refused(self, error: StoreError) -> None:
        self.doctor.tell_text(clean_line(error.text(self.words.lang), LONGEST), severe=True)

    def action_take_up(self) -> None:
        """Go on with this case as the running one."""
        try:
            take_up_case(self.doctor, self.cases, self.case_id)
        except StoreError as error:
            self._refused(error)

    def action_note(self) -> None:
        """Add a note."""

        def add(text: str | None) -> None:
            if text:
                self._do(lambda store: store.note(self.case_id, text), "ui.desk.noted")

        self.app.push_screen(PromptScreen("desk.note_title", "desk.note_about", longest=MAX_NOTE - 1), add)

    def action_tag(self) -> None:
        """Change the tags: what stands in the field afterwards are all of them."""
        had = self.case.tags if self.case is not None else ()

        def change(text: str | None) -> None:
            if text is not None:
                tags = text.replace("，", " ").replace(",", " ").split()
                gone = [tag for tag in had if tag not in tags]
                self._do(lambda store: store.tag(self.case_id, tags, gone), "ui.desk.tagged")

        self.app.push_screen(PromptScreen("desk.tag_title", "desk.tag_about", " ".join(had)), change)

    def action_end(self) -> None:
        """Close the case with what proved to be the cause."""
        knowledge = self.words.knowledge
        version = self._version()

        def close(cause: str | None) -> None:
            if cause is not None:
                title = cause_title(knowledge, cause, self.words.lang)
                self._do(
                    lambda store: store.close(self.case_id, cause, version=version),
                    "cases.closed",
                    id=self.case_id,
                    cause=title,
                )

        first = leading(self.case) if self.case is not None else ""
        ids = ["entry_found", "unsettled", *knowledge.causes]
        ids.sort(key=lambda id_: id_ != first)
        self.app.push_screen(
            ChooseScreen(
                lambda words: words.say("desk.close_title"),
                lambda words: {id_: cause_title(knowledge, id_, words.lang) for id_ in ids},
            ),
            close,
        )

    def action_reopen(self) -> None:
        """Open the case again."""
        version = self._version()
        self._do(lambda store: store.reopen(self.case_id, version=version), "cases.reopened", id=self.case_id)

    def action_mine(self) -> None:
        """Look after this case from now on."""
        version, name = self._version(), self.cases.file.operator
        self._do(
            lambda store: store.own(self.case_id, name, version=version), "cases.owned", id=self.case_id, owner=name
        )

    def action_due(self) -> None:
        """Set the day on which to come back to the case; an empty field takes it away."""
        version, had = self._version(), (self.case.due_on if self.case is not None else None) or ""

        def change(text: str | None) -> None:
            if text is not None and text != had:
                told = "cases.due" if text else "cases.undue"
                self._do(
                    lambda store: store.follow_up(self.case_id, text or None, version=version),
                    told, id=self.case_id, day=text,
                )  # fmt: skip

        self.app.push_screen(PromptScreen("desk.due_title", "desk.due_about", had), change)

    def action_name(self) -> None:
        """Give the case another nickname or ticket number."""
        version, had = self._version(), self.case.label if self.case is not None else ""

        def change(text: str | None) -> None:
            if text is not None and text != had:
                self._do(lambda store: store.rename(self.case_id, text, version=version), "ui.desk.named")

        self.app.push_screen(PromptScreen("desk.name_title", "desk.new_about", had), change)

    def action_agree(self) -> None:
        """Note that the user agrees to the case being kept."""
        version = self._version()
        self._do(lambda store: store.consent(self.case_id, version=version), "cases.consented", id=self.case_id)

    def action_delete(self) -> None:
        """Delete the case for good; asked twice."""

        def ask(title: Callable[[Words], str], yes: str, then: Callable[[], None]) -> None:
            self.app.push_screen(
                ChooseScreen(
                    title, lambda words: {"no": words.say("desk.delete_no"), "yes": words.say(f"desk.delete_{yes}")}
                ),
                lambda chosen: then() if chosen == "yes" else None,
            )

        ask(
            lambda words: words.of("cases.delete_sure", id=self.case_id),
            "yes",
            lambda: ask(lambda words: words.say("desk.delete_again"), "really", self._delete),
        )

    def _delete(self) -> None:
        def done(found: str | StoreError) -> None:
            if isinstance(found, StoreError):
                self._refused(found)
                return
            self.doctor.tell_text(self.words.of("cases.deleted", id=self.case_id))
            if left:
                why = "; ".join(clean_line(one.text(self.words.lang)) for one in left)
                self.doctor.tell_text(self.words.of("cases.left", why=why), severe=True)
            self.leave(self.case_id)

        version = self._version()

        def delete(store: CaseStore) -> str:
            gone = store.delete(self.case_id, version=version)
            left.extend(store.left)
            return gone

        left: list[UserError] = []
        self.cases.do(delete, done)

    def action_export(self) -> None:
        """Write the case to a file, every text masked once more."""
        name = f"weilidai-case-{self.case_id}.jsonl"

        def write(typed: str | None) -> None:
            if typed is not None:
                path = target(typed, name, ".jsonl")
                self.cases.do(
                    lambda store: "".join(store.export(Filter(id=self.case_id))), lambda found: self._save(path, found)
                )

        self.app.push_screen(PromptScreen("desk.export_title", "desk.export_about", name), write)

    def _save(self, path: Path, found: str | StoreError) -> None:
        if isinstance(found, StoreError):
            self._refused(found)
        elif taken(path):
            self.doctor.tell("desk.export_exists", severe=True, where=full_name(path))
        else:
            fault = save(path, found, self.words.lang)
            if fault is not None:
                self.doctor.tell("export.failed", severe=True, where=fault)
            else:
                self.doctor.tell("export.saved", where=full_name(path))

    def action_close(self) -> None:
        """Back to the list."""
        self.leave(self.case_id if self._touched else None)
