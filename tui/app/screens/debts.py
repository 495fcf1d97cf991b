"""The debt helper: three rough figures, the ratio against the limits, and a word about borrowing too much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input

from diagnostics.answers import AnswerError
from tui.app.cjk_wrap import ProseBlock
from tui.app.question_view import read_entry
from tui.app.screens.base import PAGES, AppScreen
from tui.app.widgets.fields import EntryField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.events import Resize
    from textual.widget import Widget

INCOME: Final = "debt.monthly_income"
REPAYMENT: Final = "debt.monthly_repayment"
LOANS: Final = "debt.open_loans"
FIELDS: Final = {"income": INCOME, "repayment": REPAYMENT, "loans": LOANS}


class DebtsScreen(AppScreen[None]):
    """Each figure is an answer like any other, noted when Enter is pressed."""

    CSS_PATH = "dialog.tcss"
    VIEW = "#body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "note", "note it", id="save", key_display="Enter", priority=True),
        Binding("escape,b,m", "close", "close", id="close", key_display="Esc"),
        Binding("down", "app.focus_next", "down", id="down", show=False),
        Binding("up", "app.focus_previous", "up", id="up", show=False),
        *PAGES,
    ]

    _warned = False

    def parts(self) -> Iterable[Widget]:
        """Yield heading, three fields, the bar, the reminder."""
        yield ProseBlock(id="title")
        yield ProseBlock(id="about")
        with VerticalScroll(id="body", can_focus=False):
            for name in FIELDS:
                yield ProseBlock(id=f"label-{name}")
                field = EntryField(commands=frozenset(), id=f"field-{name}")
                field.numeric = True
                yield field
            yield ProseBlock(id="ratio")

    def begin(self) -> None:
        """Begin with what is known."""
        for name, id_ in FIELDS.items():
            held = self.doctor.flow.value(id_)
            self.query_one(f"#field-{name}", EntryField).value = "" if held in (None, "unknown") else str(held)
        self.query_one("#field-income").focus()
        self._draw_ratio()

    def draw(self) -> None:
        """Write the words in the language of the moment."""
        say = self.texts.say
        self.write_heading(say("debts.title"), say("debts.about"))
        for name, id_ in FIELDS.items():
            text = self.doctor.session.knowledge.questions[id_].text(self.texts.lang)
            unit = "" if text.unit in text.title.lower() else f" ({text.unit})"
            self.write(f"label-{name}", Content.assemble((text.title, "bold"), unit))
        self._draw_ratio()

    def on_resize(self, _event: Resize) -> None:
        """Fit the bar to the new width."""
        self.call_after_refresh(self._draw_ratio)

    def _typed(self, name: str) -> float | None:
        text = self.query_one(f"#field-{name}", EntryField).value
        try:
            value = read_entry(self.doctor.flow, FIELDS[name], text) if text else None
        except AnswerError:
            return None
        return float(value) if isinstance(value, int | float) else None

    def _draw_ratio(self) -> None:
        say, limits = self.texts.say, self.doctor.session.knowledge.limits
        possible, likely = limits["debt.possible_percent"], limits["debt.likely_percent"]
        income, repayment = self._typed("income"), self._typed("repayment")
        parts: list[Content] = [Content("")]
        if income is None or repayment is None:
            parts.append(Content.styled(say("debts.no_ratio"), "dim"))
        elif income == 0:
            parts.append(Content(say("debts.no_income")))
        else:
            percent = repayment / income * 100
            tone = "$text-warning" if percent >= possible else ""
            shown, marks = ratio_bar(percent, possible, likely, min(60, self.size.width - 6))
            parts += [Content.styled(say("debts.ratio", percent=f"{percent:.0f}"), "bold"),
                      Content.styled(shown, tone), Content.styled(marks, "dim")]  # fmt: skip
        loans = limits["debt.open_loans"]
        parts.append(
            Content.styled(
                say("debts.limits", possible=f"{possible:g}", likely=f"{likely:g}", loans=f"{loans:g}"), "dim"
            )
        )
        parts += [
            Content(""),
            Content(self.doctor.session.knowledge.guide.warning["over_borrowing"].get(self.texts.lang)),
        ]
        self.write("ratio", Content("\n").join(parts))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw_ratio()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_note()

    def action_note(self) -> None:
        """Note the figure in front as an answer and go to the next field."""
        focused = self.focused
        name = (focused.id or "").removeprefix("field-") if focused is not None else ""
        if name not in FIELDS:
            return
        value = self._typed(name)
        if value is None:
            self.doctor.tell("card.bad_number", low=0, high="", severe=True)
            return
        self.doctor.flow.give({FIELDS[name]: int(value) if value.is_integer() else value})
        self.doctor.refresh_all()
        if name == "loans":
            self.doctor.tell("debts.saved")
        else:
            self.app.action_focus_next()

    def action_close(self) -> None:
        """Back to where the user was; a figure that was typed and not noted is told of first."""
        flow = self.doctor.flow
        left = any(
            (typed := self._typed(name)) is not None and typed != flow.value(id_) for name, id_ in FIELDS.items()
        )
        if left and not self._warned:
            self._warned = True
            self.doctor.tell("debts.not_noted", severe=True)
        else:
            self.leave()


def ratio_bar(percent: float, possible: float, likely: float, cells: int) -> tuple[str, str]:
    """Return a bar for 0 to 100 percent and a line below it that marks the two limits, both `cells` wide at most."""
    cells = max(10, cells)
    full = math.floor(min(100.0, max(0.0, percent)) / 100 * cells)
    line = [" "] * (cells + 1)
    for limit in (possible, likely):
        at = round(min(100.0, limit) / 100 * cells)
        mark = f"↑{limit:g}%"
        start = min(at, cells + 1 - len(mark))
        line[start : start + len(mark)] = list(mark)
    return "█" * full + "░" * (cells - full), "".join(line).rstrip()
