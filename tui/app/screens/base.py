"""What every screen shares: bindings in the user's language, the lines at its edges, following the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from diagnostics.i18n import name_masks
from tui.app.app import DoctorApp
from tui.app.cjk_wrap import Drawn, Prose, ProseBlock
from tui.app.widgets.fields import Choices, CleanInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.events import Key
    from textual.visual import VisualType

    from tui.app.case_worker import CaseWorker
    from tui.app.texts import ScreenTexts

Result = TypeVar("Result")
PAGES: Final[tuple[BindingType, ...]] = (
    Binding("pageup", "page(-1)", "page up", id="page_up", show=False, priority=True),
    Binding("pagedown", "page(1)", "page down", id="page_down", show=False, priority=True),
)
"""For a screen whose text may be longer than the room for it while the keys are with something else on it."""
WIDE: Final = 100
"""Cells from which on the longer names of keys have room."""
CLOSE: Final = Binding("escape", "close", "close", id="close", key_display="Esc")
GAP: Final = 2


class TopBar(ProseBlock):
    """Whom a desk is serving, and a danger to money or account, above whatever the screen shows."""

    DEFAULT_CSS = "TopBar { dock: top; height: auto; max-height: 2; padding: 0 1; background: $panel; }"

    def draw(self, label: str, safety: str) -> None:
        """Show both; nothing where there is neither."""
        self.display = bool(label or safety)
        parts = [(f"{label}  ", "bold")] if label else []
        self.show(Content.assemble(*parts, (f"! {safety}" if safety else "", "bold $text-error")))


class KeyBar(Drawn, Widget):
    """Shows the screen's visible bindings, whole entries only; Esc, F3 and the last two (help, quit) always."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    KeyBar > .keybar--key { color: $primary; text-style: bold; }
    KeyBar:nocolor > .keybar--key { text-style: reverse; }
    """
    COMPONENT_CLASSES = {"keybar--key"}  # noqa: RUF012  Textual's own declaration

    _drawn: list[tuple[str, str, str]] | None = None

    def __init__(self, describe: Callable[[str], str]) -> None:
        """`describe` returns what the binding of an id does, in words."""
        super().__init__()
        self._describe = describe

    def on_mount(self) -> None:
        """Follow what is bound."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        if self.entries() != self._drawn:
            self.refresh()

    def entries(self) -> list[tuple[str, str, str]]:
        """Return key, description and action of what is shown, in the order of the bindings."""
        found: dict[str, tuple[str, str, str]] = {}
        focused = self.screen.focused
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            typed = focused is not None and focused.check_consume_key(key, key if len(key) == 1 else None)
            if binding.show and binding.id and active.enabled and not typed and binding.action not in found:
                name = self.app.get_key_display(binding)
                found[binding.action] = (name, self._describe(binding.id), binding.action)
        return list(found.values())

    def render(self) -> VisualType:
        """Draw as many entries as there is room for; the last two are never left out."""
        width = self.size.width
        self._drawn = entries = self.entries()
        shown = list(entries)
        for entry in reversed(entries[:-2]):
            if sum(cell_len(key) + 1 + cell_len(text) + GAP for key, text, _action in shown) - GAP <= width:
                break
            if entry[0] not in ("Esc", "F3"):
                shown.remove(entry)
        style = self.get_visual_style("keybar--key")
        parts: list[Content] = []
        for key, text, action in shown:
            link = Style.from_meta({"@click": f"run_shown({action!r})"})
            parts.append(Content.assemble((key, style + link), (f" {text}", link), " " * GAP))
        return Content("").join(parts)

    async def action_run_shown(self, action: str) -> None:
        """Do what a clicked entry stands for, as its key would."""
        for active in self.screen.active_bindings.values():
            if active.binding.action == action and active.enabled:
                await self.app.run_action(action, active.node)
                return


class AppScreen(Drawn, Screen[Result]):
    """A screen whose bindings speak the language of the moment, and which redraws when the session changes."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    """Each screen says itself where the keys go: guessing takes the first pane, which need not be the one to use."""
    VIEW: ClassVar[str] = ""
    """What a page up or down scrolls."""
    HEADED: ClassVar[bool] = False
    """Whether the screen says itself whom it is about and what is dangerous."""

    _stale = False
    _begun = False
    _keys: object = None

    @property
    def ready(self) -> bool:
        """Whether the screen stands, so that keys have something to act on."""
        return self._begun

    @property
    def doctor(self) -> DoctorApp:
        """The app, by its own type."""
        app = self.app
        if not isinstance(app, DoctorApp):
            raise TypeError(type(app))
        return app

    @property
    def texts(self) -> ScreenTexts:
        """The texts of the moment."""
        return self.doctor.texts

    @property
    def cases(self) -> CaseWorker:
        """The desk's store, which is there wherever a screen about cases is."""
        if self.doctor.cases is None:
            raise LookupError("no store")
        return self.doctor.cases

    def compose(self) -> ComposeResult:
        """Whom it is about, the parts of the screen, the keys."""
        if not self.HEADED:
            yield TopBar(id="top")
        yield from self.parts()
        yield KeyBar(self.describe)

    def parts(self) -> Iterable[Widget]:
        """Yield what stands between the lines at the edges."""
        return ()

    def describe(self, binding_id: str) -> str:
        """Return what a binding does, in words; screens override it where a key's meaning flips."""
        narrow = self.app.size.width < WIDE and self.texts.has(f"key.{binding_id}_short")
        return self.texts.say(f"key.{binding_id}_short" if narrow else f"key.{binding_id}")

    def write_heading(self, title: str, about: str = "") -> None:
        """Write the page's name, and the line about it where there is one."""
        self.write("title", Content.styled(title, "bold $primary"))
        self.write("about", Content.styled(about, "dim") if about else None)

    def write(self, name: str, content: Content | None) -> None:
        """Write a text on this screen; its place goes where there is none."""
        block = self.query_one(f"#{name}", ProseBlock)
        block.display = content is not None
        if content is not None:
            block.show(content)

    def action_page(self, pages: int) -> None:
        """Scroll what this screen names as its `VIEW` by pages."""
        view = self.query_one(self.VIEW)
        view.scroll_relative(y=pages * max(1, view.size.height - 2), animate=False)

    def action_open(self, name: str) -> None:
        """Open another screen by its name, unless something else came to the front meanwhile."""
        if self.is_active:
            self.doctor.open(name)

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()

    def leave(self, result: Result | None = None) -> None:
        """Close this screen, once: keys may come faster than a screen goes."""
        if self.is_active:
            self.dismiss(result)

    def on_mount(self) -> None:
        """Follow the session from now on. Textual calls this for every screen, beside an `on_mount` of its own."""
        self.doctor.changed.subscribe(self, self._follow)
        self.doctor.dress(self)
        self._follow(None)

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was in front."""
        if self._stale:
            self._follow(None)

    def _follow(self, _what: object) -> None:
        """Draw; a screen that is not in front, or left before it stood, has nothing to draw on."""
        self._stale = not self.is_active
        if self._stale:
            return
        if not self.HEADED:
            label = name_masks(self.doctor.label, self.texts.lang)
            self.query_one("#top", TopBar).draw(label, self.doctor.safety)
        if not self._begun:
            self._begun = True
            self.begin()
        self.draw()
        before, self._keys = self._keys, self.keys()
        if self._keys is None or self._keys != before:
            self.refresh_bindings()

    def keys(self) -> object:
        """Return what decides which keys act, and how they are named; None where that is not known."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Keys may come before the screen stands: until then it has nothing to do them on."""
        return self._begun

    def press(self, key: Key) -> bool:  # noqa: ARG002  screens look at it
        """Do what a key stands for that is bound to nothing; False where it is not one of this screen's."""
        return False

    def on_key(self, event: Key) -> None:
        """Take a key that the field with the focus left."""
        if self.press(event):
            event.stop()
            event.prevent_default()

    def begin(self) -> None:
        """Do what is done once, before the first drawing."""

    def draw(self) -> None:
        """Show the session as it stands; called once mounted and after every change."""


class TextScreen(AppScreen[Result]):
    """A heading, a line about it, and one text that scrolls."""

    CSS_PATH = "dialog.tcss"
    VIEW = "#body"

    def parts(self) -> Iterable[Widget]:
        """Yield heading, line, text."""
        yield ProseBlock(id="title")
        yield ProseBlock(id="about")
        with VerticalScroll(id="body"):
            yield ProseBlock(id="text")

    def begin(self) -> None:
        """The text has the keys, which scroll it."""
        self.query_one("#body").focus()


class ListScreen(AppScreen[Result]):
    """A page with a heading, a line about it, and rows to choose from by digit, by Enter or with the mouse."""

    CSS_PATH = "dialog.tcss"
    VIEW = "#list"
    SEARCH: ClassVar[bool] = False
    """Whether a field finds rows by a few letters."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "choose", id="take", key_display="Enter", priority=True),
        Binding("down", "move(1)", "down", id="down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="up", show=False, priority=True),
        CLOSE,
    ]

    def parts(self) -> Iterable[Widget]:
        """Yield heading, search field where there is one, rows."""
        yield ProseBlock(id="title")
        yield ProseBlock(id="about")
        if self.SEARCH:
            yield CleanInput(id="field", compact=True)
        yield Choices(id="list")

    def heading(self) -> str:
        """Return the page's name."""
        return ""

    def about(self) -> str:
        """Return what is to be said above the rows."""
        return ""

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return what can be chosen: its id, and how it is written."""
        return ()

    def choose(self, id_: str) -> None:
        """Do what choosing a row means."""
        raise NotImplementedError

    def draw(self) -> None:
        """Write the page in the language of the moment; the highlight stays on its row."""
        self.write_heading(self.heading(), self.about())
        list_ = self.query_one("#list", Choices)
        at = list_.highlighted
        self.fill()
        list_.highlighted = at if at is not None and at < list_.option_count else None
        if self.SEARCH:
            field = self.query_one("#field", CleanInput)
            field.placeholder = self.texts.say("commands.prompt")
            field.focus()
        else:
            list_.focus()

    @on(Input.Changed)
    def _searched(self) -> None:
        if self.SEARCH:
            self.fill()

    def fill(self) -> None:
        """Show the rows that have every word of the search in them."""
        typed = self.query_one("#field", Input).value if self.SEARCH else ""
        wanted = typed.casefold().split()
        list_ = self.query_one("#list", Choices)
        list_.clear_options()
        found = [(id_, text) for id_, text in self.rows() if all(word in text.plain.casefold() for word in wanted)]
        list_.add_options(Option(self.prompt(number, text), id=id_) for number, (id_, text) in enumerate(found, 1))
        list_.highlighted = 0 if wanted and found else None

    @staticmethod
    def prompt(number: int, text: Content) -> Prose:
        """Return a row with its digit, as long as there is one for it."""
        return Prose(Content.assemble((f"{number} " if number < 10 else "  ", "bold $primary"), text), lead=2)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self.choose(event.option.id)

    def press(self, key: Key) -> bool:
        """A digit chooses at once; where letters are searched for, as long as none was typed."""
        digit = key.character if key.character and key.character in "123456789" else ""
        list_ = self.query_one("#list", Choices)
        searching = self.SEARCH and bool(self.query_one("#field", Input).value)
        other = isinstance(self.focused, Input) and not self.SEARCH
        if not digit or searching or other or int(digit) > list_.option_count:
            return False
        option = list_.get_option_at_index(int(digit) - 1)
        if option.id is not None and not option.disabled:
            self.choose(option.id)
        return True

    def action_take(self) -> None:
        """Choose what the person highlighted; nothing where nothing is."""
        self.query_one("#list", Choices).action_select()

    def action_move(self, lines: int) -> None:
        """Move the highlight while the field keeps the keys."""
        list_ = self.query_one("#list", Choices)
        list_.action_cursor_down() if lines > 0 else list_.action_cursor_up()
