"""The ```console blocks of hand-written pages: each command is run, and what it writes stands below it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

from docs.making.home import ROOT, Home

BLOCK: Final = re.compile(r"(?ms)^```console\n(.*?)^```$")
FILE: Final = re.compile(r"(?ms)^\*\*`([\w./-]+)`\*\*\n\n```\w+\n(.*?)^```$")
"""A file that the reader is told to write: its path in bold, and below it what stands in it."""
RUN: Final = re.compile(r"^\$ (?:\w+=\S+ )*(?:weilidai-doctor|printf|cat|head|echo|ls) ")
"""Commands that are run; others (installing, for one) are only shown."""


MADE_WHOLE: Final = ("commands.md", "commands.en.md")
"""Pages whose console blocks are made together with the rest of them."""


def pages() -> list[Path]:
    """Return the hand-written pages that have console blocks with commands to run."""
    found = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    return [
        page
        for page in found
        if page.name not in MADE_WHOLE and any(commands(block) for block in BLOCK.findall(page.read_text("utf-8")))
    ]


def commands(block: str) -> list[str]:
    """Return the commands of a block that are run."""
    return [line[2:] for line in block.splitlines() if RUN.match(line)]


def files(text: str) -> dict[str, str]:
    """Return the files that a page tells its reader to write, by their paths."""
    return dict(FILE.findall(text))


def filled(page: Path) -> str:
    """Return the page with every output as it is now; each block runs in a home of its own, from top to bottom."""
    text = page.read_text("utf-8")
    lang = "en" if page.name.endswith(".en.md") else "zh"
    return BLOCK.sub(lambda found: f"```console\n{_filled(found[1], lang, files(text))}```", text)


def _filled(block: str, lang: str, written: dict[str, str]) -> str:
    if not commands(block):
        return block
    lines = [line for line in block.splitlines() if line.startswith("$ ")]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), lang, written)
        return "".join(f"{line}\n{ended(home.run(line[2:]) if RUN.match(line) else '')}" for line in lines)


def ended(output: str) -> str:
    """Return output without the blanks that editors take away, its last line ended."""
    lines = [line.rstrip() for line in output.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)
