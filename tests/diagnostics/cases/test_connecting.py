"""Where a connection leads and how, decided from what the driver will use: a password goes to nobody unproved."""

import contextlib
import socketserver
import threading
from pathlib import Path

import pytest

from diagnostics.cases.database import VERIFIED, Database, is_local, parameters
from diagnostics.cases.model import StoreError, StoreGoneError, StoreLocation, location_of
from tests.rows import rows

pytest.importorskip("psycopg")
STORES = rows("addresses.toml#stores")
LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGPORT")


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in LIBPQ:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("url", STORES["away"])
def test_what_leads_away_is_verified_and_the_environment_is_a_part_of_it(url: str, monkeypatch, tmp_path) -> None:
    (tmp_path / "services").write_text("[team]\nhostaddr=192.0.2.1\nsslmode=disable\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    address, _, surroundings = url.partition(" ")
    if surroundings:
        monkeypatch.setenv(*surroundings.split("=", 1))
    assert parameters(address)["sslmode"] == VERIFIED


@pytest.mark.parametrize("url", STORES["here"])
def test_what_stays_on_this_computer_is_left_as_it_is(url: str) -> None:
    assert "sslmode" not in parameters(url)
    for host in ("localhost.example", "127.1", "0", "0x7f000001", "::ffff:192.0.2.1", "localhost,db.example"):
        assert not is_local({"host": host})


def test_the_authority_and_the_way_out_are_written_in_the_address(tmp_path: Path) -> None:
    assert parameters("postgresql://db.example/d")["sslrootcert"] == "system"
    assert parameters("postgresql://db.example/d?sslrootcert=/etc/ca.pem")["sslrootcert"] == "/etc/ca.pem"
    for mode in ("disable", "require", "verify-ca"):
        assert parameters(f"postgresql://db.example/d?sslmode={mode}")["sslmode"] == mode
    for mode in ("allow", "prefer"):
        with pytest.raises(StoreError, match="lets the server decide"):
            parameters(f"postgresql://db.example/d?sslmode={mode}")
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text("")
    assert "sslrootcert" not in parameters("postgresql://db.example/d")


class Declining(socketserver.BaseRequestHandler):
    """A server that has no TLS and writes down whatever comes after."""

    heard = b""

    def handle(self) -> None:
        self.request.settimeout(3)
        with contextlib.suppress(OSError):
            first = self.request.recv(1024)
            if first[4:8] == b"\x04\xd2\x16/":  # SSLRequest
                self.request.sendall(b"N")
                first = self.request.recv(1024)
            Declining.heard += first
            if first:
                self.request.sendall(b"R\0\0\0\x08\0\0\0\x03")  # the password, please, in clear
                Declining.heard += self.request.recv(1024)


@pytest.fixture
def declining() -> int:
    """Return the port of that server."""
    Declining.heard = b""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Declining) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_server_that_declines_tls_never_hears_the_password(declining, monkeypatch, tmp_path, desk) -> None:
    (tmp_path / "services").write_text(f"[team]\nhost=127.0.0.1\nport={declining}\nuser=desk\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv("PGPASSWORD", "S3CRET")
    with pytest.raises(StoreGoneError, match="no verified TLS") as told:
        desk(location_of("postgresql:///d?service=team"))
    assert Declining.heard == b""
    assert "S3CRET" not in str(told.value)
    # the way out that is written down is one, so that this test hears what it looks for
    with pytest.raises(StoreError):
        desk(location_of("postgresql:///d?service=team&sslmode=disable"))
    assert b"S3CRET" in Declining.heard


def test_a_real_server_with_a_certificate_of_another_name_or_authority_is_refused(
    desk, server, tmp_path, monkeypatch
) -> None:
    """Asked over TLS by way of a service, which is never taken for local."""
    (tmp_path / "services").write_text("[team]\nuser=desk\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    name = str(server.database().url).partition("@/")[2].partition("?")[0]
    base = f"postgresql://desk@localhost:{server.port}/{name}?service=team"
    trusting = f"{base}&sslrootcert={server.folder / 'authority.pem'}"
    assert desk(location_of(trusting)).count() == 0
    for wrong in (trusting.replace("localhost", "127.0.0.1"), base):
        with pytest.raises(StoreGoneError, match="no verified TLS"):
            desk(location_of(wrong))


@pytest.mark.parametrize("password", ["SECRET%zz", "SEC RET", "SEC@RET/x", "SEC/RET", "SEC?RET"])
def test_what_libpq_says_of_an_address_is_not_repeated(password, monkeypatch) -> None:
    monkeypatch.setenv("WEILIDAI_DOCTOR_STORE", f"postgresql://u:{password}@h.example/d")
    with pytest.raises(StoreError) as told:
        Database(location_of())
    assert "SEC" not in str(told.value)
    assert "RET" not in str(told.value)


@pytest.mark.parametrize(
    "name", ["my?cases.db", "my#cases.db", "my%20cases.db", "a b;c.db", ":memory:", "file:x?mode=rw"]
)
def test_the_file_that_is_open_is_the_one_that_was_named(desk, tmp_path, name, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = desk(location_of(name))
    store.save("0123456789ab", [], version=None)
    store.dispose()
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} - {"cases.key"} == {name}
    assert (tmp_path / name).stat().st_size > 4096
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_file_that_went_away_meanwhile_comes_back_for_its_owner_alone(tmp_path) -> None:
    where = StoreLocation(file=tmp_path / "cases.db")
    base = Database(where)
    (tmp_path / "cases.db").unlink()
    with base.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    assert (tmp_path / "cases.db").stat().st_mode & 0o777 == 0o600
    base.dispose()
