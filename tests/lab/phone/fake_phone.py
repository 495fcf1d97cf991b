"""The fake phone: listens on a port of this machine and answers an adb server as its data say.

Modes: `device` answers; `unauthorized` never accepts a key; `authorize` accepts one after `allow()`; `offline` never
introduces itself; `drop` closes every command at once; `hang` never answers a command; `silent` opens a command and
prints nothing; `unplug` goes away as soon as `unplug_after` commands were asked.

The packets between an adb server and a phone are a header of 24 bytes, little-endian, and the payload.
"""

import contextlib
import re
import shlex
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Self

from tests.lab.tcp import TcpServer, exactly

CHUNK = 60_000
VERSION = 0x01000001
MAX_PAYLOAD = 1 << 18
HEADER = struct.Struct("<6I")


@dataclass(frozen=True)
class Reply:
    """What a command prints: bytes, exit code, a delay in seconds, and how often `out` is repeated.

    With `clock`, `out` is this machine's time in seconds, plus so many.
    """

    out: bytes = b""
    err: bytes = b""
    rc: int = 0
    delay: float = 0.0
    repeat: int = 1
    clock: int | None = None


@dataclass
class FakePhone:
    """One phone. `replies` are by exact command or (`re:...`) by pattern; the log holds all it was asked."""

    replies: dict[str, Reply] = field(default_factory=dict)
    mode: str = "device"
    banner: str = "ro.product.name=lab;ro.product.model=Lab Phone;ro.product.device=lab"
    shell_v2: bool = True
    unplug_after: int = 3
    log: list[str] = field(default_factory=list)
    allowed: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = TcpServer(lambda sock: _Session(self, sock).run())
        self.port: int = self._server.port
        self.serial = f"127.0.0.1:{self.port}"
        self._server.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self.allow()  # nobody waits for it any longer
        self._server.__exit__()

    def allow(self) -> None:
        """Tap "allow" in the question whether to trust this computer."""
        self.allowed.set()

    def unplug(self) -> None:
        """Cut the cable: every connection ends at once."""
        self._server.hang_up()

    def reply(self, command: str) -> Reply:
        """Return what this command prints; an unknown one fails as a shell says it."""
        if command in self.replies:
            return self.replies[command]
        for key, reply in self.replies.items():
            if key.startswith("re:") and re.fullmatch(key[3:], command):
                return reply
        return Reply(err=f"/system/bin/sh: {command.split()[0]}: not found\n".encode(), rc=127)


class _Session:
    """One adb server's connection to the phone: the greeting, then streams, each in its own thread."""

    def __init__(self, phone: FakePhone, sock: socket.socket) -> None:
        self.phone, self.sock = phone, sock
        self.sending = threading.Lock()
        self.acknowledged: dict[int, threading.Semaphore] = {}
        self.gone: set[int] = set()
        self.asked = 0

    def run(self) -> None:
        try:
            while True:
                code, arg0, arg1, length, _sum, _magic = HEADER.unpack(exactly(self.sock, HEADER.size))
                self._take(code.to_bytes(4, "little"), arg0, arg1, exactly(self.sock, length))
        finally:
            for mine, waiting in self.acknowledged.items():
                self.gone.add(mine)
                waiting.release()

    def _send(self, command: bytes, arg0: int, arg1: int, data: bytes = b"") -> None:
        code = int.from_bytes(command, "little")
        head = HEADER.pack(code, arg0, arg1, len(data), sum(data) & 0xFFFFFFFF, code ^ 0xFFFFFFFF)
        with self.sending:
            self.sock.sendall(head + data)

    def _greet(self) -> None:
        features = "shell_v2,cmd,stat_v2" if self.phone.shell_v2 else "cmd"
        told = f"device::{self.phone.banner};features={features}"
        self._send(b"CNXN", VERSION, MAX_PAYLOAD, told.encode())

    def _accept_key(self) -> None:
        self.phone.allowed.wait()
        with contextlib.suppress(OSError):  # unplugged meanwhile
            self._greet()

    def _take(self, command: bytes, arg0: int, arg1: int, data: bytes) -> None:
        mode = self.phone.mode
        if command == b"CNXN" and mode in ("unauthorized", "authorize"):
            self._send(b"AUTH", 1, 0, bytes(20))
        elif command == b"CNXN" and mode != "offline":
            self._greet()
        elif command == b"AUTH" and arg0 == 2:
            self._send(b"AUTH", 1, 0, bytes(20))  # no signature is good enough: the public key has to come
        elif command == b"AUTH" and mode == "authorize":
            threading.Thread(target=self._accept_key, daemon=True).start()
        elif command == b"OPEN":
            self._open(arg0, data.rstrip(b"\0").decode())
        elif command == b"OKAY" and arg1 in self.acknowledged:
            self.acknowledged[arg1].release()
        elif command == b"CLSE":
            self.gone.add(arg1)
            if arg1 in self.acknowledged:
                self.acknowledged[arg1].release()

    def _open(self, theirs: int, service: str) -> None:
        self.asked += 1
        command = service.partition(":")[2]
        self.phone.log.append(command)
        mode = self.phone.mode
        if mode == "unplug" and self.asked >= self.phone.unplug_after:
            self.phone.unplug()
        elif mode == "drop":
            self._send(b"CLSE", 0, theirs)
        elif mode != "hang":
            mine = self.asked
            self.acknowledged[mine] = threading.Semaphore(0)
            self._send(b"OKAY", mine, theirs)
            if mode != "silent":
                work = (mine, theirs, service.startswith("shell,v2"), command)
                threading.Thread(target=self._answer, args=work, daemon=True).start()

    def _answer(self, mine: int, theirs: int, separate: bool, command: str) -> None:
        reply = self.phone.reply(shlex.join(shlex.split(command)))
        time.sleep(reply.delay)
        out = reply.out if reply.clock is None else b"%d\n" % (time.time() + reply.clock)
        try:
            for _ in range(reply.repeat):
                if not self._print(mine, theirs, 1 if separate else None, out):
                    return
            self._print(mine, theirs, 2 if separate else None, reply.err)
            if separate:
                self._write(mine, theirs, bytes((3, 1, 0, 0, 0, reply.rc)))
            self._send(b"CLSE", mine, theirs)
        except OSError:
            return  # unplugged

    def _print(self, mine: int, theirs: int, kind: int | None, data: bytes) -> bool:
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            head = b"" if kind is None else bytes((kind,)) + len(part).to_bytes(4, "little")
            if not self._write(mine, theirs, head + part):
                return False
        return True

    def _write(self, mine: int, theirs: int, data: bytes) -> bool:
        """Send one packet and wait for its acknowledgement; False once the server closed the stream."""
        self._send(b"WRTE", mine, theirs, data)
        self.acknowledged[mine].acquire(timeout=30)
        return mine not in self.gone
