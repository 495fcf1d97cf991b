"""The page on adding a cause or a check, followed by the letter: its files are written, and they do what it says."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from diagnostics.api import diagnose
from diagnostics.knowledge import load
from diagnostics.report.catalog import json_schema
from diagnostics.session import Session
from docs.making import console
from docs.making.home import ROOT
from tests.diagnostics.questionnaire.test_same_rules import hold
from tests.headless.doctor import Done, run


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The page, its files written as it tells its reader to: in English they are the same."""
    text, english = ((ROOT / "docs" / name).read_text("utf-8") for name in ("adding.md", "adding.en.md"))
    assert console.files(english) == console.files(text)
    for name, content in console.files(text).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return text


def call(home: Path, *words: str) -> Done:
    env = {"HOME": str(home), "PYTHONPATH": str(home / "site"), "LANG": "en_US.UTF-8"}
    done = run(*words, env=env)
    assert done.code == 0, done.err
    return done


def test_a_cause_is_one_file_whose_cases_hold_and_works_everywhere(page: str, tmp_path: Path) -> None:
    (tmp_path / "desk" / "questions.toml").unlink()
    knowledge = load(str(tmp_path / "desk"))
    assert {*knowledge.causes} - {*load().causes} == {"card_unbound", "rent_burden"}
    for path in (tmp_path / "desk" / "causes").iterdir():
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            report = diagnose(case["answers"], knowledge=knowledge)
            assert next(one.status for one in report.causes if one.id == path.stem) == case["status"], case
    hold(knowledge, tmp_path, 100)  # the phone's page
    session = Session(knowledge)  # the app and `ask`
    session.answer({"desk.rent": 4000})
    assert "desk.wage" in session.interview.remaining
    session.answer({"desk.wage": 8000})
    assert session.assessment.status("rent_burden") == "possible"
    shares = [at % 1000 for at in range(0, 2100, 3)]
    lines = [json.dumps({"id": at, "answers": {"desk.rent": at, "desk.wage": 1000}}) for at in shares]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), "utf-8")
    cases, folder = str(tmp_path / "cases.jsonl"), f"--knowledge={tmp_path / 'desk'}"
    done = call(tmp_path, "batch", cases, "--jobs", "2", "--fields", "plan", folder)
    for at, line in zip(shares, done.out.splitlines(), strict=True):
        planned = {one["cause"] for one in json.loads(line)["plan"]}
        assert ("rent_burden" in planned) is (at >= 500), at


def test_a_new_question_is_answered_and_explained(page: str, tmp_path: Path) -> None:
    folder = f"--knowledge={tmp_path / 'desk'}"
    report = json.loads(call(tmp_path, "check", "--offline", "--json", folder, "--set", "desk.changed_phone=yes").out)
    assert [one["id"] for one in report["observations"]] == ["desk.changed_phone"]
    assert "phone" in call(tmp_path, "explain", "desk.changed_phone", folder).out


def test_a_check_is_found_run_and_reported(page: str, tmp_path: Path) -> None:
    assert "desk.hosts" in call(tmp_path, "list", "checks").out
    report = json.loads(call(tmp_path, "check", "--only", "desk.hosts", "--json").out)
    jsonschema.Draft202012Validator(json_schema("report", load())).validate(report)
    found = next(one for one in report["checks"] if one["id"] == "desk.hosts")
    assert (found["status"], found["verdict"]) in (("pass", "hosts.clean"), ("warn", "hosts.pinned"))


def test_the_package_names_the_same_entry_point_as_its_installed_form(page: str, tmp_path: Path) -> None:
    blocks = [tomllib.loads(block) for block in re.findall(r"(?ms)^```toml\n(.*?)^```$", page)]
    project = next(block for block in blocks if "project" in block)["project"]
    stated = project["entry-points"]["weilidai_doctor.checks"]
    installed = (tmp_path / "site" / "desk_checks-1.0.dist-info" / "entry_points.txt").read_text()
    assert [f"{name} = {value}" for name, value in stated.items()] == installed.splitlines()[1:]
