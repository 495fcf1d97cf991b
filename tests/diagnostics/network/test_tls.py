"""What is kept of a certificate, and which hosts it covers."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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


def read(der: bytes, folder: Path) -> tls.Certificate:
    file = folder / "certificate.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(der))
    fields = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]  # as `getpeercert` tells it
    seen = tls.read_certificate(fields)
    assert seen is not None
    return seen


def test_facts_are_those_of_the_certificate(tmp_path: Path) -> None:
    seen = read(
        made(
            "www.lab.test",
            [
                x509.DNSName("www.lab.test"),
                x509.DNSName("*.lab.test"),
                x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
                x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
            ],
        ),
        tmp_path,
    )
    assert seen.subject == "www.lab.test, Lab"
    assert seen.issuer == "Lab CA"
    assert seen.names == ("www.lab.test", "*.lab.test", "192.0.2.7", "2001:db8::7")
    assert seen.not_before == START.timestamp()
    assert seen.not_after == START.timestamp() + 90 * 86400


def test_a_certificate_of_its_own_and_a_far_end_date(tmp_path: Path) -> None:
    end = dt.datetime(2060, 1, 1, tzinfo=dt.UTC)  # from 2050 on the other form of time is used
    seen = read(made("微信.lab.test", [], issuer="", end=end), tmp_path)
    assert seen.issuer == seen.subject
    assert seen.not_after == end.timestamp()
    assert seen.subject.startswith("微信.lab.test")
    assert seen.names == ()  # a common name is no name of a host


def test_hostile_names_are_cleaned_and_bounded(tmp_path: Path) -> None:
    seen = read(made("a\x1b[31mb\u202ec" + "x" * 30, [x509.DNSName("n" * 40 + ".lab.test")] * 300), tmp_path)
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
