"""What each extra costs, measured: `python -m docs.extras` (then `python -m docs.build`).

Each extra is installed beside the product into a fresh virtual environment: the megabytes are what the environment
grows by, the milliseconds what importing its package takes, over the bare interpreter. Needs what pip needs.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from docs.making.home import ROOT
from docs.release import PIP, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEPT: Final = ROOT / "docs" / "extras.json"
IMPORTS: Final = {
    "": ("click, packaging.version", "sqlalchemy", "textual.app"),
    "html": ("jinja2",), "team": ("psycopg",),
    "screenshot": ("rapidocr.main",), "mcp": ("mcp",),
    "bench": ("zen",), "test": ("pytest",),
}  # fmt: skip
"""What is imported when an extra is used; under the empty name, what is always installed and loaded when needed."""
TIMES: Final = 15


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one extra adds: megabytes on the disk (0: they are counted in another row) and milliseconds to import."""

    extra: str
    imports: str
    megabytes: float
    milliseconds: float


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured last, as the documentation shows it."""

    measured: str
    machine: str
    costs: tuple[Cost, ...]


def kept() -> Kept:
    """Return what the documentation shows."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Kept)


def extras() -> tuple[str, ...]:
    """Return the extras that the project has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return tuple(project["optional-dependencies"])


def megabytes(folder: Path) -> float:
    """Return how much the files of a folder take."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def milliseconds(python: Path | str, statement: str, times: int = TIMES) -> float:
    """Return the least processor time that a statement took of so many runs, over that of the bare interpreter."""
    return round(max(0.0, _least(python, statement, times) - _least(python, "pass", times)) * 1000, 1)


def _least(python: Path | str, statement: str, times: int) -> float:
    command = [str(python), "-c", statement]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # its files are read from the disk, its bytes made
    spent = []
    for _ in range(times):
        before = _children()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        spent.append(_children() - before)
    return min(spent)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def costs(wheel: Path, work: Path, names: Sequence[str]) -> Iterator[Cost]:
    """Install and measure: the product alone, then with each extra."""
    alone = 0.0
    for name in ("", *names):
        folder = work / (name or "alone")
        python = environment(folder, f"{wheel}[{name}]" if name else str(wheel))
        size = megabytes(folder)
        for at, imports in enumerate(IMPORTS[name]):
            spent = milliseconds(python, f"import {imports}")
            more = round(size - alone, 1) if at == 0 else 0.0
            yield Cost(extra=name, imports=imports, megabytes=more, milliseconds=spent)
        alone = alone or size


def main() -> int:
    """Measure everything and keep it for the documentation."""
    machine = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} CPU"
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        run(*PIP, "wheel", "--no-deps", "-w", str(work), str(ROOT))
        (wheel,) = work.glob("*.whl")
        found = []
        for cost in costs(wheel, work, extras()):
            found.append(cost)
            sys.stdout.write(
                f"{cost.extra or '-':<10} {cost.megabytes:>7} MB {cost.milliseconds:>7} ms  {cost.imports}\n"
            )
            sys.stdout.flush()
    made = Kept(measured=time.strftime("%Y-%m-%d", time.gmtime()), machine=machine, costs=tuple(found))
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
