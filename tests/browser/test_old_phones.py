"""On Chromium 66 and Safari 12 upwards the page uses nothing they lack, and comes where the newest browser comes."""

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from diagnostics.api import diagnose
from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page, decode, encode
from diagnostics.questionnaire.page import compiled
from tests.browser.chromium import Chromium, browser
from tests.browser.packages import package
from tests.browser.walk import Person, walk

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
    return json.loads(done.stdout)


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


PEOPLE = int(os.environ.get("WALKS", "6"))
"""100 by hand, with WALKS=100."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with browser(tmp_path_factory.mktemp("old"), old=True) as one:
        yield one


def same_as_program(chromium: Chromium, folder: Path, first: int) -> None:
    knowledge = load()
    file = folder / "ask.html"
    file.write_text(build_page(knowledge), encoding="utf-8")
    chromium.open(file, width=360, height=640)
    for seed in range(first, first + PEOPLE):
        person = Person(knowledge, seed)
        told = walk(chromium, person, random.Random(seed))
        answers = told["answers"]
        report = diagnose(answers)
        assert all(person.answers[id_] == value for id_, value in answers.items()), f"person {seed}"
        assert told["title"] == report.situations[0].text, f"person {seed}"
        assert told["step"] == (report.plan[0].text if report.plan else None), f"person {seed}"
        assert told["later"] == [one.text for one in report.plan[1:3]], f"person {seed}"
        assert told["stop"] == report.questions.stop_reason, f"person {seed}"
        assert told["code"] == encode(answers, knowledge), f"person {seed}"
        assert decode(told["code"], knowledge) == answers, f"person {seed}"
    assert chromium.console() == []


def test_walks_in_chromium_66(old: Chromium, tmp_path: Path) -> None:
    assert "Chrome/66." in old.run("return navigator.userAgent")
    same_as_program(old, tmp_path, 0)


def test_walks_in_todays_chromium(chromium: Chromium, tmp_path: Path) -> None:
    same_as_program(chromium, tmp_path, 10_000)
