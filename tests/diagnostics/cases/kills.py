"""Processes that are killed at random moments, alone or at one case with others, and what is left of their work."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import CaseStore
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


RIVAL: Final = """
import sys, time
from pathlib import Path
from diagnostics.cases.model import ConflictError, StoreGoneError, location_of
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
place, case, name, count = sys.argv[1:]
store = None
while store is None:
    try:
        store = open_store(load(), location_of(place), operator=name, journal=Path(name) / "nowhere")
    except StoreGoneError:
        time.sleep(0.1)

def count_up():
    while True:
        held = store.open(case)
        more = [Observation(id="debt.open_loans", value=int(held.observations[0].value) + 1)]
        try:
            return store.save(case, more, version=held.version)
        except ConflictError:
            pass

for number in range(int(count)):
    uid = f"{name}-{number}"
    changes = {"note": lambda: store.note(case, f"打 13800138000 {uid}"), "tag": lambda: store.tag(case, [uid]),
               "count": count_up}
    for kind, change in changes.items():
        print("begun", kind, uid, flush=True)
        try:
            change()
            print("done", kind, uid, flush=True)
        except StoreGoneError:
            time.sleep(0.1)
"""
"""Notes, tags and counts up a figure of one case, each under its own name; says what it begins and what it has done."""


def rivals(store: CaseStore, case: str, count: int, disturb: Callable[[], None]) -> list[str]:
    """Let four processes change one case at once, kill one and `disturb` the others; returns what is wrong then."""
    where, lines = store.place.url or str(store.place.file), list[str]()
    with contextlib.ExitStack() as stack:
        commands = [[sys.executable, "-c", RIVAL, where, case, f"客服{number}", str(count)] for number in range(4)]
        children = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
            for command in commands
        ]
        for child in children:
            assert child.stdout is not None
            lines += [child.stdout.readline() for _ in range(4)]
        children[0].kill()
        disturb()
        for child in children:
            assert child.stdout is not None
            lines += [line for line in child.stdout if line.endswith("\n")]
    told = {state: [tuple(line.split()[1:]) for line in lines if line.startswith(state)] for state in ("begun", "done")}
    held = store.open(case)
    notes = [note.text.rpartition(" ")[2] for note in held.notes]
    found = {"note": notes, "tag": list(held.tags), "count": [""] * int(str(held.observations[0].value))}
    wrong = [f"ended with {child.returncode}" for child in children[1:] if child.returncode]
    for kind, uids in found.items():
        begun, done = ([uid for one, uid in told[state] if one == kind] for state in ("begun", "done"))
        if not len(done) <= len(uids) <= len(begun):
            wrong.append(f"{kind}: {len(done)} done, {len(begun)} begun, {len(uids)} found")
        if kind != "count" and (len(set(uids)) < len(uids) or not set(done) <= set(uids)):
            wrong.append(f"{kind} lost or doubled: {sorted(done)}, {sorted(uids)}")
    return wrong
