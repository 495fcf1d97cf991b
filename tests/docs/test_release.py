"""The release check finds what is missing; .ci/run lets it build, install and try the packages themselves."""

import zipfile
from pathlib import Path

import pytest

from diagnostics import __version__
from docs import release
from docs.making.home import ROOT

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


@pytest.mark.parametrize(
    ("names", "change", "told"),
    [
        (["tui/cli/main.py"], ("", ""), "licence"), ([LICENCE, "tests/test_quality.py"], ("", ""), "should not be"),
        ([LICENCE, "benchmarks/soak.py"], ("", ""), "should not be"),
        ([LICENCE, "tui/__pycache__/cli.cpython-311.pyc"], ("", ""), "should not be"),
        ([LICENCE], (__version__, "9.9.9"), "says 9.9.9"), ([LICENCE], ("text/markdown", "text/plain"), "no README"),
        ([LICENCE], ("# weilidai-doctor", ""), "no README"),
    ],
)  # fmt: skip
def test_a_wheel_that_is_not_as_it_must_be_is_refused(tmp_path, names, change, told) -> None:
    with pytest.raises(release.MissingError, match=told):
        release.metadata(wheel(tmp_path, *names, metadata=METADATA.replace(*change)))


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
