"""The browsers of the tests of pages, and the accessibility checker; where one is missing they say so in one line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import MISSING, TODAY, Chromium, browser

ROOT = Path(__file__).parent.parent.parent
AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if TODAY is None:
        pytest.skip(MISSING)
    with browser(tmp_path_factory.mktemp("today")) as one:
        yield one


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker, as a script to run in the page."""
    if not AXE.is_file():
        pytest.skip("no axe-core here: npm install --no-save axe-core@4 (or name axe.min.js in AXE_CORE)")
    return AXE.read_text(encoding="utf-8")


def violations(chromium: Chromium, axe: str) -> list[str]:
    """Run axe-core on the open page with every rule it has; returns what it objects to."""
    chromium.run(axe)
    found = chromium.run(
        "return axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations.map((one) => "
        "one.id + ': ' + one.nodes.map((node) => node.html).join(' ')))"
    )
    return [str(one)[:400] for one in found]
