"""Addresses as they are shown: a password in none of them, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import addresses
from diagnostics.addresses import HIDDEN, parts_of, shown
from tests.rows import each


@each("shown.toml#address", "text, shown")
def test_what_reads_in_one_way_is_shown_in_its_parts(text: str, shown: str) -> None:
    assert addresses.shown(text) == shown


@pytest.mark.parametrize("password", ["s3/cret", "s3 cret", "s3@cret", "s3?cret@x", "s3#cret", "12/s3cret", "s3\tcret"])
@pytest.mark.parametrize("scheme", ["postgresql", "http"])
def test_what_could_be_read_in_two_ways_is_its_scheme_alone(scheme: str, password: str) -> None:
    assert shown(f"{scheme}://desk:{password}@db.example/cases") == f"{scheme}://{HIDDEN}"
    assert shown(f"desk:{password}@db.example") == HIDDEN


@given(st.text(min_size=1, max_size=12))
def test_no_password_at_all_is_shown(password: str) -> None:
    said = shown(f"postgresql://desk:SECRET{password}@db.example/cases")
    assert "SECRET" not in said
    assert said in ("postgresql://desk:***@db.example/cases", f"postgresql://{HIDDEN}")


def test_the_parts_are_those_that_stand_there() -> None:
    parts = parts_of("postgresql://u@h/d?a=1")
    assert (parts.scheme, parts.user, parts.password, parts.host, parts.path) == ("postgresql", "u", False, "h", "/d")
    assert parts_of("host=h password=x") is None
