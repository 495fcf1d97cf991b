"""A fake adb *server*, for the states that only a USB cable has, and for programs that merely hold its port."""

import socket
from dataclasses import dataclass, field
from typing import Self

from tests.lab.tcp import TcpServer


@dataclass
class FakeServer:
    """Answers `host:version` and the list of devices; `manner` may also be `silent`, `http`, or `hang_up`."""

    devices: str = ""
    version: int = 41
    manner: str = "adb"
    log: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = TcpServer(self._serve)
        self.port: int = self._server.port
        self._server.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.__exit__()

    def _serve(self, sock: socket.socket) -> None:
        if self.manner == "silent":
            while sock.recv(65_536):
                pass  # until the client gives up
        elif self.manner != "hang_up":
            request = sock.recv(4)
            if self.manner == "http":
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            elif len(request) == 4:
                self._answer(sock, sock.recv(int(request, 16)).decode())

    def _answer(self, sock: socket.socket, request: str) -> None:
        self.log.append(request)
        if request == "host:version":
            sock.sendall(b"OKAY0004%04x" % self.version)
        elif request in ("host:devices", "host:devices-l"):
            told = self.devices.encode()
            sock.sendall(b"OKAY%04x%s" % (len(told), told))
        else:
            told = b"insufficient permissions for device"
            sock.sendall(b"FAIL%04x%s" % (len(told), told))
