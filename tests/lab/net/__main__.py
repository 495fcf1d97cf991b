"""Play every scenario several times and print the confusion matrix: `python -m tests.lab.net`."""

import argparse
import sys
from collections import Counter

from tests.lab.net.faults import ALL, HEALTHY, by_name, faults, lacking
from tests.lab.net.players import play_all
from tests.lab.net.scenario import Scenario
from tests.lab.net.world import why_not


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
    wanted = [known[name] for name in chosen.names] or list(ALL)
    for one in filter(lacking, wanted):
        say(f"left out: {one.name}: {lacking(one)}")
    bad = matrix([one for one in wanted if not lacking(one) for _ in range(chosen.runs)], chosen.jobs)
    if not chosen.names:
        say("\nhealthy networks")
        bad += matrix([HEALTHY[number % len(HEALTHY)] for number in range(chosen.healthy)], chosen.jobs)
    return 1 if bad else 0


def matrix(rounds: list[Scenario], jobs: int) -> int:
    """Play these and print what came; return how many runs were not exact."""
    cells: Counter[tuple[str, str]] = Counter()
    bad = 0
    for scenario, said in play_all(rounds, jobs):
        cells[scenario.verdict or scenario.status, str(said["verdict"] or said["status"])] += 1
        if found := faults(scenario, said):
            bad += 1
            brief = {key: value for key, value in said.items() if key not in ("operation", "where")}
            say(f"    {scenario.name}: {'; '.join(found)}\n      {str(brief)[:600]}")
    say("\nexpected                 got                       runs")
    for (expected, got), count in sorted(cells.items()):
        say(f"{expected:24} {got:24} {count:5} {'' if expected == got else '  <-- wrong'}")
    say(f"\n{len({expected for expected, _ in cells})} codes: {len(rounds) - bad} of {len(rounds)} runs exact")
    return bad


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
