"""A figure with its reference and its goal, and how figures are printed and kept.

A module of this package offers `rows(quick)`, a generator of `Row`; it is found by that name, nothing is registered.
`quick` asks for the smallest run that still goes through everything: its figures say nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

import benchmarks
from diagnostics.knowledge import compiled, load
from diagnostics.knowledge.compiled import HERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

KEPT: Final = Path(__file__).parents[1] / "docs" / "benchmarks.json"
"""The figures of the last whole run, from which the page and the plot are made."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure of one run.

    The goal holds for the value itself, or for how many times the reference it is (`of="ratio"`);
    it is a ceiling, or with `at_least` a floor. A figure without a goal is told and not judged.
    """

    name: str
    zh: str
    value: float
    unit: str = ""
    reference: str = ""
    reference_zh: str = ""
    reference_value: float | None = None
    goal: float | None = None
    of: Literal["value", "ratio"] = "value"
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the reference this is; None without one."""
        return self.value / self.reference_value if self.reference_value else None

    @property
    def judged(self) -> float:
        """What the goal is held against. Raises ValueError where a ratio is wanted and there is no reference."""
        found = self.ratio if self.of == "ratio" else self.value
        if found is None:
            raise ValueError(f"{self.name}: a goal for the ratio, and no reference")
        return found

    @property
    def ok(self) -> bool:
        """Whether the goal is met; true without one."""
        if self.goal is None:
            return True
        return self.judged >= self.goal if self.at_least else self.judged <= self.goal

    @property
    def used(self) -> float | None:
        """How much of the goal is used up: 1 is the goal itself, less is better. None without a goal."""
        if self.goal is None:
            return None
        part, whole = (self.goal, self.judged) if self.at_least else (self.judged, self.goal)
        return part / whole if whole else 2.0 * (part > 0)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What one module found, when and on what."""

    module: str
    measured: str
    machine: str
    rows: tuple[Row, ...]


def names(*, by_hand: bool = True) -> list[str]:
    """Return the modules that offer figures, in order; those that take too long are left out without `by_hand`."""
    found = [one.name for one in pkgutil.iter_modules(benchmarks.__path__) if not one.name.startswith("_")]
    offered = {name: importlib.import_module(f"benchmarks.{name}") for name in found}
    return [
        name
        for name, module in offered.items()
        if hasattr(module, "rows") and (by_hand or not getattr(module, "BY_HAND", False))
    ]


def measure(name: str, *, quick: bool = False) -> Group:
    """Run one module and return its figures."""
    module: Any = importlib.import_module(f"benchmarks.{name}")
    with as_installed():
        return group(name, module.rows(quick=quick))


@contextlib.contextmanager
def as_installed() -> Iterator[None]:
    """Give every program started meanwhile what an installed one has: compiled modules, the compiled knowledge base.

    A checkout may have neither, and a start would be timed with compiling both. Installers compile modules.
    """
    compiled.write_copy(HERE, load())
    time.sleep(2.5)  # until then every start reads the files, because their times may still stay the same
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def group(name: str, rows: Iterable[Row]) -> Group:
    """Return figures with the day and the machine."""
    machine = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} CPU"
    return Group(module=name, measured=time.strftime("%Y-%m-%d", time.gmtime()), machine=machine, rows=tuple(rows))


def kept() -> list[Group]:
    """Return the figures that the documentation shows."""
    return msgspec.json.decode(KEPT.read_bytes(), type=list[Group]) if KEPT.exists() else []


def keep(groups: Sequence[Group]) -> None:
    """Put these figures in the place of those that the documentation shows; other modules' figures stay."""
    new = {one.module: one for one in [*kept(), *groups]}
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode([new[name] for name in sorted(new)])) + b"\n")


def number(value: float | None, unit: str = "") -> str:
    """Write a figure with as many digits as it deserves."""
    if value is None:
        return ""
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text}{'' if unit == '%' else ' '}{unit}".rstrip()


def goal(row: Row) -> str:
    """Write the goal of a figure."""
    if row.goal is None:
        return ""
    sign = "≥" if row.at_least else "≤"
    return f"{sign} {row.goal:g} ×" if row.of == "ratio" else f"{sign} {number(row.goal, row.unit)}"


def reference(row: Row, lang: str = "en") -> str:
    """Write the reference of a figure with its value."""
    name = row.reference_zh if lang == "zh" else row.reference
    return f"{name} {number(row.reference_value, row.unit)}".strip() if name else ""


def table(found: Group) -> Iterator[str]:
    """Yield the lines of a table with a small plot: how much of each goal is used up, `|` being the goal."""
    yield f"{found.module}  ({found.measured}, {found.machine})"
    for row in found.rows:
        mark = "" if row.goal is None else "ok" if row.ok else "MISSED"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
        yield (
            f"  {row.name:<58} {number(row.value, row.unit):>12}  {reference(row):<42} {ratio:>8}  "
            f"{goal(row):<12} {bar(row)} {mark}"
        ).rstrip()


def bar(row: Row, width: int = 16) -> str:
    """Draw how much of the goal is used up; beyond the goal the bar goes on, up to twice of it."""
    if row.used is None:
        return " " * (width * 3 // 2 + 1)
    filled = min(round(row.used * width), width * 3 // 2)
    text = "#" * filled + " " * (width * 3 // 2 - filled)
    return f"{text[:width]}|{text[width:]}"


def timed(call: Callable[[], object], times: int) -> list[float]:
    """Return the seconds that each of so many calls took."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return taken


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
