"""Cases as text: one line each in the list, measured in cells, and one whole, assessed anew."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from diagnostics.evidence import Evidence, now
from diagnostics.formats.width import fit
from diagnostics.i18n import name_masks
from diagnostics.report import build
from diagnostics.sanitize import clean_line
from tui.app.report_content import plan_contents, result_after, result_before
from tui.app.style import short_time
from tui.cli.case_text import facts, parts, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.cases.model import Case, CaseRow
    from tui.app.style import ScreenTexts
    from tui.cli.case_text import Gist

GAP: Final = 2
RUNNING: Final = "> "
"""Stands before the case of this window where no column says so."""
ORDER: Final = ("age", "label", "situation", "step", "status", "operator")
_UNITS: Final = (("days", 86_400), ("hours", 3_600))

Column = tuple[str, int]


def columns(width: int, rows: Sequence[CaseRow]) -> list[Column]:
    """Return the columns that fit into so many cells, with the cells of each; one that says nothing is left out."""
    label = min(24, max([10, *(cell_len(clean_line(row.label, 80) or row.id) for row in rows)]))
    sizes = {"age": 8, "label": label, "situation": 0, "step": 0, "status": 8, "operator": 8}
    if len({row.operator for row in rows}) < 2 or width < 110:
        del sizes["operator"]
    if len({row.status for row in rows}) < 2 or width < 90:
        del sizes["status"]
        sizes["label"] += len(RUNNING)
    room = width - sum(sizes.values()) - GAP * (len(sizes) - 1)
    if room < 34:
        del sizes["step"]
        room += GAP
    sizes["situation"] = max(8, room if "step" not in sizes else min(26, room * 2 // 5))
    if "step" in sizes:
        sizes["step"] = max(8, room - sizes["situation"])
    return [(name, sizes[name]) for name in ORDER if name in sizes]


def heads(texts: ScreenTexts, found: Sequence[Column]) -> Content:
    """Write the names of the columns."""
    cells = [fit(texts.say(f"desk.column.{name}"), size) for name, size in found]
    return Content.styled((" " * GAP).join(cells).rstrip(), "dim")


def line(
    row: CaseRow, texts: ScreenTexts, found: Sequence[Column], gist: Gist | None, *, running: bool = False
) -> Content:
    """Write one case; the one that is going on in this window is marked in words, a danger in red and with a mark."""
    danger = gist is not None and gist.danger
    parts = {
        "age": age(row.created_at, texts),
        "label": name_masks(clean_line(row.label, 80), texts.lang) or row.id,
        "situation": state(texts, row, gist) if gist is not None else "…",
        "step": gist.step if gist is not None else "",
        "status": texts.say("desk.running") if running else texts(f"cases.status.{row.status}"),
        "operator": clean_line(row.operator, 40),
    }
    if running and "status" not in dict(found):
        parts["label"] = f"{RUNNING}{parts['label']}"
    styles = {"situation": "bold $text-error" if danger else "", "label": "bold", "age": "dim", "operator": "dim"}
    cells = [Content.styled(fit(parts[name], size), styles.get(name, "")) for name, size in found]
    return Content(" " * GAP).join(cells).rstrip()


def age(stamp: str, texts: ScreenTexts) -> str:
    """Return how old a case is, in words."""
    try:
        seconds = (datetime.fromisoformat(now()) - datetime.fromisoformat(stamp)).total_seconds()
    except (ValueError, TypeError):
        return clean_line(stamp, 8)
    unit, length = next(((name, size) for name, size in _UNITS if seconds >= size), ("minutes", 60))
    return texts.say(f"desk.{unit}", count=max(0, int(seconds // length)))


def local(stamp: str) -> str:
    """Return a stored time as this computer's clock shows it."""
    return short_time(stamp, "%Y-%m-%d %H:%M") or clean_line(stamp, 20)


def case_content(case: Case, texts: ScreenTexts) -> Content:
    """Everything about one case: the desk's own facts and notes, then the report, then what is known and was done."""
    lists = {name: _list(texts, name, lines) for name, lines in parts(texts, case, local).items()}
    notes = lists.pop("notes")
    blocks = [_facts(case, texts), notes, _report(case, texts), *lists.values()]
    return Content("\n\n").join([block for block in blocks if block])


def _facts(case: Case, texts: ScreenTexts) -> Content:
    title = f"{name_masks(clean_line(case.label, 80), texts.lang)}  " if case.label else ""
    status = texts(f"cases.status.{case.status}")
    head = texts("cases.show.head", id=case.id, status=status, version=case.version)
    lines = facts(texts, case, local)
    return Content("\n").join([Content.assemble((title, "bold"), (head, "bold $primary")), *map(Content, lines)])


def _list(texts: ScreenTexts, name: str, lines: list[str]) -> Content:
    if not lines:
        return Content("")
    title = Content.styled(texts(f"cases.show.{name}"), "bold $primary")
    return Content("\n").join([title, *(Content(f"- {name_masks(line, texts.lang)}") for line in lines)])


def _report(case: Case, texts: ScreenTexts) -> Content:
    report = build(texts.knowledge, Evidence(case.observations), lang=texts.lang)
    plan = plan_contents(report, texts, report.plan, {})
    return Content("\n").join([result_before(report, texts), *plan, result_after(report, texts)])
