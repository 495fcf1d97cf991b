"""Make the generated parts of the documentation: `python -m docs.build`.

The pages of commands, ids and figures are made whole, in both languages; in the hand-written pages the outputs of the
commands in ```console blocks and the parts between `<!-- made: NAME -->` and `<!-- end -->` are made anew.
`python -m docs.build licences` prints the licences of what is installed here.
"""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from docs.making import commands, console, extras, figures, graph, ids, licences, mutation
from docs.making.home import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCS: Final = ROOT / "docs"
WHOLE: Final[dict[str, Callable[[], str]]] = {
    "benchmarks.md": partial(figures.page, "zh"),
    "benchmarks.en.md": partial(figures.page, "en"),
    "benchmarks-zh.svg": partial(figures.picture, "zh"),
    "benchmarks-en.svg": partial(figures.picture, "en"),
    "commands.md": partial(commands.page, "zh"),
    "commands.en.md": partial(commands.page, "en"),
    "mutation.md": partial(mutation.page, "zh"),
    "mutation.en.md": partial(mutation.page, "en"),
    "ids.md": partial(ids.page, "zh"),
    "ids.en.md": partial(ids.page, "en"),
}
"""Pages that are made whole, and how."""
MADE: Final = re.compile(r"(?ms)^<!-- made: (\w+) -->\n.*?^<!-- end -->$")
PARTS_ZH: Final = {
    "fronts": "前端 tui：全屏界面、命令行", "run": "一次诊断：API、会话、批量", "cases": "服务台案例、遮盖",
    "reading": "读用户写的话",
    "questionnaire": "手机问卷", "settings": "设置", "report": "报告与格式", "checks": "检查", "phone": "手机",
    "network": "网络探测", "answers": "回答的入口", "assessment": "引擎：判断、提问、计划",
    "observations": "观察",
    "knowledge": "知识库（数据）", "versions": "版本文字", "cleaning": "清洗外来文字",
}  # fmt: skip
PARTS_EN: Final = {
    "fronts": "tui: full-screen app, command line", "run": "one diagnosis: API, session, batch",
    "cases": "the desk's cases, redaction", "reading": "what a person wrote",
    "questionnaire": "questionnaire for the phone", "settings": "settings",
    "report": "report and formats", "checks": "checks", "phone": "phones and pictures", "network": "network probing",
    "answers": "the door for answers", "assessment": "the engine: assessment, interview, plan",
    "observations": "observations", "knowledge": "knowledge base (data)", "versions": "version texts",
    "cleaning": "cleaning of outside text",
}  # fmt: skip


def made(page: Path, text: str) -> str:
    """Return a page's text with its marked parts made anew."""
    english = page.name.endswith(".en.md")
    return MADE.sub(lambda found: f"<!-- made: {found[1]} -->\n\n{_part(found[1], english)}\n\n<!-- end -->", text)


def _part(name: str, english: bool) -> str:
    if name == "architecture":
        return graph.picture(PARTS_EN if english else PARTS_ZH)
    if name == "extras":
        return extras.table("en" if english else "zh")
    if name == "licences":
        return licences.table().rstrip()
    return figures.part(name.removeprefix("figures_"), "en" if english else "zh")


def main(words: list[str]) -> int:
    """Write every generated part, or print the licences; returns the exit code."""
    os.environ["COLUMNS"] = "80"  # help is as wide as the terminal
    if words == ["licences"]:
        sys.stdout.write(licences.table())
        return 0
    if words:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    for name, make in WHOLE.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
    for page in console.pages():
        page.write_text(console.filled(page), encoding="utf-8")
    for page in DOCS.glob("*.md"):
        text = page.read_text("utf-8")
        if MADE.search(text):
            page.write_text(made(page, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
