"""Kill a run at a random moment and see what is left: a few times in the tests, a thousand times for the figures."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.knowledge import Knowledge
from tests.diagnostics.cases.conftest import ROOT

RUN: Final = """
import sys
from pathlib import Path
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.knowledge import load
from diagnostics.session import Session
knowledge = load()
session = Session(knowledge, draft=CaseFile(knowledge, StoreLocation(file=Path(sys.argv[1])), folder=Path(sys.argv[2])))
print(-1, flush=True)
session.resume()
for number in range(1000):
    session.answer({"debt.open_loans": number})
    print(number, flush=True)
"""
"""Answers one question again and again, and says each number when it is stored; -1 before the store is opened."""


class Left(NamedTuple):
    """What a kill left: the last number that was acknowledged, the one that is stored, what is wrong with the file."""

    told: int
    stored: int
    wrong: list[str]


def kill_once(knowledge: Knowledge, store: Path, journal: Path, rng: random.Random, most: int = 25) -> Left:
    """Kill one run, one in five before its first answer is stored, while it makes or opens the store."""
    answers = 0 if rng.random() < 0.2 else rng.randint(1, most)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, store, journal], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(answers + 1)][-1]
        time.sleep(rng.random() * (0.01 if answers else 0.15))
        child.kill()
        told = max([told, *(int(line) for line in child.stdout if line.endswith("\n"))])
    return Left(told, *_looked_at(knowledge, store, journal))


def _looked_at(knowledge: Knowledge, store: Path, journal: Path) -> tuple[int, list[str]]:
    """Take the run up again, as the next start does, and leave it to be taken up once more."""
    file = CaseFile(knowledge, StoreLocation(file=store), folder=journal)
    found = {one.id: one.value for one in file.read(knowledge)}
    with file.store().reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    wrong = [str(line) for line in said if line != "ok"] + file.notices
    cases = file.store().count()
    if cases > 1:
        wrong.append(f"{cases} cases out of one")
    left_behind = [path.name for path in store.parent.iterdir() if "repaired" in path.name or "damaged" in path.name]
    file.store().dispose()
    if file._lock is not None:
        file._lock.release(remove=True)
    return int(str(found.get("debt.open_loans", -1))), wrong + left_behind
