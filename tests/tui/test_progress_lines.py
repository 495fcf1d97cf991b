"""What headless commands say of running checks on a terminal: each target's step, and what is still waited for."""

import contextlib
import io
import os
import termios
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TextIO

import click
import pytest

from diagnostics.checks.base import CheckResult, Progress
from diagnostics.formats.width import cells
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from tui.cli import progress
from tui.cli.progress import BatchProgress, ProgressPrinter

NOW = 1000.0


@pytest.fixture(autouse=True)
def _stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the machine takes, what was waited for is as old as the test says."""
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: NOW))


class Screen(io.StringIO):
    """A terminal, as far as a teller can see."""

    def isatty(self) -> bool:
        return True


def teller(stream: io.StringIO) -> ProgressPrinter:
    return ProgressPrinter(Texts(load(), "en"), stream)


def at(step: str, target: str, *, ago: float = 0.0, over: bool = False) -> Progress:
    return Progress(check="network.reachability", step=step, target=target, at=NOW - ago, over=over)


def told(screen: io.StringIO) -> list[str]:
    """Return what stood in the one line, one after another."""
    return [text.rstrip() for text in screen.getvalue().split("\r") if text.strip()]


def test_a_terminal_shows_the_longest_open_step_in_one_line_and_nothing_of_it_stays() -> None:
    screen = Screen()
    one = teller(screen)
    one.progress(at("resolve", "a.lab.test", ago=9))
    one.progress(at("connect", "a.lab.test (192.0.2.1)", ago=6))
    one.progress(at("connect", "a.lab.test (192.0.2.2)", ago=3))
    one.progress(at("tls", "b.lab.test (192.0.2.3)", ago=8))
    one.waiting()
    one.progress(at("tls", "b.lab.test", over=True))
    one.waiting()
    one.result(CheckResult(id="network.reachability", status="pass", duration_ms=9000))
    one.close()
    first, second = told(screen)
    assert first == "still waiting for TLS to b.lab.test (192.0.2.3) (8 s)"
    assert second == "still waiting for connect to a.lab.test (192.0.2.2) (3 s)"
    assert "\n" not in screen.getvalue()
    assert screen.getvalue().endswith(f"\r{' ' * cells(second)}\r")


def test_nothing_is_waited_for_after_the_end_and_before_two_seconds() -> None:
    screen = Screen()
    one = teller(screen)
    one.progress(at("http", "a.lab.test", ago=1))
    one.waiting()
    one.progress(at("http", "b.lab.test", ago=9))
    one.result(CheckResult(id="network.reachability", status="pass", duration_ms=9000))
    one.waiting()
    one.close()
    assert screen.getvalue() == ""


def test_lines_of_several_threads_stay_whole() -> None:
    screen = Screen()
    with click.Context(click.Command("doctor")) as context:
        context.params = {"verbose": True}
        one = teller(screen)
    results = [CheckResult(id=f"check.{n}", status="pass", duration_ms=9000) for n in range(40)]
    many = [threading.Thread(target=one.result, args=[result]) for result in results]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    lines = screen.getvalue().splitlines()
    assert sorted(lines) == sorted(f"check.{n}: pass (9.0 s)" for n in range(40))


def heard(stream: io.StringIO, **given: object) -> list[str]:
    """Return what is said of one check under the options that every command takes."""
    with click.Context(click.Command("doctor")) as context:
        context.params = given
        one = teller(stream)
        one.progress(at("http", "a.lab.test", ago=9))
        one.waiting()
        one.result(CheckResult(id="network.reachability", status="pass", duration_ms=9000, detail="one\ntwo"))
        one.close()
    return [line.strip() for line in stream.getvalue().replace("\r", "\n").splitlines() if line.strip()]


def test_quiet_says_nothing_and_v_what_was_found() -> None:
    found = ["network.reachability: pass (9.0 s)", "one", "two"]
    assert heard(Screen(), quiet=True) == []
    assert heard(Screen()) == ["still waiting for page to a.lab.test (9 s)"]
    assert heard(io.StringIO()) == []
    assert heard(io.StringIO(), verbose=True) == heard(Screen(), verbose=True) == found
    assert heard(io.StringIO(), debug=True) == found


def batch_line(source: IO[bytes], screen: TextIO, lang: str = "en", **given: object) -> None:
    with click.Context(click.Command("doctor")) as context:
        context.params = given
        meter = BatchProgress(Texts(load(), lang), source, screen)
        meter.step(123456)
        meter.close()


def test_a_batch_counts_on_a_terminal_without_escapes_and_not_under_quiet() -> None:
    screen, quiet = Screen(), Screen()
    batch_line(io.BytesIO(), screen)
    batch_line(io.BytesIO(), quiet, quiet=True)
    assert "123456 lines" in screen.getvalue()
    assert "left" not in screen.getvalue()  # nobody knows the end
    assert "\x1b" not in screen.getvalue()
    assert quiet.getvalue() == ""


@pytest.mark.parametrize("columns", [0, 7, 120])
def test_a_batch_keeps_to_one_line_of_any_terminal(tmp_path: Path, columns: int) -> None:
    (tmp_path / "cases.jsonl").write_bytes(b"x" * 100)
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with open(theirs, "w", encoding="utf-8") as screen, (tmp_path / "cases.jsonl").open("rb") as source:  # noqa: PTH123
        source.read(50)
        batch_line(source, screen, "zh")
    shown = b""
    with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # noqa: PTH123
        while piece := terminal.read(10_000):
            shown += piece
    assert shown
    assert all(cells(line) < (columns or 80) for line in shown.decode().replace("\r", "\n").splitlines())
