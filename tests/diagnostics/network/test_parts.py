"""Parts of a probe by themselves: targets, proxies, this computer's network, figures, the word for an error."""

import errno
import socket
import ssl
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.network import failures, local_network
from diagnostics.network.http import proxy_for
from diagnostics.network.measurements import Samples, figures
from diagnostics.network.targets import ESSENTIAL, built_in, parse_target
from tests.rows import each, rows


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("raised", "word"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "connection_refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection_reset"),
        (BrokenPipeError(errno.EPIPE, "x"), "connection_reset"),
        (OSError(errno.EHOSTUNREACH, "x"), "host_unreachable"),
        (OSError(errno.ENETUNREACH, "x"), "network_unreachable"),
        (OSError(errno.ENETDOWN, "x"), "network_down"),
        (OSError(errno.EINVAL, "connect through a blackhole route"), "network_unreachable"),
        (PermissionError(errno.EACCES, "x"), "host_unreachable"),
        (TimeoutError(), "generic_timeout_error"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns_nxdomain_error"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns_temporary_failure"),
        (socket.gaierror(socket.EAI_NODATA, "x"), "dns_no_answer"),
        (socket.gaierror(socket.EAI_FAIL, "x"), "dns_non_recoverable_failure"),
        (verification(10), "ssl_invalid_certificate"),
        (verification(9), "ssl_invalid_certificate"),
        (verification(62), "ssl_invalid_hostname"),
        (verification(20), "ssl_unknown_authority"),
        (verification(18), "ssl_unknown_authority"),
        (ssl.SSLEOFError(8, "EOF"), "eof_error"),
        (EOFError(), "eof_error"),
        (ssl.SSLError(1, "x"), "ssl_failed_handshake"),
        (OSError(errno.EMFILE, "x"), "unknown_failure: EMFILE"),
        (OSError("no number"), "unknown_failure: OSError: no number"),
        (KeyError("a\x1b[31m"), "unknown_failure: KeyError: 'a\\x1b[31m'"),
    ],
)
def test_each_exception_has_its_word(raised: BaseException, word: str) -> None:
    assert failures.classify(raised) == word
    assert word in failures.VOCABULARY or word.startswith(failures.UNKNOWN_PREFIX)


@pytest.mark.parametrize("row", rows("addresses.toml#proxies"), ids=str)
def test_a_proxy_is_what_the_variable_of_the_scheme_says(row, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    for name, value in row["env"].items():
        monkeypatch.setenv(name, value)
    found = proxy_for(parse_target(row["target"]))
    told = [part for part in (found.host, found.port, found.problem) if part is not None] if found else None
    assert told == row.get("proxy")


def test_a_password_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:se%40cret@proxy.lab.test:8080")
    found = proxy_for(parse_target("https://www.lab.test/"))
    assert found.shown == "http://proxy.lab.test:8080"
    assert found.fields == {"Proxy-Authorization": "Basic bWU6c2VAY3JldA=="}


@each("addresses.toml#targets", "text, scheme, host, port, path")
def test_a_url_names_a_target(text: str, scheme: str, host: str, port: int, path: str) -> None:
    target = parse_target(text)
    assert (target.scheme, target.host, target.port, target.path) == (scheme, host, port, path)
    assert parse_target(target.url) == target or target.path != "/"


@each("addresses.toml#no_targets", "text")
def test_what_is_no_target_is_told_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="target") as caught:
        parse_target(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    told = ""
    try:
        target = parse_target(text)
    except ValueError as wrong:
        told = str(wrong)
    else:
        assert target.host
        assert 1 <= target.port <= 65535
    assert told.isprintable()


def test_the_built_in_targets_serve_every_purpose() -> None:
    targets = built_in()
    purposes = [target.purpose for target in targets]
    assert set(purposes) == {*ESSENTIAL, "webank", "control"}
    assert all(purposes.count(purpose) >= 2 for purpose in set(purposes))
    assert all(target.public for target in targets)
    assert len({target.url for target in targets}) == len(targets)


def test_known_answers_hold_for_any_host() -> None:
    assert parse_target("http://any.lab.test/generate_204").expect.status == (204,)
    assert parse_target("http://any.lab.test/").expect.status == ()


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(local_network, "RESOLV_CONF", tmp_path / "resolv.conf")
    monkeypatch.setattr(local_network, "HOSTS", tmp_path / "hosts")
    monkeypatch.setattr(local_network, "PROC", tmp_path)
    return tmp_path


def test_nameservers_are_read_as_the_resolver_reads_them(etc: Path) -> None:
    (etc / "resolv.conf").write_text(
        "# nameserver 192.0.2.1\nnameserver 192.0.2.2\n nameserver\t2001:db8::1 \nnameserver\nnameserver junk\n"
        "nameserver fe80::1%eth0\nnameserver 192.0.2.3\nsearch lab.test\n"
    )
    assert local_network.nameservers() == ("192.0.2.2", "2001:db8::1", "fe80::1%eth0")


@pytest.mark.parametrize("text", [None, "", "search lab.test\n", "nameserver\n", "\xff\x00\x1b"])
def test_a_file_without_a_server_or_no_file_has_none(etc: Path, text: str | None) -> None:
    if text is not None:
        (etc / "resolv.conf").write_text(text, encoding="latin-1")
    assert local_network.nameservers() == ()
    assert local_network.hosts_file() == {}


def test_the_hosts_file_without_what_every_machine_has(etc: Path) -> None:
    (etc / "hosts").write_text(
        "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n203.0.113.5\tPay.Lab.Test  www.lab.test # x\n"
        "#203.0.113.6 off.lab.test\nnonsense here\n2001:db8::5 pay.lab.test\n"
    )
    assert local_network.hosts_file() == {
        "pay.lab.test": ("203.0.113.5", "2001:db8::5"),
        "www.lab.test": ("203.0.113.5",),
    }


def test_a_gateway_without_an_answer_is_silent(etc: Path) -> None:
    (etc / "route").write_text(
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
        "c0 00000000 020200C0 0003 0 0 0 00000000 0 0 0\nc0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n"
    )
    for row, silent in (
        ("192.0.2.2 0x1 0x0 00:00:00:00:00:00 * c0\n", True), ("192.0.2.2 0x1 0x2 3e:39:f2:c7:b9:34 * c0\n", False),
        ("", None),
    ):  # fmt: skip
        (etc / "arp").write_text("IP address HW type Flags HW address Mask Device\n" + row)
        seen = local_network.read_local_network()
        assert (seen.gateway, seen.gateway_silent) == ("192.0.2.2", silent)


def test_a_proxy_script_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_network.pac() == ""
    monkeypatch.setenv("auto_proxy", "http://wpad.lab.test/\x1b[2Jproxy.pac")
    assert local_network.pac() == "http://wpad.lab.test/\ufffd[2Jproxy.pac"


def taken(sent: int, *times: float) -> Samples:
    return Samples(sent=sent, times_ms=times, interval_ms=50, waiting_ms=900)


@pytest.mark.parametrize(
    ("times", "jitter"), [([10.0], None), ([10.0, 26.0], 1.0), ([10.0, 26.0, 10.0], 1.0 + 15 / 16), ([5.0] * 20, 0.0)]
)
def test_jitter_is_that_of_rfc_3550(times: list[float], jitter: float | None) -> None:
    assert figures(taken(20, *times)).jitter_ms == pytest.approx(jitter)


@pytest.mark.parametrize(
    ("lost", "sent", "low", "high"),
    [(0, 20, 0.0, 0.1611), (1, 20, 0.0089, 0.2361), (5, 20, 0.1119, 0.4687), (20, 20, 0.8389, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share_is_wilsons(lost: int, sent: int, low: float, high: float) -> None:
    told = figures(taken(sent, *[9.0] * (sent - lost)))
    assert (told.loss_low, told.loss_high) == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


def test_figures_of_a_series() -> None:
    told = figures(taken(5, 10.0, 12.0, 40.0, 11.0))
    assert (told.sent, told.lost, told.loss) == (5, 1, 0.2)
    assert (told.median_ms, told.worst_ms, told.worst_gap_ms) == (11.5, 40.0, 29.0)
