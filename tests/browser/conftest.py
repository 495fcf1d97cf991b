"""One headless Chromium for the tests of pages; where it is missing they say so in one line."""

from __future__ import annotations

import base64
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "no Chromium with chromedriver here: apt-get install chromium chromium-driver"
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic", "--no-default-browser-check", "--force-color-profile=srgb",
)  # fmt: skip


class Chromium:
    """A browser with one page open: size, language of the page, what it logged and what it asked of the network."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(
        self, page: Path, *, width: int = 1280, height: int = 900, script: bool = True, dark: bool = False
    ) -> None:
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Emulation.setEmulatedMedia", media="", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])  # fmt: skip
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)  # fmt: skip
        self.driver.get("about:blank")
        self.requests(), self.console()
        self.driver.get(page.as_uri())

    def size(self, width: int, height: int) -> None:
        """Turn or change the phone."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)

    def reload(self) -> None:
        """Load the page anew."""
        self.driver.refresh()

    def command(self, name: str, **values: Any) -> dict[str, Any]:
        return dict(self.driver.execute_cdp_cmd(name, values))

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def console(self) -> list[str]:
        """Return what the page logged since last asked: errors, refusals of the content-security policy."""
        return [row["message"] for row in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return every address the page asked for since last asked."""
        rows = (json.loads(row["message"])["message"] for row in self.driver.get_log("performance"))
        return [row["params"]["request"]["url"] for row in rows if row["method"] == "Network.requestWillBeSent"]

    def picture(self, path: Path, height: int) -> None:
        """Keep a picture of the top of the page, this many pixels high."""
        width = self.run("return document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip, format="webp",
                            quality=80)  # fmt: skip
        path.write_bytes(base64.b64decode(shot["data"]))

    def paper(self) -> bytes:
        """Return the page as it prints on A4."""
        return base64.b64decode(self.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def wide(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@contextmanager
def browser(profile: Path) -> Iterator[Chromium]:
    """Start Chromium with an empty profile, and end it. Raises FileNotFoundError where it is not installed."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    if BROWSER is None or DRIVER is None:
        raise FileNotFoundError(MISSING)
    options = ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(60)
    driver.set_page_load_timeout(30)
    try:
        yield Chromium(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    pytest.importorskip("selenium", reason="selenium is not installed: pip install '.[test]'")
    if BROWSER is None or DRIVER is None:
        pytest.skip(MISSING)
    with browser(tmp_path_factory.mktemp("profile")) as one:
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
    found = chromium.driver.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] }).then("
        "(result) => done(result.violations.map((one) => one.id + ': ' + one.nodes.map((n) => n.html).join(' '))))"
    )
    return [str(one)[:400] for one in found]
