"""The tool as a script calls it: the real console entry in a process of its own, or its `main` in this one."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from diagnostics.knowledge import load
from tui.cli.group import COMMANDS, make_group
from tui.cli.main import main
from tui.cli.output import tell_once

SCRIPT = str(Path(sys.executable).with_name("weilidai-doctor"))
PATIENCE = 60.0
"""Seconds until a run counts as hung."""


class Done(NamedTuple):
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str


def run(*args: str, stdin: bytes | None = b"", env: dict[str, str] | None = None) -> Done:
    """Run the console script to its end."""
    return _run([SCRIPT, *args], env, input=stdin)


def shell(line: str, env: dict[str, str] | None = None) -> Done:
    """Run a line of bash in which `doctor` is the console script."""
    return _run(["bash", "-c", f'doctor() {{ "{SCRIPT}" "$@"; }}; {line}'], env, stdin=subprocess.DEVNULL)


def _run(command: list[str], env: dict[str, str] | None, **stdin: Any) -> Done:
    done = subprocess.run(
        command, capture_output=True, timeout=PATIENCE, env={**os.environ, **(env or {})}, check=False, **stdin
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace"))


def inside(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """Run a command line in this process: nobody waits for an interpreter to start where that is not the subject."""
    data = {"stdin": io.BytesIO(stdin), "stdout": io.BytesIO(), "stderr": io.BytesIO()}
    streams = {name: io.TextIOWrapper(one, encoding="utf-8", write_through=True) for name, one in data.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        patch.setattr(sys, "argv", [SCRIPT, *args])
        tell_once.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main(args)
    out, err = (data[name].getvalue().decode("utf-8", "replace") for name in ("stdout", "stderr"))
    assert isinstance(ended.value.code, int)
    return Done(int(ended.value.code), out, err)


def report(*words: str, **how: Any) -> Any:
    """Return what a command line writes as JSON, mostly a report."""
    done = inside(*words, **how)
    assert done.code == 0, done.err
    return json.loads(done.out)


def observed(report: dict[str, Any], *sources: str) -> dict[str, Any]:
    """Return the value of each observation of a report, or of those from these sources."""
    return {one["id"]: one["value"] for one in report["observations"] if not sources or one["source"] in sources}


def jsonl(*records: object) -> str:
    """Write records as the lines of a file."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def all_but(*ids: str) -> tuple[str, ...]:
    """Answer every question but these beforehand with "don't know"."""
    return tuple(word for id_ in load().questions if id_ not in ids for word in ("--set", f"{id_}=unknown"))


def commands() -> dict[str, click.Command]:
    """Return every command and subcommand by its words, the whole by none."""
    group = make_group()
    found: dict[str, click.Command] = {"": group}
    for name in COMMANDS:
        command = found[name] = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": child for sub, child in command.commands.items()}
    return found


def refused(done: Done, *words: str) -> None:
    """Hold a run to the contract for an input that cannot be used: exit 2, one line on stderr, nothing on stdout."""
    assert done.code == 2, (done.code, done.err)
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("weilidai-doctor: ")
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err, done.err
