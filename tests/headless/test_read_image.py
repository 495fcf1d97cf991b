"""`read --image`: what a picture shows, as the contract has it; faults in a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diagnostics import images

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.headless.doctor import Done

    Call = Callable[..., Done]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images.read_image, "__kwdefaults__", {"seconds": 300.0, "cancelled": None})


def seen(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """Let the child read these lines; that it reads pictures is shown where the images are."""
    rows = [(text, 0.99, [(400, at), (700, at), (700, at + 40), (400, at + 40)]) for at, text in enumerate(texts, 50)]
    monkeypatch.setattr(images, "_ask", lambda *_given: images._Answer(lines=rows))


def test_json_is_that_of_a_text_with_the_file_s_name(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "截图13800138000.png"
    file.write_bytes(b"a picture")
    seen(monkeypatch, "微粒贷", "综合评估未通过")
    done = call("read", "--image", str(file), "微粒贷没了", "--json")
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


def test_a_picture_of_anything_else_says_what_to_take(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.jpg"
    file.write_bytes(b"a picture")
    seen(monkeypatch, "晚饭")
    done = call("read", "--image", str(file), "--lang", "zh")
    assert (done.code, done.err) == (0, "")
    assert "没认出能用的内容" in done.out


@pytest.mark.parametrize("data", [b"", b"\x1b]52;c;QUFB\x07" * 9, b"GIF89a" + bytes(99)])
def test_what_is_no_picture_is_refused(data: bytes, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "x\x1b[2J.png"
    file.write_bytes(data)
    done = call("read", "--image", str(file), "--lang", "en")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
    assert call("read", "--image", str(tmp_path / "none.png")).code == 2


def test_without_the_extra_it_is_said_how_to_install_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "NEEDED", ("no_such_module_here",))
    done = call("read", "--image", str(tmp_path / "x.png"), "--lang", "en")
    assert (done.code, done.out) == (3, "")
    assert "pip install 'weilidai-doctor[screenshot]'" in done.err
