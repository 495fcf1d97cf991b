"""Damage to inputs, the same for the same seed: what editors, transfers, programs and ill will do to a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

TOKENS: Final = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\n", b"\t", b"\x1b[2J", b"\x1b]52;c;QQ\x07", b"\x85",
    "\u202e".encode(), "\u200b".encode(), "\u2028".encode(), "微粒贷".encode(), "²".encode(), "１８".encode(),
    "٣".encode(), b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"', b"'", b"\\", b"#", b"{", b"}", b"[", b"]", b"[[",
    b"]]", b",", b":", b"=", b".", b"-", b"null", b"true", b"NaN", b"Infinity", b"1e999", b"-1", b"0", b"9" * 60,
    b"0x", b"1_0", b"unknown", b"none", b"[" * 500, b'{"a":' * 100, b'"answers"', b'"schema"', b'"id"', b"person.age",
    b"=HYPERLINK(", b"<script>", b"{0}", b"{near}", b"%s", b"$(reboot)", b"../../etc/passwd", b"A" * 5000,
)  # fmt: skip
"""What breaks readers of JSON, TOML and version texts."""


def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Take one of the seeds and damage it in one to four ways; now and then it stays whole, or is noise alone."""
    chance = rng.random()
    if chance < 0.02:
        return rng.randbytes(rng.randrange(200))
    data = rng.choice(seeds)
    if chance < 0.07:
        return data
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        data = _damage(rng, data, seeds)
    return data[:200_000]


def _damage(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
    way = rng.randrange(9)
    if way == 0:
        return data[:start]
    if way == 1:
        return data[:start] + data[min(end, start + rng.randint(1, 20)) :]
    if way == 2:
        return data[:end] + data[start:end] * rng.randint(1, 3) + data[end:]
    if way == 3 and data:
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if way == 4:
        other = rng.choice(seeds)
        return data[:start] + other[rng.randint(0, len(other)) :]
    if way == 5:
        return _retyped(rng, data)
    return data[:start] + rng.choice(TOKENS) + data[start if way == 6 else end :]


def _retyped(rng: random.Random, data: bytes) -> bytes:
    """Write the text anew in another encoding or case."""
    text = data.decode("utf-8", "replace")
    way = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gbk", "cp1252", "upper", "swap"))
    if way == "upper":
        return text.upper().encode()
    if way == "swap":
        words = text.split(" ")
        rng.shuffle(words)
        return " ".join(words).encode()
    return text.encode(way, "replace")
