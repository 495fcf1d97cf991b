"""A place to serve on."""

from collections.abc import Iterator

import pytest

from tests.lab.net.servers import Here


@pytest.fixture
def here() -> Iterator[Here]:
    """Servers on loopback that end with the test."""
    with Here() as here:
        yield here
