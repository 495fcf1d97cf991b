"""The page judges and asks as the program does: thousands of random people through the page's script under node."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from benchmarks.people import HEALTHY
from diagnostics.answers import observations
from diagnostics.engine.assessment import assess
from diagnostics.engine.interview import interview
from diagnostics.evidence import Evidence
from diagnostics.knowledge import load
from diagnostics.questionnaire.page_data import compiled
from tests.fuzz.people import NUMBERS

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge, Question

STATIC = Path(__file__).parents[3] / "diagnostics" / "questionnaire" / "static"
NODE = shutil.which("node")
MISSING = "no node here: apt-get install nodejs"
PEOPLE = 3_000
VERSIONS = ("8.0.49", "8.0.0", "7.0.22", "8.0", "7.9", "8.1", "6.7.2", "3.9.12.51", "8.0.300")
SYSTEMS = ("13", "5.1", "12.0", "6", "6.0.1", "11", "12", "4.4")
SCRIPT = """
const people = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(people.map(([answers, goOn]) => {
  const asked = interview(answers, goOn), status = {};
  asked.verdicts.forEach((one) => { status[one.cause.id] = one.status; });
  return [Object.entries(status), asked.remaining, asked.left, asked.stop, asked.next && asked.next.ids];
})));
"""


def drawn(question: Question, chance: random.Random) -> Any:
    ids = [choice.id for choice in question.value]
    if chance.random() < 0.1:
        return "unknown"
    if question.type == "choices":
        return chance.sample(ids, chance.randint(0, len(ids)))
    if question.type == "choice":
        return chance.choice(ids)
    if question.type == "text":
        return chance.choice(VERSIONS if question.id.startswith("wechat") else SYSTEMS)
    return chance.choice((*NUMBERS.get(question.id, (0, 1, 50, 70, 100)), chance.randint(0, 130)))


def drawn_people(knowledge: Knowledge, count: int) -> list[tuple[dict[str, Any], bool]]:
    chance = random.Random(20_261_129)
    people = []
    for _ in range(count):
        share = chance.choice((0.0, 0.05, 0.1, 0.3, 0.6, 0.9, 1.0))
        order = list(knowledge.questions.values())
        chance.shuffle(order)
        people.append(({one.id: drawn(one, chance) for one in order if chance.random() < share}, chance.random() < 0.5))
    well = {**HEALTHY, "wechat.version": "8.0.49", "os.version": "13"}
    settled = {id_: value for id_, value in well.items() if id_ != "income.stability"} | {"account.teen_mode": "on"}
    return [*people, (well, False), (settled, False)]


def by_page(knowledge: Knowledge, people: list[tuple[dict[str, Any], bool]], folder: Path) -> list[Any]:
    """Run the page's own scripts, in their order, on these people."""
    assert NODE is not None, MISSING
    data = json.dumps(msgspec.to_builtins(compiled(knowledge, "zh")))
    head = f"const document = {{ getElementById: () => ({{ textContent: {json.dumps(data)} }}) }};\n"
    scripts = [(STATIC / name).read_text("utf-8") for name in ("engine.js", "versions.js")]
    (folder / "page.js").write_text(head + "\n".join(scripts) + SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [NODE, str(folder / "page.js")], input=json.dumps(people), capture_output=True, text=True, timeout=60,
        encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def by_program(knowledge: Knowledge, answers: dict[str, Any], go_on: bool) -> list[Any]:
    found = assess(knowledge, Evidence(observations(answers)))
    asked = interview(knowledge, found, go_on=go_on)
    status = [[id_, one.status] for id_, one in found.verdicts.items()]
    return [status, list(asked.remaining), asked.pages_left, asked.stop_reason]


def hold(knowledge: Knowledge, folder: Path, count: int = PEOPLE) -> list[Any]:
    people = drawn_people(knowledge, count)
    told = by_page(knowledge, people, folder)
    for (answers, go_on), page in zip(people, told, strict=True):
        program = by_program(knowledge, answers, go_on)
        if program[3] in ("look_first", "enough"):  # what is heard of the advice, which the page does not know
            program[3] = page[3]
        assert page[:4] == program, (answers, go_on)
    return told


def test_random_people_are_judged_and_asked_alike(tmp_path: Path) -> None:
    told = hold(load(), tmp_path)
    assert {one[3] for one in told} == {"entry_found", "requirement_confirmed", "settled", "nothing_left", None}
    assert {status for one in told for _, status in one[0]} == {
        "confirmed", "likely", "possible", "unknown", "ruled_out",
    }  # fmt: skip


@pytest.mark.parametrize("loans", [0, 1])
def test_nobody_without_debts_is_asked_for_the_income(loans: int, tmp_path: Path) -> None:
    answers = {"debt.monthly_repayment": 0, "debt.open_loans": loans, "person.age": 30}
    ((_, remaining, *_),) = by_page(load(), [(answers, True)], tmp_path)
    assert ("debt.monthly_income" in remaining) is bool(loans)


@pytest.mark.parametrize("version", ["8.0.30", "8.1"])
def test_other_minimums_and_limits_hold_on_the_page_too(version: str, tmp_path: Path) -> None:
    knowledge = load()
    rows = tuple(msgspec.structs.replace(row, version=version) for row in knowledge.minimums if row.platform != "ios")
    own = msgspec.structs.replace(
        knowledge, minimums=rows, limits=knowledge.limits | {"debt.possible_percent": 33.3, "debt.open_loans": 2}
    )
    hold(own, tmp_path, 500)
