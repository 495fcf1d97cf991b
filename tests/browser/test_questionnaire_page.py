"""The questionnaire in a browser: by touch and by keyboard, in both languages, with nothing sent and nothing logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.model import Text
from diagnostics.questionnaire import build_page, decode
from tests.browser.conftest import violations
from tests.diagnostics.formats.examples import PAYLOAD

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.knowledge import Knowledge
    from tests.browser.conftest import Chromium

PHONE = (390, 844)
DESK = (1280, 900)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN"
)


def open_page(
    chromium: Chromium,
    folder: Path,
    lang: Any = "zh",
    size: tuple[int, int] = PHONE,
    knowledge: Knowledge | None = None,
) -> Path:
    file = folder / "ask.html"
    file.write_text(build_page(knowledge or load(), lang), encoding="utf-8")
    chromium.open(file, width=size[0], height=size[1])
    chromium.run("localStorage.clear(); restart()")
    return file


def heading(chromium: Chromium) -> str:
    return str(chromium.run("return document.querySelector('h2').textContent"))


def tap(chromium: Chromium, text: str) -> None:
    """Tap the button with this text, as a finger does: it must be visible and at least 40 pixels high."""
    from selenium.webdriver.common.by import By

    found = [one for one in chromium.driver.find_elements(By.TAG_NAME, "button") if one.text == text]
    assert found, f"no button {text!r} under {heading(chromium)!r}"
    assert found[0].size["height"] >= 40
    found[0].click()


def text(lang: str, key: str) -> str:
    return load().say(f"questionnaire.page.{key}", lang)


def choice(id_: str, value: str, lang: str = "zh") -> str:
    """Return what stands on the button of this choice."""
    found = load().questions[id_].choice(value)
    assert found is not None
    return found.get(lang)


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_answers_by_touch_and_gets_a_code(
    chromium: Chromium, tmp_path: Path, lang: Any, size: tuple[int, int]
) -> None:
    file = open_page(chromium, tmp_path, lang, size)
    knowledge = load()
    tap(chromium, text(lang, "start"))
    assert heading(chromium) == knowledge.questions["complaint.what"].text(lang).ask
    tap(chromium, choice("complaint.what", "never_had", lang))
    for _ in range(60):
        assert chromium.wide() <= 0, heading(chromium)
        if chromium.run("return document.querySelector('output') !== null"):
            break
        buttons = chromium.run("return [...document.querySelectorAll('button')].map((one) => one.textContent)")
        tap(chromium, text(lang, "dont_know") if text(lang, "dont_know") in buttons else text(lang, "none_next"))
    code = chromium.run("return document.querySelector('output').textContent")
    answers = decode(code, knowledge)
    assert answers["complaint.what"] == "never_had"
    assert answers["account.teen_mode"] == "off"
    assert answers["credit.overdue"] == "unknown"
    assert chromium.console() == []
    assert [url for url in chromium.requests() if url != "data:,"] == [file.as_uri()]


def test_by_keyboard_alone(chromium: Chromium, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    open_page(chromium, tmp_path)

    def press(label: str) -> None:
        chromium.run("document.querySelector('h2').focus()")
        active = chromium.driver.switch_to.active_element
        for _ in range(40):
            active.send_keys(Keys.TAB)
            active = chromium.driver.switch_to.active_element
            if active.tag_name == "button" and active.text == label:
                active.send_keys(Keys.ENTER)
                return
        pytest.fail(f"{label} is not reached with Tab")

    press(text("zh", "start"))
    assert chromium.run("return document.activeElement === document.querySelector('h2')")
    press(choice("complaint.what", "never_had"))
    chromium.run("state.queue = ['wechat.version']; draw()")
    field = chromium.driver.find_element(By.TAG_NAME, "input")
    field.send_keys("HarmonyOS 4.2", Keys.ENTER)
    alert = chromium.driver.find_element(By.CSS_SELECTOR, "[role=alert]")
    assert alert.text == text("zh", "bad_version")
    assert chromium.driver.switch_to.active_element == field
    field.clear()
    field.send_keys("微信 ８.0.49", Keys.ENTER)
    assert chromium.run("return state.answers['wechat.version']") == "8.0.49"
    press(text("zh", "back"))
    assert chromium.run("return state.answers") == {"complaint.what": "never_had"}


@pytest.mark.parametrize(
    ("id_", "typed", "taken"),
    [
        ("wechat.version", "8.0.56", "8.0.56"),
        ("wechat.version", " 微信版本：8．0．56 ", "8.0.56"),
        ("wechat.version", "v8.0.56 (2600)", "8.0.56"),
        ("wechat.version", "8。0。56", "8.0.56"),
        ("wechat.version", "Android 14", None),
        ("wechat.version", "新", None),
        ("os.version", "Android 14", "14"),
        ("os.version", "iOS 17.5.1", "17.5.1"),
        ("os.version", "鸿蒙 4.2", None),
        ("os.version", "MIUI 14", None),
        ("os.version", "8.0.49", None),
        ("person.age", "35 岁", 35),
        ("person.age", "３５", 35),
        ("person.age", "131", None),
        ("person.age", "-1", None),
        ("debt.monthly_income", "8,000 元", 8000),
        ("debt.monthly_income", "八千", None),
        ("debt.monthly_income", "99999999999", None),
    ],
)
def test_takes_what_people_type_or_says_what_it_wants(
    chromium: Chromium, tmp_path: Path, id_: str, typed: str, taken: object
) -> None:
    open_page(chromium, tmp_path)
    assert chromium.run("return readTyped(QUESTIONS.get(arguments[0]), arguments[1])", id_, typed) == taken


def test_reads_the_browser_only_when_asked_and_shows_what_it_read(chromium: Chromium, tmp_path: Path) -> None:
    chromium.command("Emulation.setUserAgentOverride", userAgent=IPHONE)
    try:
        open_page(chromium, tmp_path)
        assert chromium.run("return state.told") == {}
        tap(chromium, text("zh", "read"))
        shown = chromium.run("return document.querySelector('[role=status]').textContent")
        assert "8.0.49" in shown
        assert "17.5" in shown
        assert chromium.run("return state.answers") == {}
        tap(chromium, text("zh", "start"))
        chromium.run("state.queue = ['wechat.version', 'client.platform']; draw()")
        assert chromium.run("return document.querySelector('input').value") == "8.0.49"
        tap(chromium, text("zh", "next"))
        assert chromium.run("return document.querySelector('button.told').textContent").startswith(
            choice("client.platform", "ios")
        )
    finally:
        chromium.command("Emulation.setUserAgentOverride", userAgent="")


def test_an_offer_to_open_it_for_money_brings_the_warning_to_the_top(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    tap(chromium, text("zh", "start"))
    tap(chromium, choice("complaint.what", "paid_offer"))
    first = "return document.getElementById('main').firstChild.textContent"
    assert chromium.run(first) == load().guide.warning["scam"].zh


def test_the_entry_found_ends_with_the_five_steps(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    chromium.run("state.queue = ['entry.services_menu']; give({ 'entry.services_menu': 'shown' })")
    steps = chromium.run("return [...document.querySelectorAll('ol li')].map((one) => one.textContent)")
    assert steps == [step.zh for step in load().guide.step]


def test_answers_stay_on_the_phone_until_deleted(chromium: Chromium, tmp_path: Path) -> None:
    file = open_page(chromium, tmp_path)
    tap(chromium, text("zh", "start"))
    tap(chromium, choice("complaint.what", "never_had"))
    asked = heading(chromium)
    chromium.driver.get(file.as_uri())
    tap(chromium, text("zh", "resume"))
    assert heading(chromium) == asked
    tap(chromium, text("zh", "enough"))
    tap(chromium, text("zh", "restart"))
    assert chromium.run("return localStorage.length") == 0
    chromium.driver.get(file.as_uri())
    assert text("zh", "start") in chromium.run("return document.body.innerText")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_everyone_can_use_it(chromium: Chromium, axe: str, tmp_path: Path, lang: Any, dark: bool) -> None:
    open_page(chromium, tmp_path, lang)
    chromium.command("Emulation.setEmulatedMedia", media="", features=[
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])  # fmt: skip
    screens = [
        "welcome()",
        "draw()",
        "state.queue = ['wechat.version']; state.told = { 'wechat.version': '8.0.49' }; draw()",
        "state.queue = ['activity.services']; draw()",
        "state.queue = []; show('…', ...listScreen(DATA.pages.find((page) => page.lines.length).lines, give))",
        "Object.assign(state.answers, { 'complaint.what': 'paid_offer', 'person.age': 17 }); state.done = true; draw()",
    ]
    for screen in screens:
        chromium.run(screen)
        chromium.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert violations(chromium, axe) == [], screen


def test_hostile_texts_stay_texts(chromium: Chromium, tmp_path: Path) -> None:
    knowledge = load()
    bad = Text(zh=PAYLOAD, en=PAYLOAD)
    questions = {
        id_: msgspec.structs.replace(
            one,
            zh=msgspec.structs.replace(one.zh, title=PAYLOAD, ask=PAYLOAD, how=PAYLOAD, why=PAYLOAD, unit=PAYLOAD),
            value=tuple(msgspec.structs.replace(choice, zh=PAYLOAD) for choice in one.value),
        )
        for id_, one in knowledge.questions.items()
    }
    locale = {key: bad if key.startswith("questionnaire.page.") else one for key, one in knowledge.locale.items()}
    poisoned = msgspec.structs.replace(knowledge, questions=questions, locale=locale)
    file = open_page(chromium, tmp_path, knowledge=poisoned)
    chromium.run("draw()")
    assert PAYLOAD[:40] in heading(chromium)
    chromium.run("state.answers['person.age'] = 17; state.done = true; draw()")
    assert chromium.run("return document.querySelectorAll('img, svg, [onerror], [onload], a').length") == 0
    assert chromium.console() == []
    assert [url for url in chromium.requests() if url != "data:,"] == [file.as_uri()]


def test_may_not_connect_anywhere(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    said = chromium.driver.execute_async_script(
        "const done = arguments[0]; document.addEventListener('securitypolicyviolation', (event) => "
        "done(event.effectiveDirective)); fetch('http://127.0.0.1:9/').catch(() => 0)"
    )
    assert said == "connect-src"
    chromium.console(), chromium.requests()
