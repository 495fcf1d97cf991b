"""Every figure that the documentation claims, each beside its reference in the same run: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import msgspec

from benchmarks import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.figures import Row


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, keep where asked; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this module alone (repeatable)")
    parser.add_argument("--list", action="store_true", help="name the modules and end")
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout in place of the table")
    parser.add_argument(
        "--quick", action="store_true", help="the smallest run: shows that it works, figures mean nothing"
    )
    parser.add_argument("--keep", action="store_true", help="keep the figures for the documentation (then docs.build)")
    given = parser.parse_args(words)
    known = figures.names()
    if given.list:
        sys.stdout.write("".join(f"{name}\n" for name in known))
        return 0
    for name in given.only or ():
        if name not in known:
            parser.error(f"no figures under the name {name!r}; there are: {', '.join(known)}")
    if given.quick and given.keep:
        parser.error("figures of a quick run mean nothing and are not kept")
    groups = []
    for name in given.only or figures.names(by_hand=False):
        group = figures.measure(name, quick=given.quick)
        groups.append(group)
        if not given.json:
            sys.stdout.write("".join(f"{line}\n" for line in figures.table(group)))
            sys.stdout.flush()
        if given.keep:
            figures.keep([group])
    if given.json:
        sys.stdout.write(msgspec.json.encode(groups).decode() + "\n")
    return int(not all(row.ok for group in groups for row in group.rows))


def shown(name: str, rows: Iterable[Row]) -> int:
    """Print figures measured by hand; 1 where a goal is missed."""
    group = figures.group(name, rows)
    sys.stdout.write("".join(f"{line}\n" for line in figures.table(group)))
    return int(not all(row.ok for row in group.rows))


if __name__ == "__main__":
    sys.exit(main())
