"""The page judges, asks and advises as the program does: random people through the page's script under node."""

import os
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.people import HEALTHY
from diagnostics.answers import observations
from diagnostics.engine.assessment import assess
from diagnostics.engine.interview import interview
from diagnostics.evidence import Evidence
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Knowledge, Question
from diagnostics.questionnaire import encode
from diagnostics.report.build import lazy_report
from diagnostics.report.diagnosis import Diagnosis
from tests.diagnostics.questionnaire.node import by_page
from tests.fuzz.people import NUMBERS

PEOPLE = int(os.environ.get("PEOPLE", "200"))
"""5,000 by hand, with PEOPLE=5000."""
VERSIONS = ("8.0.49", "8.0.0", "7.0.22", "8.0", "7.9", "8.1", "6.7.2", "3.9.12.51", "8.0.300")
SYSTEMS = ("13", "5.1", "12.0", "6", "6.0.1", "11", "12", "4.4")
TODAY = "2026-11-29"
SCRIPT = """
return given.map(([answers, goOn, today]) => {
  const asked = interview(answers, goOn), said = advise(answers, today), status = {};
  ranked(asked.found).forEach((at) => { status[DATA.causes[at].id] = DATA.statuses[asked.found.statuses[at]]; });
  return { status: Object.entries(status), remaining: asked.remaining, stop: asked.stop,
    useful: asked.useful, next: asked.next ? asked.next.ids : [], situation: said.situation, text: said.text,
    others: said.others, steps: said.steps.slice(0, 3).map((one) => [one.action.id, one.text, one.action.verify]),
    code: encode(answers) };
});
"""


def drawn(question: Question, chance: random.Random) -> Any:
    ids = [choice.id for choice in question.value]
    if chance.random() < 0.1:
        return "unknown"
    if question.type == "choices":
        return [id_ for id_ in ids if chance.random() < 0.4]
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
    looking: dict[str, Any] = {"entry.services_menu": "not_looked", "person.age": 30}
    return [*people, (well, False), (settled, False), (looking, False)]


def by_program(knowledge: Knowledge, answers: dict[str, Any], go_on: bool) -> dict[str, Any]:
    case = Diagnosis(assess(knowledge, Evidence(observations(answers))), generated_at=f"{TODAY}T08:00:00Z")
    asked = interview(knowledge, case.assessment, go_on=go_on)
    said = lazy_report(case)
    leading = said.situations[0]
    others = dict.fromkeys(one.text for one in said.situations[1:] if one.text != leading.text)
    return {
        "status": [[id_, one.status] for id_, one in case.assessment.verdicts.items()],
        "remaining": list(asked.remaining), "stop": asked.stop_reason,
        "useful": asked.useful, "next": list(asked.page), "situation": leading.id, "text": leading.text,
        "others": list(others), "steps": [[one.id, one.text, one.verify] for one in said.plan[:3]],
        "code": encode(answers, knowledge),
    }  # fmt: skip


def hold(knowledge: Knowledge, folder: Path, count: int = PEOPLE) -> list[dict[str, Any]]:
    people = drawn_people(knowledge, count)
    told: list[dict[str, Any]] = by_page(knowledge, SCRIPT, [(*one, TODAY) for one in people], folder)
    for (answers, go_on), page in zip(people, told, strict=True):
        if any(isinstance(value, float) for value in answers.values()):  # the page takes whole numbers alone
            page["code"] = encode(answers, knowledge)
        assert page == by_program(knowledge, answers, go_on), (answers, go_on)
    return told


def test_random_people_are_judged_asked_and_advised_alike(tmp_path: Path) -> None:
    told = hold(load(), tmp_path)
    assert {one["stop"] for one in told} == {
        "entry_found", "look_first", "requirement_confirmed", "settled", "enough", "nothing_left", None,
    }  # fmt: skip
    assert {status for one in told for _, status in one["status"]} == {
        "confirmed", "likely", "possible", "unknown", "ruled_out",
    }  # fmt: skip
    assert len({one["situation"] for one in told}) > 12


@pytest.mark.parametrize("version", ["8.0.30", "8.1"])
def test_other_minimums_and_limits_hold_on_the_page_too(version: str, tmp_path: Path) -> None:
    knowledge = load()
    rows = tuple(msgspec.structs.replace(row, version=version) for row in knowledge.minimums if row.platform != "ios")
    own = msgspec.structs.replace(
        knowledge, minimums=rows, limits=knowledge.limits | {"debt.possible_percent": 33.3, "debt.open_loans": 2}
    )
    hold(own, tmp_path, 50)
