"""Everything that was answered or measured, to change or take back any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diagnostics.report.evidence_text import title_of
from diagnostics.sanitize import clean_line
from tui.describe import when
from tui.prose import Prose
from tui.screens.base import LocalizedDialog
from tui.widgets.choices import Choices
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class AnswersScreen(LocalizedDialog[None]):
    """A list of observations; the user's own ones can be changed."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "change", id="change", key_display="Enter", priority=True),
        Binding("t,delete", "take_back", "take back", id="take_back", key_display="t"),
        Binding("escape,b", "close", "close", id="close", key_display="Esc"),
    ]

    def compose(self) -> ComposeResult:
        """Heading, list, keys."""
        yield Static(id="title")
        yield Static(id="about")
        yield Choices(id="list")
        yield KeyBar()

    def draw(self) -> None:
        """List the observations, the latest answer last."""
        say = self.words.say
        self.query_one("#title", Static).update(Prose(Content.styled(say("answers.title"), "bold $primary")))
        seen = self.doctor.report.observations
        about = Content.styled(say("answers.help" if seen else "answers.empty"), "dim")
        self.query_one("#about", Static).update(Prose(about))
        list_ = self.query_one("#list", Choices)
        at = list_.highlighted
        list_.clear_options()
        for number, one in enumerate(seen):
            title = title_of(self.words, one.id)
            own = one.source not in ("phone", "computer")
            list_.add_option(
                Option(
                    Prose(
                        Content.assemble(
                            (title, "bold"),
                            "  ",
                            clean_line(one.text),
                            (f"  {self.words.of(f'source.{one.source}.name')}", "dim"),
                            (when(one, self.words), "dim"),
                        ),
                        lead=2,
                    ),
                    id=f"{number}",
                    disabled=not own,
                )
            )
        if seen:
            list_.highlighted = min(len(seen) - 1, at if at is not None else len(seen) - 1)
        list_.focus()

    def _chosen(self) -> str | None:
        at = self.query_one("#list", Choices).highlighted
        seen = self.doctor.report.observations
        return seen[at].id if at is not None and at < len(seen) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_change()

    def action_change(self) -> None:
        """Put this question in front again."""
        id_ = self._chosen()
        if id_ is None or id_ not in self.doctor.session.knowledge.questions:
            return
        self.doctor.flow.call_up(id_)
        self.doctor.return_to_questions()

    def action_take_back(self) -> None:
        """Forget this answer."""
        id_ = self._chosen()
        if id_ is not None and id_ in self.doctor.session.own_answers():
            self.doctor.flow.take_back(id_)
            self.doctor.flow.advance()
            self.doctor.told()

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()
