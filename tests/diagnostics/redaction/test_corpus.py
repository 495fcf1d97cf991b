"""Every planted value of 18 kinds is masked; look-alikes stay; the ledger counts what happened."""

import random

import pytest

from diagnostics.redaction import Redactor
from diagnostics.redaction.kinds import Folded
from tests.diagnostics.redaction.corpus import LOOK_ALIKES, PLANTED, fill, planted

EACH = 30
seeded = random.Random  # repeatable, and no secret hangs on it


@pytest.mark.parametrize("kind", PLANTED)
def test_every_planted_value_is_masked(kind):
    rng = seeded(f"planted {kind}")
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


def test_look_alikes_stay_as_they_are():
    rng = seeded("look-alikes")
    texts = [fill(template, rng) for template in LOOK_ALIKES for _ in range(EACH + EACH // 5)]
    changed = [(text, masked) for text in texts if (masked := Redactor().redact(text)) != text]
    assert len(texts) >= len(PLANTED) * EACH  # as many as are planted
    assert len(changed) <= len(texts) // 100, changed


def test_one_text_with_everything_in_it():
    rng = seeded("whole")
    made = [planted(kind, rng) for kind in PLANTED for _ in range(20)]
    redactor = Redactor()
    masked = redactor.redact("\n\n".join(sentence for sentence, _ in made))
    shown = [value for _, value in made if _shows(masked, value)]
    assert shown == []
    assert sum(entry.times for entry in redactor.ledger) == masked.count("<")
