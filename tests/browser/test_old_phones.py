"""The page's script and style use nothing that the phones it is for do not have: Chromium 66 and Safari 12 upwards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page
from diagnostics.questionnaire.page import compiled
from tests.browser.packages import package

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK = Path(__file__).with_name("compat.js")


def names_of(data: Any) -> Iterator[str]:
    """Yield every name in the page's data."""
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data if isinstance(data, (list, tuple)) else ())
    ):
        if isinstance(key, str):
            yield key
        yield from names_of(value)


@cache
def own_names() -> frozenset[str]:
    return frozenset(names_of(compiled(load(), "zh")))


def newer(script: str, style: str, folder: Path) -> list[str]:
    """Return what of a script and a style is too new."""
    node = shutil.which("node")
    assert node is not None, "no node here: apt-get install nodejs"
    names = ("page.js", "page.css", "names.json")
    (folder / "page.js").write_text(script, encoding="utf-8")
    (folder / "page.css").write_text(style, encoding="utf-8")
    (folder / "names.json").write_text(json.dumps(sorted(own_names())), encoding="utf-8")
    acorn, walk = package("acorn@8.19.0") / "dist" / "acorn.js", package("acorn-walk@8.3.5") / "dist" / "walk.js"
    data = package("@mdn/browser-compat-data@8.1.9") / "data.json"
    done = subprocess.run(
        [node, str(CHECK), *map(str, (acorn, walk, data, *(folder / name for name in names)))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode:
        return [done.stderr.strip().splitlines()[-1] if "SyntaxError" not in done.stderr else "syntax"]
    found: list[str] = json.loads(done.stdout)
    return found


def test_page_uses_nothing_newer(tmp_path: Path) -> None:
    page = build_page(load())
    scripts, styles = (re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL) for name in ("script", "style"))
    assert len(scripts) == 2
    assert newer("\n".join(scripts), "\n".join(styles), tmp_path) == []


def test_what_is_newer_is_named(tmp_path: Path) -> None:
    script = """
    document.body.replaceChildren(); [[1]].flatMap((one) => one); const a = { at: 1 }; [a].at(-1); structuredClone({});
    /(?<=a)b/.test("ab");
    """
    style = "p { display: flex; gap: 1rem; } p:focus-visible { color: red; }"
    assert set(newer(script, style, tmp_path)) >= {
        ".replaceChildren()", ".flatMap()", ".at()", "structuredClone", "/(?<=a)b/", "gap:", ":focus-visible",
    }  # fmt: skip


@pytest.mark.parametrize("script", ["a?.b;", "const b = null ?? 1;", "try { f(); } catch { g(); }"])
def test_newer_syntax_is_named(script: str, tmp_path: Path) -> None:
    assert newer(script, "", tmp_path) == ["syntax"]
