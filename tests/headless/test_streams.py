"""stdout is data, stderr is talk: closed, full, cut off, in every locale."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from diagnostics.engine.calibration import Calibration, Trial
from tests.headless.doctor import PATIENCE, SCRIPT, inside, refused, run, shell


@pytest.mark.parametrize("words", ["check --offline --json", "--version"])
@pytest.mark.parametrize(("where", "why"), [("> /dev/full", "No space left on device"), (">&-", "closed")])
def test_a_full_disk_or_a_closed_stdout_is_exit_3_in_one_line(words: str, where: str, why: str) -> None:
    done = shell(f"doctor {words} {where}")
    assert (done.code, done.err.count("\n")) == (3, 1), done
    assert done.err.startswith("weilidai-doctor: stdout: ")
    assert why in done.err


def test_calibrate_reads_stdin_too() -> None:
    row = b'{"answers": {"account.teen_mode": "on"}, "cause": "teen_mode"}\n'
    assert inside("calibrate", "-", stdin=row * 40).code == 0
    refused(inside("calibrate", "-", stdin=row + b"{\n"), "stdin:2")
    refused(inside("calibrate", "-", stdin=row + b'{"cause": "\xe9"}'), "stdin:2", "UTF-8")


def test_calibrate_says_where_the_new_weights_are_no_better() -> None:
    row = b'{"answers": {"account.teen_mode": "on"}, "cause": "teen_mode"}\n'
    assert "No better" in inside("calibrate", "-", "--lang", "en", stdin=row * 40).out
    one = Trial(questions=9.0, cost=90.0, first_right=8, cases=10)
    for after, better in ((msgspec.structs.replace(one, cost=89.0), True), (one, False),
                          (msgspec.structs.replace(one, cost=10.0, first_right=7), False)):  # fmt: skip
        assert Calibration(learned_from=40, held_back=10, weights={}, before=one, after=after).is_better is better


def test_calibrate_reads_utf_16_and_writes_the_weights_to_stdout_where_that_is_the_output(tmp_path: Path) -> None:
    rows = '{"answers": {"account.teen_mode": "on"}, "cause": "teen_mode"}\r\n' * 40
    into = inside("calibrate", "-", "-o", str(tmp_path / "weights.toml"), stdin=rows.encode())
    done = inside("calibrate", "-", "-o", "-", stdin=rows.encode("utf-16"))
    assert (done.code, done.out) == (0, (tmp_path / "weights.toml").read_text(encoding="utf-8"))
    assert done.err == into.out


def test_a_reader_who_leaves_is_a_quiet_end() -> None:
    for words in ("list questions --json", "check --offline --json"):
        done = shell(f"doctor {words} | head -c 10; exit ${{PIPESTATUS[0]}}")
        assert (done.code, done.err) in ((0, ""), (141, "")), done


def test_output_into_a_file_that_cannot_be_is_exit_3_and_names_it(tmp_path: Path) -> None:
    for place in ("/dev/full", "/proc/nowhere/x", str(tmp_path)):
        done = inside("check", "--offline", "-o", place)
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1), done
    done = inside("batch", "-o", "/dev/full", stdin=b'{"id": 1, "answers": {}}\n')
    assert (done.code, done.err) == (3, "weilidai-doctor: /dev/full: No space left on device\n")


@pytest.mark.parametrize("words", ["check --offline --json --set person.age=17", "ask --offline --format json"])
def test_a_stderr_that_is_closed_or_full_stops_nothing(words: str) -> None:
    for where in ("2>&-", "2>/dev/full"):
        done = shell(f"doctor {words} {where} < /dev/null")
        assert done.code == 0, done
        assert json.loads(done.out)["schema"] == "weilidai-doctor/report/1"


def test_a_fault_that_nobody_can_hear_keeps_its_exit_code() -> None:
    assert shell("doctor check --offline --set x=1 2>&-").code == 2
    assert shell("doctor check --offline --set x=1 2>/dev/full").code == 2
    assert shell("doctor list causes >/dev/full 2>/dev/full").code == 3


@pytest.mark.parametrize(
    "env",
    [{"LANG": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"LANG": "en_US.ISO-8859-1"},
     {"PYTHONIOENCODING": "ascii"}],
)  # fmt: skip
def test_any_locale_gives_whole_json(env: dict[str, str]) -> None:
    done = run("check", "--offline", "--json", "--lang", "zh", env=env)
    assert done.code == 0, done.err
    assert "微信" in json.dumps(json.loads(done.out), ensure_ascii=False)
    assert "\ufffd" not in done.out
    if "PYTHONIOENCODING" not in env:  # whose code page has no Chinese: the JSON is escaped there
        assert "微信" in done.out
        told = run("list", "--help", "--lang=zh", env=env)
        assert (told.code, "列出" in told.out, "\ufffd" in told.out) == (0, True, False), told.err


def test_a_fault_in_chinese_on_an_ascii_terminal_is_still_one_line() -> None:
    refused(run("check", "--set", "x=1", "--lang", "zh", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}), "x: ")


def test_without_a_terminal_the_app_names_the_other_ways() -> None:
    refused(shell("doctor --offline --set person.age=17 | cat; exit ${PIPESTATUS[0]}"), "check", "ask")
    refused(shell("doctor <&- >&-"), "check", "ask")


@pytest.mark.parametrize("words", ["check --offline --json", "ask --offline --format json", "batch"])
def test_a_closed_stdin_does_no_harm(words: str) -> None:
    done = shell(f"doctor {words} <&-")
    assert done.code == (3 if words == "batch" else 0)
    assert "Traceback" not in done.err


def test_debug_shows_where_an_internal_error_happened(tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import diagnostics.api, diagnostics.report.catalog as d\n"
                      "def rows(*_):\n    raise RuntimeError('planned \\x1b[2J fault\\nsecond line')\nd.rows = rows\n",
                      encoding="utf-8")  # fmt: skip
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("list", "causes", env=env)
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1), done
    assert "RuntimeError: planned" in done.err
    assert "\x1b" not in done.err
    shown = run("list", "causes", "--debug", env=env)
    assert (shown.code, shown.out) == (3, "")
    assert "Traceback" in shown.err


def test_v_says_how_checks_ended_on_stderr_and_leaves_the_report_as_it_is() -> None:
    plain = inside("check", "--offline", "--format", "short", "--set", "person.age=17")
    told = inside("check", "--offline", "--format", "short", "--set", "person.age=17", "-v")
    assert (plain.err, told.out) == ("", plain.out)
    assert [line.partition(":")[0] for line in told.err.splitlines() if line[0] != " "] == [
        "wechat.version", "phone.android", "phone.ios", "computer.wechat", "network.reachability",
    ]  # fmt: skip
    assert inside("check", "--offline", "-vv").code == 0


@pytest.mark.parametrize("words", [("check", "--json"), ("ask",)])
def test_an_interrupt_during_a_check_is_130_at_once(words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # which never answers
        listener.settimeout(PATIENCE)
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        command = [SCRIPT, *words, "--target", url, "--timeout", "90", "--device", "none"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            with listener.accept()[0]:
                began = time.monotonic()
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=PATIENCE)
            assert time.monotonic() - began < 20  # of ninety
            assert (running.returncode, out) == (130, b"")
            assert b"Traceback" not in err


def test_an_interrupt_while_the_tool_loads_is_130_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    assert run("list", "causes", env={"PYTHONPATH": str(tmp_path)}) == (130, "", "")


LEFT_BEHIND = """
import atexit, sys, threading
from tui.cli.output import without_finalizing

class Finalized:
    def __del__(self):
        print("finalized")

def run():
    global kept
    kept = Finalized()
    atexit.register(print, "exit function")
    if sys.argv[1] == "left":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    sys.stdout.write("report\\n")
    sys.exit(4)

without_finalizing(run)
"""


@pytest.mark.parametrize(("left", "after"), [("left", ""), ("none", "finalized\n")])
def test_the_end_does_not_take_the_interpreter_down_around_a_thread(left: str, after: str) -> None:
    """Where a thread is left in a system call, finalization can crash (Python 3.11 to 3.13)."""
    done = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND, left], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (4, "report\nexit function\n" + after, "")


def test_an_interrupted_batch_leaves_whole_lines(tmp_path: Path) -> None:
    with subprocess.Popen(
        [SCRIPT, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdin.write(b'{"id": 1, "answers": {}}\n')
        running.stdin.flush()
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE)
        assert json.loads(first)["id"] == 1
        assert (running.returncode, out) == (130, b"")
        assert b"Traceback" not in err


def test_nothing_is_written_into_the_home_by_looking(home: Path) -> None:
    assert os.environ["HOME"] == str(home)
    assert inside("check", "--offline").code == 0
    assert inside("config", "show").code == 0
    assert list(home.iterdir()) == []
