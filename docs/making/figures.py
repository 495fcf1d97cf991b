"""`docs/benchmarks.md` and its plot, made from the figures that `python -m benchmarks --keep` put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.figures import goal, kept, number, reference
from docs.making.home import ROOT

if TYPE_CHECKING:
    from benchmarks.figures import Group, Row

WORDS: Final = {
    "zh": {
        "title": "# 数字",
        "other": "[English](benchmarks.en.md) · 这一页由 `python -m docs.build` 从 `docs/benchmarks.json` 生成，"
        "请不要手改。",
        "about": "`python -m benchmarks` 把文档里说到的每个数字重新测一遍，旁边是同一次运行里的参照；`--only 名称` "
        "只测一个模块，`--json` 给程序读，`--keep` 把结果留给这一页。"
        "毫秒和秒随机器和它当时的负载而变，比值和个数基本不变；没有达到的目标也照样写在这里。",
        "picture": "每个目标用掉了多少：条越短越好，虚线就是目标",
        "head": "| 测什么 | 测得 | 参照 | 倍数 | 目标 | 达到 |",
        "goal": "目标",
        "yes": "✓ 是",
        "no": "✗ 否",
        "on": "{measured} 测得（{machine}）。",
    },
    "en": {
        "title": "# Figures",
        "other": "[中文](benchmarks.md) · This page is made by `python -m docs.build` from `docs/benchmarks.json`; do "
        "not edit it by hand.",
        "about": "`python -m benchmarks` measures every figure of the documentation anew, each beside its reference in "
        "the same run; `--only NAME` measures one module, `--json` is for programs, and `--keep` keeps the result for "
        "this page. Milliseconds and seconds vary with the machine and what else it does; ratios and counts hardly do. "
        "Goals that are missed stand here as well.",
        "picture": "How much of each goal is used up: shorter is better, the dashed line is the goal",
        "head": "| what | measured | reference | times | goal | met |",
        "goal": "goal",
        "yes": "✓ yes",
        "no": "✗ no",
        "on": "Measured on {measured} ({machine}).",
    },
}
TITLES: Final = {
    "batch": ("批量", "Batches"),
    "cases": ("案例库", "The case store"),
    "cases_screen": ("案例界面", "The screen of cases"),
    "first_paint": ("启动", "Starting"),
    "interview": ("提问", "The interview"),
    "mutation": ("变异测试", "Mutation testing"),
    "pictures": ("图片", "Pictures"),
    "reachability": ("网络检查", "The network check"),
    "screen": ("全屏界面", "The full-screen app"),
    "short_way": ("到建议的路", "The way to the advice"),
    "soak": ("长时间运行", "The long run"),
}
"""The heading of each module's figures; a module without one has its own name."""


def title(found: Group, lang: str) -> str:
    """Return the heading of a module's figures."""
    return TITLES.get(found.module, (found.module, found.module))[lang == "en"]


def page(lang: str) -> str:
    """Return the page in this language."""
    words = WORDS[lang]
    picture = f"![{words['picture']}](benchmarks-{lang}.svg)"
    parts = [words["title"], words["other"], words["about"], picture]
    for found in kept():
        parts += [f"## {title(found, lang)}", _table(found, lang)]
    return "\n\n".join(parts) + "\n"


def part(module: str, lang: str) -> str:
    """Return the figures of one module, for another page. Raises ValueError where none are kept."""
    found = [one for one in kept() if one.module == module]
    if not found:
        raise ValueError(f"no figures of {module} are kept: run `python -m benchmarks --only {module} --keep`")
    return _table(found[0], lang)


def _table(found: Group, lang: str) -> str:
    words = WORDS[lang]
    told = words["on"].format(measured=found.measured, machine=found.machine)
    lines = [words["head"], "|---|---|---|---|---|---|", *(_line(row, lang) for row in found.rows)]
    return "\n".join([f"`python -m benchmarks --only {found.module}` · {told}", "", *lines])


def _line(row: Row, lang: str) -> str:
    words = WORDS[lang]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
    met = "" if row.goal is None else words["yes" if row.ok else "no"]
    cells = (_name(row, lang), number(row.value, row.unit), reference(row, lang), ratio, goal(row), met)
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _name(row: Row, lang: str) -> str:
    return row.zh if lang == "zh" else row.name


def picture(lang: str) -> str:
    """Return the plot of every goal in this language."""
    words, lines, y = WORDS[lang], list[dict[str, object]](), 52
    for found in kept():
        judged = [row for row in found.rows if row.goal is not None]
        if judged:
            lines.append({"head": title(found, lang), "y": y})
            y += 22
        for row in judged:
            lines.append(_drawn(row, lang, y))
            y += 20
    home = FileSystemLoader(ROOT / "docs" / "making" / "templates")
    templates = Environment(loader=home, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    made = templates.get_template("figures.svg.j2")
    return made.render(title=words["picture"], goal=words["goal"], lines=lines, height=y + 10)


def _drawn(row: Row, lang: str, y: int) -> dict[str, object]:
    name = _name(row, lang)
    wide = sum(13.0 if char > "\u2e7f" else 6.9 for char in name)
    value = f"{row.judged:.2f} ×" if row.of == "ratio" else number(row.value, row.unit)
    return {
        "name": name, "y": y, "ok": row.ok, "mark": "✓" if row.ok else "✗", "value": value, "goal": goal(row),
        "squeezed": wide > 380, "width": round(160 * min(row.used or 0.0, 1.5), 1),
    }  # fmt: skip
