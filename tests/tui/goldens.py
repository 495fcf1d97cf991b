"""The main screens as text: `python -m tests.tui.goldens` writes them anew, the test compares."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.tui.scenes import WALK
from tests.tui.stage import make_app, on_stage, press

FOLDER: Final = Path(__file__).parent.parent / "data" / "screens"
SEEN: Final = (("zh", (80, 24)), ("en", (80, 24)), ("zh", (120, 40)))
"""English needs more room: where it has the least, it is looked at."""
AT: Final = {"SOURCE_DATE_EPOCH": "1795435200", "TZ": "UTC"}


async def walk(folder: Path, lang: str, size: tuple[int, int]) -> dict[str, str]:
    """Go through every scene and return each as text."""
    found: dict[str, str] = {}
    app = make_app(folder, lang=lang)
    async with on_stage(app, size) as pilot:
        for name, prepare, keys in WALK:
            if prepare is not None:
                prepare(app)
            found[name] = "\n".join(await press(pilot, *keys)) + "\n"
    return found


def path_of(lang: str, size: tuple[int, int]) -> Path:
    """Where the scenes of one language and size are kept."""
    return FOLDER / f"{lang}-{size[0]}x{size[1]}.txt"


def written(scenes: dict[str, str]) -> str:
    """Return all scenes as one file."""
    return "".join(f"##### {name}\n{text}" for name, text in scenes.items())


def main() -> int:
    """Write every golden text anew; read the difference before committing it."""
    os.environ.update(AT)
    time.tzset()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for lang, size in SEEN:
        with tempfile.TemporaryDirectory() as folder:
            scenes = asyncio.run(walk(Path(folder), lang, size))
        path_of(lang, size).write_text(written(scenes), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
