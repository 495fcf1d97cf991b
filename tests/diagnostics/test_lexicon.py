"""Phrase files: a desk's folder adds to the built-in one; a compiled copy stands for files that did not change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diagnostics.knowledge import lexicon, load
from diagnostics.knowledge.lexicon import COPY, FOLDER, HERE, load_lexicon, write_copy
from diagnostics.knowledge.model import KnowledgeError
from diagnostics.reading.reader import read_text


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(Path(HERE) / FOLDER, tmp_path / FOLDER)
    return tmp_path


def test_the_compiled_copy_is_used_until_a_file_changes(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_copy(str(copy))
    with monkeypatch.context() as patch:
        patch.setattr(lexicon, "_parsed", lambda _folder: pytest.fail("the files were parsed"))
        held = load_lexicon.__wrapped__((str(copy),))
    assert held == load_lexicon()
    with (copy / FOLDER / "words.toml").open("a", encoding="utf-8") as file:
        file.write('mine = ["x"]\n')
    assert "mine" in load_lexicon.__wrapped__((str(copy),)).words


@pytest.mark.parametrize("data", [b"", b"[", b'["0", {}]'])
def test_a_damaged_compiled_copy_is_passed_over(copy: Path, data: bytes) -> None:
    (copy / COPY).write_bytes(data)
    assert load_lexicon.__wrapped__((str(copy),)) == load_lexicon()


def test_a_desk_adds_phrases_of_its_own(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "mine.toml").write_text(
        '[[group]]\nquestion = "app.restarted"\nvalue = "yes"\n'
        'phrases = [{ say = "晒过太阳", yes = "手机晒过太阳了", no = "太阳" }]\n',
        encoding="utf-8",
    )
    own = load(str(tmp_path))
    assert [one.value for one in read_text(own, "手机晒过太阳了").readings] == ["yes"]
    assert read_text(load(), "手机晒过太阳了").readings == []
    assert read_text(own, "服务里没有微粒贷").readings == read_text(load(), "服务里没有微粒贷").readings


@pytest.mark.parametrize("text", ["[[group]]\nquestion = 1\n", "[[group]\n", "[[group]]\nstrange = 1\nphrases = []\n"])
def test_a_fault_in_a_desks_phrases_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"mine\.toml"):
        load(str(tmp_path))
