"""Weights learned from resolved cases: smoothed, tried on others, and never able to change a finding."""

import json
import random
import tomllib
from pathlib import Path

import pytest

from benchmarks.people import person
from diagnostics.answers import AnswerError
from diagnostics.api import diagnose
from diagnostics.engine.calibration import LEAST, as_toml, calibrate, read_cases, with_weights
from diagnostics.knowledge import load
from diagnostics.settings import Settings, SettingsError, apply_settings
from tests.rows import each

KNOWLEDGE = load()


def lines(count: int, seed: int = 3) -> list[bytes]:
    chance = random.Random(seed)
    drawn = [person(KNOWLEDGE, chance) for _ in range(count)]
    return [json.dumps({"cause": cause, "answers": answers}).encode() for cause, answers in drawn]


def test_learns_from_four_fifths_and_tries_on_the_rest() -> None:
    learned = calibrate(KNOWLEDGE, read_cases(KNOWLEDGE, lines(100), "cases"))
    assert (learned.learned_from, learned.held_back) == (80, 20)
    assert learned.before.cases == learned.after.cases == 20
    assert learned.after.cost < learned.before.cost
    assert min(learned.before.first_right, learned.after.first_right) > 10
    assert sum(learned.weights["chance"].values()) == pytest.approx(1)


def test_a_desk_full_of_one_cause_asks_about_it_sooner() -> None:
    student = {"cause": "student", "answers": {"person.student": "yes"}}
    learned = calibrate(KNOWLEDGE, read_cases(KNOWLEDGE, [json.dumps(student).encode()] * 60, "cases"))
    assert learned.weights["chance"]["student"] > 0.5 > KNOWLEDGE.weights.chance["student"]
    assert learned.weights["chance"]["teen_mode"] > 0


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(AnswerError, match=f"only {LEAST - 1} cases"):
        read_cases(KNOWLEDGE, lines(LEAST - 1), "cases")


@each("answers.toml#resolved", "line, told")
def test_a_bad_line_is_named(line: str, told: str) -> None:
    with pytest.raises(AnswerError, match=told.replace("?", r"\?")):
        read_cases(KNOWLEDGE, [line.encode()], "cases")


def test_weights_change_the_order_of_questions_and_no_finding() -> None:
    learned = calibrate(KNOWLEDGE, read_cases(KNOWLEDGE, lines(60), "cases"))
    weighted = with_weights(KNOWLEDGE, tomllib.loads(as_toml(learned)))
    for _, answers in (person(KNOWLEDGE, random.Random(seed)) for seed in range(20)):
        plain, other = diagnose(answers), diagnose(answers, knowledge=weighted)
        assert [(one.id, one.status) for one in plain.causes] == [(one.id, one.status) for one in other.causes]


def test_the_setting_takes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text('[chance]\nstudent = 0.9\n[seconds]\n"person.age" = 1.5\n', encoding="utf-8")
    weights = apply_settings(Settings(weights=str(path)), KNOWLEDGE).weights
    assert weights.chance["student"] == 0.9
    assert weights.seconds["person.age"] == 1.5
    assert weights.chance["teen_mode"] == KNOWLEDGE.weights.chance["teen_mode"]


@each("settings.toml#weights", "text, place")
def test_a_damaged_weights_file_is_named_in_both_languages(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        apply_settings(Settings(weights=str(path)), KNOWLEDGE)
    assert f"{path}{place}" in caught.value.text("zh")
    assert f"{path}{place}" in caught.value.text("en")
    assert caught.value.text("zh") != caught.value.text("en")
