"""The adb server of this computer, spoken to directly: which phones it knows, starting and stopping it."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable


SLICE: Final = 0.1
"""Longest wait in seconds before the flag is looked at again."""


class AdbError(Exception):
    """The adb server, or a phone behind it, gave no usable answer. `failure` is an OONI failure string."""

    failure = "unknown_failure: adb"


class NoServerError(AdbError):
    """Nothing listens on the server's port."""

    failure = "connection_refused"


class TimedOutError(AdbError):
    """The answer did not come in time."""

    failure = "generic_timeout_error"


class CancelledError(AdbError):
    """The wait was given up because somebody asked for that."""

    failure = "interrupted"


class ClosedError(AdbError):
    """The other side closed the connection before its answer was complete."""

    failure = "eof_error"


class NotAdbError(AdbError):
    """What answers on the port does not speak the adb server's protocol."""

    failure = "unknown_failure: not an adb server"


class RefusedError(AdbError):
    """The adb server answered that it cannot do this; the message is its own, cleaned."""

    failure = "unknown_failure: refused by the adb server"


class Wait:
    """A moment until which one may wait. Several threads may share it; it can be put off, never brought forward."""

    def __init__(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        self._at = time.monotonic() + seconds
        self._cancelled = cancelled if cancelled is not None else threading.Event()

    def put_off(self, at: float) -> None:
        """Move the moment to `at` (monotonic) where that is later."""
        self._at = max(self._at, at)

    def within(self, seconds: float) -> Wait:
        """Return a wait of at most `seconds` that ends with this one and shares its flag."""
        return Wait(min(seconds, max(0.0, self._at - time.monotonic())), self._cancelled)

    def left(self) -> float:
        """Return the seconds left. Raises TimedOutError when there are none, CancelledError when the flag is set."""
        if self._cancelled.is_set():
            raise CancelledError
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimedOutError
        return left

    def slice(self) -> float:
        """Return how long to block before looking again. Raises as `left` does."""
        return min(SLICE, self.left())

    def pause(self, seconds: float) -> None:
        """Do nothing for `seconds`, or less where the wait ends first. Raises as `left` does."""
        self._cancelled.wait(min(seconds, self.left()))
        self.left()


HOST: Final = "127.0.0.1"
PORT: Final = 5037
_CHUNK: Final = 1 << 16


def server_port() -> int:
    """Return the port of the adb server: `ANDROID_ADB_SERVER_PORT`, as for every adb client, else 5037."""
    told = os.environ.get("ANDROID_ADB_SERVER_PORT", "")
    return int(told) if told.isascii() and told.isdigit() and 0 < int(told) < 65_536 else PORT


class Link:
    """A connection to the adb server. Use as a context manager; it is closed at the end.

    Raises NoServerError where nothing listens; every method raises a kind of AdbError where the answer is missing.
    """

    def __init__(self, wait: Wait, port: int | None = None) -> None:
        self._wait = wait
        try:
            self._socket = socket.create_connection((HOST, port or server_port()), timeout=min(1.0, wait.left()))
        except TimeoutError:
            raise NotAdbError from None  # this computer itself takes connections at once, or nothing listens
        except OSError:
            raise NoServerError from None

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def request(self, text: str) -> None:
        """Ask for a service and wait for the server's consent. Raises RefusedError with the server's words."""
        told = text.encode()
        self._socket.settimeout(self._wait.left())
        try:
            self._socket.sendall(b"%04x%s" % (len(told), told))
        except OSError:
            raise ClosedError from None
        answer = self.exactly(4)
        if answer == b"FAIL":
            raise RefusedError(clean_line(self.block()))
        if answer != b"OKAY":
            raise NotAdbError

    def block(self) -> bytes:
        """Return one counted answer: four hexadecimal digits and that many bytes."""
        digits = self.exactly(4)
        try:
            return self.exactly(int(digits, 16))
        except ValueError:
            raise NotAdbError from None

    def exactly(self, size: int) -> bytes:
        """Return `size` bytes. Raises ClosedError where the other side ends first."""
        parts: list[bytes] = []
        while size > 0:
            part = self.some(size)
            if not part:
                raise ClosedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def some(self, size: int) -> bytes:
        """Return what comes next, at most `size` bytes; nothing at the end of the stream."""
        while True:
            self._socket.settimeout(self._wait.slice())
            try:
                return self._socket.recv(min(size, _CHUNK))
            except TimeoutError:
                continue  # the wait decides whether there is another turn
            except OSError:
                raise ClosedError from None


ANSWER: Final = 2.0
"""Seconds within which a running adb server answers a question about itself; a real one takes milliseconds."""
START: Final = 8.0
"""Seconds that the adb program may take to start its server."""
_ENVIRONMENT: Final = (
    "PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP",
    "ANDROID_USER_HOME", "ANDROID_SDK_HOME", "ADB_VENDOR_KEYS",
)  # fmt: skip
"""What of this computer's environment adb is given: where it is, and where its keys are. The server may live on."""
_LIST_LIMIT: Final = 100_000
_LINE: Final = re.compile(r"(\(no serial number\)|\S+)\s+(.+)")
_MODEL: Final = re.compile(r"\bmodel:(\S+)")


class Device(msgspec.Struct, frozen=True):
    """One phone as the adb server lists it. `serial` is for talking to it and is never shown; `name` is.

    `state` is the first word of what the server says (`device`, `unauthorized`, `offline`, `recovery`, ...), and
    `no_permissions` where this user may not open the USB device.
    """

    serial: str
    state: str
    model: str = ""

    @property
    def name(self) -> str:
        """The serial with all but its end hidden, and the model where the phone tells it."""
        masked = mask(self.serial)
        return f"{self.model} ({masked})" if self.model else masked


def mask(serial: str) -> str:
    """Return a serial with all but its last characters hidden: two, or four of a long one."""
    shown = 4 if len(serial) >= 10 else 2
    return f"…{serial[-shown:]}" if len(serial) > shown else "…"


def server_version(wait: Wait) -> int:
    """Return the version of the running server (41 for `1.0.41`). Raises NoServerError, NotAdbError for anything else.

    Something that takes the connection and stays silent, or hangs up, is not an adb server either.
    """
    try:
        with Link(wait.within(ANSWER)) as link:
            link.request("host:version")
            return int(link.block()[:8], 16)
    except (NoServerError, NotAdbError):
        raise
    except TimedOutError:
        wait.left()  # out of time altogether says nothing about the server
        raise NotAdbError from None
    except (AdbError, ValueError) as error:
        wait.left()
        raise NotAdbError from error


def list_devices(wait: Wait) -> tuple[Device, ...]:
    """Return the phones that the running server knows, in its order. Raises AdbError."""
    with Link(wait.within(ANSWER)) as link:
        link.request("host:devices-l")
        return parse_devices(link.block())


def parse_devices(listing: bytes | str) -> tuple[Device, ...]:
    """Read the server's list: a serial, blanks or a tab, a state that may hold spaces, then `key:value` pairs."""
    found = []
    for line in clean(listing, _LIST_LIMIT).splitlines():
        match = _LINE.match(line.strip())
        if match:
            state = "no_permissions" if match[2].startswith("no permissions") else clean_line(match[2]).split()[0]
            model = _MODEL.search(match[2])
            found.append(Device(match[1], state, clean_line(model[1].replace("_", " "), 60) if model else ""))
    return tuple(found)


def features(serial: str, wait: Wait) -> frozenset[str]:
    """Return what the phone's side of adb can do (`shell_v2`, ...). Raises AdbError."""
    with Link(wait.within(ANSWER)) as link:
        link.request(f"host-serial:{serial}:features")
        return frozenset(clean_line(link.block(), 2_000).split(","))


def adb_program() -> Path | None:
    """Return the adb program of this computer: on the search path, or in the Android SDK that the environment names."""
    import shutil

    found = shutil.which("adb")
    if found:
        return Path(found)
    for variable in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        folder = os.environ.get(variable)
        name = Path(folder, "platform-tools", "adb.exe" if os.name == "nt" else "adb") if folder else None
        if name is not None and name.is_file():
            return name
    return None


def start_server(adb: Path, wait: Wait) -> bool:
    """Start the server with the adb program, as `adb start-server` does; True when it answers.

    Only for a user who agreed to it. The program is stopped when it takes too long.
    Raises CancelledError, TimedOutError.
    """
    import subprocess

    # No pipes: the server inherits them, and reading them to their end would wait for as long as it runs.
    child = subprocess.Popen(
        [str(adb), "-P", str(server_port()), "start-server"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )  # fmt: skip
    patience = wait.within(START)
    try:
        while child.poll() is None:
            patience.pause(0.02)
        server_version(patience)
    except (TimedOutError, NoServerError, NotAdbError):
        wait.left()
        return False
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    return child.returncode == 0


def stop_server(wait: Wait) -> None:
    """Stop the running server and wait until it has gone. Only for one that this tool started. Raises AdbError."""
    with Link(wait.within(ANSWER)) as link:
        link.request("host:kill")
    while True:
        try:
            server_version(wait)
        except NoServerError:
            return
        except NotAdbError:
            wait.pause(0.02)  # it still holds the port, and hangs up


TURN: Final = 0.3
"""Seconds between two looks. The server's own news (`host:track-devices`) are not enough: adb 29 sends none when a
phone turns from offline to unauthorized."""


class Plugged(msgspec.Struct, frozen=True):
    """Which phones are there now; `server` is False where no adb server answers that could know."""

    server: bool
    devices: tuple[Device, ...] = ()


def watch_androids(callback: Callable[[Plugged], None], cancelled: threading.Event) -> None:
    """Call `callback` with the phones there are, at once and at each change, until `cancelled` is set.

    Runs in the caller's thread (give it a daemon of its own) and returns within a fraction of a second after
    cancelling; each look is bounded. It never starts a server; one started or stopped meanwhile is noticed.
    """
    last: Plugged | None = None
    while not cancelled.is_set():
        try:
            now = Plugged(server=True, devices=list_devices(Wait(ANSWER, cancelled)))
        except CancelledError:
            return
        except NoServerError:
            now = Plugged(server=False)
        except AdbError:
            now = last if last is not None else Plugged(server=False)  # it may only have been slow
        if now != last:
            last = now
            callback(now)
        cancelled.wait(TURN)
