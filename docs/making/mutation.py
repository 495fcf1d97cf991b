"""`docs/mutation.md`: which changes to the reasoning and the version parser the tests notice."""

from __future__ import annotations

from typing import Final

from benchmarks.mutation import GOAL, Survivor, kept, reason_of

WORDS: Final = {
    "zh": {
        "title": "# 变异测试",
        "other": "[English](mutation.en.md) · 这一页由 `python -m docs.build` 从 `docs/mutation.json` 生成，"
        "请不要手改。",
        "about": "测试能不能发现错误？[mutmut](https://mutmut.readthedocs.io) 每次在推理或版本解析里改动一处，"
        "再运行会走到那里的测试；"
        f"没有测试失败的改动就列在下面，并写明理由；运行的比改动的少，就是没有跑到底。目标：至少 {GOAL}% 被发现。"
        "命令：`pip install -e '.[test,mutation]' && python -m benchmarks.mutation`。",
        "head": "| 模块 | 日期 | 改动 | 运行了 | 被发现 | 比例 |",
        "all": "合计",
        "open": "还没有理由，或者测试是运行之后才补的：",
        "left": "## 没有被发现的",
        "lines": "| 函数 | 原来 | 改成 |",
    },
    "en": {
        "title": "# Mutation testing",
        "other": "[中文](mutation.md) · This page is made by `python -m docs.build` from `docs/mutation.json`; do not "
        "edit it by hand.",
        "about": "Would the tests notice a mistake? [mutmut](https://mutmut.readthedocs.io) changes one thing at a "
        "time in the reasoning or the version parser and runs the tests that reach it; what no test noticed is listed "
        "below with its reason. Where fewer changes were run than made, the run was ended early. "
        f"The goal is {GOAL} % at least. "
        "The command: `pip install -e '.[test,mutation]' && python -m benchmarks.mutation`.",
        "head": "| module | date | changes | run | caught | share |",
        "all": "all",
        "open": "Open, or the test came after the run:",
        "left": "## Not caught",
        "lines": "| function | was | became |",
    },
}


def page(lang: str) -> str:
    """Return the page in this language."""
    words, found = WORDS[lang], kept()
    rows = [(f"`{one.module}` | {one.ran}", one.made, one.run, one.caught) for one in found.modules]
    rows.append((f"{words['all']} |", *(sum(row[at] for row in rows) for at in (1, 2, 3))))
    table = [words["head"], "|---|---|---|---|---|---|"]
    table += [
        f"| {name} | {made} | {run} | {caught} | {caught / max(run, 1):.1%} |" for name, made, run, caught in rows
    ]
    parts = [words["title"], words["other"], words["about"], "\n".join(table), words["left"]]
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
