"""Play every scenario several times and print the confusion matrix: `python -m tests.lab.net`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.lab.net.faults import ALL, HEALTHY, by_name, faults, lacking
from tests.lab.net.players import play_all
from tests.lab.net.world import why_not

if TYPE_CHECKING:
    from tests.lab.net.scenario import Scenario


def main() -> int:
    """Play what was asked for; 0 when every code was exact and nothing healthy was called faulty."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.net", description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios to play (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="times each is played (default 3)")
    parser.add_argument("--healthy", type=int, default=200, help="runs of the healthy network (default 200)")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios played at once (default 4)")
    parser.add_argument("--list", action="store_true", help="list the scenarios and stop")
    chosen = parser.parse_args()
    if chosen.list:
        for one in ALL:
            say(f"{one.row or 'own':>4}  {one.verdict or one.status:24} {one.name}")
        return 0
    if reason := why_not():
        say(reason)
        return 2
    known = by_name()
    scenarios = [known[name] for name in chosen.names] or list(ALL)
    for one in scenarios:
        if lacking(one):
            say(f"left out: {one.name}: {lacking(one)}")
    scenarios = [one for one in scenarios if not lacking(one)]
    bad = matrix(scenarios, chosen.runs, chosen.jobs) if chosen.runs else 0
    if not chosen.names:
        bad += healthy(chosen.healthy, chosen.jobs)
    return 1 if bad else 0


def matrix(scenarios: list[Scenario], runs: int, jobs: int) -> int:
    """Play each scenario `runs` times and print what came; return how many runs were not exact."""
    rounds = [one for one in scenarios for _ in range(runs)]
    cells: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for scenario, said in play_all(rounds, jobs):
        expected = scenario.verdict or scenario.status
        cells[expected, str(said["verdict"] or said["status"])] += 1
        found = faults(scenario, said)
        if found:
            wrong.append(f"{scenario.name}: {'; '.join(found)}")
            say(f"    {wrong[-1]}\n      {_brief(said)}")
    say("\nexpected                 got                       runs")
    for (expected, got), count in sorted(cells.items()):
        say(f"{expected:24} {got:24} {count:5} {'' if expected == got else '  <-- wrong'}")
    exact = len(rounds) - len(wrong)
    codes = len({one.verdict for one in scenarios})
    say(f"\n{len(scenarios)} scenarios, {codes} codes: {exact} of {len(rounds)} runs exact")
    return len(wrong)


def healthy(runs: int, jobs: int) -> int:
    """Play healthy networks and return how many runs called one faulty."""
    rounds = [HEALTHY[number % len(HEALTHY)] for number in range(runs)]
    wrong = [(one, said) for one, said in play_all(rounds, jobs) if faults(one, said)]
    say(f"healthy networks: {len(wrong)} of {runs} runs called faulty")
    for one, said in wrong:
        say(f"    {one.name}: {_brief(said)}")
    return len(wrong)


def _brief(said: dict[str, Any]) -> str:
    return str({key: value for key, value in said.items() if key not in ("operation", "where")})[:600]


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
