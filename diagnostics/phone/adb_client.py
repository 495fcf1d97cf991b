"""The adb server of this computer, spoken to directly: its phones, its start and end, commands run on a phone.

Every command that may be run is listed here; they run side by side, bounded in time and size.
"""

from __future__ import annotations

import os
import queue
import re
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network.deadline import Deadline, NoAnswerError, TimedOutError
from diagnostics.phone.local_service import ClosedError, Connection, MalformedError, NoServerError, port_of, watch
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST: Final = "127.0.0.1"
PORT: Final = 5037


def server_port() -> int:
    """Return the port of the adb server: `ANDROID_ADB_SERVER_PORT`, as for every adb client, else 5037."""
    return port_of(os.environ.get("ANDROID_ADB_SERVER_PORT", "")) or PORT


class AdbConnection(Connection):
    """A connection to the adb server: a request is its length in four hexadecimal digits and its text.

    The answer is `OKAY`, or `FAIL` with words of its own. Raises NoServerError where nothing listens.
    """

    def __init__(self, deadline: Deadline) -> None:
        super().__init__((HOST, server_port()), deadline)

    def request(self, text: str) -> None:
        """Ask for a service and wait for the server's consent. Raises ClosedError where it refuses."""
        data = text.encode()
        self.send(b"%04x%s" % (len(data), data))
        answer = self.exactly(4)
        if answer != b"OKAY":
            raise ClosedError if answer == b"FAIL" else MalformedError

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
    except NoServerError:
        raise
    except (NoAnswerError, ValueError):
        deadline.left()  # out of time altogether says nothing about the server
        raise MalformedError from None


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

    homes = [os.environ.get(variable) for variable in ("ANDROID_HOME", "ANDROID_SDK_ROOT")]
    folders = [os.environ.get("PATH", os.defpath), *(str(Path(home, "platform-tools")) for home in homes if home)]
    found = shutil.which("adb", path=os.pathsep.join(folders))
    return Path(found) if found else None


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


POLL: Final = 0.3
"""Seconds between two looks. The server's own news (`host:track-devices`) are not enough: adb 29 sends none when a
phone turns from offline to unauthorized."""


class ConnectedPhones(msgspec.Struct, frozen=True):
    """Which phones are there now; `server` is False where no adb server answers that could know."""

    server: bool
    devices: tuple[Device, ...] = ()


def watch_androids(callback: Callable[[ConnectedPhones], None], cancelled: threading.Event) -> None:
    """Call `callback` with the Android phones there are; see `watch`. It never starts a server."""
    absent = ConnectedPhones(server=False)
    watch(lambda deadline: ConnectedPhones(True, list_devices(deadline)), absent, callback, cancelled, ANSWER, POLL)


# commands

WECHAT: Final = "com.tencent.mm"
COMMANDS: Final = {
    "package": f"dumpsys package {WECHAT}",
    "path": f"pm path {WECHAT}",
    "users": "pm list users",
    "release": "getprop ro.build.version.release",
    "sdk": "getprop ro.build.version.sdk",
    "harmony": "getprop hw_sc.build.platform.version",
    "maker": "getprop ro.product.manufacturer",
    "model": "getprop ro.product.model",
    "characteristics": "getprop ro.build.characteristics",
    "size": "wm size",
    "density": "wm density",
    "clock": "date +%s",
    "auto_time": "settings get global auto_time",
    "airplane": "settings get global airplane_mode_on",
    "proxy": "settings get global http_proxy",
    "dns_mode": "settings get global private_dns_mode",
    "always_on_vpn": "settings get secure always_on_vpn_app",
    "connectivity": "dumpsys connectivity",
    "netpolicy": "dumpsys netpolicy",
    "storage": "df /data",
}
"""What each command reads, and its exact text: nothing else is ever run."""
LATE: Final = 1.0
"""Seconds that a command's thread may take after its wait is over, on a busy computer, before that is an error."""
_OUT: Final = 1
_ERR: Final = 2
_EXIT: Final = 3


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What one command printed, cleaned: `code` is its exit code, None where the phone's adb does not tell it.

    `failure` is an OONI failure string where the answer is missing or incomplete; `cut` says that it was longer than
    the command may print. `sent` and `received` are this computer's clock (seconds since 1970) around the command.
    """

    id: str
    command: str
    text: str = ""
    code: int | None = None
    failure: str | None = None
    cut: bool = False
    sent: float = 0.0
    received: float = 0.0
    started_ms: float = 0.0
    duration_ms: float = 0.0

    @property
    def answered(self) -> bool:
        """Whether the command ran to its end, whatever it printed."""
        return self.failure is None and not self.cut

    @property
    def good(self) -> bool:
        """Whether it ran to its end and, as far as one can tell, without an error."""
        return self.answered and self.code in (None, 0)


def run_all(
    serial: str, wait: Deadline, on_output: Callable[[Output], None], *, separate: bool, extend_to: float
) -> None:
    """Run all commands side by side; `on_output` is called in this thread, in the order in which they end.

    `separate` tells that the phone gives stderr and the exit code apart (`shell_v2`). The wait is put off until
    `extend_to` (monotonic) as soon as the phone says anything: only a silent phone is given up early.
    """
    ended: queue.SimpleQueue[Output] = queue.SimpleQueue()

    def work(id_: str, command: str) -> None:
        ended.put(_run(serial, id_, command, wait, separate, extend_to))

    for row in COMMANDS.items():
        threading.Thread(target=work, args=row, name=f"adb-{row[0]}", daemon=True).start()
    for _ in COMMANDS:
        on_output(ended.get(timeout=max(0.0, extend_to - time.monotonic()) + LATE))


def _run(serial: str, id_: str, command: str, wait: Deadline, separate: bool, extend_to: float) -> Output:
    """Run one command to its end, or until it has printed all it may; closing the link then ends it on the phone."""
    began, sent = time.monotonic(), time.time()
    limit = room = 2 << 20 if command.startswith("dumpsys ") else 16_384
    text, code, cut, failure = bytearray(), None, False, None
    try:
        with AdbConnection(wait) as link:
            link.request(f"host:transport:{serial}")
            link.request(f"shell,v2,raw:{command}" if separate else f"shell:{command}")
            for kind, data in _packets(link, separate):
                wait.extend_to(extend_to)
                if kind == _EXIT:
                    code = data[0] if data else code
                elif kind in (_OUT, _ERR):
                    text += data[:room] if kind == _OUT else b""
                    cut = len(data) > room
                    room -= len(data)
                if cut:
                    break
    except NoAnswerError as error:
        failure = error.failure
    return Output(
        id=id_,
        command=command,
        text=clean(bytes(text), limit),
        code=code,
        failure=failure,
        cut=cut,
        sent=sent,
        received=time.time(),
        **wait.times(began),
    )


def _packets(link: AdbConnection, separate: bool) -> Iterator[tuple[int, bytes]]:
    """Yield what the phone sends as it comes, until the command ends; a first word of a packet is a piece as well."""
    while not separate:
        data = link.some(1 << 16)
        yield _OUT, data
        if not data:
            return
    kind = 0
    while kind != _EXIT:
        kind, size = struct.unpack("<BI", link.exactly(5))
        yield kind, b""
        while size > 0:
            data = link.exactly(min(size, 1 << 16))
            size -= len(data)
            yield kind, data
