"""SQLite and PostgreSQL: engines, connection parameters, transactions, timeouts, and translation of their errors."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from diagnostics.addresses import shown
from diagnostics.cases.model import AtOnceError, StoreDamagedError, StoreError, StoreGoneError, StoreRefusedError
from diagnostics.files import private_folder
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.model import StoreLocation

STATEMENT: Final = 9.0
"""Client timeout for a statement in seconds; the server's own is shorter and gives a better error."""
PATIENT: Final = 3600.0
"""The same for migrations and VACUUM."""
_PING: Final = 2.0
"""The same for the liveness check before each use of a pooled connection."""


@cache
def _limited() -> Any:
    import psycopg

    class Limited(psycopg.Connection[Any]):
        """A connection that closes itself when a wait exceeds `limit`: its protocol state is unknown then."""

        limit = STATEMENT

        def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            """Wait for the server until the limit. Raises OperationalError."""
            return super().wait(_until(gen, time.monotonic() + self.limit, self), *arguments, **options)

    def _until(gen: Any, deadline: float, connection: Limited) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    connection.pgconn.finish()
                    raise psycopg.OperationalError("timeout expired")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    return Limited


_SQLITE_ERRORS: Final = {
    "SQLITE_CORRUPT": "damaged", "SQLITE_NOTADB": "no_store_file", "SQLITE_FULL": "disk_full", "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked", "SQLITE_READONLY": "read_only", "SQLITE_CANTOPEN": "not_opened",
    "SQLITE_PERM": "not_opened", "SQLITE_IOERR": "disk_errors", "SQLITE_CONSTRAINT": "at_once",
}  # fmt: skip
"""Our error key by the beginning of SQLite's error name."""
_SQLSTATES: Final = {
    "23505": "at_once", "40": "at_once",  # a deadlock, or changes that cannot be put in an order
    "42501": "no_right", "28": "login_refused", "3D000": "no_database", "3F000": "no_schema", "42P01": "no_tables",
    "42703": "no_tables", "25006": "read_only", "55P03": "locked_there", "55006": "locked_there", "57014": "too_slow",
    "25P03": "too_slow", "53100": "disk_full_there", "53200": "memory_full_there", "53300": "too_many_connections",
    "58030": "disk_errors_there", "57P": "going_down", "XX001": "damaged_there", "XX002": "damaged_there",
}  # fmt: skip
"""Our error key by the beginning of the SQLSTATE."""
_LOGIN: Final = {
    r"password authentication failed|authentication failed": "login_refused",
    r"no password supplied": "no_password",
    r"no pg_hba\.conf entry|pg_hba\.conf rejects": "not_let_in",
    r'role "[^"]*" does not exist|role "[^"]*" is not permitted': "login_refused",
    r'database "[^"]*" does not exist': "no_database",
    r"permission denied for database": "no_right",
    r"too many (?:clients|connections)|remaining connection slots": "too_many_connections",
    r"starting up|shutting down|in recovery": "going_down",
}
"""Our error key by the message of a failed login, for which libpq gives no SQLSTATE."""
_KINDS: Final[dict[str, type[StoreError]]] = {
    "damaged": StoreDamagedError, "no_store_file": StoreDamagedError, "at_once": AtOnceError,
    **dict.fromkeys(("no_right", "login_refused", "no_password", "not_let_in", "no_database", "no_schema", "no_tables"),
                    StoreRefusedError),
}  # fmt: skip
"""The class of an error key; StoreGoneError, which may be retried, for every other."""
_TLS: Final = {
    r"does not support SSL": "not_offered",
    r"does not match host name": "wrong_name",
    r"certificate|SSL error|SSL SYSCALL|sslrootcert": "untrusted",
}
_NO_ANSWER: Final = {
    r"[Cc]onnection refused|No such file or directory": "refused",
    r"timeout|timed out": "no_answer",
    r"resolve|translate host name|Name or service|nodename": "no_name",
    r"No route|unreachable": "no_route",
}


def translate(error: BaseException, place: StoreLocation) -> StoreError:
    """Return the error as one of ours; its class tells whether retrying makes sense."""
    if isinstance(error, PoolTimeout):
        return _fault("too_many_connections", place)
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(origin, OSError):
        return StoreGoneError("because", place.name, why=system_fault(origin))
    is_file = place.file is not None
    code = str(getattr(origin, "sqlite_errorname" if is_file else "sqlstate", None) or "")
    for begin, key in (_SQLITE_ERRORS if is_file else _SQLSTATES).items():
        if code.startswith(begin):
            return _fault(key, place)
    if not is_file and (not code or code.startswith("08")):
        import psycopg

        if isinstance(origin, (psycopg.OperationalError, psycopg.InterfaceError)):
            return _no_connection(origin, place)
    return StoreError("cases.refused", place.name, code=code or type(origin).__name__)


def _fault(key: str, place: StoreLocation, **facts: object) -> StoreError:
    return _KINDS.get(key, StoreGoneError)(f"cases.{key}", place.name, **facts)


def _no_connection(origin: BaseException, place: StoreLocation) -> StoreError:
    """Return why a connection failed or was lost."""
    said = str(origin)

    def first(patterns: dict[str, str]) -> str | None:
        return next((key for pattern, key in patterns.items() if re.search(pattern, said)), None)

    if key := first(_LOGIN):
        return _fault(key, place)
    if key := first(_TLS):
        return _fault("no_tls", place, why=UserError(f"away.{key}"))
    link = getattr(origin, "pgconn", None)
    if link is not None and (link.needs_password or link.used_password):  # the server speaks another language
        return _fault("login_refused" if link.used_password else "no_password", place)
    return _fault("away", place, why=UserError(f"away.{first(_NO_ANSWER) or 'lost'}"))


VERIFIED: Final = "verify-full"
MODES: Final = ("disable", "require", "verify-ca", VERIFIED)
"""Allowed values of `sslmode`. `allow` and `prefer` let the server decide, so they are refused."""
_SYSTEM_FROM: Final = 160_000
"""First libpq version with `sslrootcert=system` (the trust store of this computer)."""


def parameters(url: str) -> dict[str, str]:
    """Return the connection parameters. Raises StoreError for an address that libpq does not accept."""
    try:
        from psycopg import Error, pq
    except ImportError:
        raise StoreError("cases.no_driver") from None
    try:
        given = _options(pq.Conninfo.parse(url.encode()))
        surroundings = _options(pq.Conninfo.get_defaults())
    except (Error, UnicodeError):  # its message repeats parts of the address
        raise StoreError("cases.not_an_address", shown(url)) from None
    if is_local({**surroundings, **given}):
        return given
    mode = given.get("sslmode", VERIFIED)
    if mode not in MODES:
        raise StoreError("cases.no_tls_mode", shown(url), mode=mode, known=", ".join(MODES))
    given["sslmode"] = mode
    if mode == VERIFIED:
        given["gssencmode"] = "disable"  # or Kerberos would take the place of the certificate
        root = given.get("sslrootcert") or surroundings.get("sslrootcert")
        if root is None and pq.version() >= _SYSTEM_FROM and not _own_authorities().exists():
            given["sslrootcert"] = "system"
    return given


def is_local(effective: dict[str, str]) -> bool:
    """Whether every server that these parameters can lead to is on this computer.

    A service's file can name any server, and `hostaddr` is what is connected to where both stand there.
    """
    if effective.get("service"):
        return False
    hosts = (effective.get("hostaddr") or effective.get("host") or "").split(",")
    # a socket, libpq's own place where none is named (on Windows localhost), or this computer's own addresses
    return all(host.startswith(("/", "@")) or host.lower() in ("", "localhost") or _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _own_authorities() -> Path:
    """Return libpq's default path of the root certificates."""
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "postgresql" / "root.crt"
    return Path.home() / ".postgresql" / "root.crt"


def _options(options: Any) -> dict[str, str]:
    return {option.keyword.decode(): option.val.decode() for option in options if option.val}


BUSY_SECONDS: Final = 5.0
"""Seconds that a write waits for a lock of another process."""
_CONNECT_SECONDS: Final = 3
_STATEMENT_MS: Final = 8_000
_BRIEFLY_MS: Final = 2_000
"""The same for cleaning up."""
_BEGIN: Final = "weilidai_begin"
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)


def _sqlite(path: Path) -> Engine:
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        _own(path)
    except OSError as error:
        raise StoreGoneError("because", str(path), why=system_fault(error)) from None
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=os.path.abspath(path)),  # noqa: PTH100  from parts: a `?` is no query
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says so, and nowhere else
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        opened = next(row[2] for row in cursor.execute("PRAGMA database_list") if row[1] == "main")
        cursor.close()
        if not opened or not path.samefile(opened):
            raise StoreError("cases.another_file", str(path))
        _own(path)  # SQLite recreates a file that was removed meanwhile, with the umask's mode

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if begins := connection.get_execution_options().get(_BEGIN):
            connection.exec_driver_sql(begins)

    return engine


def _own(path: Path) -> None:
    """Make a regular file readable by its owner only; a device file is left alone."""
    mode = path.stat().st_mode
    if os.name == "posix" and stat.S_ISREG(mode) and mode & 0o077:
        path.chmod(0o600)


def _postgresql(url: str) -> Engine:
    arguments: dict[str, Any] = {
        **parameters(url),
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "weilidai-doctor",
        "keepalives_idle": 10,
        "tcp_user_timeout": _STATEMENT_MS,
        "options": f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={int(BUSY_SECONDS * 1000)} "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
    }
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: _limited().connect(**arguments), pool_pre_ping=True, pool_size=5,
        pool_timeout=_CONNECT_SECONDS,
    )  # fmt: skip

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.limit = STATEMENT

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.limit = _PING

    return engine


_CHECKED_BYTES: Final = 32 * 1024 * 1024
"""Files up to this size are checked when opened (0.1 s), larger ones only after an error."""


class Database:
    """The connections to one store, and its transactions.

    Errors of the drivers are raised as StoreError and its subclasses.
    """

    def __init__(self, place: StoreLocation) -> None:
        """Create the engine; connections are opened on use. Raises StoreError."""
        self.place = place
        self.engine = _sqlite(place.file) if place.file is not None else _postgresql(place.url or "")

    def dispose(self) -> None:
        """Close every connection; SQLite checkpoints the log when the last one closes."""
        self.engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a read transaction."""
        with self._faults(), self._connection("BEGIN") as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self, *, patient: bool = False) -> Iterator[Connection]:
        """Run a write transaction; a `patient` one has no statement timeout."""
        with self._faults(), self._connection("BEGIN IMMEDIATE") as connection, connection.begin():
            if patient and not is_sqlite(connection):
                _be_patient(connection, "SET LOCAL statement_timeout = 0")
            yield connection

    @contextlib.contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """Yield an autocommit connection for long statements outside transactions, with a short lock timeout."""
        with self._faults(), self._connection("") as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                if is_sqlite(connection):
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={_BRIEFLY_MS}")
                else:
                    _be_patient(connection, f"SET statement_timeout = 0; SET lock_timeout = {_BRIEFLY_MS}")
                yield connection
            finally:
                connection.invalidate()  # its timeouts differ from those of the pool

    def check(self) -> None:
        """Check the integrity of a store that is a file. Raises StoreDamagedError."""
        file = self.place.file
        if file is None:
            return
        if suspect(file).exists():
            raise StoreDamagedError("cases.erred", self.place.name)
        if file.stat().st_size <= _CHECKED_BYTES:
            with self.reading() as connection:
                if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                    raise StoreDamagedError("cases.damaged", self.place.name)

    def _connection(self, begins: str) -> Connection:
        return self.engine.connect().execution_options(**{_BEGIN: begins})

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            fault = translate(error, self.place)
            if isinstance(fault, StoreDamagedError) and self.place.file is not None:
                with contextlib.suppress(OSError):
                    suspect(self.place.file).touch(mode=0o600)
            raise fault from None


def _be_patient(connection: Connection, setting: str) -> None:
    connection.connection.driver_connection.limit = PATIENT  # type: ignore[union-attr]
    connection.exec_driver_sql(setting)


def is_sqlite(connection: Connection) -> bool:
    """Whether this is SQLite, else it is PostgreSQL."""
    return connection.dialect.name == "sqlite"


def lock_by_key(connection: Connection, key: int) -> None:
    """Take PostgreSQL's advisory lock for this transaction; in SQLite writers exclude each other anyway."""
    if not is_sqlite(connection):
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def server_seconds(connection: Connection) -> float | None:
    """Return the server's time in seconds since 1970; None for SQLite."""
    if is_sqlite(connection):
        return None
    return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())


def suspect(path: Path) -> Path:
    """Return the path of the marker that makes the next start repair this file."""
    return path.with_name(f"{path.name}.suspect")
