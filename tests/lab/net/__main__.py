"""Play scenarios several times and print every run that was not exact: `python -m tests.lab.net [NAME...]`."""

import argparse
import sys

from tests.lab.net.faults import by_name, faults, lacking
from tests.lab.net.players import play_all
from tests.lab.net.world import why_not


def main() -> int:
    """Play what was asked for; 0 when every code was exact and nothing healthy was called faulty."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.net", description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios to play (default: all, healthy networks among them)")
    parser.add_argument("--runs", type=int, default=3, help="times each is played (default 3)")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios played at once (default 4)")
    chosen = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    wanted = [one for name, one in by_name().items() if name in chosen.names or not chosen.names]
    for one in filter(lacking, wanted):
        print(f"left out: {one.name}: {lacking(one)}")
    rounds, bad = [one for one in wanted if not lacking(one)] * chosen.runs, 0
    for scenario, said in play_all(rounds, chosen.jobs):
        if found := faults(scenario, said):
            bad += 1
            print(f"{scenario.name}: {'; '.join(found)}\n  {str(said)[:600]}", flush=True)
    print(f"{len(rounds) - bad} of {len(rounds)} runs exact")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
