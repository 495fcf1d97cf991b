"""Other systems: without what only POSIX has, and into pipes of another code page. Windows itself is not seen here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics import files
from tests.headless.doctor import PATIENCE, inside, run

WITHOUT_POSIX = r"""
import contextlib, importlib, io, json, os, pkgutil, signal, sys, types
import diagnostics, tui

def every():
    for package in (diagnostics, tui):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith("__main__") and "images.worker" not in found.name:
                yield found.name

names = list(every())
for name in names:  # what they need of others is loaded as this system has it
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] in ("diagnostics", "tui")]:
    del sys.modules[name]

for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty"):
    sys.modules[name] = None
for where, gone in ((os, "fchmod fork getuid geteuid killpg setsid getpgid"),
                    (signal, "pthread_sigmask SIGHUP SIGTSTP SIGKILL")):
    for one in gone.split():
        with contextlib.suppress(AttributeError):
            delattr(where, one)
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda handle, mode, size: None)
sys.modules["winreg"] = types.SimpleNamespace(HKEY_CURRENT_USER=1, HKEY_LOCAL_MACHINE=2)
def nothing(*_args):
    raise OSError("no such key")
sys.modules["winreg"].OpenKey = nothing
sys.platform = "win32"

for name in names:
    importlib.import_module(name)

from tui.cli.main import main
for words in (["check", "--offline", "--json", "-o", "report.json", "--set", "person.age=17"],
              ["batch", "in.jsonl", "-o", "out.jsonl"], ["read", "微信里没有微粒贷"],
              ["ask", "--offline", "--answers", "answers.json"], ["cases", "list", "--store", "cases.db"]):
    try:
        main(words)
    except SystemExit as end:
        assert end.code == 0, (words, end.code)
"""


def test_every_module_loads_and_the_main_jobs_run_without_what_only_posix_has(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": 1, "answers": {"person.age": 17}}\n', encoding="utf-8")
    (tmp_path / "answers.json").write_text('{"answers": {"person.age": 17}}', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX], input=b"q\n", capture_output=True, timeout=PATIENCE * 3, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    assert json.loads((tmp_path / "report.json").read_bytes())["causes"][0]["id"] == "age_out_of_range"
    assert json.loads((tmp_path / "out.jsonl").read_bytes())["outcome"] == "cause_found"


def test_a_file_that_somebody_has_open_is_replaced_once_they_let_go(tmp_path, monkeypatch) -> None:
    """Windows refuses to replace an open file: it is tried again, and after a second the refusal is told."""
    monkeypatch.setattr(sys, "platform", "win32")
    target, tries = tmp_path / "报告.json", []
    replace = type(target).replace

    def held(self: Path, other: Path) -> Path:
        tries.append(self)
        if len(tries) < 3:
            raise PermissionError(13, "in use", str(other))
        return replace(self, other)

    monkeypatch.setattr(type(target), "replace", held)
    files.atomic_write(target, b"new")
    assert (target.read_bytes(), len(tries)) == (b"new", 3)
    monkeypatch.setattr(type(target), "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "in use")))
    with pytest.raises(PermissionError):
        files.atomic_write(target, b"newer")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.glob("*.new")) == []


def test_json_into_a_pipe_of_another_code_page_is_the_same_json() -> None:
    line = '{"id": "张三\U0001f600", "answers": {"os.version": "安卓"}}\n'.encode()
    given = ((("list", "causes", "--json"), b""), (("batch",), line), (("schema", "answers"), b""))
    for words, stdin in given:
        env = {"SOURCE_DATE_EPOCH": "1800000000"}
        plain = inside(*words, stdin=stdin, env=env)
        escaped = run(*words, stdin=stdin, env=env | {"PYTHONIOENCODING": "gbk"})
        assert escaped.out.isascii()
        assert json.loads(escaped.out) == json.loads(plain.out)


def test_text_into_a_pipe_has_what_the_code_page_has_and_a_word_on_stderr() -> None:
    words = ["list", "causes", "--lang", "zh"]
    done = subprocess.run(
        [sys.executable, "-m", "tui", *words], capture_output=True, timeout=PATIENCE, check=False,
        env={**__import__("os").environ, "PYTHONIOENCODING": "gbk"},
    )  # fmt: skip
    assert "年龄" in done.stdout.decode("gbk")
    assert done.stderr == b""
    lacking = run(*words, env={"PYTHONIOENCODING": "ascii"})
    assert "?" in lacking.out
    assert lacking.out.isascii()
    assert lacking.err.count("PYTHONUTF8=1") == 1


def test_a_file_is_utf_8_whatever_the_code_page(tmp_path: Path) -> None:
    out = tmp_path / "报告.txt"
    assert run("check", "--offline", "-o", str(out), "--lang", "zh", env={"PYTHONIOENCODING": "gbk"}).code == 0
    assert "微粒贷" in out.read_text("utf-8")


HEAVY = "textual rich requests urllib3 dns jinja2 sqlalchemy asyncio importlib_metadata"
RUN = """
def run(line):
    from tui.cli.main import main
    try:
        main(line.split())
    except SystemExit as ended:
        assert ended.code == 0, line
"""
LINES = (
    ("run('check --offline --json')", f"{HEAVY} locale packaging"),
    *((f"run({line!r})", HEAVY) for line in (
        "check --offline --json --set person.age=35 --wechat-version 8.0.49", "list causes", "explain teen_mode",
        "schema report", "parse-version 8.0.49", "batch /dev/null")),
)  # fmt: skip
STEPS = (
    ("import diagnostics.redaction", "diagnostics.redaction.patterns"),
    ("import diagnostics.api, diagnostics.session, diagnostics.batch", "tui"),
    ("from diagnostics.versions import parse_wechat_version as read; read('微信 8.0.49'); read('hello')", "packaging"),
    ("import diagnostics.images", "numpy PIL rapidocr cv2"),
    ("import diagnostics.checks.network_check", "requests dns ssl urllib3"),
    ("from diagnostics import diagnose; from diagnostics.knowledge import load; from diagnostics.formats import render;"
     "[render(name, diagnose({'person.age': 17}), load()) for name in ('text', 'json', 'markdown')]",
     "jinja2 rich textual requests"),
    ("from diagnostics.cases.model import location_of; from diagnostics.cases.case_sync import CaseFile;"
     "kept = CaseFile(load(), location_of()); assert not kept.exists() and kept.read(load()) == ()",
     "sqlalchemy psycopg sqlite3"),
    ("import tui.app.screens.cases", "sqlalchemy"),  # the store's thread loads it
)  # fmt: skip
"""What is done, one after the other, and what is not loaded afterwards."""


@pytest.mark.parametrize("steps", [LINES, STEPS], ids=["command lines", "parts"])
def test_nothing_is_loaded_that_is_not_needed(steps: tuple[tuple[str, str], ...]) -> None:
    code = f"import sys\n{RUN}" + "".join(
        f"{step}\nassert not {{*{names.split()}}} & {{*sys.modules}}, {step!r}\n" for step, names in steps
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert steps is LINES or done.stdout == ""
