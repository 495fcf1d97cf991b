from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.goldens import SEEN, path_of, walk, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("lang", "size"), SEEN)
async def test_every_screen_looks_as_it_did(tmp_path: Path, lang: str, size: tuple[int, int]) -> None:
    expected = path_of(lang, size).read_text(encoding="utf-8")
    assert written(await walk(tmp_path, lang, size)) == expected, "python -m tests.tui.goldens writes them anew"
