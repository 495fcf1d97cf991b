"""What is printed and what is left behind tells no password and belongs to its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.headless.doctor import inside

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("postgresql://desk:S3CRET@db.example/d", "postgresql://desk:S3/CRET@db.example/d", "host=h password=S3CRET")


@pytest.mark.parametrize("store", [*WORDS, "postgresql://desk:S3 CRET@h/d", "postgresql://desk:S3@CRET/x@h/d"])
def test_config_show_and_every_refusal_hide_the_password_of_the_store(home: Path, store: str) -> None:
    (home / "weilidai-doctor").mkdir()
    (home / "weilidai-doctor" / "config.toml").write_text(f"[settings]\nstore = '{store}'\n", encoding="utf-8")
    for words in (
        ("config", "show"),
        ("config", "show", "--json"),
        ("cases", "list"),
        ("cases", "list", "--store", store),
    ):
        done = inside(*words)
        assert done.code == 2
        assert "S3" not in done.out + done.err
        assert "CRET" not in done.out + done.err


@pytest.mark.parametrize("target", ["http://u:S3CRET@a.example/", "http://u:S3/CRET@a.example/", "u:S3@CRET@a.example"])
def test_a_target_with_a_password_is_refused_and_not_repeated(home: Path, target: str) -> None:
    (home / "weilidai-doctor").mkdir()
    (home / "weilidai-doctor" / "config.toml").write_text(f"[settings]\ntargets = ['{target}']\n", encoding="utf-8")
    for words in (("check",), ("config", "show"), ("check", "--target", target), ("batch", "--cluster", target)):
        done = inside(*words)
        assert "S3" not in done.out + done.err
        assert "CRET" not in done.out + done.err


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
def test_what_batch_writes_is_as_private_as_what_check_writes(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("{}\n")
    for name, mode in (("new", None), ("old", 0o644), ("ours", 0o640)):
        target = tmp_path / name
        if mode:
            target.touch()
            target.chmod(mode)
        assert (
            inside("batch", str(tmp_path / "in"), "-o", str(target)).code == 4
        )  # an error record is a line like any other
        assert target.stat().st_mode & 0o777 == (0o640 if name == "ours" else 0o600)


def test_config_show_shows_what_turns_a_line_around_and_does_not_send_it(home: Path) -> None:
    (home / "weilidai-doctor").mkdir()
    file = home / "weilidai-doctor" / "config.toml"
    file.write_text('[settings]\noperator = "a\\u202eb\\u009b31m"\nstore = "c\\u2066d"\n', encoding="utf-8")
    for words in (("config", "show"), ("config", "show", "--json")):
        out = inside(*words).out
        assert "a\ufffdb" in out
        for sign in ("\u202e", "\u009b", "\u2066"):
            assert sign not in out


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
def test_every_folder_below_the_home_is_its_owners_alone(home: Path, monkeypatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / "deep" / name.lower()))
    (home / "notes").write_text("{}", encoding="utf-8")
    assert inside("cases", "list").code == 0
    made = [path for path in (home / "deep").rglob("*") if path.is_dir()]
    assert made
    for path in (home / "deep", *made):
        assert path.stat().st_mode & 0o777 == 0o700, path
