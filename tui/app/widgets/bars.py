"""The lines at the edges of every screen: who is served and what is dangerous, the checks, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.app.cjk_wrap import ProseBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen
    from textual.visual import VisualType


GAP: Final = 2


class TopBar(ProseBlock):
    """Whom a desk is serving, and a danger to money or account, above whatever the screen shows."""

    DEFAULT_CSS = "TopBar { dock: top; height: auto; max-height: 2; padding: 0 1; background: $panel; }"

    def draw(self, label: str, safety: str) -> None:
        """Show both; nothing where there is neither."""
        self.display = bool(label or safety)
        parts = [(f"{label}  ", "bold")] if label else []
        self.show(Content.assemble(*parts, (f"! {safety}" if safety else "", "bold $text-error")))


class KeyBar(Widget):
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
