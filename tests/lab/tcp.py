"""A server that ends in good order: nothing is accepted after its end, and every connection is closed.

Closing a listening socket does not wake a thread that waits in `accept` on Linux: it would take one more connection,
that nobody closes. `socketserver` waits for readiness instead.
"""

import contextlib
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Self

_RESET = struct.pack("ii", 1, 0)
"""Linger for zero seconds: closing resets the connection."""


@contextlib.contextmanager
def nobody() -> Iterator[int]:
    """Keep a port of loopback on which nothing listens, until the end of the block.

    A port that is only looked up may be somebody else's a moment later. This one no program is given unasked; one that
    is told to listen on it, and reuses addresses as servers do, still can.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def exactly(sock: socket.socket, size: int) -> bytes:
    """Return so many bytes of what the other side sends. Raises OSError where it ends before."""
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


class TcpServer(socketserver.ThreadingTCPServer):
    """Gives each connection to `handle` in a thread of its own and closes it when that returns.

    It listens on a free port of loopback, or takes over a socket that listens already. What the client does wrong (an
    `OSError` such as a reset) ends one connection; any other error of `handle` is a fault of the test and is raised
    in its thread.
    """

    request_queue_size = 128

    def __init__(self, handle: Callable[[socket.socket], None], listener: socket.socket | None = None) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler, listener is None)
        if listener is not None:
            self.socket.close()
            self.socket = listener
        self.port: int = self.socket.getsockname()[1]
        self._handle = handle
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        # the far side's are never ended but with their process, and should not wake up for nothing
        self._serving = threading.Thread(target=self.serve_forever, args=(0.01 if listener is None else 0.5,))

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Begin to take connections."""
        self._serving.start()

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._serving.join()
        self.hang_up()
        self.server_close()

    def hang_up(self) -> None:
        """End every connection at once; new ones are still taken."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the other side was first
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    connection.shutdown(socket.SHUT_RDWR)

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], _client: object) -> None:
        """Serve one connection; the handler may close or wrap its own hold of it, hanging up needs ours."""
        assert isinstance(request, socket.socket)
        with request.dup() as own:
            self._handle(own)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client: object) -> None:
        """Note the connection as open, then serve it in its thread."""
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.add(request)
        super().process_request(request, client)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close and nothing before it: a handler may have asked for a reset."""
        self.close_request(request)

    def close_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection that was served."""
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.discard(request)
            request.close()

    def handle_error(self, _request: object, _client: object) -> None:
        """Pass over what the client did; raise anything else."""
        if not isinstance(sys.exception(), OSError):
            raise  # the error under way
