"""Every command that may be run on a phone, and how they are run side by side, bounded in time and size."""

from __future__ import annotations

import queue
import re
import struct
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network.deadline import NoAnswerError
from diagnostics.phone.adb_client import AdbConnection, RefusedError
from diagnostics.phone.local_service import ClosedError
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from diagnostics.network.deadline import Deadline

WECHAT: Final = "com.tencent.mm"


class Command(msgspec.Struct, frozen=True):
    """One allowed command: `id` names what it reads, `text` is the exact text, `limit` the most bytes taken of it."""

    id: str
    text: str
    limit: int = 16_384


_BIG: Final = 2 << 20

COMMANDS: Final = (
    Command("package", f"dumpsys package {WECHAT}", _BIG),
    Command("path", f"pm path {WECHAT}"),
    Command("users", "pm list users"),
    Command("release", "getprop ro.build.version.release"),
    Command("sdk", "getprop ro.build.version.sdk"),
    Command("harmony", "getprop hw_sc.build.platform.version"),
    Command("maker", "getprop ro.product.manufacturer"),
    Command("model", "getprop ro.product.model"),
    Command("characteristics", "getprop ro.build.characteristics"),
    Command("size", "wm size"),
    Command("density", "wm density"),
    Command("clock", "date +%s"),
    Command("auto_time", "settings get global auto_time"),
    Command("airplane", "settings get global airplane_mode_on"),
    Command("proxy", "settings get global http_proxy"),
    Command("dns_mode", "settings get global private_dns_mode"),
    Command("always_on_vpn", "settings get secure always_on_vpn_app"),
    Command("saver", "settings get global low_power"),
    Command("connectivity", "dumpsys connectivity", _BIG),
    Command("netpolicy", "dumpsys netpolicy", _BIG),
    Command("background", f"cmd appops get {WECHAT} RUN_ANY_IN_BACKGROUND"),
    Command("storage", "df /data"),
)
"""All commands but the pings, whose hosts are a setting."""

_TEXTS: Final = frozenset(command.text for command in COMMANDS)
_HOST: Final = r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z0-9-]{0,61}[a-z0-9])"
_PING: Final = re.compile(rf"ping -c 4 -i 0\.3 -w 3 ({_HOST})")
MOST_PINGS: Final = 3


def pings(hosts: Iterable[str]) -> tuple[Command, ...]:
    """Return commands that send four small packets to each of the first few hosts; what is no plain name is left out.

    A name goes into a shell on the phone, so letters, digits, dots and hyphens are all it may hold.
    """
    made = [Command(f"ping:{host}", f"ping -c 4 -i 0.3 -w 3 {host}") for host in dict.fromkeys(hosts)]
    return tuple([command for command in made if permitted(command.text)][:MOST_PINGS])


def permitted(text: str) -> bool:
    """Whether this exact text is an allowed command."""
    return text in _TEXTS or _PING.fullmatch(text) is not None


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

    command: Command
    text: str = ""
    error: str = ""
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
    serial: str, commands: Sequence[Command], wait: Deadline, on_output: Callable[[Output], None], *,
    separate: bool, put_off: float,
) -> None:  # fmt: skip
    """Run the commands side by side; `on_output` is called in this thread, in the order in which they end.

    `separate` tells that the phone gives stderr and the exit code apart (`shell_v2`). The wait is put off until
    `put_off` (monotonic) as soon as the phone says anything: only a silent phone is given up early.
    Raises ValueError, before anything is run, where a command is not on the list of allowed ones.
    """
    for command in commands:
        if not permitted(command.text):
            raise ValueError(f"not an allowed command: {command.text}")
    began = time.monotonic()
    ended: queue.SimpleQueue[Output] = queue.SimpleQueue()

    def work(command: Command) -> None:
        ended.put(_run(serial, command, wait, separate, put_off, began))

    for command in commands:
        threading.Thread(target=work, args=(command,), name=f"adb-{command.id}", daemon=True).start()
    for _ in commands:
        on_output(ended.get(timeout=max(0.0, put_off - time.monotonic()) + LATE))


def _run(serial: str, command: Command, wait: Deadline, separate: bool, put_off: float, began: float) -> Output:
    at, sent = time.monotonic(), time.time()
    taken = _Taken(command.limit)
    failure = None
    try:
        with AdbConnection(wait) as link:
            link.request(f"host:transport:{serial}")
            link.request(f"shell,v2,raw:{command.text}" if separate else f"shell:{command.text}")
            _take(link, taken, separate, lambda: wait.put_off(put_off))
    except (RefusedError, ClosedError):
        failure = ClosedError.failure
    except NoAnswerError as error:
        failure = error.failure
    ended = time.monotonic()
    return Output(
        command=command,
        text=clean(b"".join(taken.out), command.limit),
        error=clean(b"".join(taken.err), 2_000),
        code=taken.code,
        failure=failure,
        cut=taken.full,
        sent=sent,
        received=time.time(),
        started_ms=(at - began) * 1000,
        duration_ms=(ended - at) * 1000,
    )


class _Taken:
    """What was printed so far, never more than the limit."""

    def __init__(self, limit: int) -> None:
        self.out: list[bytes] = []
        self.err: list[bytes] = []
        self.code: int | None = None
        self.full = False
        self._room = limit

    def add(self, to: list[bytes], data: bytes) -> None:
        to.append(data[: self._room])
        self.full = len(data) > self._room
        self._room -= len(to[-1])


def _take(link: AdbConnection, taken: _Taken, separate: bool, alive: Callable[[], None]) -> None:
    """Read until the command ends, or until it has printed all it may; closing the link then ends it on the phone."""
    while not taken.full:
        if not separate:
            data = link.some(1 << 16)
            alive()
            if not data:
                return
            taken.add(taken.out, data)
            continue
        kind, size = struct.unpack("<BI", link.exactly(5))
        alive()
        while size > 0 and not taken.full:
            data = link.exactly(min(size, 1 << 16))
            size -= len(data)
            if kind == _EXIT:
                taken.code = data[0]
            elif kind in (_OUT, _ERR):
                taken.add(taken.out if kind == _OUT else taken.err, data)
        if kind == _EXIT:
            return
