"""Loading the knowledge base: damage is named with file and line, a second folder is merged by id."""

import os
import re
import shutil
import time
import tomllib
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import msgspec
import pytest

from diagnostics.knowledge import Knowledge, KnowledgeError, compiled, lexicon, load
from diagnostics.knowledge.compiled import HERE
from diagnostics.knowledge.lexicon import FOLDER, load_lexicon, write_copy
from diagnostics.knowledge.model import Locale, Text
from diagnostics.knowledge.read import read_folders
from diagnostics.reading.reader import read_text
from tests.rows import each

BUILT_IN = Path(HERE)
PARSED = lru_cache(maxsize=None)(tomllib.loads)


@pytest.fixture(autouse=True)
def _parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of TOML is parsed by the first test that meets it: each test changes one of a hundred files."""
    monkeypatch.setattr(tomllib, "loads", lambda text: msgspec.to_builtins(PARSED(text), builtin_types=(date,)))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the built-in knowledge, to be damaged."""
    shutil.copytree(BUILT_IN, tmp_path / "k", ignore=shutil.ignore_patterns("*.py", "*.msgpack", "__pycache__"))
    return tmp_path / "k"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def fault(folder: Path) -> str:
    with pytest.raises(KnowledgeError) as caught:
        read_folders((folder,))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_texts_are_read_by_room_when_one_is_asked_for() -> None:
    rooms = {"a": msgspec.msgpack.encode({"a.b": Text(zh="好", en="good")}), "c": b"damaged"}
    texts = Locale({name: msgspec.Raw(room) for name, room in rooms.items()})
    assert (texts["a.b"].zh, "a.x" in texts, "d.e" in texts) == ("好", False, False)
    with pytest.raises(msgspec.MsgspecError):
        list(texts)


def test_a_whole_copy_reads_the_same_as_the_built_in(copy: Path) -> None:
    read = read_folders((copy,))
    assert msgspec.structs.replace(read, phrases=load().phrases) == load()
    assert load_lexicon(read.phrases) == load_lexicon()


@pytest.mark.parametrize(
    "name",
    ["causes/teen_mode.toml", "situations/closing.toml", "beliefs/has_own_app.toml", "locale/ask.toml",
     "phrases/entry.toml", "questions.toml", "guide.toml", "weights.toml"],
)  # fmt: skip
def test_every_damaged_file_is_named_with_its_line(copy: Path, name: str) -> None:
    path = copy / name
    lines = path.read_text(encoding="utf-8").splitlines()
    at = len(lines) // 2
    while lines[at].strip() == "" or lines[at].startswith((" ", "]", "}")):
        at -= 1
    path.write_text("\n".join([*lines[:at], "this is = no TOML", *lines[at:]]), encoding="utf-8")
    assert fault(copy).startswith(f"{path}:{at + 1}: ")


TEEN = "causes/teen_mode.toml"


@pytest.mark.parametrize("table", ["rule", "action", "case"])
def test_a_cause_without_a_part_is_an_error_that_names_its_file(copy: Path, table: str) -> None:
    path = copy / TEEN
    blocks = re.split(r"(?m)^(?=\[)", path.read_text(encoding="utf-8"))
    kept = [block for block in blocks if not block.startswith((f"[[{table}]]", f"[{table}.", f"[[{table}."))]
    assert len(kept) < len(blocks)
    path.write_text("".join(kept), encoding="utf-8")
    assert TEEN in (told := fault(copy))
    assert table in told


def test_a_test_case_of_a_cause_names_a_status_and_one_of_a_situation_need_not(copy: Path) -> None:
    edit(copy / TEEN, 'status = "confirmed"\nanswers', "answers")
    told = fault(copy)
    assert (TEEN in told, "case 1" in told, "status" in told) == (True, True, True)
    assert {one.status for one in load().cases["situations/closing"]} == {None}


@pytest.mark.parametrize("key", ["title", "meaning", "speaks_for", "speaks_against", "shows_after"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cause_without_a_text_in_either_language_is_an_error_that_names_its_file(copy, lang, key) -> None:
    path = copy / TEEN
    text = path.read_text(encoding="utf-8")
    found = re.compile(rf"(?m)^{key} = .*$").search(text, text.index(f"[{lang}]"))
    assert found
    for instead, says in (("", key), (f'{key} = ""', f"{key} is empty")):
        path.write_text(text[: found.start()] + instead + text[found.end() :], encoding="utf-8")
        assert TEEN in (told := fault(copy))
        assert says in told


@each("damaged_knowledge.toml#fault", "file, old, new, says")
def test_what_does_not_fit_together_is_named(copy: Path, file: str, old: str, new: str, says: str) -> None:
    edit(copy / file, old, new)
    assert says in fault(copy)


@each("damaged_knowledge.toml#line", "file, old, new, at")
def test_a_fault_of_the_whole_names_the_file_of_the_folder_that_has_it_and_the_line(copy, file, old, new, at) -> None:
    path = copy / file
    edit(path, old, new)
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text.startswith(at))
    with pytest.raises(KnowledgeError) as caught:
        read_folders((BUILT_IN, copy))
    for lang in ("zh", "en"):
        assert caught.value.text(lang).startswith(f"{path}:{line}: ")
    assert caught.value.message("zh") != caught.value.message("en")


def test_a_file_without_bottom_is_named(copy: Path) -> None:
    (copy / "limits.toml").write_text("limits = " + "[" * 5000, encoding="utf-8")
    assert fault(copy) == f"{copy / 'limits.toml'}:1: nests too deep"


@pytest.mark.parametrize("name", ["guide.toml", "weights.toml"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert name in fault(copy)


def test_a_second_folder_is_merged_by_id(tmp_path: Path) -> None:
    (tmp_path / "causes").mkdir()
    text = (BUILT_IN / TEEN).read_text(encoding="utf-8")
    title = load().causes["teen_mode"].zh.title
    (tmp_path / TEEN).write_text(text.replace(title, "我们自己的标题", 1), encoding="utf-8")
    (tmp_path / "limits.toml").write_text('[limits]\n"debt.open_loans" = 3\n', encoding="utf-8")
    (tmp_path / "version.toml").write_text('version = "desk-1"\n', encoding="utf-8")
    merged = load(str(tmp_path))
    assert merged.causes["teen_mode"].zh.title == "我们自己的标题"
    assert merged.causes["income"] == load().causes["income"]
    assert merged.limits == load().limits | {"debt.open_loans": 3}
    assert merged.version == f"{load().version}+desk-1"
    assert list(merged.causes) == list(load().causes)


def test_a_second_folder_that_is_none_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="not a directory"):
        load(str(tmp_path / "gone"))
    (tmp_path / "limits.toml").write_text("[limits\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=re.escape(f"{tmp_path / 'limits.toml'}:1: ")):
        load(str(tmp_path))


def held(folder: Path) -> Knowledge | None:
    """Return the compiled copy of a folder where it fits."""
    return compiled.read_copy(str(folder), compiled.COPY, Knowledge)


def test_the_compiled_copy_is_used_until_a_file_changes(copy: Path) -> None:
    assert held(copy) is None
    compiled.write_copy(str(copy), load())
    assert held(copy) == load()
    edit(copy / "limits.toml", '"debt.open_loans" = 5', '"debt.open_loans" = 6')
    assert held(copy) is None
    edit(copy / "limits.toml", '"debt.open_loans" = 6', '"debt.open_loans" = 5')
    assert held(copy) == load()
    (copy / "causes" / "new.toml").write_text("", encoding="utf-8")
    assert held(copy) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\x90", b"\x93\xa1x\x90\x80", b"\xff\xfe", b"\x91" * 10_000])
def test_a_damaged_compiled_copy_is_passed_over(copy: Path, data: bytes) -> None:
    (copy / compiled.COPY).write_bytes(data)
    assert held(copy) is None
    names = compiled.files(str(copy))
    for written in ((names, {"version": 1}), ([], load())):
        (copy / compiled.COPY).write_bytes(msgspec.msgpack.encode((compiled.stamp(str(copy), names), *written)))
        assert held(copy) is None
    compiled.write_copy(str(copy), load())
    whole = (copy / compiled.COPY).read_bytes()
    (copy / compiled.COPY).write_bytes(re.sub(rb"[\xe4-\xe9][\x80-\xbf]{2}", b"\xff\xff\xff", whole, count=1))
    assert held(copy) is None


@pytest.fixture
def compared(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the built-in knowledge, its compiled copy compared with the files a while after they changed."""
    compiled.write_copy(str(copy), load())
    monkeypatch.setattr(compiled, "time", SimpleNamespace(time_ns=lambda: time.time_ns() + 3 * compiled.SECOND))
    assert held(copy) == load()
    return copy


def test_a_compiled_copy_that_was_compared_needs_no_file_read(compared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "stamp", lambda *_: pytest.fail("the files were read"))
    assert held(compared) == load()


def replaced(path: Path, put: Callable[[Path, Path], object]) -> None:
    """Put another file of the same size and the same times in the place of a file."""
    other = path.with_suffix(".other")
    other.write_bytes(path.read_bytes().replace(b"5", b"6"))
    shutil.copystat(path, other)
    before = path.stat()
    put(other, path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda file: edit(file, "= 5", "= 6"),
    "copied over": lambda file: replaced(file, shutil.copy2),
    "moved over": lambda file: replaced(file, lambda other, file: other.rename(file)),
    "added": lambda file: (file.parent / "causes" / "new.toml").touch(),
    "removed": lambda file: (file.parent / "beliefs" / "has_own_app.toml").unlink(),
    "renamed": lambda file: file.rename(file.with_name("limit.toml")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_a_file_is_noticed_once_the_copy_was_compared(compared, change) -> None:
    file, before = compared / "limits.toml", (compared / "limits.toml").stat()
    change(file)
    assert held(compared) is None
    os.utime(file if file.exists() else compared, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert held(compared) is None


def test_a_compiled_copy_of_another_version_is_passed_over(compared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MAKER", "0.1.0")
    assert held(compared) is None


@pytest.mark.parametrize("why", ["another's", "Windows", "changed a moment ago"])
def test_where_times_settle_nothing_the_files_are_read(copy: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    compiled.write_copy(str(copy), load())
    wait = 0 if why == "changed a moment ago" else 3 * compiled.SECOND
    monkeypatch.setattr(compiled, "time", SimpleNamespace(time_ns=lambda: time.time_ns() + wait))
    system = {name: getattr(os, name) for name in ("O_RDONLY", "close", "fstat", "listdir", "open", "read", "stat")}
    name, utime = ("nt" if why == "Windows" else "posix"), Mock(side_effect=PermissionError)
    monkeypatch.setattr(compiled, "os", SimpleNamespace(**system, name=name, utime=utime))
    for _ in range(2):
        assert held(copy) == load()
    assert utime.call_count == (2 if why == "another's" else 0)
    edit(copy / "limits.toml", "= 5", "= 6")
    assert held(copy) is None


def test_a_file_that_nobody_reads_is_named_and_a_mark_before_the_text_does_no_harm(tmp_path: Path) -> None:
    cause = (BUILT_IN / TEEN).read_text(encoding="utf-8")
    (tmp_path / "causes").mkdir()
    (tmp_path / TEEN).write_text("\ufeff" + cause, encoding="utf-8")
    assert "teen_mode" in read_folders((BUILT_IN, tmp_path)).causes
    (tmp_path / "question.toml").write_text("", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"question\.toml: .*causes/.*did you mean questions\.toml\?"):
        read_folders((BUILT_IN, tmp_path))
    (tmp_path / "question.toml").unlink()
    (tmp_path / "questions.toml").write_text('\n[[questions]]\nid = "x"\n', encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"questions\.toml:2: .*did you mean question\?"):
        read_folders((BUILT_IN, tmp_path))


def test_one_row_of_conditions_needs_no_brackets_and_several_are_any_of_them(copy: Path) -> None:
    one = load().questions["account.closed_service"].only_if
    assert [list(row) for row in one] == [["account.had_entry_before"]]
    assert len(load().questions["safety.given"].only_if) > 1
    edit(copy / "questions.toml", 'only_if = { "account.had_entry_before"', "only_if = 5 # {")
    assert "only_if" in fault(copy)


def test_a_question_that_is_not_asked_is_on_no_page_and_has_one_where_it_is_called_up() -> None:
    knowledge = load()
    assert {one.id for one in knowledge.questions.values() if not one.asked} == {
        "entry.busy_days", "safety.app_installed", "scam.offered_paid_opening", "service.deduction_failed"
    }  # fmt: skip
    assert not [page for page in knowledge.pages if "scam.offered_paid_opening" in page.questions]
    assert knowledge.page_of("scam.offered_paid_opening").questions == ("scam.offered_paid_opening",)
    assert knowledge.page_of("person.age").id == "identity"


def test_the_compiled_copy_of_the_phrases_is_used_until_a_file_changes(copy, monkeypatch) -> None:
    write_copy(str(copy))
    with monkeypatch.context() as patch:
        patch.setattr(lexicon, "_parsed", lambda _folder: pytest.fail("the files were parsed"))
        held = load_lexicon.__wrapped__((str(copy),))
    assert held == load_lexicon()
    with (copy / FOLDER / "words.toml").open("a", encoding="utf-8") as file:
        file.write('mine = ["x"]\n')
    assert "mine" in load_lexicon.__wrapped__((str(copy),)).words


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
