"""The DER reader against certificates that a dependable library made, and against rubbish."""

import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.network import tls

KEY = ec.derive_private_key(2024, ec.SECP256R1())  # the same bytes in every run, so that what breaks can be seen again
START = dt.datetime(2024, 3, 1, 12, 30, 15, tzinfo=dt.UTC)


def made(
    common: str, names: list[x509.GeneralName], *, issuer: str = "Lab CA", end: dt.datetime | None = None
) -> bytes:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer else subject)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(end or START + dt.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(KEY, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(serialization.Encoding.DER)


def test_facts_are_those_of_the_certificate() -> None:
    seen = tls.read_certificate(
        made(
            "www.lab.test",
            [
                x509.DNSName("www.lab.test"),
                x509.DNSName("*.lab.test"),
                x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
                x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
            ],
        )
    )
    assert seen.subject == "www.lab.test, Lab"
    assert seen.issuer == "Lab CA"
    assert seen.names == ("www.lab.test", "*.lab.test", "192.0.2.7", "2001:db8::7")
    assert seen.not_before == START.timestamp()
    assert seen.not_after == START.timestamp() + 90 * 86400


def test_a_certificate_of_its_own_and_a_far_end_date() -> None:
    end = dt.datetime(2060, 1, 1, tzinfo=dt.UTC)  # from 2050 on the other form of time is used
    seen = tls.read_certificate(made("微信.lab.test", [], issuer="", end=end))
    assert seen.issuer == seen.subject
    assert seen.not_after == end.timestamp()
    assert seen.subject.startswith("微信.lab.test")
    assert seen.names == ()  # a common name is no name of a host


def test_hostile_names_are_cleaned_and_bounded() -> None:
    seen = tls.read_certificate(made("a\x1b[31mb\u202ec" + "x" * 30, [x509.DNSName("n" * 40 + ".lab.test")] * 300))
    assert seen.subject.isprintable()
    assert "\x1b" not in seen.subject
    assert "\u202e" not in seen.subject
    assert len(seen.names) == tls.MAX_NAMES


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (("www.lab.test",), "www.lab.test", True),
        (("WWW.Lab.Test",), "www.lab.test", True),
        (("*.lab.test",), "www.lab.test", True),
        (("*.lab.test",), "a.b.lab.test", False),
        (("*.lab.test",), "lab.test", False),
        (("*",), "lab", False),
        (("*.*.test",), "a.lab.test", False),
        (("192.0.2.7",), "192.0.2.7", True),
        ((), "www.lab.test", False),
    ],
)
def test_names_cover_hosts_as_the_rules_say(names: tuple[str, ...], host: str, covered: bool) -> None:
    facts = tls.Certificate(subject="", issuer="", names=names)
    assert tls.covers(facts, host) is covered


GOOD = made("www.lab.test", [x509.DNSName("www.lab.test")])


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6))
def test_damage_raises_value_error_and_nothing_else(at: int, bytes_: bytes) -> None:
    damaged = GOOD[:at] + bytes_ + GOOD[at + len(bytes_) :]
    for der in (damaged, GOOD[:at], bytes_ * 3000):
        try:
            seen = tls.read_certificate(der)
        except ValueError:
            continue
        assert len(seen.subject) <= 201
        assert len(seen.names) <= tls.MAX_NAMES


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        tls.read_certificate(b"\x30" * 100_000)
