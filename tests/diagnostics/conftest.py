"""A place to serve on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.net.servers import Here

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def here() -> Iterator[Here]:
    """Servers on loopback that end with the test."""
    with Here() as here:
        yield here
