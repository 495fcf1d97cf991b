"""Planted personal values of the kinds without a checksum, of nobody, are masked, and the ledger counts them."""

import random
import re
import tomllib
from pathlib import Path

import pytest

from diagnostics.redaction import Redactor
from diagnostics.redaction.kinds import Folded


def word(rng: random.Random, alphabet: str, least: int, most: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


LETTERS = "abcdefghijkmnpqrstuvwxyz"


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


_SLOT = re.compile(r"\{(?:(\d+)-(\d+)|#(\d+)|@(\d+)-(\d+)|([^{}]*\|[^{}]*))\}")


def fill(template: str, rng: random.Random) -> str:
    """Fill a template: `{1-79}`, `{01-12}` numbers, `{#8}` hexadecimal digits, `{@4-8}` letters, `{a|b}`."""

    def slot(found: re.Match[str]) -> str:
        low, high, hexes, least, most, choices = found.groups()
        if low:
            return str(rng.randint(int(low), int(high))).zfill(len(low) if low[0] == "0" else 0)
        if hexes:
            return "".join(rng.choice("0123456789abcdef") for _ in range(int(hexes)))
        return word(rng, LETTERS, int(least), int(most)) if least else rng.choice(choices.split("|"))

    return _SLOT.sub(slot, template)


PLANTED = tomllib.loads((Path(__file__).parent / "shapes" / "planted.toml").read_text(encoding="utf-8"))["planted"]
TEMPLATES = {row["kind"]: (row["sentence"], row["value"]) for row in PLANTED}
"""A sentence, and the template of the value in its gap; digits and letters also in full width."""

_FULL_WIDTH_TOO = ("电话号码", "邮箱", "QQ号", "验证码", "微信号")


def planted(kind: str, rng: random.Random) -> tuple[str, str]:
    """Return a sentence with a value of this kind in it, and the value as it is written there."""
    sentence, template = TEMPLATES[kind]
    value = fill(template, rng)
    if kind in _FULL_WIDTH_TOO and rng.random() < 0.3:
        value = full_width(value)
    return fill(sentence.replace("{}", "\0"), rng).replace("\0", value), value


EACH = 30


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_planted_value_is_masked(kind):
    rng = random.Random(f"planted {kind}")
    left = []
    for _ in range(EACH):
        sentence, value = planted(kind, rng)
        redactor = Redactor()
        masked = redactor.redact(sentence)
        if _shows(masked, value) or [entry.kind for entry in redactor.ledger] != kind.split()[:1]:
            left.append((sentence, masked))
    assert left == []


def _shows(masked, value):
    """Whether enough of the value is still to be seen to tell it: any five characters in a row."""
    plain, seen = "".join(Folded(value).text.split()), "".join(Folded(masked).text.split())
    size = min(5, len(plain))
    return any(plain[at : at + size] in seen for at in range(len(plain) - size + 1))
