"""Mutation testing of reasoning, plan, versions and reader: `python -m benchmarks.mutation`, about half an hour.

In a copy of the project one thing at a time is changed, drawn at random from all that can be, and the tests of its part
run in a new process: much is built when a module is imported, which a process that goes on would not do again. What no
test caught is listed with its reason, from `benchmarks/survivors.toml`; a survivor without one is listed as open.
"""

from __future__ import annotations

import ast
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

import msgspec

from benchmarks.__main__ import main
from benchmarks.figures import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[1]
KEPT: Final = ROOT / "docs" / "mutation.json"
REASONS: Final = Path(__file__).with_name("survivors.toml")
BY_HAND: Final = True
"""Takes too long to be part of a run of every figure: only where it is named."""
GOAL: Final = 90
DRAWN: Final = 50
"""Changes of each part, unless it says otherwise."""
SEED: Final = 2
LONGEST: Final = 300
"""Seconds after which tests that run on for ever count as failed."""
AT_ONCE: Final = 2
COPIED: Final = ("diagnostics", "tui", "tests", "docs", "benchmarks", "pyproject.toml", "hatch_build.py", "README.md",
                 "README.en.md", "CHANGELOG.md", "LICENSE", "requirements")  # fmt: skip
_TEST: Final = "tests/diagnostics/"


class Part(msgspec.Struct, frozen=True):
    """What is changed together, and the tests that should notice, the quickest first."""

    en: str
    zh: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    drawn: int = DRAWN


_REASONING: Final = ("test_facts.py", "test_assessment.py", "test_rule_table.py", "test_contract_table.py",
                     "test_report.py")  # fmt: skip
_PLAN: Final = ("test_contract_table.py", "test_advice.py", "test_short_way.py")
_READER: Final = ("test_chats.py", "test_texts.py", "test_guards.py", "test_phrases.py")
_VERSIONS: Final = ("test_version_texts.py", "test_version_bounds.py", "test_version_properties.py")
PARTS: Final = (
    Part("the reasoning", "推理", ("engine/assessment.py", "engine/rule_table.py", "engine/conditions.py",
         "engine/facts.py"), (*(_TEST + name for name in _REASONING), "tests/test_golden.py")),
    Part("the plan", "计划", ("engine/advice.py",), ("tests/test_golden.py", *(_TEST + name for name in _PLAN))),
    Part("the version parser", "版本解析", ("versions/*.py",), tuple(f"{_TEST}versions/{name}" for name in _VERSIONS)),
    Part("the reader", "读用户写的话", ("reading/*.py",), tuple(f"{_TEST}reading/{name}" for name in _READER), 20),
)  # fmt: skip


class Survivor(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A change that no test caught: where, what stood there, and what stood there instead."""

    module: str
    function: str
    was: str
    now: str


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many changes to a part could be made, were drawn and run, and were caught."""

    part: str
    made: int
    run: int
    caught: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, as the documentation shows it; `ran` is the day."""

    ran: str
    parts: tuple[Counted, ...]
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


class Change(msgspec.Struct, frozen=True):
    """One change: the bytes of a module between two places, replaced."""

    module: str
    function: str
    start: int
    end: int
    now: bytes


def reasons() -> list[Reason]:
    """Return the reasons that are written down."""
    return msgspec.convert(tomllib.loads(REASONS.read_text("utf-8")), dict[str, list[Reason]])["reason"]


def reason_of(one: Survivor) -> Reason | None:
    """Return why a survivor need not be caught, None where that is open."""
    return next((reason for reason in reasons() if reason.fits(one)), None)


def kept() -> Kept:
    """Return what the documentation shows."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Kept)


_OTHER: Final = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is", ast.And: " or ", ast.Or: " and ", ast.Add: "-", ast.Sub: "+",
    ast.BitOr: "&", ast.BitAnd: "|", ast.LShift: ">>", ast.RShift: "<<", ast.Mult: "//", ast.Div: "*",
}  # fmt: skip


def changes(module: str, source: str) -> Iterator[Change]:
    """Yield every change that can be made to a module."""
    raw = source.encode()
    lines = raw.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        return (
            starts[node.lineno - 1] + node.col_offset,
            starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
        )

    def text(node: ast.expr) -> str:
        start, end = span(node)
        return f"({raw[start:end].decode()})"

    def visit(node: ast.AST, function: str) -> Iterator[Change]:
        for child in ast.iter_child_nodes(node):
            if child is getattr(node, "annotation", None) or child is getattr(node, "returns", None):
                continue  # never run
            if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
                continue
            inside = function
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inside = ".".join(filter(None, (function, child.name)))
            if isinstance(child, (ast.expr, ast.stmt)) and (now := _changed(child, text)) is not None:
                yield Change(module, function, *span(child), now.encode())
            yield from visit(child, inside)

    return visit(ast.parse(source), "")


def _changed(node: ast.AST, text: Callable[[ast.expr], str]) -> str | None:
    """Return what could stand in place of a node; None where nothing is changed there."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"{text(left)} {_OTHER[type(op)]} {text(right)}"
        case ast.BoolOp(op=op, values=values):
            return f"({_OTHER[type(op)].join(map(text, values))})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return text(operand)
        case ast.Constant(value=bool(value)):
            return str(not value)
        case ast.Constant(value=int(value)):
            return str(value + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OTHER and not isinstance(left, ast.Constant):
            return f"({text(left)} {_OTHER[type(op)]} {text(right)})"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return f"({text(orelse)} if {text(test)} else {text(body)})"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            return "return None"
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            return "pass"
    return None


def _caught(change: Change, part: Part, copies: SimpleQueue[Path]) -> bool:
    """Make one change in a copy of the project and tell whether a test fails."""
    copy = copies.get()
    path = copy / "diagnostics" / change.module
    source = path.read_bytes()
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--assert=plain",
             "--tb=no", *part.tests]  # fmt: skip
    try:
        path.write_bytes(source[: change.start] + change.now + source[change.end :])
        done = subprocess.run(words, cwd=copy, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return True
    else:
        return done.returncode != 0
    finally:
        path.write_bytes(source)
        copies.put(copy)


def survivor(change: Change, source: bytes) -> Survivor:
    """Return a change as it is shown: its lines before and after."""
    start = source.rfind(b"\n", 0, change.start) + 1
    end = source.find(b"\n", change.end)
    was = source[start:end]
    now = source[start : change.start] + change.now + source[change.end : end]
    shown = [" ".join(text.decode().split()) for text in (was, now)]
    return Survivor(module=change.module.removesuffix(".py"), function=change.function, was=shown[0], now=shown[1])


def measured(part: Part, *, quick: bool = False) -> tuple[Counted, list[Survivor]]:
    """Draw changes of one part and run its tests on each."""
    base = ROOT / "diagnostics"
    sources = {
        str(path.relative_to(base)): path.read_text("utf-8") for one in part.modules for path in sorted(base.glob(one))
    }
    every = [change for module, source in sources.items() for change in changes(module.replace("\\", "/"), source)]
    chosen = random.Random(SEED).sample(every, 2 if quick else part.drawn)
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(AT_ONCE):
            for name in COPIED:
                target = Path(folder, str(number), name)
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / name, target)
            copies.put(Path(folder, str(number)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            caught = list(pool.map(lambda change: _caught(change, part, copies), chosen))
    left = [
        survivor(change, sources[change.module].encode())
        for change, noticed in zip(chosen, caught, strict=True)
        if not noticed
    ]
    return Counted(part=part.en, made=len(every), run=len(chosen), caught=sum(caught)), left


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Change one thing after another (`quick`: two) and yield the share that was caught, for each part."""
    found = [measured(part, quick=quick) for part in (PARTS[:1] if quick else PARTS)]
    left = tuple(sorted(one for _, survivors in found for one in survivors))
    result = Kept(ran=datetime.now(UTC).date().isoformat(), parts=tuple(one for one, _ in found), survivors=left)
    if not quick:
        KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    yield from shares(result)


def shares(found: Kept) -> Iterator[Row]:
    """Yield the share that was caught, for each part."""
    for one in found.parts:
        part = next(each for each in PARTS if each.en == one.part)
        yield Row(
            name=f"changes of {part.en} caught, of {one.run} drawn from {one.made}",
            zh=f"{part.zh}：被测试发现的改动，从 {one.made} 处抽了 {one.run} 处",
            value=round(one.caught / max(1, one.run) * 100, 1),
            unit="%",
            goal=GOAL,
            at_least=True,
        )


if __name__ == "__main__":
    sys.exit(main(["--only", "mutation", *sys.argv[1:]]))
