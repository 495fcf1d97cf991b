"""What a user really sees, in a terminal of its own: signals, crashes, kills, quitting, hostile text."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab.tcp import TcpServer
from tests.tui.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET = ("--offline", "--lang", "zh", "--device", "none")


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_puts_the_terminal_right(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait("开始")
        os.kill(terminal.child.pid, number)
        assert terminal.end()[0] == code
        assert terminal.restored()


def test_ctrl_c_ends_as_interrupted(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait("开始")
        terminal.send("\x03")
        assert terminal.end()[0] == 130
        assert terminal.restored()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the state of a process")
def test_after_a_stop_and_fg_the_screen_stands_again(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait("开始")
        terminal.rest()
        os.kill(terminal.child.pid, signal.SIGTSTP)
        state = Path(f"/proc/{terminal.child.pid}/stat")
        deadline = time.monotonic() + PATIENCE
        while state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "T":
            assert terminal.read()
            assert time.monotonic() < deadline
        while not terminal.restored():
            assert terminal.read()
        terminal.screen.reset()
        os.kill(terminal.child.pid, signal.SIGCONT)
        terminal.wait("这是什么", "开始", "退出")
        terminal.send("q")
        assert terminal.end()[0] == 0


def test_a_fault_inside_ends_with_one_line_and_no_answer_on_the_screen(tmp_path: Path) -> None:
    program = (
        "from tui.screens import main\n"
        "def broken(self): raise RuntimeError('broken inside')\n"
        "main.MainScreen._draw_tree = broken\n"
        "from tui.cli.main import main\nimport sys\nmain(sys.argv[1:])"
    )
    with Terminal(tmp_path, *QUIET, program=program) as terminal:
        terminal.wait("开始")
        terminal.send("\r")
        assert terminal.end()[0] == 3
        assert terminal.restored()
        after = terminal.raw[terminal.raw.rfind(b"\x1b[?1049l") :]
        assert b"broken inside" in after
        assert b"Traceback" not in terminal.raw


def test_every_answer_is_there_again_after_a_kill(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait("开始")
        terminal.send("\r")
        terminal.wait("您遇到的是哪一种情况")
        terminal.send("2")
        terminal.wait("第 2 页")
        os.kill(terminal.child.pid, signal.SIGKILL)
        terminal.end()
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait("继续上次没做完的")
        terminal.send("r")
        terminal.wait("第 2 页")
        terminal.send("a")
        terminal.wait("以前有，现在不见了")
        terminal.send("\x1b")
        terminal.wait("第 2 页")
        terminal.send("q")
        assert terminal.end()[0] == 0


def quit_seconds(folder: Path, ready: str, *args: str) -> float:
    """Start, go to the questions, wait until something is shown, quit; return how long quitting took."""
    with Terminal(folder, "--lang", "zh", *args) as terminal:
        terminal.wait("开始")
        terminal.send("\r")
        terminal.wait("遇到了什么", ready)
        terminal.send("q")
        code, took = terminal.end()
        assert code == 0
        assert terminal.restored()
        return took


def test_probes_that_hang_do_not_hold_up_quitting(tmp_path: Path, silent_server: str) -> None:
    """Half a second at most, on a machine with time for it: a busy one needs as long for an app that runs nothing."""
    targets = [part for number in range(12) for part in ("--target", f"{silent_server}{number}")]
    idle = quit_seconds(tmp_path, "检查", "--offline", "--device", "none")
    for _ in range(3):  # what holds quitting up does so each time
        hanging = quit_seconds(tmp_path, "打开网页", "--only", "network.reachability", "--timeout", "60", *targets)
        if hanging <= max(0.5, idle * 2 + 0.2):
            break
    assert hanging <= max(0.5, idle * 2 + 0.2)


def test_a_terminal_on_stdin_and_stdout_is_enough(tmp_path: Path) -> None:
    program = "import os, sys\nos.dup2(os.open(os.devnull, os.O_WRONLY), 2)\nfrom tui.cli.main import main\nmain()"
    with Terminal(tmp_path, *QUIET, program=program) as terminal:
        terminal.wait("开始")
        terminal.send("q")
        assert terminal.end()[0] == 0


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LANG": "C"}], ids=str)
def test_poor_terminals_get_a_screen_too(tmp_path: Path, env: dict[str, str]) -> None:
    with Terminal(tmp_path, *QUIET, **env) as terminal:
        terminal.wait("开始")
        terminal.send("\r")
        terminal.wait("遇到了什么")
        terminal.send("q")
        assert terminal.end()[0] == 0
        if "NO_COLOR" in env:
            assert b"\x1b[38;" not in terminal.raw
            assert b";38;" not in terminal.raw


def test_ascii_draws_nothing_but_ascii_and_letters(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--offline", "--device", "none", "--lang", "en", "--ascii") as terminal:
        terminal.wait("Start")
        terminal.send("\r")
        terminal.wait("What happened")
        terminal.send("\t")
        terminal.wait("[Details]")
        terminal.send("q")
        terminal.end()
        seen = terminal.raw.decode()
    assert {char for char in seen if not char.isascii() and not "\u4e00" <= char <= "\u9fff"} == set()


PAYLOAD = "A\x1b]52;c;QUFB\x1b\\B\x1b[5;5HC\x9b31mD\u202eE[/x][a=b]"


@pytest.fixture
def hostile_server() -> Iterator[str]:
    """Answers every request with a reason, headers and a page full of control characters."""
    bad = PAYLOAD.encode().replace(b"\r", b"").replace(b"\n", b"")
    reply = (b"HTTP/1.1 302 " + bad + b"\r\nLocation: http://portal.invalid/" + bad + b"\r\nServer: " + bad
             + b"\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")  # fmt: skip

    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(reply)

    with TcpServer(serve) as server:
        yield f"http://127.0.0.1:{server.port}/"


def test_hostile_text_from_every_source_never_drives_the_terminal(tmp_path: Path, hostile_server: str) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"answers": {"os.version": PAYLOAD, "network.same_network": "yes"}}))
    asked = ["--only", "network.reachability", "--only", "wechat.version", "--target", hostile_server]
    given = ["--wechat-version", PAYLOAD, "--answers", str(answers)]
    with Terminal(tmp_path, "--lang", "en", *asked, *given, size=(120, 40)) as terminal:
        terminal.wait("Start")
        terminal.send("\r")
        terminal.wait("What happened", "5/5")
        terminal.send("a")
        terminal.wait("Your answers", "]52;c;QUFB")
        terminal.rest()  # the question before may still be drawn over
        terminal.send("\x1b")
        terminal.wait("What happened")
        terminal.send("c")
        terminal.wait("Checks on this computer")
        terminal.rest()
        terminal.send("\x1b")
        terminal.wait("What happened")
        terminal.send("r")
        terminal.wait("Result")
        terminal.send("w")
        terminal.wait("Save or copy")
        terminal.send_and_see("\x1b[Z")
        terminal.send("\x1b[200~" + PAYLOAD.replace("\x1b", "\x0e") + "\x1b[201~")
        terminal.wait("]52;c;QUFB")
        terminal.send("\x03")
        terminal.end()
        raw = terminal.raw
    assert b"\x1b]52" not in raw
    assert b"\x1b[5;5HC" not in raw
    assert "\x9b".encode() not in raw
    assert "\u202e".encode() not in raw
    assert b"\x0e" not in raw
