"""The table of the extras in `docs/install.md`, from what `python -m docs.extras` measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docs.extras import kept

if TYPE_CHECKING:
    from docs.extras import Cost

WORDS: Final = {
    "zh": {
        "about": "`python -m docs.extras` 在 {measured} 测得（{machine}）：每个附加包都和本产品一起装进新的虚拟环境；"
        "MB 是环境因此变大多少，毫秒是导入那个包用掉的处理器时间（多次里最少的一次，扣掉解释器自己的）。",
        "head": "| 附加包 | 有了它 | 多占 MB | 导入 | 多花毫秒 |",
        "none": "（不加）",
    },
    "en": {
        "about": "Measured by `python -m docs.extras` on {measured} ({machine}), each extra with the product in a "
        "fresh virtual environment: the megabytes are what the environment grows by, the milliseconds the processor "
        "time for importing the package (the least of many runs, less that of the interpreter itself).",
        "head": "| extra | what it brings | MB more | import | ms more |",
        "none": "(none)",
    },
}
BRINGS: Final = {  # by the extra and what is imported
    ("", "click, packaging.version"): ("命令行、文字 / JSON / Markdown", "the command line, text / JSON / Markdown"),
    ("", "sqlalchemy"): ("案例库，打开时才载入", "the case store, loaded when it is opened"),
    ("", "textual.app"): ("全屏界面，启动时才载入", "the full-screen app, loaded when it starts"),
    ("html", "jinja2"): ("一页 HTML 报告（Jinja2）", "the report as one HTML page (Jinja2)"),
    ("team", "psycopg"): ("PostgreSQL 案例库（psycopg）", "a PostgreSQL store (psycopg)"),
    ("mcp", "mcp"): ("给助手用的 `mcp` 命令（Model Context Protocol 的 SDK）",
                     "the command `mcp` for assistants (SDK of the Model Context Protocol)"),
    ("screenshot", "rapidocr.main"): ("读截图（RapidOCR，模型在包里），用到时在子进程里载入",
                                 "reading screenshots (RapidOCR, models in its wheel), in a child process when used"),
    ("bench", "zen"): ("[批量的对照](benchmarks.md)（zen-engine），给维护者",
                       "[what batches are compared with](benchmarks.en.md) (zen-engine), for maintainers"),
    ("test", "pytest"): ("全部测试和检查工具", "all tests and the tools that judge the code"),
}  # fmt: skip


def table(lang: str) -> str:
    """Return the table with the day and the machine."""
    words, found = WORDS[lang], kept()
    about = words["about"].format(measured=found.measured, machine=found.machine)
    return "\n".join([about, "", words["head"], "|---|---|---|---|---|", *(_line(cost, lang) for cost in found.costs)])


def _line(cost: Cost, lang: str) -> str:
    name = f"`{cost.extra}`" if cost.extra else WORDS[lang]["none"]
    size = f"{cost.megabytes:.1f}" if cost.megabytes else ""
    told = BRINGS[cost.extra, cost.imports][lang == "en"]
    return f"| {name} | {told} | {size} | `{cost.imports}` | {cost.milliseconds:.0f} |".replace("  ", " ")
