"""The adb server as a whole: is it there, which phones does it know, may and can it be started."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.clean import clean, clean_line
from diagnostics.devices.adb.link import Link, server_port
from diagnostics.devices.adb.wait import AdbError, NoServerError, NotAdbError, TimedOutError

if TYPE_CHECKING:
    from diagnostics.devices.adb.wait import Wait

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


def version(wait: Wait) -> int:
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


def devices(wait: Wait) -> tuple[Device, ...]:
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


def program() -> Path | None:
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


def start(adb: Path, wait: Wait) -> bool:
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
        version(patience)
    except (TimedOutError, NoServerError, NotAdbError):
        wait.left()
        return False
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    return child.returncode == 0


def stop(wait: Wait) -> None:
    """Stop the running server and wait until it has gone. Only for one that this tool started. Raises AdbError."""
    with Link(wait.within(ANSWER)) as link:
        link.request("host:kill")
    while True:
        try:
            version(wait)
        except NoServerError:
            return
        except NotAdbError:
            wait.pause(0.02)  # it still holds the port, and hangs up
