"""Chromium 66, driven over its debugging protocol: what WeChat's browser was on phones of 2018 to 2020."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from websocket import create_connection

from tests.browser.packages import chromium_66

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FONTS: Final = """<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype</dir>
<cachedir>{cache}</cachedir></fontconfig>"""
"""Few fonts: the font library of that time reads every file it is given before anything else happens."""
FLAGS: Final = ("--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--remote-debugging-port=0")


class OldChromium:
    """A page of the old browser; the same steps as `conftest.Chromium`."""

    def __init__(self, address: str) -> None:
        self._socket = create_connection(address, timeout=30, suppress_origin=True)
        self._number = 0
        self.logged: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **values: Any) -> dict[str, Any]:
        """Send a command of the protocol and return its result. Raises RuntimeError where it is refused."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": values}))
        while True:
            told = json.loads(self._socket.recv())
            if told.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.logged.append(json.dumps(told["params"])[:400])
            if told.get("id") == self._number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return dict(told["result"])

    def open(self, page: Path, *, width: int = 360, height: int = 640) -> None:
        """Open a file as a phone shows it."""
        self.size(width, height)
        self.command("Page.navigate", url=page.as_uri())
        self.ready()

    def size(self, width: int, height: int) -> None:
        """Turn or change the phone."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)

    def ready(self) -> None:
        """Wait until the page has drawn its first screen. Raises TimeoutError."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.run("return document.readyState === 'complete' && document.querySelector('h1') !== null"):
                return
            time.sleep(0.05)
        raise TimeoutError("the page did not come")

    def reload(self) -> None:
        """Load the page anew."""
        self.run("window.gone = true")
        self.command("Page.reload")
        deadline = time.monotonic() + 20
        while self.run("return window.gone === true") and time.monotonic() < deadline:
            time.sleep(0.02)
        self.ready()

    def run(self, script: str, *values: Any) -> Any:
        """Run the body of a function in the page and return what it returns. Raises RuntimeError where it throws."""
        text = f"(function () {{ {script} }}).apply(null, {json.dumps(values)})"
        told = self.command("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"])[:600])
        return told["result"].get("value")

    def console(self) -> list[str]:
        """Return what the page logged since last asked."""
        found, self.logged = self.logged, []
        return found

    def close(self) -> None:
        """Leave the browser."""
        self._socket.close()


@contextmanager
def old_chromium(folder: Path) -> Iterator[OldChromium]:
    """Start Chromium 66 with an empty profile, and end it. Raises RuntimeError where it cannot be had."""
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(cache=folder / "fonts"), encoding="utf-8")
    told = folder / "told.txt"
    with told.open("wb") as stderr:
        process = subprocess.Popen(
            [str(chromium_66()), *FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            env={"FONTCONFIG_FILE": str(fonts), "HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stderr=stderr, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        page = OldChromium(_address(told))
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(told: Path) -> str:
    """Return where the first page listens, from what the browser says of itself when it starts."""
    from urllib.request import ProxyHandler, build_opener

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", told.read_text("utf-8", "replace"))
        if found is not None:
            with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{found[1]}/json/list", timeout=20) as answer:
                page = next((one for one in json.load(answer) if one["type"] == "page"), None)
            if page is not None:
                return str(page["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise RuntimeError(f"Chromium 66 did not start: {told.read_text('utf-8', 'replace')[-400:]}")
