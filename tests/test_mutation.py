"""What changes were drawn, which were caught, and that each of the others has its reason."""

from __future__ import annotations

from benchmarks import mutation

OPEN = 3
"""Survivors without a reason, or whose test came after the run; never more."""


def test_the_documentation_shows_every_part_and_every_survivor() -> None:
    found = mutation.kept()
    assert {one.part for one in found.parts} == {part.en for part in mutation.PARTS}
    assert len(found.survivors) == sum(one.run - one.caught for one in found.parts)
    assert len([one for one in found.survivors if mutation.reason_of(one) is None]) <= OPEN


def test_no_reason_is_written_down_for_nothing() -> None:
    fitting = [mutation.reason_of(one) for one in mutation.kept().survivors]
    assert [reason for reason in mutation.reasons() if reason not in fitting] == []


def test_every_change_leaves_a_module_that_can_be_read() -> None:
    source = "def f(x: int | None) -> bool:\n    return x is not None and x + 1 > 2  # 中文\n"
    made = list(mutation.changes("m.py", source))
    raw = source.encode()
    texts = [(raw[: one.start] + one.now + raw[one.end :]).decode() for one in made]
    assert len(set(texts)) == len(texts) == 7
    for text in texts:
        compile(text, "m.py", "exec")
