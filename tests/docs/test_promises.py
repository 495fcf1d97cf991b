"""The promises of the privacy page and the threat model: each names a test that exists, and some are kept here."""

import ast
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from docs.making.home import ROOT, resolved
from tests.headless.doctor import PATIENCE, run
from tests.lab.net import servers
from tests.rows import rows

PAGES = ("privacy.md", "privacy.en.md", "threat-model.md", "threat-model.en.md")
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

WATCHER = """
import os
import sys

WATCHED = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
           "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")


def watch(event, args):
    if event in WATCHED:
        told = f"{event} {args}\\n"
        file = os.open(os.environ["WATCHED_BY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, told.encode())
        os.close(file)


sys.addaudithook(watch)
"""
"""Loaded by the interpreter itself before the tool: notes every connection, name look-up and child process."""

ROUTE = re.compile(r"^socket\.connect .*type=(?:2|\S*SOCK_DGRAM).*\('(?:1\.1\.1\.1|2400::1)', 53\)")
"""The question to the system by which interface the internet is reached: a datagram socket on which nothing is sent."""


class Watched(NamedTuple):
    """A home in which every run of the tool is watched."""

    folder: Path
    env: dict[str, str]

    def told(self) -> list[str]:
        """Return what was noted so far."""
        log = self.folder / "watched"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WATCHER)
    (tmp_path / "cases.jsonl").write_text('{"answers": {"person.age": 17}}\n')
    (tmp_path / "resolved.jsonl").write_text(resolved())
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "site"), "WATCHED_BY": str(tmp_path / "watched")}
    return Watched(tmp_path, env)


EVERY = """
import json, os, sys
from tui.cli.main import main

for name, line in json.loads(sys.argv[1]).items():
    os.environ["WATCHED_BY"] = f"{sys.argv[2]} {name}"
    try:
        main(line.split())
    except SystemExit as ended:
        assert ended.code == 0, (name, ended.code)
"""


def test_no_command_connects_anywhere_unasked(watched: Watched) -> None:
    log = watched.env["WATCHED_BY"]
    done = subprocess.run(
        [sys.executable, "-c", EVERY, json.dumps(rows("offline.toml")), log], stdin=subprocess.DEVNULL,
        capture_output=True, timeout=PATIENCE, env={**os.environ, **watched.env}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert watched.told() == []  # while it was loaded
    logs = {path.name.partition(" ")[2]: path.read_text() for path in watched.folder.glob("watched *")}
    assert not any("socket" in text for text in logs.values()), logs
    assert {*logs} <= {"completion"}, logs  # bash is asked for its version, so that the script suits it


@pytest.fixture
def port() -> Iterator[int]:
    with servers.Here() as here:
        yield here.serve(servers.http())


def test_a_named_target_is_the_only_place_that_is_connected_to(watched: Watched, port: int) -> None:
    target = f"http://127.0.0.1:{port}/"
    done = run("check", "--target", target, "--only", "network.reachability", "--timeout", "5", env=watched.env)
    assert done.code == 0, done.err
    talked = [line for line in watched.told() if line.startswith(("socket.connect", "socket.send"))]
    assert any(f"'127.0.0.1', {port}" in line for line in talked)
    others = [line for line in talked if f"'127.0.0.1', {port}" not in line]
    assert [line for line in others if not ROUTE.search(line)] == []
    assert not [line for line in watched.told() if line.startswith(("subprocess", "os."))]


def test_only_the_listed_files_are_kept_and_only_for_their_owner(watched: Watched) -> None:
    for extra in ((), ("--on-behalf",)):
        assert run("ask", "--offline", *extra, stdin=b"7\n4\nq\n", env=watched.env).code == 0
    run("ask", "--offline", stdin=b"1\nq\n", env=watched.env)
    listed = re.findall(
        r"`([\w*.-]+\.(?:json|db|key|lock|toml)|cases/\*\.json|\*\.lock|-wal|-shm)`", _page("privacy.md")
    )
    kept = [path for place in (".local", ".config") for path in (watched.folder / place).rglob("*") if path.is_file()]
    assert {"draft.json", "draft.previous.json", "cases.db", "cases.key"} <= {path.name for path in kept}
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert any(_fits(path, name) for name in listed), f"{path.name} is not on the privacy page"


def _fits(path: Path, name: str) -> bool:
    return path.match(name) or path.name == f"cases.db{name}"


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_a_test_that_exists(page: str) -> None:
    named = HELD_BY.findall(_page(page))
    assert len(named) >= 16
    for path, test in named:
        assert re.search(rf"(?m)^(?:async )?def {test}\(", (ROOT / path).read_text("utf-8")), f"{path}::{test}"


@pytest.mark.parametrize("name", ["privacy", "threat-model"])
def test_both_languages_promise_the_same(name: str) -> None:
    assert HELD_BY.findall(_page(f"{name}.md")) == HELD_BY.findall(_page(f"{name}.en.md"))


def test_nothing_evaluates_unpickles_or_asks_a_shell() -> None:
    for package in ("diagnostics", "tui"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                assert not _dangerous(node), f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def _dangerous(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        shell = any(word.arg == "shell" for word in node.keywords)
        return shell or ast.unparse(node.func) in ("eval", "exec", "os.system", "os.popen", "marshal.loads")
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    else:
        return False
    return any(
        name.partition(".")[0] in ("pickle", "shelve", "yaml", "marshal", "dill", "cloudpickle") for name in names
    )
