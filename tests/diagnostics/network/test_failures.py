"""Exceptions of the standard library, and the one word each has."""

import errno
import socket
import ssl

import pytest

from diagnostics.network import failures


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


def test_a_message_from_outside_stays_on_one_clean_line() -> None:
    word = failures.unknown("bad\x1b]0;owned\x07\nline" + "x" * 1000)
    assert word.isprintable()
    assert len(word) < 200
