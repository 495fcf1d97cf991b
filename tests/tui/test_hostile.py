"""Hostile text from a phone, a certificate, a case and a file name, through every front, as a terminal gets it."""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import trustme

from tests.diagnostics.cases.test_bundle import STAMP, bundled, case
from tests.headless.doctor import inside
from tests.lab.phone import describe
from tests.lab.phone.real_server import RealServer
from tests.lab.tcp import TcpServer
from tests.tui.terminal import Terminal

BAD: Final = "A\x1b]52;c;QUFB\x1b\\B\x1b[77;77HC\x9b31mD\u202eE\u2066F[/x][a=b]"
DRIVES: Final = re.compile(
    rb"\x1b\](?!22;)|\x1b\[77;77H|[\x0e\x0f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
)
"""What would drive a terminal: an OSC (the pointer's shape is Textual's own), the payload's cursor move, shifts, and C1
controls and overrides as UTF-8."""


def ran(folder: Path, *args: str, shows: str, env: dict[str, str] | None = None) -> None:
    """A command on a terminal: it writes no control sequence at all."""
    with Terminal(folder, *args, size=(100, 40), **(env or {})) as terminal:
        terminal.end()
        assert shows in terminal.raw.decode(), terminal.text()
        assert b"\x1b" not in terminal.raw
        assert not DRIVES.search(terminal.raw)


@contextmanager
def app(folder: Path, *args: str, env: dict[str, str] | None = None) -> Iterator[Terminal]:
    """The app at its first question; afterwards what it wrote is searched."""
    with Terminal(folder, "--lang", "en", *args, size=(100, 40), **(env or {})) as terminal:
        terminal.wait("Tell it")
        terminal.type("\t", "2")
        if "--on-behalf" in args:
            terminal.wait("A new case")
            terminal.type("\r").wait("agree")
            terminal.type("2")
        terminal.wait("Your situation")
        yield terminal
        terminal.type("\x03").end()
        assert [terminal.raw[one.start() - 20 : one.end() + 40] for one in DRIVES.finditer(terminal.raw)] == []


def test_a_phone(tmp_path: Path) -> None:
    with RealServer(tmp_path) as server, describe.phone("hostile") as phone:
        server.attach(phone.port, "device")
        env = {"ANDROID_ADB_SERVER_PORT": str(server.port)}
        only = ("-v", "--only", "phone.android", "--device", phone.serial)
        ran(tmp_path, "check", "--lang", "en", *only, shows="8.0.49", env=env)
        with app(tmp_path, *only, env=env) as terminal:
            terminal.wait("1 done")
            terminal.send("c").wait("Checks on this computer", "8.0.49")
            terminal.send_and_see("\x1b")  # a key sent at once after Esc would be one with Alt
            terminal.rest()
            terminal.send_and_see("a")
            terminal.wait("8.0.49")


@pytest.fixture
def hostile_https() -> Iterator[str]:
    """Shows a certificate whose names are full of control characters."""
    authority = trustme.CA(organization_name=BAD)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(common_name=BAD, organization_name=BAD).configure_cert(context)

    def serve(peer: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(peer, server_side=True) as secured:
            secured.recv(1)

    with TcpServer(serve) as server:
        yield f"https://127.0.0.1:{server.port}/"


def test_a_certificate(tmp_path: Path, hostile_https: str) -> None:
    asked = ("-v", "--only", "network.reachability", "--target", hostile_https, "--timeout", "10")
    ran(tmp_path, "check", "--lang", "en", *asked, shows="127.0.0.1")
    with app(tmp_path, *asked) as terminal:
        terminal.wait("1 done")
        terminal.send("c").wait("Checks on this computer", "127.0.0.1")


@pytest.fixture
def hostile_http() -> Iterator[str]:
    """Answers every request with a reason and headers full of control characters."""
    bad = BAD.encode()
    reply = (b"HTTP/1.1 302 " + bad + b"\r\nLocation: http://portal.invalid/" + bad + b"\r\nServer: " + bad
             + b"\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")  # fmt: skip

    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(reply)

    with TcpServer(serve) as server:
        yield f"http://127.0.0.1:{server.port}/"


def test_a_page_an_answer_a_version_and_what_is_pasted(tmp_path: Path, hostile_http: str) -> None:
    given = tmp_path / "answers.json"
    given.write_text(json.dumps({"answers": {"os.version": BAD, "network.same_network": "yes"}}))
    asked = ("--only", "network.reachability", "--only", "wechat.version", "--target", hostile_http, "-v")
    with app(tmp_path, *asked, "--wechat-version", BAD, "--answers", str(given)) as terminal:
        terminal.wait("2 done")
        for key, shows in (("a", "]52;c;QUFB"), ("\x1b", "Your situation"), ("c", "Checks on this computer"),
                           ("\x1b", "Your situation"), ("w", "Save or copy")):  # fmt: skip
            terminal.rest().type(key)
            terminal.wait(shows)
        terminal.send_and_see("\t")
        terminal.send("\x1b[200~" + BAD.replace("\x1b", "\x0e") + "\x1b[201~").wait("]52;c;QUFB")


def bundle(folder: Path) -> Path:
    """Write an export of one case with hostile text wherever a text may stand."""
    seen = [{"id": "person.age", "value": 35}, {"id": "os.version", "value": BAD, "source": "file", "detail": BAD}]
    notes = [{"id": "a1", "at": STAMP, "operator": BAD, "text": BAD}]
    hostile = case(1, 5, id="t1abcdefgh", label=BAD, tags=[BAD], notes=notes, observations=seen)
    path = folder / "bundle.jsonl"
    path.write_text("".join(bundled([hostile])), encoding="utf-8")
    return path


def test_a_case_that_came_from_elsewhere(tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "cases.db"))
    assert inside("cases", "import", str(bundle(tmp_path)), *store).code == 0
    ran(tmp_path, "cases", "list", *store, "--lang", "en", shows="52;c;QUFB")
    ran(tmp_path, "cases", "show", "t1abcdefgh", *store, "--lang", "en", shows="52;c;QUFB")
    with app(tmp_path, "--on-behalf", "--offline", "--device", "none", *store) as terminal:
        terminal.type("\x1bOR").wait("52;c;QUFB")
        terminal.rest().type("\x1b[B", "\x1b[B", "\r")
        terminal.wait("Try these", "52;c;QUFB")
        terminal.type("\x1b[F").wait("Notes")


def test_a_file_name(tmp_path: Path) -> None:
    answers = tmp_path / BAD.replace("/", "|")
    answers.write_text("{", encoding="utf-8")
    ran(tmp_path, "check", "--lang", "en", "--answers", str(answers), shows="52;c;QUFB")
    ran(tmp_path, "ask", "--lang", "en", "--answers", f"{answers}.none", shows="52;c;QUFB")
    ran(tmp_path, "--lang", "en", "--answers", str(answers), shows="52;c;QUFB")
