"""The lab's server on loopback ends in good order."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from tests.lab.net import servers
from tests.lab.tcp import TcpServer


def test_nothing_is_accepted_after_the_end_and_every_connection_is_closed() -> None:
    began, ended = threading.Event(), threading.Event()

    def wait(sock: socket.socket) -> None:
        began.set()
        with contextlib.suppress(OSError):
            sock.recv(1)
        ended.set()

    with TcpServer(wait) as server, socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        assert began.wait(60)
        server.__exit__()
        assert ended.is_set()
        assert client.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=60)


def test_after_hanging_up_new_connections_are_taken() -> None:
    taken: list[int] = []

    def note(sock: socket.socket) -> None:
        taken.append(len(sock.recv(5)))

    with TcpServer(note) as server:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
                client.sendall(b"hello")
                assert client.recv(1) == b""
            server.hang_up()
    assert taken == [5, 5]


def test_a_listener_taken_over_and_a_connection_that_its_handler_wrapped_end_as_well() -> None:
    began = threading.Event()

    def detach(sock: socket.socket) -> None:
        with socket.socket(fileno=sock.detach()) as wrapped:
            began.set()
            wrapped.recv(1)

    listener = socket.create_server(("127.0.0.1", 0))
    with TcpServer(detach, listener) as server, socket.create_connection(("127.0.0.1", server.port), timeout=60):
        assert began.wait(60)
    assert listener.fileno() == -1


def test_a_reset_that_a_handler_asks_for_is_one() -> None:
    with TcpServer(servers.reset) as server:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
                client.sendall(b"hello")
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
