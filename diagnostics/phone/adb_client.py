"""The adb server of this computer, spoken to directly: which phones it knows, starting and stopping it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network import failures
from diagnostics.network.deadline import Deadline, NoAnswerError, TimedOutError
from diagnostics.phone.local_service import Connection, MalformedError, NoServerError, port_of, watch
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


HOST: Final = "127.0.0.1"
PORT: Final = 5037


def server_port() -> int:
    """Return the port of the adb server: `ANDROID_ADB_SERVER_PORT`, as for every adb client, else 5037."""
    return port_of(os.environ.get("ANDROID_ADB_SERVER_PORT", "")) or PORT


class RefusedError(NoAnswerError):
    """The adb server answered that it cannot do this; the message is its own, cleaned."""

    failure = failures.unknown("refused by the adb server")


class AdbConnection(Connection):
    """A connection to the adb server: a request is its length in four hexadecimal digits and its text.

    The answer is `OKAY`, or `FAIL` with a counted message. Raises NoServerError where nothing listens.
    """

    def __init__(self, deadline: Deadline) -> None:
        super().__init__((HOST, server_port()), deadline)

    def request(self, text: str) -> None:
        """Ask for a service and wait for the server's consent. Raises RefusedError with the server's words."""
        told = text.encode()
        self.send(b"%04x%s" % (len(told), told))
        answer = self.exactly(4)
        if answer == b"FAIL":
            raise RefusedError(clean_line(self.block()))
        if answer != b"OKAY":
            raise MalformedError

    def block(self) -> bytes:
        """Return one counted answer: four hexadecimal digits and that many bytes."""
        digits = self.exactly(4)
        try:
            return self.exactly(int(digits, 16))
        except ValueError:
            raise MalformedError from None


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


def _ask(question: str, deadline: Deadline) -> bytes:
    with AdbConnection(deadline.within(ANSWER)) as adb:
        adb.request(question)
        return adb.block()


def server_version(deadline: Deadline) -> int:
    """Return the version of the running server (41 for `1.0.41`). Raises NoServerError, else MalformedError.

    Something that takes the connection and stays silent, or hangs up, is not an adb server either.
    """
    try:
        return int(_ask("host:version", deadline)[:8], 16)
    except (NoServerError, MalformedError):
        raise
    except TimedOutError:
        deadline.left()  # out of time altogether says nothing about the server
        raise MalformedError from None
    except (NoAnswerError, ValueError) as error:
        deadline.left()
        raise MalformedError from error


def list_devices(deadline: Deadline) -> tuple[Device, ...]:
    """Return the phones that the running server knows, in its order. Raises NoAnswerError."""
    return parse_devices(_ask("host:devices-l", deadline))


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


def features(serial: str, deadline: Deadline) -> frozenset[str]:
    """Return what the phone's side of adb can do (`shell_v2`, ...). Raises NoAnswerError."""
    return frozenset(clean_line(_ask(f"host-serial:{serial}:features", deadline), 2_000).split(","))


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


def start_server(adb: Path, deadline: Deadline) -> bool:
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
    patience = deadline.within(START)
    try:
        while child.poll() is None:
            patience.pause(0.02)
        server_version(patience)
    except (TimedOutError, NoServerError, MalformedError):
        deadline.left()
        return False
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    return child.returncode == 0


def stop_server(deadline: Deadline) -> None:
    """Stop the running server and wait until it has gone. Only for one that this tool started. Raises NoAnswerError."""
    with AdbConnection(deadline.within(ANSWER)) as adb:
        adb.request("host:kill")
    while True:
        try:
            server_version(deadline)
        except NoServerError:
            return
        except MalformedError:
            deadline.pause(0.02)  # it still holds the port, and hangs up


TURN: Final = 0.3
"""Seconds between two looks. The server's own news (`host:track-devices`) are not enough: adb 29 sends none when a
phone turns from offline to unauthorized."""


class Plugged(msgspec.Struct, frozen=True):
    """Which phones are there now; `server` is False where no adb server answers that could know."""

    server: bool
    devices: tuple[Device, ...] = ()


def watch_androids(callback: Callable[[Plugged], None], cancelled: threading.Event) -> None:
    """Call `callback` with the Android phones there are; see `watch`. It never starts a server."""

    def look(deadline: Deadline) -> Plugged:
        return Plugged(server=True, devices=list_devices(deadline))

    watch(look, Plugged(server=False), callback, cancelled, ANSWER, TURN)
