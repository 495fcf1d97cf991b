"""A list to choose from: Textual's, without a frame, and steady while it has no room."""

from __future__ import annotations

from textual.widgets import OptionList


class Choices(OptionList):
    """Rows that are chosen with Enter or the mouse; the highlight is seen without colours too."""

    DEFAULT_CSS = """
    Choices { border: none; padding: 0; background: $background; scrollbar-size-vertical: 1; }
    Choices:focus { border: none; background: $background; }
    Choices:nocolor > .option-list--option-highlighted { text-style: reverse; }
    """

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Going a page up or down needs a page: without any room Textual has no lines to count."""
        return not action.startswith("page_") or bool(self.size.area)
