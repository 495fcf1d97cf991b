"""A fake adb *server*, for the states that only a USB cable has, and for programs that merely hold its port."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field


@dataclass
class FakeServer:
    """Answers `host:version` and the list of devices; `manner` may also be `silent`, `http`, or `hang_up`."""

    devices: str = ""
    version: int = 41
    manner: str = "adb"
    log: list[str] = field(default_factory=list)

    def __enter__(self) -> FakeServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.close()
        for sock in self._held:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(sock)
            if self.manner == "hang_up":
                sock.close()
            elif self.manner != "silent":
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            request = sock.recv(4)
            if self.manner == "http":
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            elif len(request) == 4:
                self._answer(sock, sock.recv(int(request, 16)).decode())
            sock.close()
        except (OSError, ValueError):
            return  # the client hung up

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
