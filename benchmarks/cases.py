"""Figures of the case store: 100,000 cases listed, searched, opened, saved; operators at once; kills at random moments.

    python benchmarks/cases.py                      # SQLite, 100,000 cases
    python benchmarks/cases.py --store postgresql://desk@/cases?host=/run/postgresql
    python benchmarks/cases.py --kills 1000         # kill -9 so many times while answers are typed
    python benchmarks/cases.py --redaction          # masking a megabyte

Prints one line a figure; exits with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.cases.ids import new_id
from diagnostics.cases.listing import epoch
from diagnostics.cases.model import ConflictError, Cursor, Filter
from diagnostics.cases.places import Place, place_of
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.evidence import Observation
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
WORDS = (
    "已经回电",
    "用户说入口不见了",
    "信用卡逾期已还清",
    "让用户先更新微信",
    "换了手机号码",
    "青少年模式忘了关",
    "等银行答复",
    "网络时好时坏",
)
RUN = """
import sys
from pathlib import Path
from diagnostics.cases.casefile import CaseFile
from diagnostics.cases.places import Place
from diagnostics.knowledge import load
from diagnostics.session import Session
knowledge = load()
session = Session(knowledge, draft=CaseFile(knowledge, Place(file=Path(sys.argv[1])), folder=Path(sys.argv[2])))
session.resume()
for number in range(1000):
    session.answer({"debt.open_loans": number})
    print(number, flush=True)
"""
missed = False


def told(name: str, seconds: list[float], goal_ms: float) -> None:
    """Print the middle and the 95th percentile of some times, and whether the goal is met."""
    global missed
    p95 = statistics.quantiles(seconds, n=20)[18] * 1000
    missed = missed or p95 >= goal_ms
    met = "ok" if p95 < goal_ms else "MISSED"
    print(
        f"{name:<28} median {statistics.median(seconds) * 1000:7.2f} ms  p95 {p95:7.2f} ms  goal {goal_ms:g} ms  {met}"
    )


def timed(call: Callable[[], object], times: int) -> list[float]:
    """Return the seconds that each of so many calls took."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def fill(store: CaseStore, count: int, rng: random.Random) -> None:
    """Put so many cases into the store, written straight into its tables, in one go."""
    from sqlalchemy import insert

    from diagnostics.cases import rows
    from diagnostics.cases.schema import CASES, NOTES

    told_ = [
        Observation(id="account.teen_mode", value="on"),
        Observation(id="person.age", value=39, detail="band 18-60"),
    ]
    values = rows.judged(store.knowledge, told_)
    causes = sorted(store.knowledge.causes)
    begin = epoch("2026-01-01T00:00:00Z")
    for at in range(0, count, 5000):
        cases, notes = [], []
        for number in range(at, min(at + 5000, count)):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin + number * 60))
            id_ = new_id()
            cases.append({
                "id": id_, "version": 1, "place": (begin + number * 60) * 1_000_000, "label": f"工单 {number}",
                "operator": f"客服{number % 20}", "status": rng.choice(["open", "closed"]), "created_at": stamp,
                "updated_at": stamp, "seconds": 60, "lang": "zh",
                "consent_at": stamp, "changed_by": "", "writer": "", **values, "first_cause": rng.choice(causes),
            })  # fmt: skip
            notes.append(
                {
                    "id": new_id() * 2,
                    "case_id": id_,
                    "at": stamp,
                    "operator": "",
                    "text": f"{rng.choice(WORDS)}，第 {number} 次",
                }
            )
        with store.writing() as connection:
            connection.execute(insert(CASES), cases)
            connection.execute(insert(NOTES), notes)
            for case in cases:
                rows.reindex(connection, store.knowledge, str(case["id"]))


def figures(store: CaseStore, count: int) -> None:
    """Measure the store with this many cases in it."""
    rng = random.Random(8)
    start = time.perf_counter()
    fill(store, count, rng)
    print(f"{count} cases made in {time.perf_counter() - start:.0f} s")
    with store.writing() as connection:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("ANALYZE")
    ids = [row.id for row in store.list(limit=500).rows]
    newest = store.list(limit=1).rows[0]
    deep = Cursor(newest.place - count * 30_000_000, "zzzzzzzzzz")
    told("list, first page", timed(store.list, 200), 50)
    told("list, from the middle on", timed(lambda: store.list(after=deep), 200), 50)
    told("list, open, one operator", timed(lambda: store.list(Filter(status="open", operator="客服7")), 200), 50)
    for words in ("逾期", "逾", "换了手机号码", "青少年 工单", "工单", f"工单 {count // 2}", "没有的词"):
        told(f"search {words}", timed(lambda words=words: store.list(Filter(text=words)), 60), 50)  # type: ignore[misc]
    told("open", timed(lambda: store.open(rng.choice(ids)), 200), 50)
    told("note", timed(lambda: store.note(rng.choice(ids), "已经回电，打不通"), 100), 50)
    saving(store)
    together(store, 2 if store.place.file is not None else 20)


def saving(store: CaseStore) -> None:
    """Measure one answer after another."""
    id_, observations, version, taken = new_id(), list[Observation](), None, []
    for number in range(200):
        observations = [one for one in observations if one.id != "debt.open_loans"] + [
            Observation(id="debt.open_loans", value=number)
        ]
        start = time.perf_counter()
        version = store.save(id_, observations, version=version).version
        taken.append(time.perf_counter() - start)
    told("saving one answer", taken, 5)


def together(store: CaseStore, operators: int, edits: int = 10) -> None:
    """Let operators count one figure up at once; each reads, adds one and writes, again when told of another."""
    global missed
    id_ = new_id()
    store.save(id_, [Observation(id="debt.open_loans", value=0)], version=None)
    again = [0]

    def work(number: int) -> None:
        mine = open_store(store.knowledge, store.place, operator=f"客服{number}")
        done = 0
        while done < edits:
            case = mine.open(id_)
            try:
                mine.save(
                    id_,
                    [Observation(id="debt.open_loans", value=int(str(case.observations[0].value)) + 1)],
                    version=case.version,
                )
                done += 1
            except ConflictError:
                again[0] += 1
        mine.dispose()

    start = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(operators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    value = store.open(id_).observations[0].value
    missed = missed or value != operators * edits
    print(
        f"{operators} operators x {edits} edits: {value} arrived, {again[0]} told and repeated, "
        f"{time.perf_counter() - start:.1f} s"
    )


def kills(count: int) -> None:
    """Kill a run at random moments; each time the file must open whole and hold the last acknowledged answer."""
    global missed
    from diagnostics.cases.casefile import CaseFile

    knowledge, rng = load(), random.Random(9)
    lost = damaged = 0
    with tempfile.TemporaryDirectory() as folder:
        path, journal = Path(folder) / "cases.db", Path(folder) / "journal"
        for _ in range(count):
            with subprocess.Popen(
                [sys.executable, "-c", RUN, path, journal], cwd=ROOT, stdout=subprocess.PIPE, text=True
            ) as child:
                assert child.stdout is not None
                last = -1
                for _ in range(rng.randint(1, 12)):
                    last = int(child.stdout.readline())
                time.sleep(rng.random() / 100)
                child.kill()
                last = max([last, *(int(line) for line in child.stdout if line.endswith("\n"))])
            file = CaseFile(knowledge, Place(file=path), folder=journal)
            found = {one.id: one.value for one in file.read(knowledge)}
            with file.store().reading() as connection:
                whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            value = found.get("debt.open_loans", -1)
            lost += not isinstance(value, int) or value < last
            damaged += whole != "ok" or bool(file.notices)
            file.finish()
    missed = missed or bool(lost or damaged)
    print(f"{count} kills: {lost} with an acknowledged answer lost, {damaged} with a damaged file")


def redaction() -> None:
    """Measure the masking of a megabyte of ordinary text."""
    from diagnostics.redaction import Redactor

    text = (
        "用户说微信 8.0.49 里没有微粒贷入口，时间 2026-01-15 10:23:45，错误码 40001，手机 138 0013 8000。" * 30_000
    )[:1_000_000]
    told("masking 1 MB", timed(lambda: Redactor().redact(text), 5), 1000)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="a file or postgresql://...; left out, a file that is removed again")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--redaction", action="store_true")
    given = parser.parse_args()
    if given.redaction:
        redaction()
    elif given.kills:
        kills(given.kills)
    else:
        with tempfile.TemporaryDirectory() as folder:
            where = place_of(given.store) if given.store else Place(file=Path(folder) / "cases.db")
            store = open_store(load(), where)
            figures(store, given.cases)
            store.dispose()
            if where.file is not None:
                start = time.perf_counter()
                open_store(load(), where).dispose()
                print(
                    f"opened again in {(time.perf_counter() - start) * 1000:.0f} ms, "
                    f"{where.file.stat().st_size / 1e6:.0f} MB"
                )
    sys.exit(missed)


if __name__ == "__main__":
    main()
