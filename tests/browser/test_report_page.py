"""The HTML report in a browser: on a phone, at a desk, on paper; without script, without a network, for everyone."""

import re
from pathlib import Path
from typing import Any

import pytest

from diagnostics.formats import render
from diagnostics.knowledge import load
from diagnostics.report import Report
from tests.browser.chromium import Chromium
from tests.browser.conftest import violations
from tests.diagnostics.formats.examples import EVERYTHING, FOUND, PAYLOAD, USUAL, hostile, report

KINDS: dict[str, dict[str, Any]] = {"usual": USUAL, "everything": EVERYTHING, "found": FOUND, "nothing": {}}
SIZES = {"desk": (1280, 900), "tablet": (768, 1024), "phone": (390, 844), "small": (360, 640)}
TEEN = {"complaint.what": "never_had", "entry.services_menu": "not_shown", "account.teen_mode": "on"}
HARM = {"complaint.what": "harm", "safety.given": ["money"]}


def write(folder: Path, one: Report) -> Path:
    file = folder / "report.html"
    file.write_text(render("html", one, load()), encoding="utf-8")
    return file


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_fits_asks_nothing_of_the_network_and_logs_nothing(chromium, tmp_path, kind, lang) -> None:
    one = report(KINDS[kind], lang)
    file = write(tmp_path, one)
    chromium.open(file, script=False)
    assert chromium.requests() == [file.as_uri()]
    assert chromium.run("return document.documentElement.lang") == ("zh-CN" if lang == "zh" else "en")
    assert chromium.run("return document.querySelector('.verdict').textContent") == one.summary
    for name, size in SIZES.items():
        chromium.size(*size)
        assert chromium.wide() == 0, name
    assert chromium.console() == []


@pytest.mark.parametrize(("lang", "dark"), [("zh", True), ("en", False)])
@pytest.mark.parametrize("kind", KINDS)
def test_everyone_can_read_it(chromium: Chromium, axe: str, tmp_path: Path, kind: str, lang: Any, dark: bool) -> None:
    chromium.open(write(tmp_path, report(KINDS[kind], lang)), width=390, height=844, dark=dark)
    chromium.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(chromium, axe) == []


SHEETS = {"usual": (1, 2), "everything": (5, 5), "found": (1, 1), "nothing": (1, 1)}
"""Sheets of A4 at 10.5 points, Chinese and English; `everything` has all that can be wrong at once."""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_prints_on_one_sheet_with_everything_open(chromium: Chromium, tmp_path: Path, kind: str, lang: Any) -> None:
    chromium.open(write(tmp_path, report(KINDS[kind], lang)), script=False)
    assert len(re.findall(rb"/Type\s*/Page\b", chromium.paper())) <= SHEETS[kind][lang == "en"]
    chromium.command("Emulation.setEmulatedMedia", media="print")
    hidden = (
        "return [...document.querySelectorAll('.rest details:not(.screen) li')]"
        ".filter((one) => !one.closest('.screen') && !one.offsetHeight && !one.matches('.unsettled li + li')).length"
    )
    assert chromium.run(hidden) == 0
    assert not chromium.run("return [...document.querySelectorAll('.screen')].some((one) => one.offsetHeight)")
    size = "return getComputedStyle(document.querySelector('.first label') || document.body).fontSize"
    assert chromium.run(size) == "14px"  # 10.5 points


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("answers", [USUAL, TEEN, HARM])
def test_the_first_screen_has_what_it_is_the_step_its_check_and_the_warning(chromium, tmp_path, answers, lang) -> None:
    one = report(answers, lang)
    chromium.open(write(tmp_path, one), width=360, height=640, script=False)
    ends = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom"
    assert chromium.run("return document.querySelector('h1').textContent") == one.summary
    assert chromium.run("return document.querySelector('.first label').textContent").strip() == one.plan[0].text
    assert one.plan[0].verify in chromium.run("return document.querySelector('.first .verify').textContent")
    assert chromium.run(ends, ".first .verify") < 640
    assert chromium.run(ends, "#scam > summary") < (640 if lang == "zh" else 760)
    assert chromium.run("return document.querySelector('a').getAttribute('href')") == "#step-2"
    assert chromium.run("return document.getElementById('step-2') !== null")


def test_nothing_is_cut_off_at_twice_the_size(chromium: Chromium, tmp_path: Path) -> None:
    """A window of half the width is what a page at 200 % has."""
    for lang in ("zh", "en"):
        chromium.open(write(tmp_path, report(EVERYTHING, lang)), width=160, height=640)  # type: ignore[arg-type]
        chromium.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert chromium.wide() <= 0


def test_works_by_keyboard_without_script(chromium: Chromium, tmp_path: Path) -> None:
    chromium.open(write(tmp_path, report(USUAL)), script=False)
    state = "const at = document.activeElement; return [at.localName, at.checked, (at.parentElement || at).open]"
    reached = {}
    for _ in range(60):
        chromium.press("Tab")
        name, checked, open_ = chromium.run(state)
        if name == "input" and name not in reached:
            chromium.press(" ")
            reached[name] = chromium.run(state)[1] and not checked
        if name == "summary" and name not in reached:
            chromium.press("Enter")
            reached[name] = chromium.run(state)[2] != open_
    assert reached == {"input": True, "summary": True}


def test_hostile_texts_stay_texts(chromium: Chromium, tmp_path: Path) -> None:
    file = write(tmp_path, hostile())
    chromium.open(file, width=390, height=844)
    assert chromium.console() == []
    assert len(chromium.requests()) == 1
    marked = "return document.querySelectorAll('script, img, [onerror], [onload], iframe, object').length"
    assert chromium.run(marked) == 0
    shown = chromium.run("return document.body.textContent")
    assert PAYLOAD[:40] in shown
    assert "{{7*7}}" in shown
    assert not set("\x1b\x07\x9b\u202e\u2066\u200b\ufeff") & set(file.read_text(encoding="utf-8"))
