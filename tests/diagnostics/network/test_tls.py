"""What is kept of a certificate, which hosts it covers, and whom this computer trusts."""

import pytest

from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.network import tls
from tests.rows import each

Names = tuple[tuple[tuple[str, str], ...], ...]


def name(common: str, *more: tuple[str, str]) -> Names:
    return (*((one,) for one in more), (("commonName", common),))


def read(subject: Names, *names: tuple[str, str], end: str = "May 30 12:30:15 2024 GMT") -> tls.Certificate:
    """Read a certificate in the form in which the standard library tells it."""
    return tls.read_certificate({
        "subject": subject, "issuer": name("Lab CA"), "subjectAltName": names,
        "notBefore": "Mar  1 12:30:15 2024 GMT", "notAfter": end,
    })  # fmt: skip


def test_facts_are_those_of_the_certificate() -> None:
    addresses = ("IP Address", "192.0.2.7"), ("IP Address", "2001:DB8:0:0:0:0:0:7")
    names = ("DNS", "www.lab.test"), ("DNS", "*.lab.test"), *addresses, ("IP Address", "<invalid>"), ("email", "a@b")
    seen = read(name("www.lab.test", ("organizationName", "Lab"), ("countryName", "CN")), *names)
    assert seen.subject == "www.lab.test, Lab"
    assert seen.issuer == "Lab CA"
    assert seen.names == ("www.lab.test", "*.lab.test", "192.0.2.7", "2001:db8::7")
    assert (seen.not_before, seen.not_after) == (1709296215.0, 1709296215.0 + 90 * 86400)
    assert tls.read_certificate({}) is None


def test_a_far_end_date_and_no_alternative_name() -> None:
    seen = read(name("微信.lab.test"), end="Jan  1 00:00:00 2060 GMT")
    assert seen.not_after == 2840140800.0
    assert seen.names == ()  # a common name is no name of a host


def test_hostile_names_are_cleaned_and_bounded() -> None:
    seen = read(name("a\x1b[31mb\u202ec" + "x" * 300), *[("DNS", "n" * 40 + ".lab.test")] * 300)
    assert seen.subject.isprintable()
    assert "\x1b" not in seen.subject
    assert "\u202e" not in seen.subject
    assert len(seen.subject) <= 200
    assert len(seen.names) == tls.MAX_NAMES


@each("addresses.toml#certificates", "names, host, covered")
def test_names_cover_hosts_as_the_rules_say(names: list[str], host: str, covered: bool) -> None:
    assert tls.covers(tls.Certificate(subject="", issuer="", names=tuple(names)), host) is covered


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such/file", "没有这个文件或目录"),
        ("SSL_CERT_FILE", __file__, "里面没有证书"),
        ("SSL_CERT_DIR", "/no/such/folder", "没有这个目录"),
    ],
)
def test_a_bundle_that_cannot_be_used_is_named_with_its_place(monkeypatch, variable, value, says) -> None:
    assert tls.ca_problem() is None
    monkeypatch.setenv(variable, value)
    problem = tls.ca_problem()
    assert Texts(load(), "zh").render(problem) == f"{variable}={value}: {says}"
