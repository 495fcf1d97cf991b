"""The release check finds what is missing; .ci/run lets it build, install and try the packages themselves."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from diagnostics import __version__
from docs import release
from docs.making.home import ROOT

if TYPE_CHECKING:
    from pathlib import Path

METADATA = f"""Metadata-Version: 2.4
Name: weilidai-doctor
Version: {__version__}
Description-Content-Type: text/markdown

# weilidai-doctor
"""


LICENCE = "a.dist-info/licenses/LICENSE"


def wheel(folder: Path, *names: str, metadata: str = METADATA) -> Path:
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for name in names:
            packed.writestr(name, "")
        packed.writestr("a.dist-info/METADATA", metadata)
    return path


def test_a_whole_wheel_is_taken(tmp_path: Path) -> None:
    assert release.metadata(wheel(tmp_path, LICENCE, "tui/cli/main.py")).startswith("3 files")


def test_every_file_of_the_program_must_be_in_the_wheel(tmp_path: Path) -> None:
    source = {"diagnostics/py.typed", "tui/app/app.tcss", "tui/cli/main.py"}
    for name in (*source, "tests/test_quality.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert release.left_out(tmp_path, wheel(tmp_path, *source, *release.BUILT)) == []
    for name in source | release.BUILT:
        assert release.left_out(tmp_path, wheel(tmp_path, *source - {name}, *release.BUILT - {name})) == [name]


def test_a_wheel_without_the_licence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(release.MissingError, match="licence"):
        release.metadata(wheel(tmp_path, "tui/cli/main.py"))


@pytest.mark.parametrize("name", ["tests/test_quality.py", "benchmarks/soak.py", "tui/__pycache__/cli.cpython-311.pyc"])
def test_a_wheel_with_what_does_not_belong_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(release.MissingError, match="should not be"):
        release.metadata(wheel(tmp_path, LICENCE, name))


@pytest.mark.parametrize(
    ("was", "now"), [(__version__, "9.9.9"), ("text/markdown", "text/plain"), ("# weilidai-doctor", "")]
)
def test_a_wheel_whose_metadata_are_not_right_is_refused(tmp_path: Path, was: str, now: str) -> None:
    with pytest.raises(release.MissingError):
        release.metadata(wheel(tmp_path, LICENCE, metadata=METADATA.replace(was, now)))


def test_a_version_that_the_changelog_does_not_tell_of_is_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    assert release.version().startswith(__version__)
    for number, told in (("9.9.9", "CHANGELOG.md says nothing"), ("1.0.0rc1", "three numbers")):
        monkeypatch.setattr(release, "__version__", number)
        with pytest.raises(release.MissingError, match=told):
            release.version()


def test_what_fails_says_what_it_wrote() -> None:
    with pytest.raises(release.MissingError, match="not here"):
        release.run("/bin/sh", "-c", "echo not here >&2; exit 3")


def test_ci_builds_installs_and_tries_the_packages() -> None:
    assert ".venv/bin/python -m docs.release" in (ROOT / ".ci" / "run").read_text("utf-8")
