"""Scripts, containers and Chinese Windows: other encodings, no home directory, an interrupt at any moment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.headless.doctor import PATIENCE, Done, all_but, inside, jsonl, observed, refused, report, run

STORY = "我昨天注销了微信支付"
NOT_UTF_8 = "was read as GB18030"
RUBBISH = b"\x80\xff{\x80"
"""No text in UTF-8, UTF-16, UTF-32 or GB18030."""


def test_a_note_from_a_gbk_pipe_is_kept_as_it_was_written(tmp_path: Path) -> None:
    answers = ("--on-behalf", "--set", "person.age=35", "--label", "工单", "--consent")
    inside("ask", "--offline", *answers, stdin=b"q\n")
    id_ = json.loads(inside("cases", "list", "--json").out)[0]["id"]
    noted = inside("cases", "note", id_, "-", "--lang", "en", stdin="用户说入口不见了".encode("gbk"))
    assert noted.code == 0
    assert noted.err.count(NOT_UTF_8) == 1
    shown = json.loads(inside("cases", "show", id_, "--json").out)
    assert [one["text"] for one in shown["notes"]] == ["用户说入口不见了"]
    wrong = inside("cases", "note", id_, "-", "--lang", "en", stdin=RUBBISH)
    assert (wrong.code, "byte 1" in wrong.err) == (2, True)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16", "utf-32"])
def test_what_is_read_is_the_same_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    data, told = STORY.encode(encoding), [NOT_UTF_8] if encoding.startswith("gb") else []
    for command in (["read", "--json"], ["read", "--json", "-"]):
        done = inside(*command, "--lang", "en", stdin=data)
        assert json.loads(done.out)[0]["input"] == STORY
        assert [one for one in told if done.err.count(one) != 1] == []
        assert bool(done.err) is bool(told)
    story = tmp_path / "故事.txt"
    story.write_bytes(data)
    found = report("check", "--offline", "--json", "--story", str(story))
    assert observed(found, "story")["account.wechat_pay_cancelled"] == "yes"
    version = inside("parse-version", "-", "--json", stdin="微信 8.0.49".encode(encoding))
    assert json.loads(version.out)[0]["version"] == "8.0.49"
    answers = tmp_path / "answers.json"
    answers.write_bytes('{"answers": {"os.version": "安卓 13"}}'.encode(encoding))
    assert observed(report("check", "--offline", "--json", "--answers", str(answers))) == {"os.version": "安卓 13"}


@pytest.mark.parametrize("cut", [1, 2])
def test_a_text_that_is_cut_within_its_last_character_is_not_taken_for_gbk(cut: int) -> None:
    data = STORY.encode()[:-cut]
    done = inside("read", "--json", "--lang", "en", stdin=data)
    assert (json.loads(done.out)[0]["input"], done.err) == (STORY[:-1] + "\ufffd", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_batch_lines_in_gbk_are_read_and_others_refused_one_by_one(jobs: str) -> None:
    good = jsonl({"id": "张三", "answers": {"os.version": "安卓 13"}}, {"id": 2, "text": STORY}).encode("gbk")
    done = run("batch", "--jobs", jobs, "--lang", "en", stdin=good + RUBBISH + b"\n" + jsonl({"id": "李四"}).encode())
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [one["id"] for one in found] == ["张三", 2, None, "李四"]
    assert found[0]["observations"][0]["value"] == "安卓 13"
    assert ["error" in one for one in found] == [False, False, True, True]
    assert (done.code, done.err.count(NOT_UTF_8)) == (4, 1)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_answers_typed_in_any_locale_are_understood(encoding: str) -> None:
    done = run("ask", "--offline", "--format", "json", stdin="从来没有见过微粒贷\n退出\n".encode(encoding),
               env={"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"})  # fmt: skip
    assert observed(json.loads(done.out))["complaint.what"] == "never_had"


@pytest.mark.parametrize("command", [("read", "-"), ("parse-version", "-"), ("check", "--offline", "--story", "-"),
                                     ("check", "--offline", "--answers", "-")])  # fmt: skip
def test_what_is_no_text_is_refused_with_its_place(command: tuple[str, ...]) -> None:
    refused(inside(*command, "--lang", "en", stdin=RUBBISH), "stdin: is not utf", "byte 1")


@pytest.mark.parametrize(
    "command",
    [("read", "-"), ("read",), ("parse-version", "-"), ("check", "--offline", "--story", "-"),
     ("check", "--offline", "--answers-code", "-")],
)  # fmt: skip
def test_more_than_anybody_pastes_is_refused_before_it_is_read(command: tuple[str, ...]) -> None:
    refused(inside(*command, "--lang", "en", stdin=STORY.encode() * 700_000), "stdin: is larger than 16000000 bytes")


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that runs as a number without an entry: no HOME, and nobody of that number."""
    (tmp_path / "sitecustomize.py").write_text(
        "import pwd\ndef nobody(uid):\n    raise KeyError(uid)\npwd.getpwuid = nobody\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # nobody but the program writes beside that file
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("command", [("check", "--offline"), ("batch",), ("read", STORY), ("ask", "--offline")])
def test_without_a_home_everything_works_and_nothing_is_kept(command, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = run(*command, "--lang", "en", stdin=b'{"answers": {}}\n' if command[0] == "batch" else b"1\nq\n")
    assert done.code == 0, done.err
    assert done.out
    assert done.err.count("nothing is kept") == 1
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == []


@pytest.mark.usefixtures("homeless")
def test_without_a_home_the_store_must_be_named(tmp_path: Path) -> None:
    done = run("cases", "list", "--lang", "en")
    assert (done.code, "--store" in done.err) == (2, True)


@pytest.mark.parametrize("moment", [0, 1, 3, 6])
def test_an_interrupt_while_loading_leaves_no_traceback(moment: int) -> None:
    """From the first line of this program on; what the interpreter does before is its own."""
    program = (
        "import os, signal, sys, threading, time\n"
        "import tui.cli.main as main\n"
        f"def later():\n    time.sleep({moment * 0.03})\n    os.kill(os.getpid(), signal.SIGINT)\n"
        "first = signal.signal\n"
        "def armed(*given):\n    signal.signal = first\n    before = first(*given)\n"
        "    threading.Thread(target=later, daemon=True).start()\n    return before\n"
        "signal.signal = armed\n"  # this program's own lines are past once it listens for the interrupt
        "sys.argv[1:] = ['batch']\nmain.script()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        err, out = running.stderr.read(), running.stdout.read()
        running.stdin.close()
        assert running.wait(PATIENCE) == 130
    assert b"Traceback" not in err
    assert b"ignored" not in err
    assert out == b""


def doors(amount: str) -> dict[str, Done]:
    """Give a repayment through every door that takes one."""
    file = json.dumps({"answers": {"debt.monthly_income": 0}}).replace(": 0", f": {amount}").encode()
    check = ("check", "--offline", "--json")
    return {
        "set": inside(*check, "--set", f"debt.monthly_income={amount}"),
        "file": inside(*check, "--answers", "-", stdin=file),
        "what-if": inside(*check, "--what-if", f"debt.monthly_income={amount}"),
        "batch": inside("batch", stdin=file.strip() + b"\n"),
        "explain": inside("explain", "debt_ratio", "--set", f"debt.monthly_income={amount}"),
        "questionnaire": inside("questionnaire", "--format", "message", "--answers", "-", stdin=file),
    }


@pytest.mark.parametrize("amount", ["1e308", "1000000000001"])
def test_an_absurd_amount_is_refused_at_every_door(amount: str) -> None:
    for name, done in doors(amount).items():
        assert done.code == (4 if name == "batch" else 2), (name, done.err)
        assert "out of range" in (done.out if name == "batch" else done.err), name
    words = ("ask", "--offline", "--format", "json", *all_but("debt.monthly_income"))
    assert "debt.monthly_income" not in observed(report(*words, stdin=f"{amount}\nq\n".encode()))
    story = f"我月收入{amount}元，微信里没有微粒贷".encode()
    read = report("check", "--offline", "--json", "--story", "-", stdin=story)
    assert observed(read).get("debt.monthly_income", 0) <= 10**12
