"""Check that what stands here can be released: `python -m docs.release`. Exits 1 where something is missing.

Builds the source package, from that the wheel, installs the wheel into an empty virtual environment and tries it there.
Needs what pip needs; with `--keep` the folder `dist/` gets both packages, and the list of everything that an
installation brings along (CycloneDX).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jsonschema
from packaging.metadata import Metadata

from diagnostics import __version__
from docs.making import licences
from docs.making.home import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
BACKEND: Final = "import hatchling.build as backend, sys; print(getattr(backend, sys.argv[1])(sys.argv[2]))"
LISTER: Final = "cyclonedx-bom>=7.5,<8"
BUILT: Final = frozenset({"diagnostics/knowledge/compiled.msgpack", "diagnostics/knowledge/phrases.msgpack"})
"""What the wheel has beside the files of the source package."""
UNWANTED: Final = re.compile(r"(?:^|/)(?:tests|benchmarks|docs|requirements)/|\.pyc$")


class MissingError(Exception):
    """Something that a release needs is not there; the text says what."""


def need(there: object, told: str) -> None:
    """Raise MissingError with this text where something is not there."""
    if not there:
        raise MissingError(told)


def run(*words: str, cwd: Path = ROOT) -> str:
    """Run a program and return what it writes. Raises MissingError with its errors where it fails."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    need(done.returncode == 0, f"{' '.join(words)[:200]}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def environment(folder: Path, *packages: str) -> Path:
    """Make an empty virtual environment, install packages into it and return its interpreter."""
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(*PIP, "--python", str(python), "install", *packages)
    return python


def version() -> str:
    """Check that the version is one of three numbers and that the changelog tells what it brings."""
    need(re.fullmatch(r"\d+\.\d+\.\d+", __version__), f"{__version__} is not a version of three numbers")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"(?ms)^## {re.escape(__version__)}\b(.*?)$\n(.*?)(?=^## |\Z)", changes)
    need(found and found[2].strip(), f"CHANGELOG.md says nothing of {__version__}")
    return f"{__version__}{found[1] if found else ''}"


def documentation() -> str:
    """Check that every generated part is what its command makes now."""
    run(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/docs/test_drift.py")
    return "as its commands make it"


def packages(work: Path) -> tuple[Path, Path]:
    """Build the source package, and the wheel from what is in it, which must have every file of the program."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    python = str(environment(work / "build", *build))
    source = work / run(python, "-c", BACKEND, "build_sdist", str(work)).split()[-1]
    with tarfile.open(source) as packed:
        packed.extractall(work / "source", filter="data")
    (folder,) = (work / "source").iterdir()
    need((folder / "tests").is_dir(), "the source package has no tests")
    wheel = work / run(python, "-c", BACKEND, "build_wheel", str(work), cwd=folder).split()[-1]
    missing = left_out(folder, wheel)
    need(not missing, f"not in the wheel: {missing[:5]}")
    return source, wheel


def left_out(source: Path, wheel: Path) -> list[str]:
    """Return the files of the program, by their paths in the unpacked source package, that the wheel does not have."""
    rooms = (source / room for room in ("diagnostics", "tui"))
    files = [one for room in rooms for one in room.rglob("*") if one.is_file() and one.suffix != ".pyc"]
    with zipfile.ZipFile(wheel) as packed:
        return sorted((BUILT | {one.relative_to(source).as_posix() for one in files}) - set(packed.namelist()))


def metadata(wheel: Path) -> str:
    """Check the wheel's metadata by the packaging standards, and what is in it."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        raw = packed.read(next(name for name in names if name.endswith(".dist-info/METADATA")))
    told = Metadata.from_email(raw)  # raises where a field breaks the standard
    need(str(told.version) == __version__, f"the wheel says {told.version}")
    need(
        told.description_content_type == "text/markdown" and (told.description or "").strip(),
        "no README in the metadata",
    )
    need(any(name.endswith("licenses/LICENSE") for name in names), "no licence in the wheel")
    unwanted = [name for name in names if UNWANTED.search(name)]
    need(not unwanted, f"should not be in the wheel: {unwanted[:5]}")
    return f"{len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB"


def trial(python: Path, work: Path) -> str:
    """Try the wheel, installed into an environment of its own, in an empty folder."""
    home = work / "home"
    home.mkdir()
    doctor = str(python.with_name("weilidai-doctor"))
    need(__version__ in run(doctor, "--version", cwd=home), "--version says another version")
    report = json.loads(run(doctor, "check", "--json", "--offline", "--set", "person.age=17", cwd=home))
    jsonschema.validate(report, json.loads(run(doctor, "schema", "report", cwd=home)))
    need(report["outcome"] == "cause_found", f"the report's outcome is {report['outcome']}")
    causes = json.loads(run(doctor, "list", "causes", "--json", cwd=home))
    return f"installed and tried: {len(causes)} causes, the report fits its schema"


def bill_of_materials(python: Path, work: Path) -> Path:
    """Write what an installation has, itself and every dependency with version and licence, as CycloneDX has it."""
    written = work / f"weilidai_doctor-{__version__}.cdx.json"
    lister = environment(work / "lister", LISTER).with_name("cyclonedx-py")
    project = ("--pyproject", str(ROOT / "pyproject.toml"))
    run(str(lister), "environment", str(python), *project, "--output-reproducible", "-o", str(written))
    return written


def licence_list() -> str:
    """Check that every dependency's licence is one that was read."""
    found = licences.licences()
    unread = [f"{one.name}: {one.licence}" for one in found if not any(word in one.licence for word in licences.FREE)]
    need(not unread, f"licences that nobody has read yet: {unread}")
    return f"{len(found)} dependencies"


def main(words: list[str]) -> int:
    """Check everything, say what is well and what is not; returns the exit code."""
    failed = False

    def step(name: str, check: Callable[[], str]) -> None:
        nonlocal failed
        try:
            sys.stdout.write(f"ok      {name}: {check()}\n")
        except MissingError as missing:
            failed = True
            sys.stdout.write(f"MISSING {name}: {missing}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        step("version", version)
        step("licences", licence_list)
        if "--no-docs" not in words:
            step("documentation", documentation)
        try:
            source, wheel = packages(work)
            installed = environment(work / "empty", str(wheel))
        except MissingError as missing:
            sys.stdout.write(f"MISSING packages: {missing}\n")
            return 1
        step("wheel", lambda: metadata(wheel))
        step("empty environment", lambda: trial(installed, work))
        if "--keep" in words and not failed:
            (ROOT / "dist").mkdir(exist_ok=True)
            for package in (source, wheel, bill_of_materials(installed, work)):
                shutil.copy(package, ROOT / "dist")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
