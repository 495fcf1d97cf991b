"""What the app does for a support desk: opens the store behind the screen, shows the cases, tells their news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from textual.screen import Screen

    from diagnostics.cases.casefile import CaseFile
    from tui.caseroom import CaseRoom
    from tui.work import WorkDone


class CaseHost(App[int]):
    """The part of the app that knows of cases; `cases` is None for a private person's run."""

    cases: CaseRoom | None = None

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

    def tell_cases(self) -> None:
        """Say what the store did, and what it could not."""
        if self.cases is not None:
            for line in self.cases.news():
                self.notify(line, severity="warning", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's signature
        """Cases are there for a support desk alone."""
        return action != "cases" or self.cases is not None

    def action_cases(self) -> None:
        """Show the cases."""
        from tui.screens.cases import CasesScreen

        if not any(isinstance(screen, CasesScreen) for screen in self.screen_stack):
            self.push_screen(CasesScreen())
