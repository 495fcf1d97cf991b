"""The app store's lookup, played by a server on this machine."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from diagnostics.devices.appstore import Latest, latest_ios
from tests.lab.phone.real_server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = (
    b'{"resultCount":1,"results":[{"version":"8.0.78","currentVersionReleaseDate":"2026-09-21T08:00:00Z",'
    b'"minimumOsVersion":"14.0","trackName":"\xe5\xbe\xae\xe4\xbf\xa1"}]}'
)


class Store:
    """Answers every request with the same bytes, or drips them, or says nothing."""

    def __init__(self, answer: bytes, drip: float = 0.0) -> None:
        self.answer, self.drip = answer, drip
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/cn/lookup?bundleId=com.tencent.xin"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            sock, _ = self.listener.accept()
            with sock:
                self.requests.append(sock.recv(65_536))
                step = 1 if self.drip else max(1, len(self.answer))
                for start in range(0, len(self.answer), step):
                    sock.sendall(self.answer[start : start + step])
                    time.sleep(self.drip)
                if not self.answer:
                    sock.recv(1)  # silent until the client gives up
        except OSError:
            return  # the client gave up


@pytest.fixture
def stores() -> Iterator[list[Store]]:
    made: list[Store] = []
    yield made
    for store in made:
        store.listener.close()


def http(body: bytes, status: str = "200 OK", extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status.encode(), len(body), extra, body)


def test_the_newest_version_with_its_date(stores: list[Store]) -> None:
    stores.append(Store(http(ANSWER)))
    assert latest_ios(3, stores[0].url) == Latest(version="8.0.78", released="2026-09-21T08:00:00Z", minimum_os="14.0")
    request = stores[0].requests[0]
    assert request.startswith(b"GET /cn/lookup?bundleId=com.tencent.xin HTTP/1.1\r\n")
    assert b"Cookie" not in request


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
def test_any_other_answer_is_no_version(answer: bytes, failure: str, stores: list[Store]) -> None:
    stores.append(Store(answer))
    assert latest_ios(3, stores[0].url) == Latest(failure=failure)


@pytest.mark.parametrize(("answer", "drip"), [(b"", 0.0), (http(ANSWER), 0.1)])
def test_the_time_is_bounded_in_all(answer: bytes, drip: float, stores: list[Store]) -> None:
    stores.append(Store(answer, drip))
    began = time.monotonic()
    assert latest_ios(0.5, stores[0].url) == Latest(failure="generic_timeout_error")
    assert time.monotonic() - began < 0.8


def test_nobody_there() -> None:
    assert latest_ios(2, f"http://127.0.0.1:{free_port()}/").failure == "connection_refused"
