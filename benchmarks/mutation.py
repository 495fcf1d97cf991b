"""Mutation testing of the reasoning and the version parser: `python -m benchmarks.mutation`.

Needs `pip install -e '.[test,mutation]'` and about twenty minutes on two cores. mutmut changes one thing at a time
(`[tool.mutmut]` in pyproject.toml) and runs the tests that reach it. What no test caught is listed with its reason,
from `benchmarks/survivors.toml`; a survivor without one is listed as open. What an earlier run left in `mutants/` is
not run again where nothing changed: delete that folder for a full run.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from benchmarks.__main__ import main
from benchmarks.figures import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
MADE: Final = ROOT / "mutants" / "diagnostics"
KEPT: Final = ROOT / "docs" / "mutation.json"
REASONS: Final = Path(__file__).with_name("survivors.toml")
BY_HAND: Final = True
"""Takes too long to be part of a run of every figure: only where it is named."""
GOAL: Final = 90
UNCAUGHT: Final = (0, 5, 33)
"""Exit codes of pytest, as mutmut notes them: all passed, or no test at all."""
PARTS: Final = (("versions/", "the version parser", "版本解析"), ("", "the reasoning", "推理"))
"""Which modules belong together; the first that fits."""


class Survivor(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A change that no test caught: where, what stood there, and what stood there instead."""

    module: str
    function: str
    was: str
    now: str


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """How many changes to a module were made, run, and caught; `ran` is the day."""

    module: str
    ran: str = ""
    made: int
    run: int
    caught: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, as the documentation shows it."""

    modules: tuple[Module, ...]
    survivors: tuple[Survivor, ...]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why survivors whose place, line or change these patterns find need not be caught."""

    zh: str
    en: str
    where: str = ""
    was: str = ""
    now: str = ""

    def fits(self, one: Survivor) -> bool:
        """Whether this is the reason for a survivor."""
        pairs = ((self.where, f"{one.module}.{one.function}"), (self.was, one.was), (self.now, one.now))
        return all(re.search(pattern, text) for pattern, text in pairs)


def reasons() -> list[Reason]:
    """Return the reasons that are written down."""
    return msgspec.convert(tomllib.loads(REASONS.read_text("utf-8")), dict[str, list[Reason]])["reason"]


def reason_of(one: Survivor) -> Reason | None:
    """Return why a survivor need not be caught, None where that is open."""
    return next((reason for reason in reasons() if reason.fits(one)), None)


def kept() -> Kept:
    """Return what the documentation shows."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Kept)


def outcomes(made: Path = MADE) -> dict[str, dict[str, int | None]]:
    """Return the exit code of the tests for each mutant of each module, from mutmut's records; None: not run."""
    found = {}
    for path in sorted(made.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            found[str(path.relative_to(made)).removesuffix(".py.meta")] = codes
    return found


def counted(made: Path = MADE) -> Iterator[Module]:
    """Yield each module's counts. A mutant that no test reaches counts as run and not caught."""
    for module, codes in outcomes(made).items():
        run = [code for code in codes.values() if code is not None]
        caught = sum(code not in UNCAUGHT for code in run)
        ran = datetime.fromtimestamp((made / f"{module}.py.meta").stat().st_mtime, UTC).date().isoformat()
        yield Module(module=module, ran=ran, made=len(codes), run=len(run), caught=caught)


def survivors(made: Path = MADE) -> Iterator[Survivor]:
    """Yield what the tests did not catch."""
    for module, codes in outcomes(made).items():
        lines = (made / f"{module}.py").read_text("utf-8").splitlines()
        nodes = ast.walk(ast.parse("\n".join(lines)))
        texts = {one.name: lines[one.lineno - 1 : one.end_lineno] for one in nodes if isinstance(one, ast.FunctionDef)}
        for key in (key for key, code in codes.items() if code in UNCAUGHT):
            name = key.rpartition(".")[2]
            own = name.rpartition("__mutmut_")[0]
            function = re.sub(r"^x_|.*ǁ", "", own)
            pair = (f"{own}__mutmut_orig", name)
            before, after = ([line.replace(each, function) for line in texts[each]] for each in pair)
            change = list(difflib.ndiff(before, after))
            was, now = (" ".join(line[2:].strip() for line in change if line[0] == sign) for sign in "-+")
            yield Survivor(module=module, function=function, was=was, now=now)


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Run mutmut (`quick`: on one function) and yield the share that was caught, for each part."""
    only = ["diagnostics.engine.facts.x_exact*"] if quick else []
    program = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([program, "run", *only], cwd=ROOT, stdout=sys.stderr, check=True)
    found = Kept(modules=tuple(counted()), survivors=tuple(sorted(survivors())))
    if not quick:
        KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    yield from shares(found)


def shares(found: Kept) -> Iterator[Row]:
    """Yield the share that was caught, for each part."""
    for part, en, zh in PARTS:
        own = [one for one in found.modules if next(p for p, *_ in PARTS if one.module.startswith(p)) == part]
        run, caught = sum(one.run for one in own), sum(one.caught for one in own)
        yield Row(
            name=f"mutants of {en} caught, of {run}",
            zh=f"{zh}：被测试发现的改动，共 {run} 处",
            value=round(caught / max(1, run) * 100, 1),
            unit="%",
            goal=GOAL,
            at_least=True,
        )


if __name__ == "__main__":
    sys.exit(main(["--only", "mutation", *sys.argv[1:]]))
