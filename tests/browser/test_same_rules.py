"""The page asks as the program asks: the same people through both give the same answers and the same report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from diagnostics.api import diagnose
from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page, decode, encode
from diagnostics.versions import parse_system_version, parse_wechat_version, system_in_user_agent
from tests.browser.people import Person

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.report import Report
    from tests.browser.conftest import Chromium

PEOPLE = 12
"""Through the screens; thousands more go through the rules alone (`tests/diagnostics/questionnaire`)."""
WALK = """
const [answers, goesOn] = arguments, draws = window.draw;
window.draw = () => null; // laying out every screen of every person is for the tests of the screens
Object.assign(state, { answers: {}, steps: [], queue: [], goOn: false, done: false });
for (let turns = 0; turns < 200; turns++) {
  const now = asking();
  if (now && now.lines.length) {
    const given = {};
    now.lines.forEach((line) => { given[line.question] = answers[line.question]; });
    give(given);
  } else if (now) {
    give({ [now.question.id]: answers[now.question.id] });
  } else if (goesOn && !state.goOn && interview(state.answers, false).remaining.length) {
    goOn();
  } else {
    window.draw = draws;
    draw();
    const end = interview(state.answers, state.goOn);
    const status = {};
    end.verdicts.forEach((one) => { status[one.cause.id] = one.status; });
    return { order: Object.keys(state.answers), answers: state.answers, stop: end.stop, status: status,
      remaining: end.remaining, code: document.querySelector("output").textContent };
  }
}
"""


@pytest.fixture
def page(chromium: Chromium, tmp_path: Path) -> Chromium:
    file = tmp_path / "ask.html"
    file.write_text(build_page(load(), "zh"), encoding="utf-8")
    chromium.open(file, width=390, height=844)
    return chromium


def body(report: Report) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(report)
    data["observations"].sort(key=lambda one: one["id"])
    data["questions"]["answered"] = sorted(data["questions"]["answered"])
    for check in data["checks"]:
        check["duration_ms"] = 0
    return data


def test_same_people_same_answers_same_report(page: Chromium, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page finds is what the program finds by the answers that the page sends; its order is its own."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    knowledge = load()
    for seed in range(PEOPLE):
        person = Person(knowledge, seed)
        walked = page.run(WALK, person.answers, person.goes_on)
        answers = walked["answers"]
        report = diagnose(answers)
        assert all(person.answers[id_] == value for id_, value in answers.items()), f"person {seed}"
        assert walked["remaining"] == list(report.questions.remaining), f"person {seed}"
        assert walked["status"] == {cause.id: cause.status for cause in report.causes}, f"person {seed}"
        assert walked["code"] == encode(answers, knowledge), f"person {seed}"
        brought = decode(walked["code"], knowledge)
        assert brought == answers, f"person {seed}"
        assert body(diagnose(brought)) == body(report), f"person {seed}"
        assert len(walked["code"]) < 200
    assert page.console() == []


def test_reads_bare_versions_as_the_program_does(page: Chromium) -> None:
    texts = [f"{major}.{minor}" for major in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 40, 41) for minor in (0, 1, 5, 9, 10, 99)]
    texts += [f"{text}.{last}" for text in texts for last in (0, 6, 7, 49, 99, 100, 255, 256, 380, 1380, 1900, 2026)]
    texts += [
        "8.0.49.2600",
        "4.1.7.59",
        "3.9.12.51",
        "8.8.8.8",
        "8.8.4.4",
        "4.2.2.1",
        "1.1.1.1",
        "8.0.15.34",
        "2.3.4.5",
    ]
    texts += [str(number) for number in (*range(1, 45), 100, 2026, 8049)] + ["8.00.1", "08.0.1", "8.0.", ".8", "8..1"]
    read = page.run("return arguments[0].map((text) => [readWechat(text), readSystem(text)])", texts)
    for text, (wechat, system) in zip(texts, read, strict=True):
        if wechat is not None:
            told = parse_wechat_version(text)
            assert (told.version, told.platform) == (wechat, None), text
        if system is not None:
            found = parse_system_version(text)
            assert (found.version, found.platform) == (system, None), text
    for text in ("8.0.56", "8.0", "7.0.22", "4.1.7.59", "8.0.49.2600", "5.2.380"):
        assert page.run("return readWechat(arguments[0])", text), text
    for text in ("14", "17.5", "6.0.1", "26.0"):
        assert page.run("return readSystem(arguments[0])", text) == text


AGENTS = [
    "Mozilla/5.0 (Linux; Android 13; 2211133C Build/TKQ1.220807.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/111.0.5563.116 Mobile Safari/537.36 XWEB/1110017 MMWEBSDK/20230805 MMWEBID/525 "
    "MicroMessenger/8.0.42.2460(0x28002A35) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
    "Mozilla/5.0 (Linux; U; Android 4.1.2; zh-cn; GT-I9300 Build/JZO54K) AppleWebKit/534.30 (KHTML, like Gecko) "
    "Version/4.0 Mobile Safari/534.30 MicroMessenger/5.2.380",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.59(0x18003b2e) NetType/4G Language/zh_CN",
    "Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x18003135) NetType/WIFI Language/zh_CN",
    "Mozilla/5.0 (Linux; Android 14; 22081212C) AppleWebKit/537.36 MicroMessenger/8.0.49.2600(0x28004C3C)",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 "
    "ArkWeb/4.1.6.1 Mobile MicroMessenger/8.0.15.34(0xf31f0022)",
]


@pytest.mark.parametrize("agent", AGENTS)
def test_reads_a_phones_user_agent_as_the_program_does(page: Chromium, agent: str) -> None:
    found = page.run("return readAgent(arguments[0])", agent)
    wechat, system = parse_wechat_version(agent), system_in_user_agent(agent)
    assert found.get("wechat.version") == wechat.version
    assert found.get("os.version") == system.version
    assert found.get("client.platform") == (wechat.platform or system.platform)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 MicroMessenger/7.0.20.1781(0x6700143B) "
        "WindowsWechat(0x63090c33)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36",
        "",
    ],
)
def test_a_computers_browser_says_nothing_of_the_phone(page: Chromium, agent: str) -> None:
    assert page.run("return readAgent(arguments[0])", agent) == {}
