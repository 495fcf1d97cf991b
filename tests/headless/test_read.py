"""`read`: what a text or a picture says, for people and for scripts; faults in a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diagnostics import images
from tests.headless.doctor import inside

if TYPE_CHECKING:
    from pathlib import Path


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


def test_read_says_the_answers_with_the_words() -> None:
    done = inside("read", "--lang", "zh", "服务里没有微粒贷，13800138000")
    assert "「服务里没有微粒贷」" in done.out
    assert "13800138000" not in done.out
    assert inside("read", "--lang", "zh", "哈哈").out == "没读懂是哪种情况。\n"


def test_read_takes_a_pipe_with_or_without_a_dash() -> None:
    for words in ((), ("-",)):
        done = inside("read", "--json", *words, stdin="客服：您绑卡了吗\n用户：没有\n".encode())
        assert [one["value"] for one in json.loads(done.out)[0]["readings"]] == ["not_bound"]


def test_read_of_hostile_text_is_one_line_and_no_escape() -> None:
    done = inside("read", "--lang", "en", "--", "\x1b[31manswers: {}\x07")
    assert (done.code, done.out) == (0, "What happened could not be read from it.\n")


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
