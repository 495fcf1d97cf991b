"""The questionnaire as a file: small, self-contained, and closed to everything from outside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from typing import Any

import pytest

from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page
from diagnostics.questionnaire.message import listed


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest) -> str:
    return build_page(load(), request.param)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="text/plain">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1]), -15))
    return data


def test_is_small_and_fetches_nothing(page: str) -> None:
    assert len(page.encode()) < 120_000
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!data:,")""", markup)
    assert not re.search(r"url\(|@import", page)
    script = page.rpartition("<script>")[2]
    assert not re.search(r"fetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|import\(|innerHTML|eval\(", script)


def test_policy_allows_its_own_script_and_style_only(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    for kind, name in (("script", "script"), ("style", "style")):
        inline = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline]
        allowed = " ".join(f"'sha256-{one}'" for one in digests)
        assert f"{kind}-src {allowed};" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]


def test_holds_every_question_choice_page_and_cause(page: str) -> None:
    knowledge, data = load(), data_of(page)
    assert [one["id"] for one in data["questions"]] == list(knowledge.questions)
    assert {one["id"]: [choice[0] for choice in one.get("values", [])] for one in data["questions"]} == {
        id_: [choice.id for choice in one.value] for id_, one in knowledge.questions.items()
    }
    assert [one["questions"] for one in data["pages"]] == [[*one.questions] for one in knowledge.pages]
    assert {one["id"] for one in data["causes"]} == set(knowledge.causes)
    assert [one["id"] for one in data["situations"]] == [one.id for one in knowledge.situations]
    assert [one["id"] for one in data["actions"]] == list(knowledge.actions)
    for one in data["questions"]:
        if knowledge.questions[one["id"]].asked:
            assert one["ask"]
            assert one["how"]
            assert one["why"]


def test_who_can_run_no_script_reads_the_questions_with_letters(page: str) -> None:
    knowledge, lang = load(), "en" if 'lang="en"' in page else "zh"
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    for id_ in listed(knowledge).questions:
        assert html.escape(knowledge.questions[id_].text(lang).ask) in plain
    assert f"#{listed(knowledge).tag}" in plain
    assert plain.count("<ol>") > 20


def test_asks_for_nothing_that_nobody_should_tell(page: str) -> None:
    asked = [one["ask"] for one in data_of(page)["questions"] if "ask" in one]
    for word in ("身份证号", "银行卡号", "密码", "验证码", "ID number", "card number", "password"):
        assert not [text for text in asked if word in text]


def test_every_text_the_script_uses_is_there(page: str) -> None:
    used = set(re.findall(r"\bT\.(\w+)", page))
    assert used <= set(data_of(page)["text"])
    unused = set(data_of(page)["text"]) - used - {"title"}
    assert not unused
