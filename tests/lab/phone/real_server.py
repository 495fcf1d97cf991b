"""The real adb server from the system's package, with a port and keys of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.lab.phone.fake_phone import FakePhone
from tests.lab.tcp import nobody

ADB = shutil.which("adb")
PATIENCE = 60.0
"""Seconds until a test gives up waiting for the server."""


def ask(port: int, request: str, timeout: float = PATIENCE) -> bytes:
    """Send one request to the adb server on this port and return all that it answers."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        sock.sendall(b"%04x%s" % (len(request), request.encode()))
        parts = b""
        while part := sock.recv(65_536):
            parts += part
        return parts


@dataclass
class RealServer:
    """Runs `adb nodaemon server` until the end of the `with` block; its keys lie below `home`."""

    home: Path

    def __enter__(self) -> Self:
        assert ADB is not None, "the tests need the real adb (Debian's package adb)"
        self._kept = nobody()
        self.port = self._kept.__enter__()
        environment = {**os.environ, "HOME": str(self.home), "ANDROID_USER_HOME": str(self.home)}
        environment.pop("ANDROID_ADB_SERVER_PORT", None)
        self._log = (self.home / "adb.log").open("wb")
        self._child = subprocess.Popen(
            [ADB, "-P", str(self.port), "nodaemon", "server"],
            env=environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._until(lambda: ask(self.port, "host:version").startswith(b"OKAY"))
        return self

    def __exit__(self, *_error: object) -> None:
        self._child.terminate()
        self._child.wait(PATIENCE)
        self._log.close()
        self._kept.__exit__(None, None, None)

    def attach(self, port: int, state: str) -> None:
        """Plug in the phone that listens on `port` and wait until the server lists it in this state."""
        serial = f"127.0.0.1:{port}"
        # Not waited for: for a phone that never introduces itself the server takes ten seconds to answer.
        with socket.create_connection(("127.0.0.1", self.port)) as connecting:
            request = f"host:connect:{serial}"
            connecting.sendall(b"%04x%s" % (len(request), request.encode()))
            self._until(lambda: f"{serial}\t{state}\n".encode() in ask(self.port, "host:devices"))

    @contextlib.contextmanager
    def plugged(self, *phones: FakePhone) -> Iterator[FakePhone]:
        """Start these phones and keep them plugged in until the end of the `with` block; the first is handed out."""
        with contextlib.ExitStack() as stack:
            for phone in phones:
                stack.enter_context(phone)
                self.attach(phone.port, phone.mode if phone.mode in ("unauthorized", "offline") else "device")
                stack.callback(self.detach, phone.port)
            yield phones[0]

    def detach(self, port: int) -> None:
        """Forget the phone that listened on `port`."""
        ask(self.port, f"host:disconnect:127.0.0.1:{port}")

    @staticmethod
    def _until(there: Callable[[], bool], patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while True:
            try:
                if there():
                    return
            except OSError:
                pass  # not listening yet
            assert time.monotonic() < end, "the adb server did not come to that state"
            time.sleep(0.02)
