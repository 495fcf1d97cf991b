"""`read`: what a text or a picture says, for people and for scripts; faults in a line."""

import json
from pathlib import Path

import pytest

from diagnostics import images
from tests.headless.doctor import inside, jsonl, report


def test_read_answers_for_each_text_in_order() -> None:
    done = inside("read", "--json", "以前有，上个月换号以后没了，服务里只有分付", "春江潮水连海平")
    first, second = json.loads(done.out)
    assert done.code == 0
    assert [*first] == ["input", "readings", "beliefs", "situations", "ask"]
    assert first["readings"][0] == {
        "id": "account.had_entry_before", "value": "yes", "quote": "以前有，上个月换号以后没了", "start": 0, "end": 13,
        "sure": True,
    }  # fmt: skip
    assert "account.had_entry_before" not in first["ask"]
    assert second["readings"] == second["beliefs"] == []
    assert second["ask"]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images.read_image, "__kwdefaults__", {"seconds": 300.0, "cancelled": None})


def seen(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """Let the child read these lines; that it reads pictures is shown where the images are."""
    rows = [(text, 0.99, [(400, at), (700, at), (700, at + 40), (400, at + 40)]) for at, text in enumerate(texts, 50)]
    monkeypatch.setattr(images, "_ask", lambda *_given: images._Answer(lines=rows))


def test_json_is_that_of_a_text_with_the_file_s_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "截图13800138000.png"
    file.write_bytes(b"a picture")
    seen(monkeypatch, "微粒贷", "综合评估未通过")
    done = inside("read", "--image", str(file), "微粒贷没了", "--json")
    assert done.code == 0, done.err
    _text, image = json.loads(done.out)
    assert image["readings"] == [
        {"id": "entry.page_message", "value": "not_approved", "quote": "综合评估未通过", "start": None, "end": None,
         "sure": False},
    ]  # fmt: skip
    assert "13800138000" not in image["input"]
    assert image["input"].endswith(".png")
    assert image["ask"][0] == "entry.page_message"
    assert set(image) == {"input", "readings", "beliefs", "situations", "ask"}


def test_a_picture_of_anything_else_says_what_to_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.jpg"
    file.write_bytes(b"a picture")
    seen(monkeypatch, "晚饭")
    done = inside("read", "--image", str(file), "--lang", "zh")
    assert (done.code, done.err) == (0, "")
    assert "没认出能用的内容" in done.out


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("data", [b"", b"\x1b]52;c;QUFB\x07" * 9, b"GIF89a" + bytes(99)])
def test_what_is_no_picture_is_refused(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x\x1b[2J.png"
    file.write_bytes(data)
    done = inside("read", "--image", str(file), "--lang", "en")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
    assert inside("read", "--image", str(tmp_path / "none.png")).code == 2


def test_without_the_extra_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "NEEDED", ("no_such_module_here",))
    done = inside("read", "--image", str(tmp_path / "x.png"), "--lang", "en")
    assert (done.code, done.out) == (3, "")
    assert "pip install 'weilidai-doctor[screenshot]'" in done.err


STORY = "以前有，上个月换号以后没了，服务里只有分付，有人说299能强开"


def _story(folder: Path, text: str = STORY) -> str:
    path = folder / "story.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_story_is_evidence_with_its_words(tmp_path: Path) -> None:
    found = report("check", "--offline", "--json", "--story", _story(tmp_path))
    told = {one["id"]: (one["value"], one["source"], one["detail"]) for one in found["observations"]}
    assert told["entry.services_menu"] == ("not_shown", "story", "「服务里只有分付」")
    assert found["situations"][0]["id"] == "scam_contact"
    assert [one["id"] for one in found["beliefs"]] == ["somebody_can_open_it"]
    assert found["beliefs"][0]["text"]
    assert report("check", "--offline", "--json", "--story", _story(tmp_path, "微信里没有微粒贷"))["observations"] == []


def test_an_answer_outranks_a_story_and_both_are_named_with_the_words(tmp_path: Path) -> None:
    words = ("check", "--offline", "--lang", "zh", "--story", _story(tmp_path), "--set", "account.had_entry_before=no")
    clash = report(*words, "--json")["contradictions"][0]["observations"]
    assert [(one["source"], one["value"]) for one in clash] == [("answer", "no"), ("story", "yes")]
    assert "以前有，上个月换号以后没了" in clash[1]["text"]
    assert "「以前有，上个月换号以后没了」" in inside(*words).out


def test_a_batch_line_may_hold_a_text(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    rows: list[dict[str, object]] = [
        {"id": 1, "text": STORY},
        {"id": 2, "text": "微信没实名", "answers": {"person.age": 17}},
        {"id": 3, "text": 4},
        {"id": 4, "text": "", "answers": {}},
        {"id": 5},
    ]
    cases.write_text(jsonl(*rows), encoding="utf-8")
    done = inside("batch", str(cases), "--fields", "situations,beliefs,observations", "--lang", "en")
    first, second, third, fourth, fifth = map(json.loads, done.out.splitlines())
    assert done.code == 4
    assert first["situations"][0]["id"] == "scam_contact"
    assert {one["source"] for one in second["observations"]} == {"answer", "story"}
    assert third["error"]["place"] == "text"
    assert fourth["observations"] == []
    assert fifth["error"]["place"] == "answers"


ASK = ("ask", "--offline", "--lang", "zh", "--format", "json")


def test_a_story_in_ask_counts_only_where_it_is_confirmed(tmp_path: Path) -> None:
    def counted(typed: str) -> dict[str, tuple[str, str]]:
        rows = report(*ASK, "--story", _story(tmp_path), stdin=typed.encode())["observations"]
        return {one["id"]: (one["source"], one["detail"]) for one in rows}

    all_ = counted("\nq\n")
    assert all_["account.had_entry_before"] == ("answer", "「以前有，上个月换号以后没了」")
    assert len(all_) == 3
    assert set(counted("2\nq\n")) == {"account.had_entry_before", "safety.contact"}
    assert counted("n\nq\n") == counted("") == {}
