"""A home like a new user's, with a few example files in it, where the documentation's commands are run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Final
from unittest import mock

ROOT: Final = Path(__file__).parents[2]
MOMENT: Final = 1_795_435_200
"""23 November 2026: the time that stands in every example report."""
SHOWN: Final = "/home/user"
"""How the home's path is written in the documentation."""
PLAIN: Final = re.compile(r"weilidai-doctor ((?:'[^']*'|[^'|;&<>$`\\\\])*?)(?: \| head -n (\d+))?")
"""A line that needs no shell: it is run in this process, which spares the start of another."""
PATIENCE: Final = 60.0
"""Seconds until a command counts as hung."""

ANSWERS: Final = {
    "schema": "weilidai-doctor/answers/1",
    "answers": {"entry.services_menu": "not_shown", "person.age": 35, "credit.overdue": "none"},
}
CASES: Final = (
    '{"id": "A-1", "answers": {"person.age": 17}}',
    '{"id": "A-2", "answers": {"entry.services_menu": "shown"}}',
    '{"id": "A-3", "answers": {"person.age": "old"}}',
)
STORED: Final = (  # id, label, answers, note, tag, what it was closed with
    ("k7f3m2qp9d", "T-1041", {"wechat.version": "7.0.15", "client.platform": "android", "person.age": 42},
     "回电 13800138000，先更新微信", "callback", "wechat_outdated"),
    ("m4t8x1ca6h", "T-1042", {"account.teen_mode": "on", "person.age": 30}, "", "", None),
)  # fmt: skip


class Home:
    """An empty home in `folder`; commands run in it one after the other, as in one terminal.

    `files` are put into it, by their paths: what a page told its reader to write.
    """

    def __init__(self, folder: Path, lang: str, files: dict[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self._stored = False
        self._env = {
            "HOME": str(self.folder), "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "LANG": "en_US.UTF-8" if lang == "en" else "zh_CN.UTF-8", "COLUMNS": "80", "TZ": "UTC",
            "SOURCE_DATE_EPOCH": str(MOMENT), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        self._write("answers.json", json.dumps(ANSWERS, ensure_ascii=False) + "\n")
        self._write("cases.jsonl", "\n".join(CASES) + "\n")
        for name, text in (files or {}).items():
            self._write(name, text)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, line: str) -> str:
        """Run a line of bash and return what a terminal would show; times and paths are the documentation's own."""
        if " cases " in line and not self._stored:
            self._store()
        if "resolved.jsonl" in line and not (self.folder / "resolved.jsonl").exists():
            self._write("resolved.jsonl", resolved())
        plain = PLAIN.fullmatch(line)
        if plain is not None and ("--offline" in plain[1] or not plain[1].startswith("check")):
            words = shlex.split(plain[1])
            if "--knowledge" not in words:  # which is kept once read, by its name
                return "".join(self._call(words).splitlines(keepends=True)[: int(plain[2] or 10_000)])
        done = subprocess.run(
            ["/bin/bash", "-c", line], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return self._shown(done.stdout)

    def _shown(self, output: bytes) -> str:
        today, day = (datetime.fromtimestamp(at, UTC).date().isoformat() for at in (time(), MOMENT))
        return output.decode().replace(str(self.folder), SHOWN).replace(today, day)  # what a store notes has its clock

    def _call(self, words: list[str]) -> str:
        """Call the tool in this process, with this home's environment and folder."""
        from tui.cli.main import main

        out = io.BytesIO()
        with mock.patch.dict(os.environ, self._env, clear=True), contextlib.chdir(self.folder):
            stream = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
            with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
                with contextlib.suppress(SystemExit):
                    main(words)
                stream.flush()
                return self._shown(out.getvalue())

    def _store(self) -> None:
        """Make a desk's store of two cases, as old as the documentation says it is."""
        from diagnostics.answers import observations, parse_answers
        from diagnostics.cases.model import StoreLocation
        from diagnostics.cases.store import open_store
        from diagnostics.knowledge import load

        self._env["WEILIDAI_DOCTOR_PURGE_DAYS"] = "3650"  # the examples' cases grow old
        folder = self.folder / ".local" / "share" / "weilidai-doctor"
        folder.mkdir(parents=True, exist_ok=True)
        knowledge = load()
        at = StoreLocation(file=folder / "cases.db")
        store = open_store(knowledge, at, operator="li", clock=lambda: float(MOMENT))
        for id_, label, answers, note, tag, proven in STORED:
            store.save(id_, observations(parse_answers(knowledge, answers), "operator"), version=None, label=label)
            if note:
                store.note(id_, note)
            if tag:
                store.tag(id_, [tag])
            if proven:
                store.close(id_, proven)
        store.dispose()
        self._stored = True


def resolved(count: int = 60) -> str:
    """Return made-up resolved cases, as `calibrate` reads them."""
    from benchmarks.people import person
    from diagnostics.knowledge import load

    chance = random.Random(7)  # noqa: S311  made-up people, the same each time
    drawn = (person(load(), chance) for _ in range(count))
    return "".join(json.dumps({"cause": cause, "answers": answers}) + "\n" for cause, answers in drawn)
