"""Where the pictures of the HTML report put their lines: figures only, the template draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.formats import marks
from diagnostics.formats.reading import STEPS, Debt
from diagnostics.formats.width import cells

if TYPE_CHECKING:
    from diagnostics.formats.reading import Path, Reading

WIDTH: Final = 360
"""Units across a picture: about one to a pixel on a phone."""
_LABEL: Final = 140
_ROW: Final = 26
_NOTE: Final = 15
_HEAD: Final = 20
_MOST: Final = 10
"""Most targets drawn; more would be no picture."""


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the picture; `broken_before`: the way does not lead to it."""

    x: int
    state: str
    mark: str
    title: str
    broken_before: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One way: a name, dots from left to right, and a note under it where it broke."""

    y: int
    label: str
    status: str
    dots: tuple[Dot, ...]
    note: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The ways of one check; `heads` are the names of the steps and where they stand."""

    width: int
    height: int
    heads: tuple[tuple[int, str], ...]
    rows: tuple[Row, ...]
    text: str
    left_out: int


def network_path(read: Reading, paths: list[Path]) -> Picture | None:
    """Place the ways of a check from this computer to its targets; None where there are none."""
    if not paths:
        return None
    used = {hop.name for path in paths for hop in path.hops}
    names: list[str] = [name for name in STEPS if name in used]
    at = {name: _LABEL + (WIDTH - _LABEL) * (number + 1) // (len(names) + 1) + 8 for number, name in enumerate(names)}
    start, y = _LABEL + 12, _HEAD
    rows = []
    for path in paths[:_MOST]:
        dots = [Dot(x=start, state="pass", mark="", title=read.say("step.computer"), broken_before=False)]
        for number, hop in enumerate(path.hops):
            title = " ".join(part for part in (hop.word, hop.failure, hop.time) if part)
            broken = hop.state == "skipped" or (number > 0 and path.hops[number - 1].state in ("fail", "skipped"))
            dots.append(
                Dot(x=at[hop.name], state=hop.state, mark=marks.CHECK[hop.state], title=title, broken_before=broken)
            )
        stopped = next((hop for hop in path.hops if hop.state in ("fail", "warn")), None)
        note = ""
        if stopped is not None:
            note = read.say("check.fault", what=f"{read.say('check.operation')} {stopped.word}",
                            value=f"{stopped.failure} {path.time}".strip())  # fmt: skip
        rows.append(Row(y=y + _ROW // 2, label=_fit(path.target, 22), status=path.status, dots=tuple(dots), note=note))
        y += _ROW + (_NOTE if note else 0)
    return Picture(
        width=WIDTH,
        height=y + 4,
        heads=((start, read.say("step.computer")), *((at[name], read.step_word(name)) for name in names)),
        rows=tuple(rows),
        text=read.word("list", "semicolon").join(path.text for path in paths),
        left_out=max(0, len(paths) - _MOST),
    )


def _fit(target: str, room: int) -> str:
    """Return the host of an address, cut to this many cells."""
    name = target.removeprefix("https://").removesuffix("/")
    if cells(name) <= room:
        return name
    while name and cells(name) > room - 1:
        name = name[:-1]
    return name + "…"


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """The debt bar: how far it reaches, and where the tool's lines stand, in units of the picture."""

    width: int
    filled: int
    possible: int
    likely: int
    level: str
    debt: Debt


def debt_bar(debt: Debt) -> Bar:
    """Place the share of income that repayments take; the whole bar is the whole income."""
    level = "likely" if debt.percent >= debt.likely else "possible" if debt.percent >= debt.possible else "ruled_out"
    place = {
        name: min(WIDTH, max(2, percent * WIDTH // 100))
        for name, percent in (("filled", debt.percent), ("possible", debt.possible), ("likely", debt.likely))
    }
    return Bar(width=WIDTH, level=level, debt=debt, **place)
