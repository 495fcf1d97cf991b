"""The ```console blocks of hand-written pages: each command is run, and what it writes stands below it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

from docs.making.home import ROOT, Home

BLOCK: Final = re.compile(r"(?ms)^```console\n(.*?)^```$")
RUN: Final = re.compile(r"^\$ (?:\w+=\S+ )*(?:weilidai-doctor|printf|cat|head|echo|ls) ")
"""Commands that are run; others (installing, for one) are only shown."""


def pages() -> list[Path]:
    """Return the hand-written pages that have console blocks with commands to run."""
    found = [ROOT / "README.md", ROOT / "README.en.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [page for page in found if any(commands(block) for block in BLOCK.findall(page.read_text("utf-8")))]


def commands(block: str) -> list[str]:
    """Return the commands of a block that are run."""
    return [line[2:] for line in block.splitlines() if RUN.match(line)]


def filled(page: Path) -> str:
    """Return the page with every output as it is now; the commands of one page run in one home, in order."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), "en" if page.name.endswith(".en.md") else "zh")
        return BLOCK.sub(lambda found: f"```console\n{_filled(found[1], home)}```", text)


def _filled(block: str, home: Home) -> str:
    if not commands(block):
        return block
    lines = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{ended(home.run(line[2:]) if RUN.match(line) else '')}" for line in lines)


def ended(output: str) -> str:
    """Return output without the blanks that editors take away, its last line ended."""
    lines = [line.rstrip() for line in output.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)
