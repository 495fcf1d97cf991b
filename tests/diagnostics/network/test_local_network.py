"""What the system's files say, the odd ones included."""

from pathlib import Path

import pytest

from diagnostics.network import local_network


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


@pytest.mark.parametrize("text", ["", "search lab.test\n", "nameserver\n", "\xff\x00\x1b"])
def test_a_file_without_a_server_has_none(etc: Path, text: str) -> None:
    (etc / "resolv.conf").write_text(text, encoding="latin-1")
    assert local_network.nameservers() == ()


def test_a_missing_file_is_an_empty_one(etc: Path) -> None:
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
    head = "IP address HW type Flags HW address Mask Device\n"
    (etc / "arp").write_text(head + "192.0.2.2 0x1 0x0 00:00:00:00:00:00 * c0\n")
    assert (local_network.read_local_network().gateway, local_network.read_local_network().gateway_silent) == (
        "192.0.2.2",
        True,
    )
    (etc / "arp").write_text(head + "192.0.2.2 0x1 0x2 3e:39:f2:c7:b9:34 * c0\n")
    assert local_network.read_local_network().gateway_silent is False
    (etc / "arp").write_text(head)
    assert local_network.read_local_network().gateway_silent is None


def test_a_proxy_script_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("auto_proxy", raising=False)
    monkeypatch.delenv("AUTO_PROXY", raising=False)
    assert local_network.pac() == ""
    monkeypatch.setenv("auto_proxy", "http://wpad.lab.test/\x1b[2Jproxy.pac")
    assert local_network.pac() == "http://wpad.lab.test/\ufffd[2Jproxy.pac"
