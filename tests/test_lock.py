"""What CI installs is locked: each dependency of the tests and of building, within its bounds, with hashes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements" / "ci.txt").read_text("utf-8")
LOCKED = re.compile(r"(?m)^([\w.-]+)==([\w.!+-]+)(?: ; [^\\]*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")


def test_the_lock_holds_every_dependency_within_its_bounds() -> None:
    locked = {canonicalize_name(name): version for name, version, _ in LOCKED.findall(LOCK)}
    needed = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["test"]]
    needed += PROJECT["build-system"]["requires"]
    for one in map(Requirement, needed):
        assert locked[canonicalize_name(one.name)] in one.specifier, f"{one}: run requirements/lock"


def test_nothing_stands_in_the_lock_without_a_hash() -> None:
    pinned = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pinned) == len(LOCKED.findall(LOCK)) > 50
    assert "://" not in LOCK


def test_a_file_with_another_hash_ends_the_run_and_a_missing_one_is_said(tmp_path, monkeypatch) -> None:
    """The very lines of .ci/run, against an index of this test's own: a folder with one wheel."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    begin, end = script.index("wheels=$(mktemp"), script.index("# The second of the README")
    wheel = tmp_path / "index" / "thing-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"not what was locked")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    requirements = tmp_path / "requirements" / "ci.txt"
    requirements.parent.mkdir()
    own = Path(sys.executable).with_name("pip")
    steps = script[begin:end].replace('"$wheels/venv/bin/pip"', str(own)).replace("python3 -m venv", "true")
    steps += 'echo "on $PIP_FIND_LINKS"'
    assert str(own) in steps
    for version, code in (("1.0", 1), ("2.0", 0)):
        requirements.write_text(f"thing=={version} --hash=sha256:{'0' * 64}\n")
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", steps],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert ("DO NOT MATCH" in done.stderr) == (code == 1)
        assert ("locked versions cannot be had" in done.stderr) == (code == 0)
        assert done.stdout == ("" if code else f"on {wheel.parent}\n")
