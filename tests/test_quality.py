"""The standards that a program can hold: format, lint, types, import contracts, dead code."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from vulture import Vulture

from diagnostics.knowledge import load
from docs.making import graph

ROOT = Path(__file__).parent.parent
OWN_CODE = (
    "-p", "diagnostics", "-p", "tui", "--follow-imports=skip", "--allow-subclassing-any",
    "--allow-untyped-decorators", "--no-warn-return-any", "--no-warn-unused-ignores", "--disable-error-code=call-arg",
)  # fmt: skip
"""What depends on the platform is own code and the standard library: other packages are read once, for this one."""
COMMANDS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "types on Windows": ["mypy", "--platform", "win32", *OWN_CODE],  # whoever is on macOS sees it by "types"
    "imports": ["lint-imports"],
}
HOOKS = {
    "next_questions",  # the SDK of the Model Context Protocol calls this
    "__getattr__",  # module attribute access
    "readinto",  # files of the standard library call this
    "get_default_screen", "_print_error_renderables", "get_content_height", "validate_value", "check_consume_key",
    "compose", "check_action", "apply", "render_line",  # Textual calls these
    "shell_complete", "get_completion_args", "format_completion",  # click calls these
}  # fmt: skip
"""Names that a framework calls, not we."""
LONG_FOR_A_REASON: dict[str, str] = {}
"""Modules of more than 600 lines, and why."""
SHORT_FOR_A_REASON = {
    "diagnostics/__init__.py": "the face of the package",
    "diagnostics/knowledge/record.py": "below the model and the derived facts, which both build on it",
    "diagnostics/sanitize.py": "below everything: the boundary to untrusted text",
    "tui/__init__.py": "the face of the package",
    "tui/__main__.py": "python -m tui",
    "tui/cli/main.py": "the entry point, which loads nothing before it is asked",
    "tui/cli/commands/questionnaire.py": "one command a file",
}
"""Modules of fewer than 40 lines, and why; packages that only say what they are for aside."""
VERSION = "the version stands in the package's face, which names `diagnose` for the type checker"
CIRCLES_OF_TYPES = {
    ("diagnostics.i18n", "diagnostics.knowledge.model"): "texts name the type of what they are read from",
    ("diagnostics.knowledge.compiled", "diagnostics"): VERSION,
    ("diagnostics.report.model", "diagnostics"): VERSION,
}
"""Imports that close a circle for the type checker alone, and why each stays."""

LONGEST_SENTENCE = {"zh": 31, "en": 23}
"""Characters of a Chinese sentence that is shown, and words of an English one; both only ever get shorter."""
AS_ONE = re.compile(r"\{[^}]*\}|[!-~]+(?: [!-~]+)*")
"""A command, a number or a placeholder: one character of a Chinese sentence."""
PASSIVE_OF_OTHERS = "证件已被使用"
"""Words of the bank's own page."""
UNSPOKEN = ("被", "站得住", "外部无法查证", "中间环节", "自我介绍")


@pytest.mark.parametrize("name", COMMANDS)
def test_standard(name: str) -> None:
    program, *rest = COMMANDS[name]
    found = Path(sys.executable).with_name(program)
    done = subprocess.run([str(found), *rest], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_left_that_nobody_uses() -> None:
    judge = Vulture(
        ignore_names=["on_*", "_on_*", "action_*", "watch_*", "*Screen"],  # Textual calls these, or opens them by name
        ignore_decorators=["@on", "@*.command", "@desk_command", "@click.*", "@event.listens_for"],
    )
    judge.scavenge([str(ROOT / folder) for folder in ("diagnostics", "tui", "benchmarks", "tests")])
    unused = [
        f"{place}:{item.first_lineno}: {item.typ} {item.name}"
        for item in judge.get_unused_code(min_confidence=60)
        if item.typ in ("function", "method", "class", "import", "unreachable_code")
        and item.name not in HOOKS
        and (place := Path(item.filename).relative_to(ROOT)).parts[0] != "tests"
    ]
    assert unused == []


def test_modules_of_unusual_length_have_a_reason() -> None:
    modules = [path for folder in ("diagnostics", "tui") for path in (ROOT / folder).rglob("*.py")]
    lines = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in modules}
    assert {name for name, count in lines.items() if count > 600} <= set(LONG_FOR_A_REASON)
    short = {name for name, count in lines.items() if count < 40 and not (name.endswith("__init__.py") and count < 20)}
    assert short <= set(SHORT_FOR_A_REASON)


@pytest.mark.parametrize("typing", [False, True], ids=["when imported", "for the type checker too"])
def test_no_circle_of_imports(typing: bool) -> None:
    known = CIRCLES_OF_TYPES if typing else {}
    needs = graph.needs(typing=typing)
    gone = [(one, other) for one, other in known if other not in needs.get(one, ())]
    assert gone == [], "no longer there: take them out of the list"
    left = {one: {other for other in others if (one, other) not in known} for one, others in needs.items()}
    TopologicalSorter(left).prepare()  # raises CycleError with the way round


def shown_sentences(part: Any, lang: str = "") -> Iterator[tuple[str, str]]:
    """Yield the language and the sentences of all texts within, but for the commands in `--help`."""
    if isinstance(part, str) and lang:
        ends = r"(?<=[。！？])|\n" if lang == "zh" else r"(?<=[.!?])\s+|\n"
        yield from ((lang, one) for one in re.split(ends, part))
    elif isinstance(part, dict):
        for key, value in part.items():
            if key != "examples":
                yield from shown_sentences(value, key if key in LONGEST_SENTENCE else lang)
    elif isinstance(part, list):
        for value in part:
            yield from shown_sentences(value, lang)


def test_sentences_are_short_and_say_who_acts() -> None:
    verdicts = tomllib.loads((ROOT / "diagnostics/knowledge/verdicts.toml").read_text(encoding="utf-8"))
    knowledge = msgspec.structs.replace(load(), texts={}, later={})
    later = [getattr(load(), name) for name in load().later if name != "cases"]
    texts = set(shown_sentences([*msgspec.to_builtins([knowledge, later, dict(load().locale)]), verdicts]))
    length = {"zh": lambda one: len(AS_ONE.sub("x", one).replace(" ", "")), "en": lambda one: len(one.split())}
    assert len(texts) > 4000
    assert [one for lang, one in texts if length[lang](one) > LONGEST_SENTENCE[lang]] == []
    assert [one for _, one in texts if any(word in one.replace(PASSIVE_OF_OTHERS, "") for word in UNSPOKEN)] == []
