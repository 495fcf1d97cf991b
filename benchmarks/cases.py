"""Figures of the case store: 100,000 cases listed, searched, opened, saved; operators at once; kills at random moments.

python -m benchmarks.cases                      # SQLite, 100,000 cases
python -m benchmarks.cases --store postgresql://desk@/cases?host=/run/postgresql
python -m benchmarks.cases --kills 1000         # kill -9 so many times while answers are typed
python -m benchmarks.cases --cases 300000       # another number of cases
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.__main__ import main, shown
from benchmarks.figures import Row, p95, timed
from diagnostics.cases.model import ConflictError, Filter, StoreLocation, epoch, location_of, new_id
from diagnostics.cases.stats import stats
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
from tests.diagnostics.cases.kills import kill_once

if TYPE_CHECKING:
    from collections.abc import Iterator

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
CASES = 100_000


def row(name: str, zh: str, seconds: list[float], goal_ms: float) -> Row:
    """Return the 95th percentile of some times, with its goal."""
    return Row(name=f"{name}, p95", zh=f"{zh}，第 95 百分位", value=p95(seconds) * 1000, unit="ms", goal=goal_ms)


def fill(store: CaseStore, count: int, rng: random.Random) -> None:
    """Put so many cases into the store, written straight into its tables, in one go."""
    from sqlalchemy import insert

    from diagnostics.cases import queries
    from diagnostics.cases.schema import CASES, NOTES

    told_ = [
        Observation(id="account.teen_mode", value="on"),
        Observation(id="person.age", value=39, detail="band 18-60"),
    ]
    values = queries.judged(store.knowledge, told_)
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
    with store.writing() as connection:
        queries.reindex(connection, store.knowledge)


def store_rows(store: CaseStore, count: int, times: int) -> Iterator[Row]:
    """Measure the store with this many cases in it, each thing so many times."""
    rng = random.Random(8)
    fill(store, count, rng)
    with store.writing() as connection:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("ANALYZE")
    ids = [one.id for one in store.list(limit=500).rows]
    newest = store.list(limit=1).rows[0]
    deep = newest.place - count * 30_000_000
    many = f"{count:,}"
    yield row(f"list of {many}, first page", f"{many} 个案例的列表，第一页", timed(store.list, times), 50)
    yield row("list, from the middle on", "列表，从中间开始", timed(lambda: store.list(after=deep), times), 50)
    only = Filter(status="open", operator="客服7")
    yield row("list, open, one operator", "列表，未结、一位客服", timed(lambda: store.list(only), times), 50)
    searches = ("逾期", "逾", "换了手机号码", "青少年 工单", "工单", f"工单 {count // 2}", "没有的词")
    searched = [timed(partial(store.list, Filter(text=words)), times // 3 + 1) for words in searches]
    slowest = max(searched, key=p95)
    yield row("search, the slowest of 7 texts", "搜索，7 段文字里最慢的", slowest, 50)
    first = timed(lambda: stats(store, Filter()), 1)
    yield Row(name=f"statistics, once after {many} cases came at once", zh=f"统计，{many} 个案例一次涌入后的第一次",
              value=first[0] * 1000, unit="ms")  # fmt: skip
    yield row("statistics", "统计", timed(lambda: stats(store, Filter()), times // 2 + 1), 150)
    yield row("open one", "打开一个", timed(lambda: store.open(rng.choice(ids)), times), 50)
    yield row("note", "记一笔", timed(lambda: store.note(rng.choice(ids), "已经回电，打不通"), times // 2 + 1), 50)
    yield saving(store, times)
    yield together(store, 2 if store.place.file is not None else 20)


def saving(store: CaseStore, times: int) -> Row:
    """Measure one answer after another."""
    id_, observations, version, taken = new_id(), list[Observation](), None, []
    for number in range(times):
        observations = [one for one in observations if one.id != "debt.open_loans"] + [
            Observation(id="debt.open_loans", value=number)
        ]
        start = time.perf_counter()
        version = store.save(id_, observations, version=version)
        taken.append(time.perf_counter() - start)
    return row("saving one answer", "保存一个回答", taken, 5)


def together(store: CaseStore, operators: int, edits: int = 10) -> Row:
    """Let operators count one figure up at once; each reads, adds one and writes, again when told of another."""
    id_ = new_id()
    store.save(id_, [Observation(id="debt.open_loans", value=0)], version=None)

    def work(number: int) -> None:
        mine = open_store(store.knowledge, store.place, operator=f"客服{number}")
        done = 0
        while done < edits:
            case = mine.open(id_)
            value = int(str(case.observations[0].value)) + 1
            with contextlib.suppress(ConflictError):
                mine.save(id_, [Observation(id="debt.open_loans", value=value)], version=case.version)
                done += 1
        mine.dispose()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(operators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Row(
        name=f"{operators} operators at once: edits that arrived",
        zh=f"{operators} 人同时改：没有丢失的修改",
        value=int(str(store.open(id_).observations[0].value)),
        reference="edits made",
        reference_zh="做了的修改",
        reference_value=operators * edits,
        goal=1,
        of="ratio",
        at_least=True,
    )


def kills(count: int) -> Iterator[Row]:
    """Kill runs at random moments, ten of them on one file; each time it must open whole, with the last answer."""
    knowledge, rng = load(), random.Random(9)
    lost = damaged = 0
    for at in range(0, count, 10):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(min(10, count - at)):
                left = kill_once(knowledge, Path(folder) / "cases.db", Path(folder) / "journal", rng)
                lost += left.stored < left.told
                damaged += bool(left.wrong)
    yield Row(
        name=f"{count:,} kills: acknowledged answers lost",
        zh=f"{count:,} 次强行中止：丢失的已确认回答",
        value=lost,
        goal=0,
    )
    yield Row(name="kills: damaged files", zh="强行中止：损坏的文件", value=damaged, goal=0)


def redaction() -> Row:
    """Measure the masking of a megabyte of ordinary text."""
    from diagnostics.redaction import Redactor

    text = (
        "用户说微信 8.0.49 里没有微粒贷入口，时间 2026-01-15 10:23:45，错误码 40001，手机 138 0013 8000。" * 30_000
    )[:1_000_000]
    taken = timed(lambda: Redactor().redact(text), 3)
    return Row(name="masking 1 MB", zh="遮盖 1 MB 文字", value=max(taken), unit="s", goal=1)


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Measure a store in a file that is removed again, a few kills, and masking."""
    with tempfile.TemporaryDirectory() as folder:
        where = StoreLocation(file=Path(folder) / "cases.db")
        store = open_store(load(), where)
        yield from store_rows(store, 300 if quick else CASES, 5 if quick else 200)
        store.dispose()
    yield from kills(2 if quick else 100)
    if not quick:
        yield redaction()


def by_hand() -> int:
    """Measure another store, or with more kills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="postgresql://... or a file; its cases stay in it")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--cases", type=int, default=CASES)
    given, rest = parser.parse_known_args()
    if not given.store and not given.kills and given.cases == CASES:
        return main(["--only", "cases", *rest])
    if given.kills:
        return shown("cases", kills(given.kills))
    with tempfile.TemporaryDirectory() as folder:
        place = location_of(given.store or f"{folder}/cases.db")
        return shown("cases", store_rows(open_store(load(), place), given.cases, 50))


if __name__ == "__main__":
    sys.exit(by_hand())
