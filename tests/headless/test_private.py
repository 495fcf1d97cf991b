"""One person's numbers through every option, argument, setting, variable, file and fault: they come out nowhere.

What is printed and what is left behind tells no password either, and belongs to its owner alone.
Whatever is printed on either stream, and whatever is written below the home and the working folder, is looked through.
The command line is walked, not listed, so that an option that is new is looked at too.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from diagnostics.settings import PREFIX, SINGLE
from tests.diagnostics.cases.test_bundle import bundled, case
from tests.headless.doctor import Done, commands, inside
from tests.rows import each
from tui.cli.group import COMMANDS

PHONE = "13962957481"
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
IDENTITY = "11010519491231002X"
CANARY = f"加v{PHONE}"
OURS = {"output", "config", "weights", "knowledge"}
"""Options whose value is only the name of a file: the name is the caller's own."""


@pytest.fixture(autouse=True)
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    (home / "weilidai-doctor").mkdir(exist_ok=True)
    return place


def nowhere(done: Done, *folders: Path, but: tuple[Path, ...] = ()) -> None:
    """Hold a run, and all it left, to having neither number in it."""
    assert "Traceback" not in done.err
    for canary in (PHONE, IDENTITY, PHONE[3:], IDENTITY[4:]):
        assert canary not in done.out, done.out
        assert canary not in done.err, done.err
        for place in folders:
            for path in place.rglob("*"):
                if path.is_file() and path not in but:
                    assert canary.encode() not in path.read_bytes(), path


def doors(name: str) -> Iterator[tuple[str, ...]]:
    """Yield a command line for every option and argument of a command, with the canary as its value."""
    for words, command in ((key.split(), one) for key, one in commands().items() if key.split()[:1] == [name]):
        if isinstance(command, click.Group):
            continue
        options = [one for one in command.params if isinstance(one, click.Option) and not one.is_flag]
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        needed = [CANARY] * sum(1 for one in arguments if one.required)
        yield (*words, *[CANARY] * len(arguments))
        yield (*words, CANARY, CANARY, CANARY, CANARY)
        yield (*words, f"--{CANARY}")
        for option in options:
            if option.name not in OURS:
                yield (*words, *needed, option.opts[-1], CANARY)
                yield (*words, *needed, f"{option.opts[-1]}=person.age={CANARY}")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_or_argument_says_it_again(home: Path, folder: Path, name: str) -> None:
    """A command's doors share a home and a store: what the first leaves there is looked for after each."""
    for words in sorted(set(doors(name))):
        offline = ("--offline",) if name in ("check", "ask") else ()
        nowhere(inside(*words, *offline), home, folder)


@pytest.mark.parametrize("name", [*SINGLE, "targets", "nonsense", CANARY])
def test_no_setting_says_it_again(home: Path, folder: Path, name: str, monkeypatch) -> None:
    file = home / "weilidai-doctor" / "config.toml"
    for value in (f'"{CANARY}"', f'["{CANARY}"]', f'"http://u:{CANARY}@a.example/{PHONE}"', "{a = 1}"):
        file.write_text(f'[settings]\n"{name}" = {value}\n', encoding="utf-8")
        for words in (("config", "show"), ("config", "show", "--json"), ("check", "--offline"), ("cases", "list")):
            nowhere(inside(*words), home, folder, but=(file,))
    file.unlink()
    if name.isascii():
        monkeypatch.setenv(PREFIX + name.upper(), CANARY)
        for words in (("config", "show"), ("check", "--offline"), ("cases", "list")):
            nowhere(inside(*words), home, folder)


def test_no_typed_answer_is_said_again(home: Path, folder: Path) -> None:
    nowhere(inside("ask", "--offline", stdin=f"{PHONE}\n{CANARY}\nq\n".encode()), home, folder)


def test_nothing_of_the_desk_keeps_it(home: Path, folder: Path, monkeypatch) -> None:
    (folder / "answers.json").write_text(json.dumps({"answers": {"client.wechat_version": f"8.0.49 {CANARY}"}}))
    nowhere(inside("check", "--offline", "--answers", "answers.json", "--format", "json", "-o", "report"), home,
            folder, but=(folder / "answers.json",))  # fmt: skip
    done = inside("cases", "export", "--operator", CANARY)
    nowhere(done, home, folder, but=(folder / "answers.json",))
    hostile = case(
        1, 5, id="k7f3m2qp9d", created_at=NOW, updated_at=NOW, writer=CANARY, tags=[CANARY],
        **dict.fromkeys(("label", "operator", "changed_by", "outcome", "first_cause", "first_status"), CANARY),
        knowledge=f"{CANARY} {IDENTITY}",
        notes=[{"id": "a1", "at": NOW, "operator": CANARY, "text": f"{CANARY}。{IDENTITY}abc"}],
        observations=[
            {"id": PHONE, "value": [CANARY], "detail": IDENTITY, "observed_at": PHONE},
            {"id": "other", "value": CANARY, "source": "computer"},
        ],
    )  # fmt: skip
    (folder / "bundle").write_text("".join(bundled([hostile])), encoding="utf-8")
    but = (folder / "answers.json", folder / "bundle")
    taken = inside("cases", "import", "bundle", "--operator", CANARY)
    assert taken.code == 0, taken.err
    nowhere(taken, home, folder, but=but)
    for words in (
        ("note", "k7f3", f"他的号 {CANARY}，{IDENTITY}abc"), ("tag", "k7f3", CANARY), ("label", "k7f3", CANARY),
        ("show", "k7f3"), ("show", "k7f3", "--json"), ("list",), ("list", "--json"), ("search", PHONE), ("export",),
        ("export", "--no-redact"), ("close", "k7f3", "teen_mode"), ("export", "--resolved"), ("stats", "--json"),
    ):  # fmt: skip
        operator = ("--operator", CANARY) if words[0] in ("note", "tag", "label", "close") else ()
        done = inside("cases", *words, *operator)
        assert done.code == 0, (words, done.err)
        nowhere(done, home, folder, but=but)
    link = sqlite3.connect(home / "weilidai-doctor" / "cases.db")
    tables = [name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in link.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  the names are the store's own
            assert PHONE not in repr(row), table
            assert IDENTITY not in repr(row), table
    link.close()
    assert "<mobile" in inside("cases", "show", "k7f3").out  # it was there to be found


def test_no_record_that_batch_rejects_says_it_again(home: Path, folder: Path) -> None:
    lines = [
        {"answers": {"person.age": CANARY}}, {"answers": {CANARY: 1}}, {"answers": {"account.teen_mode": CANARY}},
        {"answers": {}, CANARY: 1}, {"answers": CANARY}, {"schema": CANARY, "answers": {}}, [CANARY], CANARY,
        {"answers": {"client.wechat_version": f"{CANARY} {IDENTITY}"}},
    ]  # fmt: skip
    raw = [json.dumps(one, ensure_ascii=False) for one in lines] + [f'{{"answers": {CANARY}}}', PHONE * 5]
    (folder / "in").write_text("\n".join(raw), encoding="utf-8")
    done = inside("batch", "in", "-o", "out", "--summary")
    assert done.code == 4
    nowhere(done, home, folder, but=(folder / "in",))
    assert len((folder / "out").read_bytes().splitlines()) == len(raw)


@pytest.mark.parametrize(
    "data", [f'{{"answers": {{"{CANARY}": 1}}}}', CANARY, f'{{"answers": [{PHONE}}}', f"[{PHONE}]"]
)
@pytest.mark.parametrize(
    "words", [("check", "--offline", "--answers"), ("cases", "import"), ("calibrate",), ("batch",)]
)
def test_no_file_that_cannot_be_used_says_it_again(home: Path, folder: Path, words, data: str) -> None:
    (folder / "file").write_text(data, encoding="utf-8")
    nowhere(inside(*words, "file"), home, folder, but=(folder / "file",))


def secret_kept(home: Path, setting: str, *lines: tuple[str, ...]) -> list[int]:
    """Run these command lines with a setting that holds a password; returns the exit codes."""
    (home / "weilidai-doctor" / "config.toml").write_text(f"[settings]\n{setting}\n", encoding="utf-8")
    done = [inside(*words) for words in lines]
    assert [one for one in done if "S3" in one.out + one.err or "CRET" in one.out + one.err] == []
    return [one.code for one in done]


@each("addresses.toml#secret_stores", "store")
def test_config_show_and_every_refusal_hide_the_password_of_the_store(home: Path, store: str) -> None:
    cases = ("cases", "list"), ("cases", "list", "--store", store), ("cases", "export"), ("cases", "stats", "--json")
    lines = ("config", "show"), ("config", "show", "--json"), *cases
    assert secret_kept(home, f"store = '{store}'", *lines) == [2] * 6


@pytest.mark.parametrize("target", ["http://u:S3CRET@a.example/", "http://u:S3/CRET@a.example/", "u:S3@CRET@a.example"])
def test_a_target_with_a_password_is_refused_and_not_repeated(home: Path, target: str) -> None:
    lines = ("check",), ("config", "show"), ("check", "--target", target)
    secret_kept(home, f"targets = ['{target}']", *lines)


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
    file = home / "weilidai-doctor" / "config.toml"
    file.write_text('[settings]\noperator = "a\\u202eb\\u009b31m"\nstore = "c\\u2066d"\n', encoding="utf-8")
    for words in (("config", "show"), ("config", "show", "--json")):
        out = inside(*words).out
        assert "a\ufffdb" in out
        for sign in ("\u202e", "\u009b", "\u2066"):
            assert sign not in out
