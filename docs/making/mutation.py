"""`docs/mutation.md`: which changes to reasoning, plan, versions and reader the tests notice."""

from __future__ import annotations

from typing import Final

from benchmarks.mutation import GOAL, PARTS, Survivor, kept, reason_of

WORDS: Final = {
    "zh": {
        "title": "# 变异测试",
        "other": "[English](mutation.en.md) · 这一页由 `python -m docs.build` 从 `docs/mutation.json` 生成，"
        "请不要手改。",
        "about": "测试能不能发现错误？每次在推理、计划、版本解析或读话的代码里改动一处（从所有能改的地方随机抽），"
        "再运行那一部分的测试。没有测试失败的改动列在下面，并写明理由。"
        f"目标：每一部分至少 {GOAL}% 被发现。{{ran}} 测。命令：`python -m benchmarks.mutation`。",
        "head": "| 部分 | 能改的 | 抽了 | 被发现 | 比例 |",
        "open": "还没有理由，或者测试是运行之后才补的：",
        "left": "## 没有被发现的",
        "lines": "| 函数 | 原来 | 改成 |",
    },
    "en": {
        "title": "# Mutation testing",
        "other": "[中文](mutation.md) · This page is made by `python -m docs.build` from `docs/mutation.json`; do not "
        "edit it by hand.",
        "about": "Would the tests notice a mistake? One thing at a time is changed in the reasoning, the plan, "
        "the version parser or the reader, drawn at random from all that can be changed, and the tests of that part "
        "run. What no test noticed is listed below with its reason. The goal is "
        f"{GOAL} % of each part at least. Measured on {{ran}}; the command: `python -m benchmarks.mutation`.",
        "head": "| part | could be changed | drawn | caught | share |",
        "open": "Open, or the test came after the run:",
        "left": "## Not caught",
        "lines": "| function | was | became |",
    },
}


def page(lang: str) -> str:
    """Return the page in this language."""
    words, found = WORDS[lang], kept()
    table = [words["head"], "|---|---|---|---|---|"]
    for one in found.parts:
        name = next(getattr(part, lang) for part in PARTS if part.en == one.part)
        table.append(f"| {name} | {one.made} | {one.run} | {one.caught} | {one.caught / one.run:.1%} |")
    parts = [words["title"], words["other"], words["about"].format(ran=found.ran), "\n".join(table), words["left"]]
    groups: dict[str, list[Survivor]] = {}
    for one in found.survivors:
        reason = reason_of(one)
        groups.setdefault(getattr(reason, lang) if reason else words["open"], []).append(one)
    for told, ones in groups.items():
        lines = [f"{told}", "", words["lines"], "|---|---|---|", *map(_line, ones)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(one: Survivor) -> str:
    cells = (f"{one.module}.{one.function}", one.was, one.now)
    return f"| {' | '.join(_code(text) for text in cells)} |"


def _code(text: str) -> str:
    """Write code in a cell of a table, where a bar would end it."""
    return f"`` {text.replace('|', chr(92) + '|')} ``" if text else "—"
