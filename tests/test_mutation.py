"""What changes were drawn, which were caught, and that each of the others has its reason."""

from __future__ import annotations

from benchmarks import mutation


def test_what_the_documentation_shows_meets_the_goal() -> None:
    found = mutation.kept()
    assert [row.name for row in mutation.shares(found) if not row.ok] == []
    assert len(found.survivors) == sum(one.run - one.caught for one in found.parts)


def test_every_survivor_that_the_documentation_shows_has_its_reason() -> None:
    found = mutation.kept()
    assert [one for one in found.survivors if mutation.reason_of(one) is None] == []
    assert {one.part for one in found.parts} == {part.en for part in mutation.PARTS}


def test_no_reason_is_written_down_for_nothing() -> None:
    fitting = [mutation.reason_of(one) for one in mutation.kept().survivors]
    assert [reason for reason in mutation.reasons() if reason not in fitting] == []
