"""Pictures of the pages for the documentation: `python -m tests.browser.pictures` writes docs/pictures anew."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from diagnostics.formats import render
from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page
from tests.browser.chromium import Chromium, browser
from tests.diagnostics.formats.examples import USUAL, report

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LANGS: tuple[Literal["zh", "en"], ...] = ("zh", "en")
PHONE = (390, 844)


def report_pages(chromium: Chromium, folder: Path) -> None:
    """Take the report on a phone, at a desk in the dark, and its first sheet of paper."""
    for lang in LANGS:
        file = folder / f"report-{lang}.html"
        file.write_text(render("html", report(USUAL, lang), load()), encoding="utf-8")
        chromium.open(file, width=PHONE[0], height=PHONE[1])
        chromium.picture(FOLDER / f"report-{lang}-phone.webp", height=1700)
        chromium.open(file, width=1000, height=700, dark=True)
        chromium.picture(FOLDER / f"report-{lang}-desk.webp", height=1100)
        chromium.open(file, width=794, height=1123)
        chromium.command("Emulation.setEmulatedMedia", media="print")
        chromium.run("document.documentElement.style.padding = '42px 46px'")
        chromium.picture(FOLDER / f"report-{lang}-paper.webp", height=1123)


def questionnaire_screens(chromium: Chromium, folder: Path) -> None:
    """Take the questionnaire's welcome, a question, the answers to check and the result."""
    never = {"complaint.what": "never_had"}
    teen = {**never, "entry.services_menu": "not_shown", "safety.contact": [], "account.teen_mode": "on"}
    screens = {
        "welcome": ("welcome", {}),
        "question": ("ask", never),
        "review": ("review", teen),
        "result": ("result", teen),
    }
    for lang in LANGS:
        file = folder / f"ask-{lang}.html"
        file.write_text(build_page(load(), lang), encoding="utf-8")
        chromium.open(file, width=PHONE[0], height=PHONE[1])
        for name, (view, answers) in screens.items():
            chromium.run(
                "now = Object.assign({}, BEGINNING, { view: arguments[0], answers: arguments[1] });"
                "trail = [BEGINNING]; draw()",
                view, answers,
            )  # fmt: skip
            chromium.picture(FOLDER / f"questionnaire-{lang}-{name}.webp", height=PHONE[1])


def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as chromium:
        report_pages(chromium, Path(folder))
        questionnaire_screens(chromium, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
