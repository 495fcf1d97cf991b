"""Make the pictures of the screen: `python -m docs.pictures` writes docs/screen-zh.svg and docs/screen-en.svg anew."""

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

from tests.tui.stage import make_app, on_stage, press, settled

if TYPE_CHECKING:
    from tui.language import Lang

FOLDER: Final = Path(__file__).parent
SIZE: Final = (112, 36)
TOLD: Final[dict[str, object]] = {
    "complaint.what": "was_there",
    "entry.services_menu": "not_shown",
    "entry.official_account": "not_found",
    "client.kind": "phone",
    "client.platform": "android",
    "wechat.version": "7.0.22",
    "person.age": 34,
}
"""What the person in the picture has answered; the last one given is marked in the tree."""


async def picture(lang: Lang) -> str:
    """Return the main screen of one case as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), lang=lang)
        async with on_stage(app, SIZE) as pilot:
            await press(pilot, "enter")
            for id_, value in TOLD.items():
                app.flow.give({id_: value})
            app.flow.open_page("money")
            app.told()
            await settled(pilot)
            await press(pilot, "tab", *["down"] * 7, "escape")
            return app.export_screenshot(title="weilidai-doctor")


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
        drawn = re.sub(r"terminal-\d+", "terminal", asyncio.run(picture(lang)))
        drawn = re.sub(r'(<text [^>]*?textLength=)"([\d.]+)"([^>]*)>([^<]+)</text>', _widened, drawn)
        (FOLDER / f"screen-{lang}.svg").write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
