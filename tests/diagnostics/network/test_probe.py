"""Probing against live servers on loopback: time, threads and sockets, hostile answers."""

import os
import resource
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from diagnostics.network import diagnosis, http
from diagnostics.network.deadline import Deadline
from diagnostics.network.measurements import NetworkMeasurement
from diagnostics.network.probe import Limits, probe
from diagnostics.network.targets import parse_target
from tests.lab.net import servers
from tests.lab.net.servers import Here

NO_SAMPLES = Limits(samples=0)
PATIENCE = 30.0
assert http.MAX_BODY == 65536  # and loaded before any clock runs


@pytest.fixture
def hole() -> Iterator[int]:
    """A port whose queue is full: a SYN gets no answer, as behind a filter that drops."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        filling = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(server.getsockname())
            filling.append(one)
        yield server.getsockname()[1]
        for one in filling:
            one.close()


def run(
    *urls: str, seconds: float = 10.0, limits: Limits = NO_SAMPLES, cancelled: threading.Event | None = None
) -> NetworkMeasurement:
    targets = [parse_target(url) for url in urls]
    return probe(targets, deadline=Deadline(seconds, cancelled), limits=limits)


def own_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith(("probe ", "sample ", "getaddrinfo"))]


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208


def settle() -> None:
    due = time.monotonic() + PATIENCE
    while own_threads() and time.monotonic() < due:
        threading.Event().wait(0.01)


def test_the_whole_ends_at_its_deadline_and_tells_what_it_saw(hole: int, here: Here) -> None:
    fine = here.serve(servers.http())
    run(f"http://127.0.0.1:{fine}/")  # everything is loaded now
    began = time.monotonic()
    seen = run(f"http://127.0.0.1:{fine}/", f"http://127.0.0.1:{hole}/", seconds=2.5)
    assert time.monotonic() - began < 2.5 + 2
    good, bad = diagnosis.diagnose(seen).targets
    assert good.reached is True
    assert bad.reached is False
    assert bad.findings[0].code == "tcp.timeout"
    assert bad.attempts[-1].unfinished == "connect"


def test_nothing_is_left_after_many_runs(here: Here) -> None:
    fine = here.serve(servers.http())
    refused = "http://127.0.0.1:1/"
    limits = Limits(samples=3, attempts=1)
    run(f"http://127.0.0.1:{fine}/", refused, limits=limits)
    settle()
    before = open_files()
    for _ in range(12):
        run(f"http://localhost:{fine}/", refused, limits=limits)
    settle()
    assert own_threads() == []
    due = time.monotonic() + PATIENCE
    while open_files() > before + 2:  # the server's ends are in this process too, and are closed by its own threads
        assert time.monotonic() < due
        time.sleep(0.01)


HOSTILE = {
    "endless header": (servers.endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "http.bad_reply"),
    "endless headers": (servers.endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: y\r\n" * 500), "http.bad_reply"),
    "endless body": (servers.endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), "ok"),
    "endless chunks": (servers.endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                       b"1000\r\n" + b"x" * 4096 + b"\r\n"), "ok"),
    # newer Pythons end a row of 100s themselves
    "endless 100": (servers.endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "http.timeout http.bad_reply"),
    "gzip bomb": (servers.raw(servers.bomb(20_000_000)), "ok"),
    "long location": (servers.http("302 Found", b"", Location="/" + "a" * 60_000), "http.redirect_loop"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_take_bounded_time_and_memory(name: str, here: Here) -> None:
    handle, code = HOSTILE[name]
    port = here.serve(handle)
    limits = Limits(samples=0, attempts=1, http=1.5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    outcome = diagnosis.diagnose(run(f"http://127.0.0.1:{port}/", limits=limits))
    assert outcome.verdict in code.split()
    assert time.monotonic() - began < 9  # the deadline is 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KiB


def test_a_million_redirects_end_after_ten(here: Here) -> None:
    counted = iter(range(10**6))

    def onward(connection: socket.socket) -> None:
        servers.http("302 Found", b"", Location=f"/{next(counted)}")(connection)

    port = here.serve(onward)
    seen = run(f"http://127.0.0.1:{port}/")
    assert len(seen.targets[0].attempts[0].exchanges) == 10
    assert diagnosis.diagnose(seen).verdict == "http.redirect_loop"


def test_a_redirect_to_another_site_is_not_followed(here: Here) -> None:
    asked: list[bytes] = []

    def other(connection: socket.socket) -> None:
        asked.append(servers.read_head(connection))

    aim = f"http://localhost:{here.serve(other)}/inside"
    port = here.serve(servers.http("301 Moved Permanently", b"", Location=aim))
    outcome = diagnosis.diagnose(run(f"http://127.0.0.1:{port}/"))
    assert outcome.verdict == "ok"
    assert asked == []


def test_text_from_outside_is_clean_wherever_it_stands(here: Here) -> None:
    hostile = (
        b"HTTP/1.1 302 \x1b]0;owned\x07\r\nLocation: http://\x1b[2J.test/\r\n"
        b"Content-Type: \x1b[31m\x9b\r\nContent-Length: 0\r\n\r\n"
    )
    seen = run(f"http://127.0.0.1:{here.serve(servers.raw(hostile))}/")
    told = repr(seen) + repr(diagnosis.diagnose(seen))
    assert "\x1b" not in told
    assert "\\x1b" not in told
    assert "\\x9b" not in told
