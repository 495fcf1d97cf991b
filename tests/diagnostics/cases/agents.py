"""Several agents at one store, each a process: random changes with kills and restarts in between, held against a model.

Every agent writes down what it is about to do, and what came of it, before it goes on; a kill leaves the first without
the second. `judge` says what of the store does not follow from these logs.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from diagnostics.cases.model import (
    Case,
    DeletedError,
    Filter,
    NoSuchCaseError,
    StoreError,
    StoreGoneError,
    StoreLocation,
    new_id,
)
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
from tests.diagnostics.cases.conftest import ROOT, TOLD

AGENTS: Final = 5
CHANGES: Final[dict[str, int]] = {
    "make": 6, "answers": 14, "note": 20, "tag": 10, "close": 12, "reopen": 8, "label": 10, "owner": 8, "due": 8,
    "delete": 2,
}  # fmt: skip
"""What an agent does, and how often."""
_VERSIONED: Final = frozenset({"answers", "close", "reopen", "label", "owner", "due"})
_DRIVERS_WORDS: Final = re.compile("UNIQUE|duplicate key|psycopg|sqlite|SELECT|INSERT|deadlock|FATAL|Traceback")
_GIVEN: Final = {"proven": ("close", "reopen"), "label": ("made", "label"), "owner": ("owner",), "due_on": ("due",)}
"""What the history says of a case beside its answers, and the kinds of change that give it."""
_CAUSES: Final = ("teen_mode", "student", "income", "unsettled", "entry_found")


def work(place: StoreLocation, log: Path, seed: str, count: int, name: str) -> None:
    """Do so many random things under this name."""
    rng, knowledge = random.Random(seed), load()
    store: CaseStore | None = None
    with log.open("a", encoding="utf-8") as file:

        def write(**record: Any) -> None:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()

        file.write("\n")  # behind what a kill may have torn
        for number in range(count):
            uid = f"{seed}-{number}"
            while store is None:
                try:
                    store = open_store(knowledge, place, operator=name, journal=log.parent / f"journal-{name}")
                except StoreGoneError:
                    time.sleep(0.1)
            try:
                ids = [row.id for row in store.list(limit=12).rows]
                kind = rng.choices(list(CHANGES), list(CHANGES.values()))[0] if ids else "make"
                case = new_id() if kind == "make" else rng.choice(ids)
                seen = store.open(case).version if kind in _VERSIONED else None
            except StoreError:
                continue  # nothing was begun: another deleted it, or the server is away
            write(uid=uid, kind=kind, case=case, seen=seen, by=name)
            try:
                made = _do(store, rng, kind, case, seen, uid, name)
                write(uid=uid, ok=True, **made)
            except StoreError as error:
                told = [error.text(lang).removeprefix(place.name) for lang in ("zh", "en")]
                bad = not all(told) or any(map(_DRIVERS_WORDS.search, told))
                maybe = isinstance(error, StoreGoneError)
                write(uid=uid, ok=False, maybe=maybe, error=type(error).__name__, told=told[0], bad=bad)
    if store is not None:
        store.dispose()


def _do(
    store: CaseStore, rng: random.Random, kind: str, case: str, seen: int | None, uid: str, name: str
) -> dict[str, Any]:
    """Do one thing; returns what is to be found in the store afterwards."""
    told = [Observation(id="debt.open_loans", value=rng.randrange(1000))]
    day, cause = f"2026-12-{rng.randrange(1, 29):02}", rng.choice(_CAUSES)
    value = {"answers": told[0].value, "close": cause, "label": f"标{uid}", "owner": name, "due": day}.get(kind)
    changes: dict[str, Callable[[], Any]] = {
        "make": lambda: store.save(case, TOLD, version=None, label=f"L{case}", writer=uid),
        "answers": lambda: store.save(case, told, version=seen, writer=uid),
        "note": lambda: store.note(case, f"打 138{rng.randrange(10**8):08} {uid}"),
        "tag": lambda: store.tag(case, [uid, "同一个"]),
        "delete": lambda: store.delete(case),
        "close": lambda: store.close(case, cause, version=seen),
        "reopen": lambda: store.reopen(case, version=seen),
        "label": lambda: store.rename(case, f"标{uid}", version=seen),
        "owner": lambda: store.own(case, name, version=seen),
        "due": lambda: store.follow_up(case, day, version=seen),
    }
    done = changes[kind]()
    return {"version": done if isinstance(done, int) else getattr(done, "version", None), "value": value}


def run(
    place: StoreLocation, folder: Path, seed: int, operations: int, *, restart: Callable[[], None] | None = None
) -> tuple[list[str], dict[str, int]]:
    """Let the agents work until each has done its share; returns what is wrong, and how much there was of what."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    share = operations // AGENTS
    counts: dict[str, int] = defaultdict(int)
    agents: dict[int, subprocess.Popen[bytes]] = {}
    begun = dict.fromkeys(range(AGENTS), 0)

    def done_by(number: int) -> int:
        return sum("kind" in record for record in _read(folder / f"{number}.log"))

    deadline = time.monotonic() + 120 + 2 * operations
    next_kill, next_restart = operations // 12, operations // 5
    try:
        while time.monotonic() < deadline:
            for number in range(AGENTS):
                left = share - done_by(number)
                if left > 0 and (number not in agents or agents[number].poll() is not None):
                    begun[number] += 1
                    words = (place.url or str(place.file), folder / f"{number}.log", f"{seed}-{number}-{begun[number]}",
                             left, f"客服{number}")  # fmt: skip
                    agents[number] = subprocess.Popen(
                        [sys.executable, "-m", "tests.diagnostics.cases.agents", *map(str, words)], cwd=ROOT
                    )
            running = [one for one in agents.values() if one.poll() is None]
            done = sum(map(done_by, range(AGENTS)))
            if not running:
                if done >= share * AGENTS:
                    break
                continue  # one ended just now with less than its share, and is begun again
            if done > next_kill:
                os.kill(rng.choice(running).pid, signal.SIGKILL)
                counts["kills"] += 1
                next_kill = done + rng.randint(5, max(6, operations // 12))
            if restart is not None and done > next_restart:
                restart()
                counts["restarts"] += 1
                next_restart = done + rng.randint(operations // 6, operations // 3)
            time.sleep(0.05)
    finally:
        for one in agents.values():
            if one.poll() is None:
                one.kill()
            one.wait()
    records = [record for log in sorted(folder.glob("*.log")) for record in _read(log)]
    wrong = [f"agent {number} did not end" for number in range(AGENTS) if done_by(number) < share]
    return wrong + judge(place, records, counts), dict(counts)


def _read(log: Path) -> list[dict[str, Any]]:
    """Return what an agent wrote down; a line that a kill tore says nothing, for it comes before what it tells of."""
    records = []
    for line in log.read_bytes().splitlines() if log.exists() else ():
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return [record for record in records if isinstance(record, dict)]


def judge(place: StoreLocation, records: list[dict[str, Any]], counts: dict[str, int]) -> list[str]:
    """Return what of the store does not follow from what the agents wrote down."""
    ends = {one["uid"]: one for one in records if "ok" in one}
    begun: dict[str, list[dict[str, Any]]] = defaultdict(list)
    wrong: list[str] = []
    for one in records:
        if "kind" in one:
            end = ends.get(one["uid"])
            state = "killed" if end is None else "done" if end["ok"] else "perhaps" if end["maybe"] else "refused"
            counts[state] += 1
            begun[one["case"]].append({**one, **(end or {}), "state": state})
            if end is not None and end.get("bad"):
                wrong.append(f"told badly: {end}")
    store = open_store(load(), place, journal=Path(os.devnull).parent / "nowhere")
    try:
        for case, changes in begun.items():
            wrong += [f"{case}: {what}" for what in _judge_case(store, case, changes)]
        wrong += ["cases without words"] if store.rebuild_words() else []
        if place.file is not None:
            with store.reading() as connection:
                said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            wrong += [line for line in said if line != "ok"]
    finally:
        store.dispose()
    counts["cases"] = len(begun)
    return wrong


def _judge_case(store: CaseStore, case: str, changes: list[dict[str, Any]]) -> list[str]:
    by = {state: [one for one in changes if one["state"] == state] for state in ("done", "perhaps", "killed")}
    open_ends = by["perhaps"] + by["killed"]
    deleted = [one for one in by["done"] if one["kind"] == "delete"]
    try:
        held = store.open(case)
    except DeletedError:
        return [] if deleted or any(one["kind"] == "delete" for one in open_ends) else ["deleted by nobody"]
    except NoSuchCaseError:
        return [] if not any(one["kind"] == "make" for one in by["done"]) else ["lost"]
    if deleted:
        return ["still there although it was deleted"]
    wrong: list[str] = []
    notes = [note.text.rpartition(" ")[2] for note in held.notes]
    for one in changes:
        times = notes.count(one["uid"]) if one["kind"] == "note" else None
        if times is not None and not (one["state"] == "done") <= times <= (one["state"] != "refused"):
            wrong.append(f"note {one['uid']} is there {times} times, {one['state']}")
        if one["kind"] == "tag" and one["state"] == "done" and one["uid"] not in held.tags:
            wrong.append(f"tag {one['uid']} is lost")
    versioned = [one for one in by["done"] if one["kind"] in _VERSIONED]
    changed = [one for one in versioned if one["version"] == one["seen"] + 1]
    versions = [one["version"] for one in changed]
    if len(set(versions)) != len(versions):
        wrong.append(f"two were told of success on one version: {sorted(versions)}")
    unsure = sum(one["kind"] in _VERSIONED for one in open_ends)
    if not len(versions) <= held.version - 1 <= len(versions) + unsure:
        wrong.append(f"version {held.version} after {len(versions)} changes and {unsure} unsure ones")
    events = {one.version: one for one in held.history if one.kind in (*_VERSIONED, "undue")}
    for one in changed:
        event = events.get(one["version"])
        told = (one["kind"], one["by"], str(one.get("value") or ""))
        if one["kind"] != "answers" and (event is None or (event.kind, event.operator, event.detail) != told):
            wrong.append(f"the history says {event} of {one}")
    wrong += [f"{name} is {getattr(held, name)!r}" for name, kinds in _GIVEN.items() if not _as_told(held, name, kinds)]
    if case not in [row.id for row in store.list(Filter(text=held.label)).rows]:
        wrong.append("is not found by its label")
    return wrong


def _as_told(held: Case, name: str, kinds: tuple[str, ...]) -> bool:
    last = next((one for one in reversed(held.history) if one.kind in kinds), None)
    return last is None or (getattr(held, name) or "") == ("" if last.kind == "reopen" else last.detail)


if __name__ == "__main__":
    where, log_, seed_, count_, name_ = sys.argv[1:]
    found = StoreLocation(url=where) if where.startswith("postgresql") else StoreLocation(file=Path(where))
    work(found, Path(log_), seed_, int(count_), name_)
