"""The questionnaire as a file: small and closed to everything from outside; what it reads, the program reads so too."""

import base64
import hashlib
import html
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page
from diagnostics.questionnaire.message import listed
from diagnostics.versions import parse_system_version, parse_wechat_version
from tests.diagnostics.questionnaire.node import by_page
from tests.rows import rows

KNOWLEDGE = load()


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest) -> str:
    return build_page(KNOWLEDGE, request.param)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="text/plain">(.*?)</script>', page, re.DOTALL)
    return json.loads(zlib.decompress(base64.b64decode(found[1]), -15))


def test_is_small_and_fetches_nothing(page: str) -> None:
    assert len(page.encode()) < 120_000
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!data:,")""", markup)
    assert not re.search(r"url\(|@import", page)
    script = page.rpartition("<script>")[2]
    assert not re.search(r"fetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|import\(|innerHTML|eval\(", script)


def test_policy_allows_its_own_script_and_style_only(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    for kind, name in (("script", "script"), ("style", "style")):
        inline = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline]
        allowed = " ".join(f"'sha256-{one}'" for one in digests)
        assert f"{kind}-src {allowed};" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]


def test_holds_every_question_choice_page_and_cause(page: str) -> None:
    data = data_of(page)
    assert [one["id"] for one in data["questions"]] == list(KNOWLEDGE.questions)
    assert {one["id"]: [choice[0] for choice in one.get("values", [])] for one in data["questions"]} == {
        id_: [choice.id for choice in one.value] for id_, one in KNOWLEDGE.questions.items()
    }
    assert [one["questions"] for one in data["pages"]] == [[*one.questions] for one in KNOWLEDGE.pages]
    assert {one["id"] for one in data["causes"]} == set(KNOWLEDGE.causes)
    assert [one["id"] for one in data["situations"]] == [one.id for one in KNOWLEDGE.situations]
    assert [one["id"] for one in data["actions"]] == list(KNOWLEDGE.actions)
    for one in data["questions"]:
        if KNOWLEDGE.questions[one["id"]].asked:
            assert one["ask"]
            assert one["how"]
            assert one["why"]


def test_who_can_run_no_script_reads_the_questions_with_letters(page: str) -> None:
    lang = "en" if 'lang="en"' in page else "zh"
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    for id_ in listed(KNOWLEDGE).questions:
        assert html.escape(KNOWLEDGE.questions[id_].text(lang).ask) in plain
    assert f"#{listed(KNOWLEDGE).tag}" in plain
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


def test_takes_what_people_type_or_says_that_it_cannot(tmp_path: Path) -> None:
    typed = rows("answers.toml#page")
    read = by_page(
        KNOWLEDGE, "return given.map((one) => readTyped(QUESTIONS.get(one.id), one.typed));", typed, tmp_path
    )
    assert read == [one.get("taken") for one in typed]


def test_reads_bare_versions_as_the_program_does(tmp_path: Path) -> None:
    texts = [f"{major}.{minor}" for major in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 40, 41) for minor in (0, 1, 5, 9, 10, 99)]
    texts += [f"{text}.{last}" for text in texts for last in (0, 6, 7, 49, 99, 100, 255, 256, 380, 1380, 1900, 2026)]
    texts += ["8.0.49.2600", "4.1.7.59", "3.9.12.51", "8.8.8.8", "4.2.2.1", "1.1.1.1", "8.0.15.34", "2.3.4.5"]
    texts += [str(number) for number in (*range(1, 45), 100, 2026, 8049)] + ["8.00.1", "08.0.1", "8.0.", ".8", "8..1"]
    plain = ["8.0.56", "8.0", "7.0.22", "4.1.7.59", "8.0.49.2600", "5.2.380", "14", "17.5", "6.0.1", "26.0"]
    body = "return given.map((text) => [readWechat(text), readSystem(text)]);"
    read = by_page(KNOWLEDGE, body, [*texts, *plain], tmp_path)
    for text, (wechat, system) in zip([*texts, *plain], read, strict=True):
        if wechat is not None:
            told = parse_wechat_version(text)
            assert (told.version, told.platform) == (wechat, None), text
        if system is not None:
            found = parse_system_version(text)
            assert (found.version, found.platform) == (system, None), text
    assert all(wechat for wechat, _ in read[len(texts) : len(texts) + 6])
    assert [system for _, system in read[len(texts) + 6 :]] == plain[6:]


AGENTS = [
    case["text"]
    for table in rows("versions.toml").values()
    for case in table
    if case["text"].startswith("Mozilla/") and "\n" not in case["text"]
] + ["Mozilla/5.0 (Linux; Android 14; 22081212C) AppleWebKit/537.36 MicroMessenger/8.0.49.2600(0x28004C3C)"]
"""The user agents among the texts whose reading is written down, and one whose code says another version."""
FROZEN = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/5"
"""Browsers say no more of the system than this, whatever it is."""


def test_reads_a_phones_user_agent_as_the_program_does(tmp_path: Path) -> None:
    *read, frozen, nothing = by_page(KNOWLEDGE, "return given.map(readAgent);", [*AGENTS, FROZEN, ""], tmp_path)
    phones = 0
    for agent, found in zip(AGENTS, read, strict=True):
        wechat, system = parse_wechat_version(agent), parse_system_version(agent)
        told = {"wechat.version": wechat.version, "os.version": system.version, "client.platform": system.platform}
        phone = system.platform in ("android", "ios", "harmony")
        assert found == ({id_: one for id_, one in told.items() if one} if phone else {}), agent
        phones += phone
    assert (phones > 20, frozen, nothing) == (True, {"client.platform": "android"}, {})
