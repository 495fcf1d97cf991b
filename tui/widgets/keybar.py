"""One line with the keys of the moment; each can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.visual import VisualType

GAP: Final = 2


class KeyBar(Widget):
    """Shows the screen's visible bindings, whole entries only, the last one (help or quit) always."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    KeyBar > .keybar--key { color: $accent; text-style: bold; }
    KeyBar:nocolor > .keybar--key { text-style: reverse; }
    """
    COMPONENT_CLASSES = {"keybar--key"}  # noqa: RUF012  Textual's own declaration

    def on_mount(self) -> None:
        """Follow what is bound."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def entries(self) -> list[tuple[str, str, str]]:
        """Return key, description and action of what is shown, in the order of the bindings."""
        found: dict[str, tuple[str, str, str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                found.setdefault(
                    binding.action, (self.app.get_key_display(binding), binding.description, binding.action)
                )
        return list(found.values())

    def render(self) -> VisualType:
        """Draw as many entries as there is room for; the last two are never left out."""
        width = self.size.width
        entries = self.entries()
        sizes = [cell_len(key) + 1 + cell_len(text) + GAP for key, text, _action in entries]
        keep = len(entries)
        while keep > 2 and sum(sizes[: keep - 2]) + sum(sizes[-2:]) - GAP > width:
            keep -= 1
        shown = [*entries[: keep - 2], *entries[-2:]] if keep < len(entries) and keep >= 2 else entries
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
