"""How many cases a second batch diagnoses, beside zen-engine on a decision table of the same size.

`python -m benchmarks.batch` (needs the extra `bench`). The table has a row for each row of the causes and a column for
each fact; zen-engine is given the facts ready made, collects every row that applies, and is compiled beforehand. Both
get the same people: choices by the stated shares, numbers and versions drawn wide, some answers missing. Rates are
over processor time of one process, in turns.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.__main__ import main
from benchmarks.figures import Row
from diagnostics.answers import read_literal
from diagnostics.batch import LINES, REPORTS, run, split_blocks
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.facts import Facts
from diagnostics.evidence import now
from diagnostics.knowledge import load
from diagnostics.knowledge.derived import OTHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.engine.assessment import Assessment
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Condition, Knowledge

PROGRAM: Final = str(Path(sys.executable).with_name("weilidai-doctor"))
SHORT: Final = ("outcome", "summary")
LOADING: Final = (
    "from time import process_time as now; from diagnostics.knowledge import load; t = now(); load(); print(now() - t)"
)
ROUNDS: Final = 3


def person(knowledge: Knowledge, chance: random.Random) -> dict[str, Value]:
    """Draw somebody's answers: one in seven is missing or unknown, money is rounded as people do."""
    told: dict[str, Value] = {}
    for question in knowledge.questions.values():
        shares = knowledge.weights.spread[question.id]
        if chance.random() < 0.9:
            drawn = read_literal(question.type, chance.choices(list(shares), list(shares.values()))[0])
            told[question.id] = "unknown" if chance.random() < 0.05 else drawn
    wide: dict[str, Value] = {
        "person.age": chance.randint(18, 60) if chance.random() < 0.92 else chance.randint(10, 80),
        "debt.monthly_income": chance.randint(0, 60) * 500,
        "debt.monthly_repayment": chance.randint(0, 24) * 500,
        "debt.open_loans": chance.randint(0, 8),
        "wechat.version": f"8.0.{chance.randint(20, 60)}",
        "os.version": f"Android {chance.randint(6, 15)}",
    }
    return told | {id_: value for id_, value in wide.items() if id_ in told and chance.random() < 0.9}


def table(knowledge: Knowledge, facts: list[str]) -> dict[str, Any]:
    """Write the rows of all causes as one decision table of zen-engine."""
    rows = [(cause.id, rule) for cause in knowledge.causes.values() for rule in cause.rule]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": f"i{at}", "name": name, "field": _field(name)} for at, name in enumerate(facts)],
        "outputs": [{"id": name, "name": name, "field": name} for name in ("cause", "status")],
        "rules": [
            {"_id": f"r{at}", "cause": json.dumps(cause), "status": json.dumps(rule.status)}
            | {f"i{column}": _cell(knowledge, rule.when.get(name)) for column, name in enumerate(facts)}
            for at, (cause, rule) in enumerate(rows)
        ],
    }
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": content},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


def _field(fact: str) -> str:
    return fact.replace(".", "_")


def _cell(knowledge: Knowledge, condition: Condition | None) -> str:
    """Write a condition in zen-engine's language."""
    if condition is None:
        return ""
    if condition.any is not None:
        return ", ".join(json.dumps(value) for value in condition.any)
    if condition.not_ is not None:
        return " and ".join(f"$ != {json.dumps(value)}" for value in condition.not_)
    if condition.empty is not None:
        return f"len($) {'==' if condition.empty else '>'} 0"
    if condition.absent is not None:
        return f"$ {'==' if condition.absent else '!='} null"
    bounds = (("<", condition.below), (">", condition.above), (">=", condition.at_least), ("<=", condition.at_most))
    held = [
        f"$ {sign} {knowledge.limits[bound[1:]] if isinstance(bound, str) else bound}"
        for sign, bound in bounds
        if bound is not None
    ]
    return " and ".join(["$ != null", *held])


def _plain(found: Assessment, names: list[str]) -> dict[str, Any]:
    """Return the facts as zen-engine takes them: JSON values, null where nothing is known."""
    facts = Facts(found.knowledge, found.values)
    values = {name: facts[name].value for name in names}
    values |= {name: "yes" if holds else "no" for name, holds in zip(OTHERS, (found.stopped, found.clear), strict=True)}
    values |= {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    plain = (str, int, float, list, type(None))
    return {_field(name): value if isinstance(value, plain) else float(value) for name, value in values.items()}


class Zen:
    """zen-engine with the table compiled; raises AssertionError where it decides otherwise than the rules."""

    def __init__(self, knowledge: Knowledge, people: list[dict[str, Value]]) -> None:
        try:
            import zen
        except ImportError:
            raise SystemExit("benchmarks.batch needs zen-engine: pip install 'weilidai-doctor[bench]'") from None
        names = sorted({name for cause in knowledge.causes.values() for rule in cause.rule for name in rule.when})
        cases = [assess_answers(knowledge, answers, now()) for answers in people]
        self.contexts = [_plain(found, names) for found in cases]
        content = json.dumps(table(knowledge, names))
        compiled = zen.ZenDecisionContent(content)
        self._engine = zen.ZenEngine({"loader": lambda _key: compiled})
        self._decision = zen.ZenEngine().create_decision(content)
        for found, context in zip(cases, self.contexts, strict=True):
            ours = {(one.cause.id, rule.status) for one in found.table.causes
                    for rule, row in zip(one.cause.rule, one.rows, strict=True)
                    if found.bits_met & row.mask == row.mask}  # fmt: skip
            theirs = {(row["cause"], row["status"]) for row in self._engine.evaluate("", context)["result"]}
            assert ours == theirs, ours ^ theirs

    def compiled(self) -> None:
        """Decide every case with the table compiled once and found by a loader."""
        for context in self.contexts:
            self._engine.evaluate("", context)

    def created(self) -> None:
        """Decide every case with a decision created from its content, as the first page of its documentation has it."""
        for context in self.contexts:
            self._decision.evaluate(context)


def rate(call: Callable[[], object], count: int) -> float:
    """Return how many of `count` cases a second of processor time came to."""
    began = time.process_time()
    call()
    return count / (time.process_time() - began)


def diagnosed(knowledge: Knowledge, lines: bytes, fields: tuple[str, ...]) -> None:
    """Diagnose lines as the command does, with its setting of the garbage collector, and throw the reports away."""
    import_module("tui")
    with Path(os.devnull).open("wb") as sink:
        for done in run(knowledge, split_blocks(io.BytesIO(lines).read1, LINES if fields else REPORTS), fields=fields):
            sink.writelines(done.pieces)


def rates(knowledge: Knowledge, count: int, rounds: int) -> dict[str, float]:
    """Measure both in turns, so that a busy machine is busy for both; medians."""
    chance = random.Random(1)
    people = [person(knowledge, chance) for _ in range(count)]
    cases = [json.dumps({"id": at, "answers": told}, ensure_ascii=False) for at, told in enumerate(people)]
    lines = "\n".join(cases).encode()
    few = max(count // 10, 1)
    zen = Zen(knowledge, people[:few])
    calls: dict[str, tuple[Callable[[], object], int]] = {
        "short": (lambda: diagnosed(knowledge, lines, SHORT), count),
        "whole": (lambda: diagnosed(knowledge, lines, ()), count),
        "compiled": (zen.compiled, few),
        "created": (zen.created, few),
    }
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, size) in calls.items():
            found[name].append(rate(call, size))
    return {name: statistics.median(values) for name, values in found.items()}


def script(*words: str) -> tuple[float, float]:
    """Run `weilidai-doctor batch`, its output thrown away; returns seconds and the most memory in MiB."""
    began = time.perf_counter()
    memory = 0.0
    with subprocess.Popen([PROGRAM, "batch", *words, "-o", os.devnull]) as process:
        status = Path(f"/proc/{process.pid}/status")  # what `wait4` tells begins with the memory of whoever started it
        while process.poll() is None:
            peak = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            memory = max(memory, *(int(kib) / 1024 for kib in peak), 0.0)
            time.sleep(0.005)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - began, memory


def written(folder: Path, count: int) -> str:
    """Write a file of so many cases: a thousand people, over and over, under new ids and ages."""
    knowledge, chance = load(), random.Random(2)
    people = [person(knowledge, chance) for _ in range(1000)]
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for at in range(count):
            answers = people[at % 1000] | {"debt.monthly_income": at % 30_000}
            file.write(json.dumps({"id": at, "answers": answers}, ensure_ascii=False) + "\n")
    return str(path)


def start(words: tuple[str, ...], times: int) -> float:
    """Return the median processor time of a program started with these words, in ms."""
    taken = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken) * 1000


def loading(times: int) -> float:
    """Return the median processor time of loading the knowledge base in a process that has only imported it, in ms."""
    program = (sys.executable, "-c", LOADING)
    found = (subprocess.run(program, check=True, capture_output=True, text=True).stdout for _ in range(times))
    return statistics.median(map(float, found)) * 1000


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield every figure."""
    found = rates(load(), 50 if quick else 10_000, 1 if quick else ROUNDS)
    for name, zh, key, goal in (
        ("cases a second, outcome and summary", "每秒案例数，只要结论与摘要", "short", 5),
        ("cases a second, whole reports", "每秒案例数，完整报告", "whole", 1),
    ):
        yield Row(name=name, zh=zh, value=found[key], unit="/s", reference="zen-engine", reference_zh="zen-engine",
                  reference_value=found["created"], goal=goal, of="ratio", at_least=True)  # fmt: skip
        yield Row(name=f"{name}, table found compiled", zh=f"{zh}，对照为预先编译的表", value=found[key], unit="/s",
                  reference="zen-engine, loader", reference_zh="zen-engine（loader）",
                  reference_value=found["compiled"])  # fmt: skip
    with tempfile.TemporaryDirectory() as name_:
        folder = Path(name_)
        few, many = written(folder, 1000), written(folder, 1000 if quick else 1_000_000)
        words = ("--fields", ",".join(SHORT))
        _, small = script(few, *words)
        _, large = script(many, *words)
        yield Row(name="memory for 1,000,000 lines beyond that for 1,000", zh="一百万行比一千行多用的内存",
                  value=large - small, unit="MiB", goal=20)  # fmt: skip
        for what, zh, count, more in (
            ("two processes, outcome and summary", "两个进程，只要结论与摘要", 300_000, words),
            ("two processes, whole reports", "两个进程，完整报告", 20_000, ()),
        ):
            path = written(folder, 1000 if quick else count)
            ones, twos = [], []
            for _ in range(1 if quick else 2):
                ones.append(script(path, *more)[0])
                twos.append(script(path, "--jobs", "2", *more)[0])
            yield Row(name=what, zh=zh, value=count / min(twos), unit="/s", reference="one", reference_zh="一个进程",
                      reference_value=count / min(ones), goal=1.8, of="ratio", at_least=True)  # fmt: skip
    times = 2 if quick else 31
    yield Row(name="loading the knowledge base from its compiled copy, processor time", zh="从编译好的副本读知识库",
              value=loading(times), unit="ms", goal=3)  # fmt: skip
    empty = start((sys.executable, "-c", "import click, packaging.version"), times)
    check = (PROGRAM, "check", "--offline", "--json")
    answered = (*check, "--set", "person.age=35", "--wechat-version", "8.0.49")
    starts: tuple[tuple[str, str, tuple[str, ...], float | None], ...] = (
        ("cold start of check --offline --json, processor time", "check --offline --json 冷启动", check, 2.0),
        ("the same with an answer and a version", "同上，带一个回答和版本", answered, None),
    )
    for name, zh, command, most in starts:
        yield Row(name=name, zh=zh, value=start(command, times), unit="ms", goal=most, of="ratio",
                  reference="python with click and packaging", reference_zh="导入 click 与 packaging 的 Python",
                  reference_value=empty)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(["--only", "batch", *sys.argv[1:]]))
