"""Base classes of the screens: keys named in the user's language, top line and line of keys, redrawing at changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeVar, cast

from rich.cells import cell_len
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Input

from diagnostics.i18n import name_masks
from tui.app.app import DoctorApp
from tui.app.keyboard import CleanInput
from tui.app.panes import READABLE, Block, RowPane, TextPane, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import ActiveBinding
    from textual.events import Key
    from textual.widget import Widget

    from diagnostics.session import Session
    from tui.app.case_worker import CaseWorker
    from tui.app.style import ScreenTexts

Result = TypeVar("Result")
PAGES: Final[tuple[BindingType, ...]] = (
    Binding("pageup", "page(-1)", "page up", id="page_up", show=False, priority=True),
    Binding("pagedown", "page(1)", "page down", id="page_down", show=False, priority=True),
)
"""For a screen whose text may be longer than the room for it while the keys are with something else on it."""
WIDE: Final = 100
"""Cells from which on the longer names of keys have room."""
CLOSE: Final = Binding("escape", "close", "close", id="close")
GAP: Final = "  "


def contains(text: str, words: Sequence[str]) -> bool:
    """Whether a text has each of these words in it."""
    return all(word in text.casefold() for word in words)


class KeyBar(TextPane):
    """Shows the screen's visible bindings, whole entries only; Esc, F3 and the last two (help, quit) always."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $foreground; }"

    def on_mount(self) -> None:
        """Follow what is bound."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.draw())

    def on_resize(self) -> None:
        """Show as many keys as there is room for now."""
        self.draw()

    def draw(self) -> None:
        """Show as many entries as there is room for; a click does what the key would."""
        screen, app = cast("AppScreen[object]", self.screen), self.app
        found: dict[str, tuple[str, str]] = {}
        for key, id_, active in screen.named_keys():
            typed = screen.focused is not None and screen.focused.check_consume_key(key, key if len(key) == 1 else None)
            if active.binding.show and not typed:
                found.setdefault(id_, (app.get_key_display(active.binding), screen.describe(id_)))
        for id_, (key, _) in list(found.items())[-3::-1]:
            if cell_len(GAP.join(f"{key} {named}" for key, named in found.values())) <= self.size.width:
                break
            if key not in ("Esc", "F3"):
                del found[id_]
        bold = Style.parse("bold reverse" if app.no_color else "bold $primary")
        parts = []
        for id_, (key, named) in found.items():
            link = Style.from_meta({"@click": f"screen.run_named({id_!r})"})
            parts.append(Content.assemble((key, bold + link), (f" {named}", link)))
        self.show(Content(GAP).join(parts))


class AppScreen(Screen[Result]):
    """A screen that names its keys in the current language and redraws when the session changes."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    """Where the keys go at first: each screen names it, for the first pane need not be the one to use."""
    VIEW: ClassVar[str] = ""
    """What a page up or down scrolls."""
    HEADED: ClassVar[bool] = False
    """Whether the screen says itself whom it is about and what is dangerous."""

    parts: Sequence[Widget] = ()
    """The widgets between the top line and the line of keys."""
    ready = False
    """Whether the screen is mounted, so that keys can act on it."""
    _stale = False

    @property
    def doctor(self) -> DoctorApp:
        """The app, by its own type."""
        app = self.app
        if not isinstance(app, DoctorApp):
            raise TypeError(type(app))
        return app

    @property
    def texts(self) -> ScreenTexts:
        """The texts in the current language."""
        return self.doctor.texts

    @property
    def session(self) -> Session:
        """The diagnosis that is on the screen."""
        return self.doctor.session

    @property
    def cases(self) -> CaseWorker:
        """The desk's store, which is there wherever a screen about cases is."""
        if self.doctor.cases is None:
            raise LookupError("no store")
        return self.doctor.cases

    def compose(self) -> ComposeResult:
        """Whom it is about and what is dangerous, the parts of the screen, the keys."""
        if not self.HEADED:
            yield TextPane(id="top")
        yield from self.parts
        yield KeyBar()

    def describe(self, binding_id: str) -> str:
        """Return what a binding does, in words; screens override it where a key's meaning flips."""
        narrow = self.app.size.width < WIDE and self.texts.has(f"key.{binding_id}_short")
        return self.texts.say(f"key.{binding_id}_short" if narrow else f"key.{binding_id}")

    def named_keys(self) -> Iterator[tuple[str, str, ActiveBinding]]:
        """Yield each key that acts now and has a name in words, and the id of its binding."""
        for key, active in self.active_bindings.items():
            id_ = active.binding.id
            if id_ is not None and active.enabled and self.texts.has(f"key.{id_}"):
                yield key, id_, active

    async def action_run_named(self, id_: str) -> None:
        """Do what the key of this binding does."""
        for _, one, active in self.named_keys():
            if one == id_:
                await self.app.run_action(active.binding.action, active.node)
                return

    def action_help(self) -> None:
        """Show every key of this screen."""
        from tui.app.screens.dialogs import HelpScreen

        if not isinstance(self, HelpScreen):
            self.doctor.push_screen(HelpScreen(self))

    @work
    async def action_commands(self) -> None:
        """Search everything that a key does here, the answers and the questions."""
        from tui.app.screens.dialogs import CommandsScreen

        if isinstance(self, CommandsScreen):
            return
        kind, _, id_ = (await self.doctor.push_screen_wait(CommandsScreen(self)) or "").partition(":")
        if kind == "key":
            await self.action_run_named(id_)
        elif kind == "question" and await self.doctor.ask_case():
            self.session.call_up(id_)
            self.doctor.show_questions()

    def pane(self, name: str) -> TextPane:
        """Return a pane by its id."""
        return self.query_one(f"#{name}", TextPane)

    def write_heading(self, title: str, about: str = "") -> None:
        """Write the page's name, and the line about it where there is one."""
        self.write("title", Content.styled(title, "bold $primary"))
        self.write("about", Content.styled(about, "dim") if about else None, most=READABLE)

    def write(self, name: str, content: Content | None, *, most: int | None = None) -> None:
        """Write a text into a pane, at most so many cells wide; a pane without text is hidden."""
        pane = self.pane(name)
        pane.display = content is not None
        if content is not None:
            pane.show_blocks([Block(content, most=most)])

    def action_page(self, pages: int) -> None:
        """Scroll what this screen names as its `VIEW` by pages."""
        view = self.query_one(self.VIEW)
        view.scroll_relative(y=pages * max(1, view.size.height - 2), animate=False)

    def action_open(self, name: str) -> None:
        """Open another screen by its name, unless something else came to the front meanwhile."""
        if self.is_active:
            self.doctor.action_open(name)

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()

    def leave(self, result: Result | None = None) -> None:
        """Close this screen, once: keys may come faster than a screen goes."""
        if self.is_active:
            self.dismiss(result)

    def on_mount(self) -> None:
        """Redraw at changes from now on. Textual calls this in addition to a subclass's own `on_mount`."""
        self.doctor.changed.subscribe(self, self._follow)
        self._follow(None)

    def on_screen_resume(self) -> None:
        """Redraw if something changed while another screen was active, in the room that there is now."""
        self._name_room()
        if self._stale:
            self._follow(None)

    def on_resize(self) -> None:
        """Lay out for the new room. Textual calls this in addition to a subclass's own `on_resize`."""
        self._name_room()

    def _name_room(self) -> None:
        """Set the classes of this size: Textual sets them after a layout, which would be the wrong one, and be seen."""
        width, height = self.app.size
        for points, cells in ((self.HORIZONTAL_BREAKPOINTS, width), (self.VERTICAL_BREAKPOINTS, height)):
            fitting = max((point for point in points or () if point[0] <= cells), default=None)
            self.update_classes({name: (least, name) == fitting for least, name in points or ()}, animate=False)

    def _follow(self, _what: object) -> None:
        """Draw, unless the screen is inactive: then it is drawn when it is active again."""
        self._stale = not self.is_active
        if self._stale:
            return
        label, safety = name_masks(self.doctor.label, self.texts.lang), self.doctor.safety
        if not self.HEADED:
            told = Content.assemble((f"{label}  " if label else "", "bold"), (f"! {safety}", "bold $text-error"))
            self.write("top", told if safety else Content.styled(label, "bold") if label else None)
        if not self.ready:
            self.ready = True
            self.begin()
        self.draw()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Ignore keys that come before the screen is mounted."""
        return self.ready

    def press(self, key: Key) -> bool:  # noqa: ARG002  screens look at it
        """Handle a key without a binding; False where the screen does not use it."""
        return False

    def on_key(self, event: Key) -> None:
        """Take a key that the field with the focus left."""
        if self.press(event):
            event.stop()
            event.prevent_default()

    def begin(self) -> None:
        """Do what is done once, before the first drawing."""

    def draw(self) -> None:
        """Show the present state; called once mounted and after every change."""


class TextScreen(AppScreen[Result]):
    """A heading, a line about it, and one text that the keys scroll."""

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = "#body"

    def __init__(self) -> None:
        super().__init__()
        self.body = TextPane(id="body", focus=True)
        self.parts = TextPane(id="title"), TextPane(id="about"), self.body


class ListScreen(AppScreen[Result]):
    """A page with a heading, a line about it, and rows to choose from by digit, by Enter or with the mouse."""

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = "#list"
    VIEW = "#list"
    TITLE_KEY: ClassVar[str] = ""
    ABOUT_KEY: ClassVar[str] = ""
    """The names of the texts of both, where they are always the same."""
    SEARCH: ClassVar[bool] = False
    """Whether a field finds rows by a few letters."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "choose", id="take", priority=True),
        Binding("down", "move(1)", "down", id="down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="up", show=False, priority=True),
        CLOSE,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.list_ = RowPane(id="list")
        self.field = CleanInput(id="field", compact=True, select_on_focus=False)
        field = [self.field] if self.SEARCH else []
        self.parts = [TextPane(id="title"), TextPane(id="about"), *field, self.list_]

    def heading(self) -> tuple[str, str]:
        """Return the page's name, and what is to be said above the rows."""
        return self.texts.say(self.TITLE_KEY), self.texts.say(self.ABOUT_KEY) if self.ABOUT_KEY else ""

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return what can be chosen: its id, and how it is written."""
        raise NotImplementedError

    def choose(self, id_: str) -> None:
        """Do what choosing a row means."""
        raise NotImplementedError

    def draw(self) -> None:
        """Write the page in the current language; the highlight stays on its row."""
        self.write_heading(*self.heading())
        self.field.placeholder = self.texts.say("commands.prompt") if self.SEARCH else ""
        self.fill()

    @on(Input.Changed)
    def _searched(self) -> None:
        if self.SEARCH:
            self.fill()

    def fill(self) -> None:
        """Show the rows that have every word of the search in them."""
        wanted = self.field.value.casefold().split() if self.SEARCH else []
        if self.SEARCH:
            self.list_.highlighted = None
        self.list_.show_blocks(numbered(row for row in self.rows() if contains(row[1].plain, wanted)))
        if wanted:
            self.list_.action_highlight(0)

    @on(RowPane.Chosen)
    def _chosen(self, event: RowPane.Chosen) -> None:
        self.choose(event.key)

    def press(self, key: Key) -> bool:
        """A digit chooses at once; where letters are searched for, as long as none was typed."""
        digit = key.character if key.character and key.character in "123456789" else ""
        keys = self.list_.keys
        typing = bool(self.field.value) if self.SEARCH else self.field.has_focus
        if not digit or typing or int(digit) > len(keys):
            return False
        self.choose(keys[int(digit) - 1])
        return True

    def action_take(self) -> None:
        """Choose what the person highlighted; nothing where nothing is."""
        self.list_.action_take()

    def action_move(self, lines: int) -> None:
        """Move the highlight while the field keeps the keys."""
        self.list_.action_move(lines)
