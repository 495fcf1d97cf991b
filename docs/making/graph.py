"""The picture of the architecture: which part imports which, read from the source itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from docs.making.home import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "fronts": ("tui",),
    "run": ("diagnostics.api", "diagnostics.session", "diagnostics.autosave", "diagnostics.unsent",
            "diagnostics.batch"),
    "reading": ("diagnostics.reading",),
    "cases": ("diagnostics.cases", "diagnostics.redaction"),
    "questionnaire": ("diagnostics.questionnaire",),
    "settings": ("diagnostics.settings",),
    "report": ("diagnostics.report", "diagnostics.formats"),
    "checks": ("diagnostics.checks",),
    "phone": ("diagnostics.phone", "diagnostics.images"),
    "network": ("diagnostics.network",),
    "answers": ("diagnostics.answers",),
    "assessment": ("diagnostics.engine",),
    "observations": ("diagnostics.evidence",),
    "knowledge": ("diagnostics.knowledge",),
    "versions": ("diagnostics.versions",),
    "cleaning": ("diagnostics.sanitize", "diagnostics.addresses", "diagnostics.i18n",
                 "diagnostics.library_errors", "diagnostics.files"),
}  # fmt: skip
"""Each part of the house and the modules that belong to it; the longest name decides."""


def part_of(module: str) -> str | None:
    """Return the part to which a module belongs, None for one of another project."""
    homes = {name: part for part, names in PARTS.items() for name in names}
    words = module.split(".")
    if words[0] not in ("diagnostics", "tui"):
        return None
    own = [".".join(words[:end]) for end in range(len(words), 0, -1)]
    if words[0] == "diagnostics" and len(words) > 1:
        own = own[:-1]
    return next((homes[name] for name in own if name in homes), None)


def modules() -> Iterator[tuple[str, Path]]:
    """Yield every module of the two packages with its file."""
    for package in ("diagnostics", "tui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            words = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(words[:-1] if words[-1] == "__init__" else words), path


def imported(path: Path, *, typing: bool = False) -> Iterator[str]:
    """Yield what a module imports when it is itself imported; what a function imports when it is called is left out.

    With `typing` also what only the type checker imports.
    """
    tree, folders = ast.parse(path.read_text("utf-8")), path.relative_to(ROOT).parts[:-1]
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if not typing and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folders[: len(folders) - node.level + 1] if node.level else ()
            yield from (".".join(filter(None, (*above, node.module, alias.name))) for alias in node.names)
        todo += ast.iter_child_nodes(node)


def needs(*, typing: bool = False) -> dict[str, set[str]]:
    """Return which modules each module imports when it is imported itself."""
    known = dict(modules())
    found = {}
    for module, path in known.items():
        names = imported(path, typing=typing)
        wanted = {name if name in known else name.rpartition(".")[0] for name in names}
        found[module] = wanted & known.keys() - {module}
    return found


def edges() -> set[tuple[str, str]]:
    """Return which part imports which. Raises ValueError for a module that belongs to none."""
    known = dict(modules())
    del known["diagnostics"]  # the package's face, which holds the version
    found: set[tuple[str, str]] = set()
    for module, path in known.items():
        part = part_of(module)
        if part is None:
            raise ValueError(f"{module} belongs to no part: add it to PARTS")
        for name in imported(path):
            target = part_of(name if name in known else name.rpartition(".")[0])
            if target is not None and target != part:
                found.add((part, target))
    return found


def reduced(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the arrows without those that a way over other parts implies."""
    left = set(arrows)
    for start, end in sorted(arrows):
        others = left - {(start, end)}
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            new = {to for from_, to in others if from_ == here} - seen
            seen |= new
            todo += new
        if end in seen:
            left = others
    return left


def picture(words: dict[str, str]) -> str:
    """Return the graph as a Mermaid block; `words` names each part."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'    {part}["{words[part]}"]' for part in PARTS]
    lines += [f"    {start} --> {end}" for start, end in sorted(reduced(edges()))]
    return "\n".join([*lines, "```"])
