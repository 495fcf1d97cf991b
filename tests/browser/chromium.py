"""One page of Chromium, of today or of 2018, driven over its debugging protocol."""

import base64
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from websocket import create_connection

from tests.browser.packages import chromium_66

TODAY: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING: Final = "no Chromium here: apt-get install chromium"
FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic", "--no-default-browser-check", "--force-color-profile=srgb",
)  # fmt: skip
OLD_FLAGS: Final = ("--headless", "--no-sandbox", "--no-zygote", "--disable-gpu")
FONTS: Final = """<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype</dir>
<cachedir>{cache}</cachedir></fontconfig>"""
"""Few fonts: the font library of 2018 reads every file it is given before anything else happens."""
LONGEST: Final = 60
"""Seconds within which the browser starts, answers, and has a page loaded."""
KEYS: Final = {"Tab": (9, None), "Enter": (13, "\r"), " ": (32, " ")}
"""Keys by their names: the code, and what they write."""


class Chromium:
    """A browser with one page open: size, language of the page, what it logged and what it asked of the network."""

    def __init__(self, address: str) -> None:
        self._socket = create_connection(address, timeout=LONGEST, suppress_origin=True)
        self._number = self._loads = 0
        self._logged: list[str] = []
        self._requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **values: Any) -> dict[str, Any]:
        """Send a command of the protocol and return its result. Raises RuntimeError where it is refused."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": values}))
        while (told := self._received()).get("id") != self._number:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        return dict(told["result"])

    def _received(self) -> dict[str, Any]:
        """Return what the browser says next, events noted. Raises WebSocketTimeoutException."""
        told: dict[str, Any] = json.loads(self._socket.recv())
        match told.get("method"):
            case "Runtime.exceptionThrown" | "Log.entryAdded":
                self._logged.append(json.dumps(told["params"])[:400])
            case "Network.requestWillBeSent":
                self._requests.append(told["params"]["request"]["url"])
            case "Page.loadEventFired":
                self._loads += 1
        return told

    def _load(self, method: str, **values: Any) -> None:
        """Load a page and wait until its script has run. Raises WebSocketTimeoutException."""
        before = self._loads
        self.command(method, **values)
        while self._loads == before:
            self._received()

    def open(
        self, page: Path, *, width: int = 1280, height: int = 900, script: bool = True, dark: bool = False
    ) -> None:
        """Open a file."""
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Emulation.setEmulatedMedia", media="", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])  # fmt: skip
        self.size(width, height)
        self.go("about:blank")
        self.requests(), self.console()
        self.go(page.as_uri())

    def go(self, address: str) -> None:
        """Open an address."""
        self._load("Page.navigate", url=address)

    def reload(self) -> None:
        """Load the page anew."""
        self._load("Page.reload")

    def size(self, width: int, height: int) -> None:
        """Turn or change the phone."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=min(width, height) < 600)  # fmt: skip

    def run(self, script: str, *values: Any) -> Any:
        """Run the body of a function in the page and return what it returns or promises. Raises RuntimeError."""
        text = f"(function () {{ {script} }}).apply(null, {json.dumps(values)})"
        told = self.command("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"])[:600])
        return told["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Press a place of the window, as a finger or a mouse does."""
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press one of `KEYS`."""
        code, writes = KEYS[key]
        text = {"text": writes} if writes else {}
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)

    def write(self, text: str) -> None:
        """Type into the field that has the focus."""
        self.command("Input.insertText", text=text)

    def console(self) -> list[str]:
        """Return what the page logged since last asked: errors, refusals of the content-security policy."""
        self.run("return 0")
        found, self._logged = self._logged, []
        return found

    def requests(self) -> list[str]:
        """Return every address the page asked for since last asked."""
        found, self._requests = self._requests, []
        return found

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

    def close(self) -> None:
        """Leave the browser."""
        self._socket.close()


@contextmanager
def browser(folder: Path, *, old: bool = False) -> Iterator[Chromium]:
    """Start Chromium with an empty profile, and end it; `old`: Chromium 66, what WeChat had on phones of 2018 to 2020.

    Raises FileNotFoundError where it is not installed, RuntimeError where it does not start.
    """
    program, flags, environment = TODAY, FLAGS, dict(os.environ)
    if old:
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS.format(cache=folder / "fonts"), encoding="utf-8")
        program, flags = str(chromium_66()), OLD_FLAGS
        environment = {"FONTCONFIG_FILE": str(fonts), "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    if program is None:
        raise FileNotFoundError(MISSING)
    told = folder / "told.txt"
    words = [program, *flags, "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", "about:blank"]
    with told.open("wb") as stderr:
        process = subprocess.Popen(words, env=environment, stderr=stderr, stdout=subprocess.DEVNULL)
    try:
        page = Chromium(_address(told))
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(told: Path) -> str:
    """Return where the first page listens, from what the browser says of itself when it starts."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        found = re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", told.read_text("utf-8", "replace"))
        if found is not None:
            with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{found[1]}/json/list", timeout=20) as answer:
                page = next((one for one in json.load(answer) if one["type"] == "page"), None)
            if page is not None:
                return str(page["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise RuntimeError(f"Chromium did not start: {told.read_text('utf-8', 'replace')[-400:]}")
