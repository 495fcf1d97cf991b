"""The questionnaire in a browser: by touch and by keyboard, in both languages, with nothing sent and nothing logged."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diagnostics.knowledge import Knowledge, load
from diagnostics.knowledge.model import Text
from diagnostics.questionnaire import build_page, decode
from tests.browser.chromium import Chromium
from tests.browser.conftest import violations
from tests.browser.walk import back
from tests.diagnostics.formats.examples import PAYLOAD

PHONE = (360, 640)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN"
)
TEEN = {"complaint.what": "never_had", "entry.services_menu": "not_shown", "account.teen_mode": "on"}
HARM = {"complaint.what": "harm", "safety.given": ["money"]}


def open_page(
    chromium: Chromium, folder: Path, lang: Any = "zh", size: tuple[int, int] = PHONE,
    knowledge: Knowledge | None = None,
) -> Path:  # fmt: skip
    file = folder / "ask.html"
    file.write_text(build_page(knowledge or load(), lang), encoding="utf-8")
    chromium.open(file, width=size[0], height=size[1])
    chromium.run("localStorage.clear(); trail = []; offers = {}; now = BEGINNING; draw()")
    return file


def show(chromium: Chromium, view: str, answers: dict[str, Any], **more: Any) -> None:
    """Show a screen as it comes after these answers."""
    chromium.run(
        "now = Object.assign({}, BEGINNING, { view: arguments[0], answers: arguments[1] }, arguments[2]);"
        "trail = [BEGINNING]; draw()",
        view, answers, more,
    )  # fmt: skip


def heading(chromium: Chromium) -> str:
    return str(chromium.run("return document.querySelector('h1').textContent"))


def settle(chromium: Chromium) -> None:
    """Wait until the screen is painted, and take it as if it had stood there for a while."""
    chromium.run(
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => "
        "{ shownAt = -REST; done(); })))"
    )


def tap(chromium: Chromium, text: str) -> None:
    """Tap what bears this text, as a finger does: it must be visible and at least 40 pixels high."""
    settle(chromium)
    place = chromium.run(
        "const found = [...document.querySelectorAll('button, .line')].find((one) => one.innerText.trim() === "
        "arguments[0]); if (!found) return null; found.scrollIntoView({ block: 'center' });"
        "const box = found.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;"
        "return { x, y, height: box.height, seen: found.contains(document.elementFromPoint(x, y)) }",
        text,
    )
    assert place is not None, f"nothing says {text!r} under {heading(chromium)!r}"
    assert place["height"] >= 40
    assert place["seen"], f"{text!r} is covered"
    chromium.click(place["x"], place["y"])


def text(key: str) -> str:
    return load().say(f"questionnaire.page.{key}", "zh")


def choice(id_: str, value: str) -> str:
    """Return what stands beside the mark of this choice."""
    found = load().questions[id_].choice(value)
    return found.zh


def begin(chromium: Chromium, complaint: str) -> str:
    """Start and answer the first question; returns it."""
    tap(chromium, text("start"))
    first = heading(chromium)
    tap(chromium, choice("complaint.what", complaint))
    tap(chromium, text("next"))
    return first


def everything(chromium: Chromium) -> str:
    return str(chromium.run("return document.body.innerText"))


def answers(chromium: Chromium) -> dict[str, Any]:
    return dict(chromium.run("return now.answers"))


def test_a_person_answers_by_touch_and_is_told_what_to_do(chromium: Chromium, tmp_path: Path) -> None:
    file = open_page(chromium, tmp_path)
    knowledge = load()
    assert begin(chromium, "never_had") == knowledge.questions["complaint.what"].zh.ask
    for _ in range(60):
        assert chromium.wide() <= 0, heading(chromium)
        if heading(chromium) == text("review"):
            break
        if text("dont_know") in chromium.run(
            "return [...document.querySelectorAll('.line')].map((one) => one.innerText)"
        ):
            tap(chromium, text("dont_know"))
        buttons = chromium.run("return [...document.querySelectorAll('button')].map((one) => one.textContent)")
        tap(chromium, text("next" if text("next") in buttons else "none_next"))
    tap(chromium, text("right"))
    code = chromium.run("return document.querySelector('output').textContent")
    given = decode(code, knowledge)
    assert given == answers(chromium)
    assert given["complaint.what"] == "never_had"
    assert given["entry.services_menu"] == "unknown"
    assert chromium.console() == []
    assert [url for url in chromium.requests() if url != "data:,"] == [file.as_uri()]


def test_by_keyboard_alone(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    alert = "return document.querySelector('[role=alert]').textContent"

    def press(label: str) -> None:
        settle(chromium)
        chromium.run("document.querySelector('h1').focus()")
        for _ in range(40):
            chromium.press("Tab")
            named = "return (document.activeElement.closest('.line, button, summary') || {}).textContent"
            if chromium.run(named) == label:
                chromium.press("Enter")
                return
        pytest.fail(f"{label} is not reached with Tab")

    press(text("start"))
    assert chromium.run("return document.activeElement === document.querySelector('h1')")
    press(text("next"))
    assert chromium.run(alert) == text("choose")
    described = "return document.activeElement.getAttribute('aria-describedby')"
    assert chromium.run(described) == chromium.run("return document.querySelector('[role=alert]').id")
    chromium.press(" ")
    assert chromium.run(alert) == ""
    press(text("next"))
    chromium.run("now.queue = ['wechat.version']; draw()")
    settle(chromium)
    chromium.run("document.querySelector('input.field').focus()")
    chromium.write("HarmonyOS 4.2")
    chromium.press("Enter")
    assert chromium.run(alert) == text("bad_version")
    assert chromium.run("return document.activeElement === document.querySelector('input.field')")
    chromium.run("document.activeElement.select()")
    chromium.write("微信 ８.0.49")
    chromium.press("Enter")
    assert answers(chromium)["wechat.version"] == "8.0.49"
    back(chromium)
    assert answers(chromium) == {"complaint.what": "never_had"}
    assert chromium.run("return document.querySelector('input.field').value") == "8.0.49"


def test_a_second_tap_at_once_counts_for_nothing(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    settle(chromium)
    chosen = "return document.querySelector('input:checked')"
    twice = "document.querySelector('button.main').click(); document.querySelector('.line').click();"
    assert chromium.run(twice + chosen) is None
    assert chromium.run("return now.view") == "ask"
    assert chromium.run("shownAt = performance.now() - 390; document.querySelector('.line').click();" + chosen) is None
    time.sleep(0.45)
    chromium.run("document.querySelectorAll('.line')[1].click()")
    assert chromium.run("return document.querySelector('input:checked').value") == "was_there"


def test_the_back_key_goes_one_question_back_and_keeps_the_choice(chromium: Chromium, tmp_path: Path) -> None:
    file = open_page(chromium, tmp_path)
    first = begin(chromium, "was_there")
    second = heading(chromium)
    back(chromium)
    assert heading(chromium) == first
    assert chromium.run("return document.querySelector('input:checked').value") == "was_there"
    tap(chromium, text("next"))
    assert heading(chromium) == second
    tap(chromium, text("back"))
    time.sleep(0.2)
    assert heading(chromium) == first
    chromium.go("about:blank")
    chromium.go(file.as_uri())
    assert text("resume") in everything(chromium)


def test_answers_are_checked_and_changed_before_the_end(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    show(chromium, "review", TEEN)
    shown = chromium.run("return [...document.querySelectorAll('.rows li')].map((one) => one.textContent)")
    assert any("未成年人模式" in row and "开着" in row for row in shown)
    settle(chromium)
    chromium.run("document.querySelector('[aria-label$=未成年人模式]').click()")
    assert chromium.run("return document.querySelector('input:checked').value") == "on"
    tap(chromium, choice("account.teen_mode", "off"))
    tap(chromium, text("next"))
    assert answers(chromium) == {**TEEN, "account.teen_mode": "off"}


def test_reads_the_browser_only_when_asked_and_shows_what_it_read(chromium: Chromium, tmp_path: Path) -> None:
    chromium.command("Emulation.setUserAgentOverride", userAgent=IPHONE)
    try:
        open_page(chromium, tmp_path)
        assert chromium.run("return offers") == {}
        chromium.run("document.querySelector('details').open = true")
        tap(chromium, text("read"))
        shown = chromium.run("return document.querySelector('[role=status]').textContent")
        assert "8.0.49" in shown
        assert "17.5" in shown
        assert answers(chromium) == {}
        show(chromium, "ask", {"complaint.what": "never_had"}, queue=["wechat.version"])
        assert chromium.run("return document.querySelector('input.field').value") == "8.0.49"
        tap(chromium, text("next"))
        assert answers(chromium)["wechat.version"] == "8.0.49"
    finally:
        chromium.command("Emulation.setUserAgentOverride", userAgent="")


def test_the_warning_fills_one_screen_once_and_is_heard(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    begin(chromium, "paid_offer")
    warned = chromium.run("return document.querySelector('[role=alert]').textContent")
    assert warned == load().guide.warning["scam"].zh
    assert chromium.run("return document.querySelector('a').getAttribute('href')") == "tel:110"
    tap(chromium, text("understood"))
    line = chromium.run("return document.querySelector('[role=note]').textContent")
    assert line == load().say("format.short.scam", "zh")
    assert chromium.run("return document.querySelector('form') !== null")


def test_the_entry_found_ends_with_the_five_steps(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    show(chromium, "result", {"entry.services_menu": "shown", "entry.page_message": "none"})
    steps = chromium.run("return [...document.querySelectorAll('#main details ol li')].map((one) => one.textContent)")
    assert steps == [step.zh for step in load().guide.step]


def test_answers_stay_on_the_phone_until_deleted(chromium: Chromium, tmp_path: Path) -> None:
    file = open_page(chromium, tmp_path)
    begin(chromium, "never_had")
    asked = heading(chromium)
    chromium.go("about:blank")
    chromium.go(file.as_uri())
    tap(chromium, text("resume"))
    assert heading(chromium) == asked
    back(chromium)
    tap(chromium, text("next"))
    tap(chromium, text("enough"))
    tap(chromium, text("right"))
    tap(chromium, text("erase"))
    assert answers(chromium) == {"complaint.what": "never_had"}
    tap(chromium, text("erase_yes"))
    time.sleep(0.2)
    assert chromium.run("return localStorage.length") == 0
    assert heading(chromium) == text("welcome")
    chromium.go(file.as_uri())
    assert text("start") in everything(chromium)


def test_says_where_nothing_can_be_kept(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    chromium.run(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); }, configurable: true });"
        "save(); draw()"
    )
    assert text("keeps_nothing") in everything(chromium)
    begin(chromium, "never_had")
    assert answers(chromium) == {"complaint.what": "never_had"}


def test_goes_back_where_the_browser_keeps_no_history(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    chromium.run("history.pushState = () => { throw new Error('no'); };")
    first = begin(chromium, "was_there")
    assert heading(chromium) != first
    tap(chromium, text("back"))
    assert heading(chromium) == first
    assert chromium.run("return document.querySelector('input:checked').value") == "was_there"


def test_copying_says_honestly_whether_it_worked(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    show(chromium, "result", TEEN)
    chromium.run(
        "Object.defineProperty(window, 'isSecureContext', { value: false }); document.execCommand = () => false"
    )
    tap(chromium, text("copy"))
    assert chromium.run("return document.querySelector('p[role=status]').textContent") == text("not_copied")
    chromium.run("document.execCommand = () => true")
    tap(chromium, text("copy"))
    assert chromium.run("return document.querySelector('p[role=status]').textContent") == text("copied")


@pytest.mark.parametrize(("lang", "dark"), [("zh", False), ("en", True)])
def test_everyone_can_use_it(chromium: Chromium, axe: str, tmp_path: Path, lang: Any, dark: bool) -> None:
    open_page(chromium, tmp_path, lang)
    chromium.command("Emulation.setEmulatedMedia", media="", features=[
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])  # fmt: skip
    never = {"complaint.what": "never_had"}
    screens: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("welcome", {}, {}), ("ask", {}, {}), ("ask", HARM, {}), ("ask", HARM, {"warned": True}),
        ("ask", never, {"queue": ["wechat.version"]}), ("ask", never, {"queue": ["activity.services"]}),
        ("review", TEEN, {}), ("result", TEEN, {}), ("result", HARM, {"warned": True}), ("result", {}, {}),
    ]  # fmt: skip
    for view, given, more in screens:
        show(chromium, view, given, **more)
        chromium.run(
            "document.querySelectorAll('details').forEach((one) => { one.open = true; });"
            "document.querySelectorAll('[hidden]').forEach((one) => { one.hidden = false; });"
        )
        assert violations(chromium, axe) == [], (view, given)
    chromium.run("show('…', form({ lines: DATA.pages.find((page) => page.lines).lines }, {}, give))")
    assert violations(chromium, axe) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160, 320])
def test_nothing_is_cut_off_at_twice_the_size(chromium: Chromium, tmp_path: Path, lang: Any, width: int) -> None:
    """A window of half the width is what a page at 200 % has."""
    open_page(chromium, tmp_path, lang, (width, 640))
    for view, given in (("welcome", {}), ("ask", {}), ("ask", HARM), ("review", TEEN), ("result", TEEN)):
        show(chromium, view, given)
        assert chromium.wide() <= 0, view
        cut = (
            "return [...document.querySelectorAll('#main *')].filter((one) => !one.closest('.unseen') && "
            "one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')"
            ".map((one) => one.outerHTML)"
        )
        assert chromium.run(cut) == [], view


def test_without_script_or_where_it_fails_it_is_a_numbered_list(chromium: Chromium, tmp_path: Path) -> None:
    page, title = build_page(load()), load().say("questionnaire.plain.title", "zh")
    start = page.index('<script id="data"')
    damaged = page[:start] + page[start:].replace(">", ">AAAA", 1)
    file = tmp_path / "ask.html"
    for text_, script, listed in ((page, False, True), (page, True, False), (damaged, True, True)):
        file.write_text(text_, encoding="utf-8")
        chromium.open(file, width=360, height=640, script=script)
        shown = everything(chromium)
        assert (title in shown) is listed
        assert (load().questions["complaint.what"].zh.ask in shown) is listed
        assert chromium.wide() <= 0
    assert chromium.console() != []


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
    texts = {key: bad if key.startswith("questionnaire.page.") else one for key, one in knowledge.locale.items()
             if key.startswith("questionnaire.")}  # fmt: skip
    written = knowledge.texts | {"questionnaire": msgspec.Raw(msgspec.msgpack.encode(texts))}
    poisoned = msgspec.structs.replace(knowledge, questions=questions, texts=written)
    file = open_page(chromium, tmp_path, knowledge=poisoned)
    show(chromium, "ask", {})
    assert PAYLOAD[:40] in heading(chromium)
    show(chromium, "review", {"person.age": 17, "complaint.what": "harm"})
    show(chromium, "result", {"person.age": 17, "complaint.what": "never_had"})
    marked = "return document.querySelectorAll('img, svg, [onerror], [onload], a:not([href^=tel])').length"
    assert chromium.run(marked) == 0
    assert chromium.console() == []
    assert [url for url in chromium.requests() if url != "data:,"] == [file.as_uri()]


def test_may_not_connect_anywhere(chromium: Chromium, tmp_path: Path) -> None:
    open_page(chromium, tmp_path)
    said = chromium.run(
        "return new Promise((done) => { document.addEventListener('securitypolicyviolation', (event) => "
        "done(event.effectiveDirective)); fetch('http://127.0.0.1:9/').catch(() => 0); })"
    )
    assert said == "connect-src"
    chromium.console(), chromium.requests()
