"""What somebody wrote as evidence: `check --story`, `text` in a line of `batch`, and a story in `ask`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.headless.doctor import inside

if TYPE_CHECKING:
    from pathlib import Path


STORY = "以前有，上个月换号以后没了，服务里只有分付，有人说299能强开"


def _story(folder: Path, text: str = STORY) -> str:
    path = folder / "story.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_story_is_evidence_with_its_words(tmp_path: Path) -> None:
    report = json.loads(inside("check", "--offline", "--json", "--story", _story(tmp_path)).out)
    told = {one["id"]: (one["value"], one["source"], one["detail"]) for one in report["observations"]}
    assert told["entry.services_menu"] == ("not_shown", "story", "「服务里只有分付」")
    assert report["situations"][0]["id"] == "scam_contact"
    assert [one["id"] for one in report["beliefs"]] == ["somebody_can_open_it"]
    assert report["beliefs"][0]["text"]


def test_an_answer_outranks_a_story_and_both_are_named_with_the_words(tmp_path: Path) -> None:
    done = inside("check", "--offline", "--json", "--story", _story(tmp_path), "--set", "account.had_entry_before=no")
    report = json.loads(done.out)
    clash = report["contradictions"][0]["observations"]
    assert [(one["source"], one["value"]) for one in clash] == [("answer", "no"), ("story", "yes")]
    assert "以前有，上个月换号以后没了" in clash[1]["text"]
    text = inside(
        "check", "--offline", "--lang", "zh", "--story", _story(tmp_path), "--set", "account.had_entry_before=no"
    )
    assert "「以前有，上个月换号以后没了」" in text.out


def test_only_what_is_sure_counts(tmp_path: Path) -> None:
    report = json.loads(inside("check", "--offline", "--json", "--story", _story(tmp_path, "微信里没有微粒贷")).out)
    assert report["observations"] == []


def test_a_story_comes_from_a_pipe_but_not_together_with_answers() -> None:
    done = inside("check", "--offline", "--json", "--story", "-", stdin="微信没实名，没有微粒贷".encode("utf-16"))
    assert [one["id"] for one in json.loads(done.out)["observations"]] == ["account.real_name"]
    stray = inside("check", "--offline", "--json", "--story", "-", stdin="a\0微信没实名，没有微粒贷".encode())
    assert [one["id"] for one in json.loads(stray.out)["observations"]] == ["account.real_name"]
    both = inside("check", "--offline", "--story", "-", "--answers", "-")
    assert (both.code, both.err.count("\n")) == (2, 1)
    missing = inside("check", "--offline", "--story", "nowhere.txt")
    assert (missing.code, "nowhere.txt" in missing.err) == (2, True)


def test_a_batch_line_may_hold_a_text(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    rows: list[dict[str, object]] = [
        {"id": 1, "text": STORY},
        {"id": 2, "text": "微信没实名", "answers": {"person.age": 17}},
        {"id": 3, "text": 4},
        {"id": 4, "text": "", "answers": {}},
        {"id": 5},
    ]
    cases.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = inside("batch", str(cases), "--fields", "situations,beliefs,observations", "--lang", "en")
    first, second, third, fourth, fifth = map(json.loads, done.out.splitlines())
    assert done.code == 4
    assert first["situations"][0]["id"] == "scam_contact"
    assert {one["source"] for one in second["observations"]} == {"answer", "story"}
    assert third["error"]["place"] == "text"
    assert fourth["observations"] == []
    assert fifth["error"]["place"] == "answers"


def _ask(folder: Path, typed: str, *more: str) -> tuple[dict[str, object], str]:
    done = inside("ask", "--offline", "--lang", "zh", "--format", "json", *more, stdin=typed.encode())
    return json.loads(done.out), done.err


def test_a_story_in_ask_counts_only_where_it_is_confirmed(tmp_path: Path) -> None:
    def observed(typed: str) -> dict[str, tuple[str, str]]:
        report, _ = _ask(tmp_path, typed, "--story", _story(tmp_path))
        rows = report["observations"]
        assert isinstance(rows, list)
        return {one["id"]: (one["source"], one["detail"]) for one in rows}

    all_ = observed("\nq\n")
    assert all_["account.had_entry_before"] == ("answer", "「以前有，上个月换号以后没了」")
    assert len(all_) == 3
    assert set(observed("2\nq\n")) == {"account.had_entry_before", "safety.contact"}
    assert observed("n\nq\n") == {}
    assert observed("") == {}


def test_words_typed_in_ask_are_read_as_the_answer(tmp_path: Path) -> None:
    report, said = _ask(tmp_path, "以前有\nq\n")
    rows = report["observations"]
    assert isinstance(rows, list)
    assert {one["id"]: one["value"] for one in rows}["complaint.what"] == "was_there"
    assert "记下" in said
    assert "没看懂" in _ask(tmp_path, "乱七八糟\nq\n")[1]


def test_what_was_not_clear_enough_to_count_is_said_with_what_it_was_taken_for() -> None:
    done = inside("check", "--offline", "--json", "--lang", "en", "--story", "-", stdin=b"1B 2A thanks")
    assert (done.code, json.loads(done.out)["observations"]) == (0, [])
    assert "It was there before" in done.err
    assert "--set" in done.err
