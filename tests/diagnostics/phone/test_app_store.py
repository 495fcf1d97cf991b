"""The app store's lookup, played by a server on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from diagnostics.phone.app_store import Latest, latest_ios
from tests.lab.tcp import TcpServer, nobody

if TYPE_CHECKING:
    import socket

ANSWER = (
    b'{"resultCount":1,"results":[{"version":"8.0.78","currentVersionReleaseDate":"2026-09-21T08:00:00Z",'
    b'"minimumOsVersion":"14.0","trackName":"\xe5\xbe\xae\xe4\xbf\xa1"}]}'
)


class Store(TcpServer):
    """Answers every request with the same bytes, or drips them, or says nothing."""

    def __init__(self, answer: bytes, drip: float = 0.0) -> None:
        super().__init__(self._serve)
        self.answer, self.drip = answer, drip
        self.requests: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.port}/cn/lookup?bundleId=com.tencent.xin"

    def _serve(self, sock: socket.socket) -> None:
        self.requests.append(sock.recv(65_536))
        step = 1 if self.drip else max(1, len(self.answer))
        for start in range(0, len(self.answer), step):
            sock.sendall(self.answer[start : start + step])
            time.sleep(self.drip)
        if not self.answer:
            sock.recv(1)  # silent until the client gives up


def http(body: bytes, status: str = "200 OK", extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status.encode(), len(body), extra, body)


def test_the_newest_version_with_its_date() -> None:
    with Store(http(ANSWER)) as store:
        told = latest_ios(30, store.url)
    assert told == Latest(version="8.0.78", released="2026-09-21T08:00:00Z", minimum_os="14.0")
    assert store.requests[0].startswith(b"GET /cn/lookup?bundleId=com.tencent.xin HTTP/1.1\r\n")
    assert b"Cookie" not in store.requests[0]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (http(b"{}"), "json_parse_error"),
        (http(b"[" * 100_000), "json_parse_error"),
        (http(b'{"results":[{"version":"\\u001b[31m"}]}'), "json_parse_error"),
        (http(b"\xff\xfe" * 10), "json_parse_error"),
        (http(b" " * 1_200_000 + ANSWER), "json_parse_error"),
        (http(ANSWER, "503 Busy"), "http_unexpected_status_code"),
        (http(b"", "302 Found", b"Location: http://elsewhere.lab.test/\r\n"), "http_unexpected_status_code"),
    ],
)
def test_any_other_answer_is_no_version(answer: bytes, failure: str) -> None:
    with Store(answer) as store:
        assert latest_ios(30, store.url) == Latest(failure=failure)


@pytest.mark.parametrize(("answer", "drip"), [(b"", 0.0), (http(ANSWER), 0.2)])
def test_the_time_is_bounded_in_all(answer: bytes, drip: float) -> None:
    with Store(answer, drip) as store:
        began = time.monotonic()
        assert latest_ios(0.5, store.url) == Latest(failure="generic_timeout_error")
        assert time.monotonic() - began < 20  # all of it, dripping, takes longer


def test_nobody_there() -> None:
    with nobody() as port:
        assert latest_ios(20, f"http://127.0.0.1:{port}/").failure == "connection_refused"
