"""Make the pictures of screens and pages: `python -m docs.pictures` writes them anew, in both languages.

docs/screen-*.svg is the main screen of one case, docs/pictures/screens-*.webp a walk through every screen, the others
the report and the questionnaire on a phone, at a desk and on paper. The walk is the one of the tests
(`tests.tui.scenes`); the browser is that of the browser tests.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from diagnostics.formats import render
from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page
from tests.browser.chromium import Chromium, browser
from tests.diagnostics.formats.examples import USUAL, report
from tests.tui.scenes import WALK
from tests.tui.stage import make_app, on_stage, open_page, press, questions, settled

if TYPE_CHECKING:
    from tui.language import Lang

FOLDER: Final = Path(__file__).parent
PAGES: Final = FOLDER / "pictures"
SIZE: Final = (112, 36)
WIDE, HIGH = 2000, 1660
PHONE: Final = (390, 844)
STYLE: Final = "body { margin: 0; background: #fff } img { width: 24.4%; margin: .3% } "
TOLD: Final[dict[str, object]] = {
    "complaint.what": "was_there",
    "entry.services_menu": "not_shown",
    "entry.official_account": "not_found",
    "client.kind": "phone",
    "client.platform": "android",
    "wechat.version": "8.0.79",
}
"""What the person in the picture has answered; the last one given is marked in the tree."""


async def picture(lang: Lang) -> str:
    """Return the main screen of one case as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), lang=lang)
        async with on_stage(app, SIZE) as pilot:
            await questions(pilot)
            for id_, value in TOLD.items():
                app.session.give({id_: value})
            open_page(app.session, "money")
            app.refresh_all()
            await settled(pilot)
            await press(pilot, "t", "down", "escape")
            return app.export_screenshot(title="weilidai-doctor")


async def walk(lang: Lang, size: tuple[int, int]) -> dict[str, str]:
    """Return every screen as SVG, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), lang=lang)
        found = {}
        async with on_stage(app, size) as pilot:
            for name, prepare, keys in WALK:
                if prepare is not None:
                    prepare(app)
                await press(pilot, *keys)
                found[name] = app.export_screenshot(title=f"weilidai-doctor: {name}")
        return found


def sheet(chromium: Chromium, folder: Path, lang: Lang) -> None:
    """Draw every screen beside the others on one sheet."""
    cells = []
    for name, drawn in asyncio.run(walk(lang, (80, 24))).items():
        (folder / f"{name}.svg").write_text(_fitted(drawn), encoding="utf-8")
        cells.append(f'<img src="{name}.svg" alt="{name}">')
    page = folder / f"{lang}.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{''.join(cells)}", encoding="utf-8")
    chromium.open(page, width=WIDE, height=HIGH)
    chromium.picture(PAGES / f"screens-{lang}.webp", height=HIGH)


def _fitted(drawn: str) -> str:
    """Give each text the room it takes; the same screen gives the same file."""
    drawn = re.sub(r"terminal-\d+", "terminal", drawn)
    return re.sub(r'(<text [^>]*?textLength=)"([\d.]+)"([^>]*)>([^<]+)</text>', _widened, drawn)


def _widened(found: re.Match[str]) -> str:
    """Give a piece of text the length it has: Chinese takes two cells, Rich counts one."""
    before, length, between, text = found.groups()
    plain = html.unescape(text)
    return f'{before}"{float(length) / len(plain) * cell_len(plain):.1f}"{between}>{text}</text>'


def report_page(chromium: Chromium, folder: Path, lang: Lang) -> None:
    """Take the report on a phone, at a desk in the dark, and its first sheet of paper."""
    file = folder / f"report-{lang}.html"
    file.write_text(render("html", report(USUAL, lang), load()), encoding="utf-8")
    chromium.open(file, width=PHONE[0], height=PHONE[1])
    chromium.picture(PAGES / f"report-{lang}-phone.webp", height=1700)
    chromium.open(file, width=1000, height=700, dark=True)
    chromium.picture(PAGES / f"report-{lang}-desk.webp", height=1100)
    chromium.open(file, width=794, height=1123)
    chromium.command("Emulation.setEmulatedMedia", media="print")
    chromium.run("document.documentElement.style.padding = '42px 46px'")
    chromium.picture(PAGES / f"report-{lang}-paper.webp", height=1123)


def questionnaire_screens(chromium: Chromium, folder: Path, lang: Lang) -> None:
    """Take the questionnaire's welcome, a question, the answers to check and the result."""
    never = {"complaint.what": "never_had"}
    teen = {**never, "entry.services_menu": "not_shown", "safety.contact": [], "account.teen_mode": "on"}
    screens = {
        "welcome": ("welcome", {}),
        "question": ("ask", never),
        "review": ("review", teen),
        "result": ("result", teen),
    }
    file = folder / f"ask-{lang}.html"
    file.write_text(build_page(load(), lang), encoding="utf-8")
    chromium.open(file, width=PHONE[0], height=PHONE[1])
    for name, (view, answers) in screens.items():
        chromium.run(
            "now = Object.assign({}, BEGINNING, { view: arguments[0], answers: arguments[1] });"
            "trail = [BEGINNING]; draw()",
            view, answers,
        )  # fmt: skip
        chromium.picture(PAGES / f"questionnaire-{lang}-{name}.webp", height=PHONE[1])


def main() -> int:
    """Write every picture; the same screen gives the same file."""
    os.environ.update(SOURCE_DATE_EPOCH="1795435200", TZ="UTC")
    time.tzset()
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        (FOLDER / f"screen-{lang}.svg").write_text(_fitted(asyncio.run(picture(lang))), encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as chromium:
            sheet(chromium, Path(folder), lang)
            report_page(chromium, Path(folder), lang)
            questionnaire_screens(chromium, Path(folder), lang)
    return 0


if __name__ == "__main__":
    sys.exit(main())
