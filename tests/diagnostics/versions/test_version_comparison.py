"""Comparing dotted numbers, whole and cut short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.versions import at_least, reaches

_PARTS = st.lists(st.integers(0, 9_999), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("version", "minimum", "expected"),
    [
        ("8.0.0", "8.0.0", True),
        ("8.0", "8.0.0", True),
        ("8", "8.0.0", True),
        ("8.0.0", "8", True),
        ("7.0.22", "8.0.0", False),
        ("8.0.9", "8.0.10", False),
        ("8.0.10", "8.0.9", True),
        ("8.0.49.2600", "8.0.49", True),
        ("8.0.49", "8.0.49.2600", False),
        ("10.0", "9.9.9.9", True),
        ("6.0.1", "6.0", True),
        ("11.4.1", "12.0", False),
    ],
)
def test_missing_parts_count_as_zero(version: str, minimum: str, *, expected: bool) -> None:
    assert at_least(version, minimum) is expected
    assert reaches(version, minimum) is expected


@pytest.mark.parametrize("text", ["", "8.0.x", "v8", "8.0.0rc1", "8..0", "１", "8.0\n", "1!8", "8" * 5_000])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a dotted number"):
        at_least(text, "8.0.0")
    with pytest.raises(ValueError, match="not a dotted number"):
        at_least("8.0.0", text)


@given(_PARTS, _PARTS)
def test_it_is_the_order_of_the_numbers(left: list[int], right: list[int]) -> None:
    width = max(len(left), len(right))
    padded = [[*parts, *[0] * (width - len(parts))] for parts in (left, right)]
    assert at_least(".".join(map(str, left)), ".".join(map(str, right))) is (padded[0] >= padded[1])


@pytest.mark.parametrize(
    ("version", "minimum", "expected"),
    [
        ("8.0", "8.0.30", None),
        ("8", "8.0.30", None),
        ("8", "8.0.0", True),
        ("7", "8.0.0", False),
        ("8.1", "8.0.30", True),
    ],
)
def test_a_version_cut_short_says_only_what_it_can(version: str, minimum: str, *, expected: bool | None) -> None:
    assert reaches(version, minimum, partial=True) is expected
    assert reaches(version, minimum) is (expected or False)
