"""Make the pictures of the screen: `python -m docs.pictures` writes them anew, in both languages.

docs/screen-*.svg is the main screen of one case, docs/pictures/screens-*.webp a walk through every screen. The walk is
the one of the tests (`tests.tui.scenes`); its sheet is drawn by the browser that the browser tests use.
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

from tests.browser.chromium import Chromium, browser
from tests.tui.scenes import WALK
from tests.tui.stage import make_app, on_stage, press, questions, settled

if TYPE_CHECKING:
    from tui.language import Lang

FOLDER: Final = Path(__file__).parent
SIZE: Final = (112, 36)
WIDE, HIGH = 2000, 1660
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
                app.flow.give({id_: value})
            app.flow.open_page("money")
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
    chromium.picture(FOLDER / "pictures" / f"screens-{lang}.webp", height=HIGH)


def _fitted(drawn: str) -> str:
    """Give each text the room it takes; the same screen gives the same file."""
    drawn = re.sub(r"terminal-\d+", "terminal", drawn)
    return re.sub(r'(<text [^>]*?textLength=)"([\d.]+)"([^>]*)>([^<]+)</text>', _widened, drawn)


def _widened(found: re.Match[str]) -> str:
    """Give a piece of text the length it has: Chinese takes two cells, Rich counts one."""
    before, length, between, text = found.groups()
    plain = html.unescape(text)
    return f'{before}"{float(length) / len(plain) * cell_len(plain):.1f}"{between}>{text}</text>'


def main() -> int:
    """Write both pictures; the same screen gives the same file."""
    os.environ.update(SOURCE_DATE_EPOCH="1795435200", TZ="UTC")
    time.tzset()
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        (FOLDER / f"screen-{lang}.svg").write_text(_fitted(asyncio.run(picture(lang))), encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as chromium:
            sheet(chromium, Path(folder), lang)
    return 0


if __name__ == "__main__":
    sys.exit(main())
