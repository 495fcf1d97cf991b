"""Stores to test with: SQLite always, and a real PostgreSQL server where Debian's package is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme

from diagnostics.cases import database
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreError, StoreLocation, location_of, new_id
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.evidence import Observation
from diagnostics.knowledge import Knowledge, load
from diagnostics.session import Session

ROOT = Path(__file__).parents[3]
TOLD = [Observation(id="account.teen_mode", value="on")]


def made(store: CaseStore, observations: list[Observation] = TOLD, *, id_: str = "", **options: Any) -> str:
    """Make a case; returns its id."""
    id_ = id_ or new_id()
    store.save(id_, observations, version=None, **options)
    return id_


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Let so many do this in the same moment; returns what came of it, errors too."""
    ready = threading.Barrier(count)

    def run(number: int) -> Any:
        ready.wait(60)
        try:
            return work(number)
        except StoreError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1_750_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the platform's own places out of the tests."""
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def place(tmp_path: Path) -> StoreLocation:
    return StoreLocation(file=tmp_path / "cases.db")


@pytest.fixture(scope="session")
def empty(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store without cases, to be copied: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "cases.db"
    open_store(knowledge, StoreLocation(file=path), journal=path.parent / "journal").dispose()
    return path


def copied(path: Path, place: StoreLocation) -> StoreLocation:
    """Put a copy of a store where another is to be."""
    place.file.touch(mode=0o600)
    shutil.copyfile(path, place.file)
    return place


@pytest.fixture
def desk(knowledge: Knowledge) -> Iterator[Callable[..., CaseStore]]:
    """Open stores, and let go of them at the end."""
    opened: list[CaseStore] = []

    def open_it(place: StoreLocation, **options: Any) -> CaseStore:
        opened.append(open_store(knowledge, place, **options))
        return opened[-1]

    yield open_it
    for one in opened:
        one.dispose()


@pytest.fixture
def store(desk: Callable[..., CaseStore], empty: Path, place: StoreLocation, clock: Clock) -> CaseStore:
    return desk(copied(empty, place), operator="小王", clock=clock)


@pytest.fixture
def other(desk: Callable[..., CaseStore], tmp_path: Path, clock: Clock) -> CaseStore:
    """Another desk's store."""
    return desk(StoreLocation(file=tmp_path / "other" / "cases.db"), operator="小李", clock=clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where journals lie."""
    return tmp_path / "journal"


@pytest.fixture
def run(knowledge: Knowledge, place: StoreLocation, folder: Path) -> Iterator[Callable[..., tuple[CaseFile, Session]]]:
    """Begin a run and return its case file and its session."""
    begun: list[CaseFile] = []

    def start(*answers: dict[str, Any], **options: Any) -> tuple[CaseFile, Session]:
        begun.append(CaseFile(knowledge, options.pop("place", place), folder=folder, operator="小王", **options))
        talk = Session(knowledge, draft=begun[-1])
        for told in answers:
            talk.answer(told)
        return begun[-1], talk

    yield start
    for file in begun:
        file.finish()


class Server:
    """A PostgreSQL server on a folder of its own: reached over its socket there, and over TLS from this computer."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None  # the server refuses to run as root
        self.databases = 0
        self.made = ""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.authority = trustme.CA()
        self.authority.cert_pem.write_to_path(folder / "authority.pem")
        issued = self.authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        (folder / "certificate.pem").write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
        (folder / "key.pem").chmod(0o600)
        for path in (folder, *folder.iterdir()) if self.user is not None else ():
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        uid, gid = (self.user.pw_uid, self.user.pw_gid) if self.user is not None else (None, None)
        done = subprocess.run(
            [str(self.programs / program), "-D", str(self.folder / "data"), *arguments], cwd="/", capture_output=True,
            text=True, timeout=180, check=False, user=uid, group=gid, extra_groups=None if uid is None else [],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout

    def control(self, *arguments: str) -> None:
        settings = {
            "listen_addresses": "localhost", "unix_socket_directories": self.folder, "ssl": "on",
            "ssl_cert_file": self.folder / "certificate.pem", "ssl_key_file": self.folder / "key.pem",
            "fsync": "off", "max_connections": 60, "shared_buffers": "32MB",
        }  # fmt: skip
        options = " ".join([f"-p {self.port}", *(f"-c {name}={value}" for name, value in settings.items())])
        self._run("pg_ctl", "-o", options, "-t", "120", "-l", str(self.folder / "log"), "-w", *arguments)

    def url(self, database: str) -> str:
        return f"postgresql://desk@/{database}?port={self.port}&host={self.folder}"

    def database(self, template: str = "template1") -> StoreLocation:
        """Make a database, an empty one or a copy, and return its place."""
        import psycopg

        self.databases += 1
        name = f"desk{self.databases}_{time.monotonic_ns()}"
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="desk", dbname="postgres", autocommit=True
        ) as link:
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return location_of(self.url(name))

    def store(self, knowledge: Knowledge) -> StoreLocation:
        """Make a database with the tables of a store, which are made once and copied."""
        if not self.made:
            place = self.database()
            open_store(knowledge, place, journal=self.folder / "journal").dispose()
            self.made = str(place.url).partition("@/")[2].partition("?")[0]
        return self.database(self.made)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="desk-", dir="/tmp"))
    made = Server(programs[-1].parent, folder)
    made.control("start")
    yield made
    made.control("stop", "-m", "immediate")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(
    request: pytest.FixtureRequest, knowledge: Knowledge, desk: Callable[..., CaseStore], empty: Path,
    place: StoreLocation, clock: Clock, monkeypatch: pytest.MonkeyPatch,
) -> CaseStore:  # fmt: skip
    """The same store in both databases; the server's clock is the tests'."""
    monkeypatch.setattr(
        database, "server_seconds", lambda connection: None if connection.dialect.name == "sqlite" else clock()
    )
    shared = request.param == "postgresql"
    where = request.getfixturevalue("server").store(knowledge) if shared else copied(empty, place)
    return desk(where, operator="小王", clock=clock)
