"""What every screen of the app shares: bindings in the user's language, and following the diagnosis."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from tui.app import DoctorApp
    from tui.words import Words

Result = TypeVar("Result")
PAGES: Final[tuple[BindingType, ...]] = (
    Binding("pageup", "page(-1)", "page up", id="page_up", show=False, priority=True),
    Binding("pagedown", "page(1)", "page down", id="page_down", show=False, priority=True),
)
"""For a screen whose text may be longer than the room for it while the keys are with something else on it."""


class Localized(Screen[Result]):
    """A screen whose bindings speak the language of the moment, and which redraws when the diagnosis changes."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    """Each screen says itself where the keys go: guessing takes the first pane, which need not be the one to use."""
    VIEW: ClassVar[str] = ""
    """What a page up or down scrolls."""

    @property
    def doctor(self) -> DoctorApp:
        """The app, by its own type."""
        from tui.app import DoctorApp

        app = self.app
        if not isinstance(app, DoctorApp):
            raise TypeError(type(app))
        return app

    @property
    def words(self) -> Words:
        """The words of the moment."""
        return self.doctor.words

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The active bindings, described in the user's language."""
        found = super().active_bindings
        return {
            key: active._replace(binding=replace(active.binding, description=self.describe(active.binding.id)))
            if active.binding.id is not None and self.words.has(f"key.{active.binding.id}")
            else active
            for key, active in found.items()
        }

    def action_page(self, pages: int) -> None:
        """Scroll what this screen names as its `VIEW` by pages."""
        view = self.query_one(self.VIEW)
        view.scroll_relative(y=pages * max(1, view.size.height - 2), animate=False)

    def describe(self, binding_id: str) -> str:
        """Return what a binding does, in words; screens override it where a key's meaning flips."""
        return self.words.say(f"key.{binding_id}")

    def action_open(self, name: str) -> None:
        """Open another screen by the name of its module, unless something else came to the front meanwhile."""
        if self.is_active:
            module, kind = import_module(f"tui.screens.{name}"), f"{name.capitalize()}Screen"
            self.app.push_screen(getattr(module, kind)())

    def leave(self, result: Result | None = None) -> None:
        """Close this screen, once: keys may come faster than a screen goes."""
        if self.is_active:
            self.dismiss(result)

    _stale = False
    _begun = False

    def on_mount(self) -> None:
        """Follow the diagnosis from now on. Textual calls this for every screen, beside an `on_mount` of its own."""
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
        with self.app.batch_update():
            if not self._begun:
                self._begun = True
                self.begin()
            self.draw()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Keys may come before the screen stands: until then it has nothing to do them on."""
        return self._begun

    def begin(self) -> None:
        """Do what is done once, before the first drawing."""

    def draw(self) -> None:
        """Show the diagnosis as it stands; called once mounted and after every change."""


class LocalizedDialog(Localized[Result]):
    """A page over another screen, left with Escape."""
