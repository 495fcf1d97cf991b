"""The first page: say what happened, or choose what is most like it. Opened with `/`, it takes more of the story."""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from diagnostics.answers import AnswerError
from diagnostics.autosave import DraftFile, run_of
from diagnostics.i18n import UserError, name_masks
from diagnostics.sanitize import clean, clean_line
from diagnostics.unsent import STORY
from tui.app.keyboard import StoryBox
from tui.app.panes import READABLE, Block, RowPane, TextPane
from tui.app.screens.base import AppScreen
from tui.app.style import KEYS, short_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Key
    from textual.timer import Timer

    from diagnostics.images import ImageReading
    from diagnostics.reading import Finding, Reading
    from tui.app.keyboard import Cut
    from tui.app.preferences import Saved

COMPLAINT: Final = "complaint.what"
RESUME: Final = "resume"
"""The row that goes on with the last time; those behind it are numbered."""
TOP: Final = 2
"""Earlier runs that stand above the situations; the others stand below them."""
PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp")
PAUSE: Final = 0.3
"""Seconds without a key after which the personal numbers in the box are counted."""
_MASK: Final = r"<[^\s<>]{1,16}>"


class SayScreen(AppScreen[None]):
    """A box for the story, which has the focus, and below it the situations to choose from; none is chosen before."""

    CSS_PATH = "say.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-short"), (27, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "out", "out of the box", id="out"),
        Binding("r", "resume", "resume", id="resume", show=False),
        Binding("slash", "focus('#story')", "to the box", id="box", show=False),
        Binding("tab", "other", "box or list", id="other"),
        Binding("l", "app.switch_language", "language", id="language"),
    ]

    def __init__(self, *, first: bool = True, pasted: bool = False) -> None:
        super().__init__()
        self.first, self._pasted = first, pasted
        self._left_over = False
        self.set_class(not first, "-more")
        self.busy = False
        self._told = ""
        self._counting: Timer | None = None
        self._masked = 0
        self.box, self.ways = StoryBox(id="story"), RowPane(id="ways")
        self.parts = TextPane(id="title"), self.box, TextPane(id="hint"), self.ways, TextPane(id="private")

    def begin(self) -> None:
        """Focus the box, and restore a text that was typed before and not submitted."""
        text = self.session.typed(STORY)
        self._left_over = bool(text) and not self._pasted
        self.box.text = name_masks(text, self.texts.lang)
        self.box.move_cursor(self.box.document.end)
        self.box.focus()
        self.call_after_refresh(self._place_cursor)

    def _place_cursor(self) -> None:
        """Put the terminal's own cursor where the box's is: input methods show their window there."""
        if self.box.has_focus:
            self.app.cursor_position = self.box.cursor_screen_offset

    def draw(self) -> None:
        """Write the page in the current language."""
        say = self.texts.say
        title = say("say.title" if self.first else "say.more")
        notice = self.doctor.launch.notice if self.first else None
        warning = f"\n{clean(notice)}" if notice else ""
        self.write("title", Content.assemble((title, "bold"), (warning, "$text-warning")))
        self._frame()
        hint = "say.left_over" if self._left_over else "say.hint" if self.first else "say.more_hint"
        self.write("hint", Content(self._told or say(hint)), most=READABLE)
        self.write("private", Content.styled(self._private(), "dim"), most=READABLE)
        self.ways.display = self.first
        self.ways.show_blocks(
            Block(Content.assemble((f" {key} ", "bold $primary"), text), key=id_, lead=3)
            for key, id_, text in self._ways()
        )

    def _frame(self) -> None:
        say, box = self.texts.say, self.box
        box.border_title = say("say.reading") if self.busy else say("say.box")
        parts = [say("say.newline")]
        if box.text:
            parts.append(say("say.count", count=len(box.text)))
        if self._masked:
            parts.append(say("say.masked", count=self._masked))
        parts.append(say("say.send"))
        box.border_subtitle = " · ".join(parts)

    def _ways(self) -> list[tuple[str, str, str]]:
        """Return key, id and words of what can be chosen: the last times, every situation, and those before."""
        rows, say, draft = [], self.texts.say, self.session.draft
        saved = self.doctor.launch.saved if not self.session.own_answers() else ()
        for number, one in enumerate(saved):
            at = short_time(one.at)
            told = say("say.resume", at=at, count=one.answered) if at else say("say.resume_plain")
            unread = draft.unsent.get(STORY, draft.run if one.path is None else run_of(one.path))
            told += say("say.resume_unread") if unread else ""
            rows.append((" ", f"{RESUME}{number}", told) if number else ("r", RESUME, told))
        choices = self.texts.knowledge.questions[COMPLAINT].value
        situations = [(key, one.id, one.get(self.texts.lang)) for key, one in zip(KEYS, choices, strict=False)]
        return [*rows[:TOP], *situations, *rows[TOP:]]

    def _private(self) -> str:
        """Say what becomes of the answers: where this run keeps them, and whether the network is used."""
        say, cases = self.texts.say, self.doctor.cases
        kept = "here" if cases is None or cases.file.place.file is not None else "shared"
        network = "offline" if self.doctor.launch.options.offline else "network"
        return say("say.private", kept=say(f"say.{kept}"), network=say(f"say.{network}"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going on with the last time is there only where there is one, and the list only on the first page."""
        if action == "resume":
            return self.first and any(id_ == RESUME for _, id_, _ in self._ways())
        if action == "other":
            return self.first
        return super().check_action(action, parameters)

    def describe(self, binding_id: str) -> str:
        """Esc leaves the box for the list, or this page."""
        if binding_id == "out" and not self.first:
            return self.texts.say("key.close")
        return super().describe(binding_id)

    # the box

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self.session.keep_typed(STORY, self.box.text)
        if self.box.text:
            self.doctor.read_ahead()
        elif self._left_over:
            self._left_over = False
            self.draw()
        if self._counting is not None:
            self._counting.stop()
        self._counting = self.set_timer(PAUSE, self._count)
        self._frame()

    def _count(self) -> None:
        from diagnostics.redaction import mask_numbers

        text = self.box.text
        masked = mask_numbers(text)
        self._masked = len(re.findall(_MASK, masked)) - len(re.findall(_MASK, text)) if masked != text else 0
        self._frame()

    def put(self, text: str) -> None:
        """Put a text into the box that was pasted elsewhere on this page."""
        self.box.focus()
        self.box.put(text)

    @on(StoryBox.Left)
    def _left(self) -> None:
        if self.first:
            self.action_other()

    @on(StoryBox.Submitted)
    def _submitted(self, event: StoryBox.Submitted) -> None:
        event.stop()
        if not event.text.strip():
            self._say(self.texts.say("say.empty" if self.first else "say.more_empty"))
        elif way := self._way(event.text):
            self.box.text = ""  # a key, no words to be read later
            self.session.keep_typed(STORY, "")
            self._choose(way)
        elif not self.busy:
            self._read(event.text)

    def on_cut(self, message: Cut) -> None:
        """Say below the box, as long as nothing else is to be said, that not everything is in it."""
        self._say(self.texts.say("say.cut", most=message.most))

    def _way(self, text: str) -> str:
        """Return the row of the list whose key is all that was typed, empty where there is none."""
        typed = unicodedata.normalize("NFKC", text).strip().rstrip(".。、)").lower()
        return next((id_ for key, id_, _ in self._ways() if key == typed), "") if self.first else ""

    def _say(self, text: str) -> None:
        self._told = text
        self.write("hint", Content(text), most=READABLE)

    @work(exclusive=True)
    async def _read(self, text: str) -> None:
        """Read the submitted text, let the person confirm what was read, and go on; nothing counts before that."""
        from tui.app.screens.dialogs import ConfirmScreen, items_of

        found: Sequence[Finding | ImageReading] = ()
        picture, reading = picture_in(text), None
        nothing = self.texts.say("say.nothing" if self.first else "say.nothing_more")
        self.busy = True
        self._frame()
        try:
            if picture is not None:
                from diagnostics.images import read_image

                self._say(self.texts.say("say.looking"))
                nothing = self.texts("reading.image_nothing", name=clean_line(picture.name, 60))
                found = await asyncio.to_thread(read_image, picture)
            else:
                reading = await asyncio.to_thread(self._words, text)
                found = reading.readings
        except UserError as error:
            nothing = clean_line(error.text(self.texts.lang), 300)
        finally:
            self.busy = False
        if not self.box.is_attached:  # the person left meanwhile
            return
        self._frame()
        items = items_of(self.doctor, found)
        if not items and (reading is None or not reading.beliefs):
            self._say(nothing)
            return
        if self.first and not await self.doctor.ask_case():
            return
        taken = await self.app.push_screen_wait(ConfirmScreen(items, reading))
        if taken is None:
            return
        self._leave_saved()
        if reading is not None:
            self.session.note_beliefs(reading)
        try:
            if taken:
                self.session.give({one.id: one.value for one in taken}, {one.id: one.quote for one in taken})
        except AnswerError as error:
            self.doctor.tell_text(error.message(self.texts.lang), severe=True)
        self.doctor.refresh_all()
        self.session.keep_typed(STORY, "")
        self._left_over = False
        self.box.text = ""
        self._say("")
        self.doctor.show_questions()

    def _words(self, text: str) -> Reading:
        """Read a text in a thread of its own; a few words that tell nothing may name one of the cards."""
        from diagnostics.questionnaire.replies import read_in_session, read_typed
        from diagnostics.reading.reply import read_complaint

        self.doctor.read_ahead().join()
        if not self.first:
            return read_typed(self.session, text)
        reading = read_in_session(self.session, text)
        if reading.readings:
            return reading
        return replace(reading, readings=read_complaint(self.session.knowledge, text).readings)

    # the list

    @on(RowPane.Chosen)
    def _chosen(self, event: RowPane.Chosen) -> None:
        self._choose(event.key)

    def press(self, key: Key) -> bool:
        """A row's key chooses it, outside the box."""
        row = next((row for row in self._ways() if row[0] == key.character), None) if self.first else None
        if row is None or row[0] == "r":
            return False
        self._choose(row[1])
        return True

    @work(exclusive=True)
    async def _choose(self, id_: str) -> None:
        if id_.startswith(RESUME):
            await self._resume(self.doctor.launch.saved[int(id_.removeprefix(RESUME) or 0)])
        elif await self.doctor.ask_case():
            self._leave_saved()
            self.session.give({COMPLAINT: id_})
            self.doctor.refresh_all()
            self.doctor.show_questions()

    def _leave_saved(self) -> None:
        """Keep the draft of an earlier run under another name: this run starts empty."""
        if self.doctor.launch.saved and not self.session.own_answers():
            self.session.draft.set_aside("previous")
            self.doctor.take_given()

    def action_resume(self) -> None:
        """Go on with the last time."""
        self._choose(RESUME)

    async def _resume(self, saved: Saved) -> None:
        from diagnostics.autosave import DraftError

        doctor, cases, draft = self.doctor, self.doctor.cases, self.session.draft
        if saved.path is not None and not (isinstance(draft, DraftFile) and draft.change_to(saved.path)):
            doctor.tell("say.taken", severe=True)
            return
        if cases is not None and not cases.tried:
            doctor.tell("desk.opening")
            await cases.open()
        try:
            if not doctor.session.resume():
                doctor.tell("say.taken", severe=True)
            elif cases is not None:
                doctor.label, doctor.named = clean_line(cases.file.name, 80), True
        except DraftError as error:
            key = "say.damaged" if cases is None else "say.not_now"
            doctor.tell(key, severe=True, where=error.text(doctor.texts.lang))
        doctor.take_given()
        doctor.refresh_all(())
        if doctor.session.own_answers():
            doctor.show_questions()
            if doctor.session.typed(STORY):
                doctor.action_open("more")

    def action_out(self) -> None:
        """From the box to the list, or away from this page."""
        if self.first:
            self.ways.focus()
        else:
            self.leave()

    def action_other(self) -> None:
        """From the box to the list and back."""
        (self.box if self.ways.has_focus else self.ways).focus()


def picture_in(text: str) -> Path | None:
    """Return the picture whose path was typed, pasted or dropped; None where the text is anything else."""
    line = text.strip()
    if "\n" in line or not line.lower().rstrip("'\" ").endswith(PICTURES):
        return None
    line = line.strip("'\"")
    if line.startswith("file://"):
        line = unquote(urlsplit(line).path)
        line = line.lstrip("/") if os.name == "nt" else line
    ways = (line, line.replace("\\ ", " ").replace("\\(", "(").replace("\\)", ")"), str(Path(line).expanduser()))
    return next((Path(way) for way in ways if os.path.isfile(way)), None)  # noqa: PTH113  pathlib's raises for some
