"""`docs/commands.md`: every command and option, from the help itself, with one example each."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

import click

from docs.making.console import ended
from docs.making.home import Home

EXAMPLES: Final[dict[str, str]] = {
    "": "weilidai-doctor --version",
    "check": "weilidai-doctor check --offline --set account.teen_mode=on --format short",
    "ask": r"printf '7\n4\nq\n' | weilidai-doctor ask --offline --format short 2>/dev/null",
    "batch": "weilidai-doctor batch cases.jsonl --fields outcome,summary --summary",
    "list": "weilidai-doctor list causes | head -n 6",
    "explain": "weilidai-doctor explain age_out_of_range --set person.age=61 | head -n 9",
    "schema": "weilidai-doctor schema answers | head -n 6",
    "read": "weilidai-doctor read '以前有，上个月换号以后没了，服务里只有分付，有人说299能强开'",
    "parse-version": "weilidai-doctor parse-version '微信 ８．０．４９' 'MicroMessenger/8.0.49.2600(0x28003137)'",
    "cases": "weilidai-doctor cases list",
    "cases list": "weilidai-doctor cases list --status open --json | head -n 9",
    "cases search": "weilidai-doctor cases search 更新",
    "cases show": "weilidai-doctor cases show k7f3 | head -n 12",
    "cases stats": "weilidai-doctor cases stats --ascii",
    "cases export": "weilidai-doctor cases export -o bundle.jsonl && wc -l < bundle.jsonl",
    "cases import": "weilidai-doctor cases import bundle.jsonl",
    "cases note": "weilidai-doctor cases note m4t8 'called back, number 13800138000'",
    "cases tag": "weilidai-doctor cases tag m4t8 parent callback",
    "cases close": "weilidai-doctor cases close m4t8 teen_mode",
    "cases reopen": "weilidai-doctor cases reopen m4t8",
    "cases label": "weilidai-doctor cases label m4t8 T-1042",
    "cases consent": "weilidai-doctor cases consent m4t8",
    "cases take": "weilidai-doctor cases take m4t8 --operator li",
    "cases hand": "weilidai-doctor cases hand m4t8 wang --operator li",
    "cases due": "weilidai-doctor cases due m4t8 2026-12-01",
    "cases today": "weilidai-doctor cases today --operator wang",
    "cases reply": "weilidai-doctor cases reply m4t8",
    "cases week": "weilidai-doctor cases week 2026-W48",
    "cases init": "weilidai-doctor cases init --json | head -n 4",
    "cases check": "weilidai-doctor cases check",
    "cases delete": "weilidai-doctor cases delete m4t8 --yes",
    "cases retention": "weilidai-doctor cases retention --closed 90 --open 365 --yes",
    "cases purge": "weilidai-doctor cases purge --yes",
    "questionnaire": "weilidai-doctor questionnaire -o questions.html && head -n 2 questions.html",
    "calibrate": "weilidai-doctor calibrate resolved.jsonl -o weights.toml",
    "config": "WEILIDAI_DOCTOR_TIMEOUT=5 weilidai-doctor config show | head -n 4",
    "config show": "weilidai-doctor config show --json | head -n 6",
    "completion": "weilidai-doctor completion bash | head -n 1",
    "mcp": "weilidai-doctor mcp < /dev/null",
}
"""One example a command, in the order in which they can run after one another."""

WORDS: Final = {
    "zh": (
        "# 所有命令和选项",
        "[English](commands.en.md) · 这一页由 `python -m docs.build` 生成，请不要手改。",
        "全部选项都在下面；`--debug`、`-v`、`-q` 可以放在任何位置。退出码见 [ids.md](ids.md#退出码)。"
        "例子里的输出是运行得到的，有的用 `head` 截短了。",
        "例子",
    ),
    "en": (
        "# Every command and option",
        "[中文](commands.md) · This page is made by `python -m docs.build`; do not edit it by hand.",
        "Every option is below; `--debug`, `-v` and `-q` may stand anywhere. "
        "Exit codes: [ids.en.md](ids.en.md#exit-codes). The outputs come from running the "
        "examples; some are cut short with `head`.",
        "Example",
    ),
}


def names() -> list[str]:
    """Return every command and subcommand by its words, in the order of the help; the empty text is the app."""
    from tui.cli.group import COMMANDS, make_group

    group = make_group()
    found = [""]
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        found.append(name)
        if isinstance(command, click.Group):
            found += [f"{name} {sub}" for sub in command.list_commands(click.Context(command))]
    return found


def help_of(name: str, lang: str) -> str:
    """Return what `--help` of a command writes, 80 columns wide."""
    from tui.cli.main import main

    click.Context.formatter_class = click.HelpFormatter  # the Chinese one stays where it was set once
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        try:
            main([*name.split(), "--lang", lang, "--help"])
        except SystemExit as ended:
            if ended.code:
                raise RuntimeError(f"{name} --help ended with {ended.code}") from None
    click.Context.formatter_class = click.HelpFormatter
    out.flush()
    return out.buffer.getvalue().decode() if isinstance(out.buffer, io.BytesIO) else ""


def page(lang: str) -> str:
    """Return the page in this language."""
    title, other, about, example = WORDS[lang]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), lang)
        shown = {name: ended(home.run(line)) for name, line in EXAMPLES.items()}
    parts = [f"{title}\n\n{other}\n\n{about}\n"]
    for name in names():
        words = f"weilidai-doctor {name}".strip()
        parts.append(f"## `{words}`\n\n```text\n{ended(help_of(name, lang))}```\n")
        parts.append(f"{example}{'：' if lang == 'zh' else ':'}\n\n```console\n$ {EXAMPLES[name]}\n{shown[name]}```\n")
    return "\n".join(parts)
