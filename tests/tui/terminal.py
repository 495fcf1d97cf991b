"""Runs the program in a terminal of its own and keeps both what the terminal shows and every byte it was sent."""

import fcntl
import os
import signal
import sys
import termios
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pexpect
import pyte

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0
TIOCGPTN = 0x80045430
"""Asks Linux for the number of a terminal's other end."""
REST = 0.3
"""Seconds without a byte after which a screen counts as drawn."""


class Terminal:
    """A program in a terminal; a context manager that leaves no process behind."""

    def __init__(
        self, folder: Path, *args: str, size: tuple[int, int] = (80, 24), program: str | None = None, **env: str
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        command = ["-c", program] if program is not None else ["-m", "tui"]
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        places = {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            [*command, *args],
            cwd=str(ROOT),
            dimensions=(rows, columns),
            timeout=PATIENCE,
            env={**inherited, **places, "TERM": "xterm-256color", "LANG": "C.UTF-8", **env},
        )
        # pexpect waits 50 ms before each key and 100 ms after closing where nothing else is said
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()

    def read(self, patience: float = 0.01) -> bool:
        """Take in what was written, or is within so many seconds; False once the program has ended."""
        try:
            data = self.child.read_nonblocking(65536, timeout=patience)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    def text(self) -> str:
        """Return what the terminal shows; pyte keeps an empty cell beside each wide character."""
        return "\n".join("".join(self.screen.buffer[row][column].data for column in range(self.screen.columns)).rstrip()
                         for row in range(self.screen.lines))  # fmt: skip

    def wait(self, *texts: str) -> str:
        """Wait until the terminal shows these texts."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in (shown := self.text()) for text in texts):
            before = len(self.raw)
            while len(self.raw) == before:
                waiting = self.read(1.0) and time.monotonic() < deadline
                assert waiting, f"{texts} not shown:\n{shown}"
        return shown

    def until(self, condition: Callable[[], object]) -> None:
        """Take in what is drawn until something holds that is not on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.read() or condition(), self.text()
            assert time.monotonic() < deadline, self.text()

    def send(self, keys: str) -> Self:
        """Type all at once; what is awaited then stands behind it: `send(...).wait(...)`."""
        self.child.send(keys.encode())
        return self

    def type(self, *keys: str) -> Self:
        """Press one key after the other, no faster than a person could."""
        for key in keys:
            self.send(key)
            self.until(lambda: not self._unread())  # two keys that a busy program reads at once would be a paste
            # what stands behind a tab reads as one text with it where a busy program sees both at one moment
            over = time.monotonic() + (0.2 if key == "\t" else 0.03)
            while (left := over - time.monotonic()) > 0:
                if not self.read(left):
                    break
        return self

    def _unread(self) -> bool:
        """Whether keys are still waiting for the program; none are once it has ended."""
        number, waiting = array("i", [0]), array("i", [0])
        try:
            fcntl.ioctl(self.child.child_fd, TIOCGPTN, number)
            end = os.open(f"/dev/pts/{number[0]}", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            fcntl.ioctl(end, termios.FIONREAD, waiting)
        finally:
            os.close(end)
        return waiting[0] > 0

    def wait_for_bytes(self, wanted: bytes) -> None:
        """Wait until the program writes these bytes: quicker than drawing the screen, for figures."""
        fresh = b""
        while wanted not in fresh:
            data = self.child.read_nonblocking(65536, timeout=PATIENCE)
            fresh += data
        self.raw += fresh

    def rest(self) -> Self:
        """Take in what is still being drawn, until nothing has come for a moment."""
        began = quiet = time.monotonic()
        while time.monotonic() - quiet < REST:
            before = len(self.raw)
            assert self.read(REST)
            if len(self.raw) > before:
                quiet = time.monotonic()
            assert quiet - began < PATIENCE
        return self

    def send_and_see(self, keys: str) -> None:
        """Type once the screen is at rest, and wait until it answers with anything."""
        self.rest()
        before = len(self.raw)
        self.send(keys)
        self.until(lambda: len(self.raw) > before)

    def end(self) -> tuple[int, float]:
        """Wait for the end; returns the exit code and the seconds it took."""
        began = time.monotonic()
        while self.read(1.0):
            assert time.monotonic() - began < PATIENCE, self.text()
        took = time.monotonic() - began
        self.child.wait()
        code = self.child.exitstatus
        return (code if code is not None else -(self.child.signalstatus or 0)), took

    def restored(self) -> bool:
        """Whether the last thing the terminal was told is to be as it was before."""
        pairs = [(b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1000h", b"\x1b[?1000l"),
                 (b"\x1b[?2004h", b"\x1b[?2004l")]  # fmt: skip
        return all(self.raw.rfind(on) < self.raw.rfind(off) for on, off in pairs)
