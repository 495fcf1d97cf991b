"""Packages of the npm registry that the tests of the pages need, each of one version and with its hash.

They are fetched once, by npm, into node_modules/.pinned; a test that needs one fails where it cannot be had.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
STORE: Final = ROOT / "node_modules" / ".pinned"
CHROMIUM_66: Final = "chrome-aws-lambda@1.1.0"
"""Has Chromium 66.0.3347, built for servers: the engine of WeChat 7.0.13 on Android."""
HASHES: Final = {
    CHROMIUM_66: "5MyOC9gVr6CbVzLHJQmB3jkE+NjQkItIF+IedXd1QI6in1yKIcCs4StydhtP3mdJFPU3vpTz2J8X1GQ8bSVoTg==",
    "acorn@8.19.0": "oJlA3XiRm7Cyk6qFD2Jn8ak9B7jSy0qy00ADO3+8dpT0LSjFihQYv4C02LFCSYJV3Q37xYwwRy5m+IpIiUzqWw==",
    "acorn-walk@8.3.5": "HEHNfbars9v4pgpW6SO1KSPkfoS0xVOM/9UzkJltjlsHZmJasxg8aXkuZa7SMf8vKGIBhpUsPluQSqhJFCqebw==",
    "@mdn/browser-compat-data@8.1.9":
        "7d8D9yzVS4ugLbt4clzc5DKU8dq85K0lRebjzpP43GxSr7vYKmczgfuEU+0beimjl5YmnHkcErtolg5t5ttb0A==",
}  # fmt: skip


def package(name: str) -> Path:
    """Return the folder of a package, fetched where it is not here yet. Raises RuntimeError where it cannot be had."""
    folder = STORE / name.replace("/", "-").lstrip("@")
    if (folder / "package.json").is_file():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"{name} cannot be fetched: no npm here (apt-get install npm)")
    STORE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STORE) as there:
        done = subprocess.run(
            [npm, "pack", "--silent", name], cwd=there, capture_output=True, text=True, timeout=300, check=False
        )
        archive = next(Path(there).glob("*.tgz"), None)
        if done.returncode or archive is None:
            raise RuntimeError(f"{name} cannot be fetched: {done.stderr.strip()[-300:]}")
        if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != HASHES[name]:
            raise RuntimeError(f"{name} is not the package that was pinned")
        with tarfile.open(archive) as opened:
            opened.extractall(there, filter="data")
        try:
            (Path(there) / "package").rename(folder)
        except OSError:  # another test run was faster
            if not (folder / "package.json").is_file():
                raise
    return folder


def chromium_66() -> Path:
    """Return the program of Chromium 66, unpacked by node where it is not yet."""
    folder = package(CHROMIUM_66)
    program = folder / "chromium"
    if not program.is_file():
        node = shutil.which("node")
        if node is None:
            raise RuntimeError("Chromium 66 cannot be unpacked: no node here (apt-get install nodejs)")
        packed = next((folder / "bin").glob("*.br"))
        unpack = (
            "const fs = require('fs'), [from, to] = process.argv.slice(1);"
            "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)), { mode: 0o755 });"
        )
        part = folder / "chromium.part"
        subprocess.run([node, "-e", unpack, str(packed), str(part)], check=True, timeout=120)
        part.rename(program)
    return program
