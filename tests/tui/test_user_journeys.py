"""A user in a terminal of its own: nothing is decided by accident, nothing is lost, danger is never hidden."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.images import available
from tests.tui.terminal import Terminal

QUIET = ("--offline", "--lang", "zh", "--device", "none")
FIRST = "说说情况"
SCAM = "这是骗局"
ENTER, ESC, TAB, DOWN = "\r", "\x1b", "\t", "\x1b[B"


def answers(folder: Path) -> dict[str, object]:
    """Return what is saved of the answers."""
    file = folder / "weilidai-doctor" / "draft.json"
    seen = json.loads(file.read_text(encoding="utf-8"))["observations"] if file.exists() else []
    return {one["id"]: one["value"] for one in seen}


def chosen(terminal: Terminal, *keys: str, shown: str = "您的情况") -> None:
    """Leave the box, choose what happened, and stand at the questions."""
    terminal.wait(FIRST)
    terminal.type(TAB, *(keys or ("2",))).wait(shown)


def test_three_enters_decide_nothing(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(FIRST)
        terminal.type(ENTER, ENTER, ENTER).wait("还没有写")
        terminal.type(TAB, ENTER, ENTER, ENTER).rest()
        assert answers(tmp_path) == {}
        terminal.type("2").wait("您的情况", "我 → 服务")
        terminal.type(ENTER, ENTER, ENTER).rest()
        assert answers(tmp_path) == {"complaint.what": "was_there"}


def test_a_scam_is_seen_on_every_later_screen_and_in_the_case_row(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET, "--on-behalf", "--store", str(tmp_path / "cases.db")) as terminal:
        terminal.wait(FIRST)
        terminal.type(TAB, "6").wait("称呼或工单号")
        terminal.type(*"T-1").rest().type(ENTER).wait("同意保存")
        terminal.type("1")
        terminal.wait("您的情况 · T-1", SCAM)
        for key, shows in (("p", "按这个顺序试"), ("w", "保存或复制"), (ESC, "按这个顺序试"), (ESC, "您的情况"),
                           ("a", "您的回答"), (ESC, "您的情况"), ("c", "这台电脑上的检查"), (ESC, "您的情况"),
                           ("m", "大约收入"), (ESC, "您的情况"), ("/", "再说一句"), (ESC, "您的情况")):  # fmt: skip
            terminal.rest().type(key)
            terminal.wait(shows, SCAM, "T-1")
        terminal.rest().type("\x1bOR")
        row = next(line for line in terminal.wait("小心骗局").splitlines() if "小心骗局" in line)
        assert "T-1" in row
        assert "! 小心骗局" in row


def test_answers_and_how_steps_went_outlive_kills_and_quitting_and_a_new_start_forgets_them(tmp_path: Path) -> None:
    given, step = 0, ""
    for end in ("kill", "kill", "quit", "look"):
        with Terminal(tmp_path, *QUIET) as terminal:
            if not given:
                chosen(terminal)
                terminal.type("f").wait("这一步怎么样了")
                terminal.type("3")
            else:
                terminal.wait("接着上次", f"答了 {given} 题")
                terminal.type(TAB, "r").wait("您的情况", f"已知 {given}")
                assert first_step(terminal) == step
            if end == "look":
                terminal.type("p").wait("先前做不了")
                terminal.type("q")
            else:
                terminal.rest()  # which key answers depends on the whole card
                terminal.type("n" if "都不符合按 n" in terminal.text() else "d")
                terminal.until(lambda given=given: len(answers(tmp_path)) > max(given, 1))
                given, step = len(answers(tmp_path)), first_step(terminal)
                if end == "kill":
                    os.kill(terminal.child.pid, signal.SIGKILL)
                else:
                    terminal.type("q")
            terminal.end()
    with Terminal(tmp_path, *QUIET) as terminal:
        chosen(terminal)
        assert first_step(terminal) != step


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the state of a process")
def test_ctrl_z_stops_and_fg_brings_the_screen_back(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        chosen(terminal)
        terminal.rest().type("\x1a")
        state = Path(f"/proc/{terminal.child.pid}/stat")
        terminal.until(lambda: state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T")
        terminal.until(terminal.restored)
        terminal.screen.reset()
        os.kill(terminal.child.pid, signal.SIGCONT)
        terminal.wait("您的情况", "我 → 服务", "退出")
        terminal.type("q")
        assert terminal.end()[0] == 0
        assert "已保存 1 个回答" in terminal.raw.decode()


def test_the_language_changes_in_the_middle_and_is_kept(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--offline", "--device", "none", LANG="zh_CN.UTF-8") as terminal:
        chosen(terminal)
        terminal.type("l").wait("Your situation · 1 known", "under Me → Services")
        terminal.type("2")
        terminal.wait("2 known")
        terminal.type("q").end()
        assert "Answers kept: 2" in terminal.raw.decode()
    (preferences,) = tmp_path.rglob("screen.json")
    assert json.loads(preferences.read_text(encoding="utf-8"))["lang"] == "en"
    assert answers(tmp_path) == {"complaint.what": "was_there", "entry.services_menu": "not_shown"}
    with Terminal(tmp_path, "--offline", "--device", "none", LANG="zh_CN.UTF-8") as terminal:
        terminal.wait("No Weilidai")


def first_step(terminal: Terminal) -> str:
    """Return the line of the step that comes first."""
    terminal.wait("▸")
    terminal.rest()
    return next(line for line in terminal.text().splitlines() if "▸" in line)


def test_a_picture_in_the_box_is_looked_at_or_says_why_not(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"no picture")
    with Terminal(tmp_path, *QUIET, size=(160, 40)) as terminal:  # so wide that no path is wrapped
        terminal.wait(FIRST)
        terminal.send(f"file://{picture}").wait("a.png")
        terminal.type(ENTER)
        terminal.wait("a.png", "图片" if available() else "不是")
        assert answers(tmp_path) == {}


# what a terminal may do


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.mark.parametrize(("ended_by", "code"), [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), ("\x03", 130),
])  # fmt: skip
def test_a_signal_and_ctrl_c_put_the_terminal_right(tmp_path: Path, ended_by: signal.Signals | str, code: int) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(FIRST)
        if isinstance(ended_by, str):
            terminal.type(ended_by)
        else:
            os.kill(terminal.child.pid, ended_by)
        assert terminal.end()[0] == code
        assert terminal.restored()


def test_a_fault_inside_ends_with_one_line_and_no_answer_on_the_screen(tmp_path: Path) -> None:
    program = (
        "from tui.app.screens import main\n"
        "def broken(self): raise RuntimeError('broken inside')\n"
        "main.MainScreen._draw_head = broken\n"
        "from tui.cli.main import main\nimport sys\nmain(sys.argv[1:])"
    )
    with Terminal(tmp_path, *QUIET, program=program) as terminal:
        terminal.wait(FIRST)
        terminal.type(TAB, "2")
        assert terminal.end()[0] == 3
        assert terminal.restored()
        after = terminal.raw[terminal.raw.rfind(b"\x1b[?1049l") :]
        assert b"broken inside" in after
        assert b"Traceback" not in terminal.raw


def quit_seconds(folder: Path, ready: str, *args: str) -> float:
    """Start, go to the questions, wait until something is shown, quit; return how long quitting took."""
    with Terminal(folder, "--lang", "zh", *args) as terminal:
        chosen(terminal)
        terminal.wait(ready)
        terminal.type("q")
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


@pytest.mark.parametrize("env", [{"NO_COLOR": "1", "LANG": "C"}, {"TERM": "dumb"}, {"inline": "yes"}], ids=str)
def test_poor_terminals_get_a_screen_too(tmp_path: Path, env: dict[str, str]) -> None:
    inline = ["--inline"] if "inline" in env else []
    with Terminal(tmp_path, *QUIET, *inline, **env) as terminal:
        chosen(terminal, shown="以前有现在没了")
        terminal.type("q")
        assert terminal.end()[0] == 0
        if "NO_COLOR" in env:
            assert b"\x1b[38;" not in terminal.raw
            assert b";38;" not in terminal.raw


def test_ascii_draws_nothing_but_ascii_and_letters(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--offline", "--device", "none", "--lang", "en", "--ascii", size=(120, 40)) as terminal:
        terminal.wait("Tell it")
        terminal.type(TAB, "6").wait("! It's a scam")
        terminal.type("t", "p").wait("Try these")
        terminal.type("q")
        terminal.end()
        seen = terminal.raw.decode()
    assert {char for char in seen if not char.isascii() and not "\u4e00" <= char <= "\u9fff"} == set()


@pytest.mark.parametrize("inline", [[], ["--inline"]], ids=["full", "inline"])
def test_a_program_whose_terminal_is_gone_ends(tmp_path: Path, inline: list[str]) -> None:
    """A window that is closed leaves no process that reads for ever."""
    terminal = Terminal(tmp_path, *QUIET, *inline)
    terminal.wait(FIRST)
    pid = terminal.child.pid
    terminal.child.ptyproc.fileobj.close()
    deadline = time.monotonic() + 30
    while not (ended := os.waitpid(pid, os.WNOHANG)[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not ended:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert ended
