"""What the app does for a support desk: opens the store behind the screen, shows the cases, tells their news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from textual.app import App

from tui.words import reading_time

if TYPE_CHECKING:
    from textual.screen import Screen

    from diagnostics.cases.case_sync import CaseFile
    from tui.caseroom import CaseRoom
    from tui.work import WorkDone

MOST: Final = 3
"""Notices that stand at once."""


class CaseHost(App[int]):
    """The part of the app that knows of cases; `cases` is None for a private person's run."""

    cases: CaseRoom | None = None
    _list: Screen[None] | None = None
    """The list of cases that was opened last."""

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """None: every screen here hides those below it, which Textual would draw again with each change."""
        return []

    def keep(self, file: CaseFile) -> None:
        """This run is a case."""
        from tui.caseroom import CaseRoom

        self.cases = CaseRoom(file, self.post_message)

    def open_cases(self) -> None:
        """Open the store in the background, where this run is a case."""
        if self.cases is not None:
            self.cases.start(self.tell_cases)

    def on_work_done(self, message: WorkDone) -> None:
        """Go on with what came of work on the store."""
        message.then()

    def tell_text(self, text: str, *, severe: bool = False) -> None:
        """Show a notice, text and never markup, for as long as it takes to read; once while it stands.

        Many at once would leave no room for the page: the older ones go then.
        """
        if any(one.message == text for one in self._notifications):
            return
        if len(self._notifications) >= MOST:
            self.clear_notifications()
        self.notify(text, severity="warning" if severe else "information", markup=False, timeout=reading_time(text))

    def tell_cases(self) -> None:
        """Say what the store did, and what it could not."""
        if self.cases is not None:
            for line in self.cases.news():
                self.tell_text(line, severe=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Cases are there for a support desk alone, and not above their own list."""
        return action != "cases" or (self.cases is not None and self._list not in self.screen_stack)

    def action_cases(self) -> None:
        """Show the cases."""
        from tui.screens.cases import CasesScreen

        self._list = CasesScreen()
        self.push_screen(self._list)
