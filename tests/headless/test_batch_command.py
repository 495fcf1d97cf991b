"""`batch` at the command line: order, streaming, encodings, exit code 4.

`--resume` goes on where its own output ends, and never behind the results of other cases.
"""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.batch import split_blocks
from tests.diagnostics.test_batch import MOST, TEXT, numbered, plain
from tests.headless.doctor import PATIENCE, SCRIPT, Done, inside, jsonl, refused, shell
from tui.cli.commands.batch import Done as Taken
from tui.cli.commands.batch import left
from tui.cli.output import UsageError


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def written(tmp_path: Path, data: bytes) -> str:
    (tmp_path / "cases.jsonl").write_bytes(data)
    return str(tmp_path / "cases.jsonl")


CASES = (
    '\n{"id": "甲", "answers": {"person.age": 17}}\r\n   \nrubbish\n{"answers": {}}\n\n'
    '{"id": null, "answers": {"x": 1}}\n'
    '{"id": 3, "answers": {"account.teen_mode": "on"}}'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_lines_in_order_with_blank_and_bad_ones_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    done = inside("batch", written(tmp_path, (mark + CASES).encode(encoding)), "--fields", "outcome")
    assert done.code == 4
    assert [(one["id"], one.get("line"), one.get("outcome")) for one in lines(done)] == [
        ("甲", None, "cause_found"), (None, 4, None), (None, 5, "not_enough_known"), (None, 7, None),
        (3, None, "cause_found"),
    ]  # fmt: skip
    assert done.err.count("\n") == 1
    assert "2" in done.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_line_is_answered_before_the_next_is_given(jobs: str) -> None:
    command = [SCRIPT, "batch", "--fields", "outcome", "--jobs", jobs]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        for number in range(5):
            running.stdin.write(b'{"id": %d, "answers": {}}\n' % number)
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, err) == (0, b"", b"")


def test_into_a_file_and_never_over_the_cases(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"id": 1, "answers": {}}\n')
    out = tmp_path / "out.jsonl"
    assert inside("batch", path, "-o", str(out)) == Done(0, "", "")
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == 1
    (tmp_path / "link.jsonl").symlink_to(path)
    for sink in (path, str(tmp_path / "link.jsonl")):
        refused(inside("batch", path, "-o", sink), "cases.jsonl")
    assert (tmp_path / "cases.jsonl").read_bytes() == b'{"id": 1, "answers": {}}\n'


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_who_leaves_ends_it_quietly_also_where_the_cases_come_from_a_file(tmp_path: Path, jobs: str) -> None:
    path = written(tmp_path, b'{"answers": {}}\n' * 300)
    done = shell(f"doctor batch {path} --jobs {jobs} | head -c 10; exit ${{PIPESTATUS[0]}}")
    assert done == Done(0, '{"id":null', "")


def test_the_summary_counts_on_stderr(tmp_path: Path) -> None:
    cases = b'{"answers": {"person.age": 17}}\n{"answers": {"person.age": 16}}\nx\n'
    found = b'{"answers": {"entry.services_menu": "shown"}}\n'
    done = inside("batch", written(tmp_path, cases + found), "--summary", "--fields", "outcome")
    counts = done.err.splitlines()[:-1]
    assert counts == [
        "       2  cause_found age_out_of_range", "       1  rejected", "       1  entry_found",
    ], "a cause that does not stand is not the first one"  # fmt: skip
    assert len(lines(done)) == 4


@given(TEXT, MOST, st.integers(0, 12))
def test_what_is_done_is_passed_over(text: str, most: int, done: int) -> None:
    blocks, lines = split_blocks(io.BytesIO(text.encode()).read, most), plain(text)
    if done <= len(lines):
        assert numbered(left(blocks, Taken("out", done))) == lines[done:]
    else:
        with pytest.raises(UsageError, match=f"holds {done} lines, more than there are cases"):
            list(left(blocks, Taken("out", done)))


@pytest.fixture
def cases(tmp_path: Path) -> str:
    lines = [f'{{"id": {number}, "answers": {{"person.age": {17 + number}}}}}' for number in range(4)]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(["rubbish", *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_what_was_written_before_counts(cases: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    words = ("batch", cases, "-o", str(out), "--fields", "outcome", "--summary", "--lang", "en")
    assert inside(*words, "--resume").code == 4  # a missing output is begun
    whole = out.read_bytes()
    assert [json.loads(line)["id"] for line in whole.splitlines()] == [None, 0, 1, 2, 3]
    out.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]) + b'{"id":2,"outc')
    again = inside(*words, "--resume")
    assert out.read_bytes() == whole
    assert again.code == 4, "a record was rejected before the batch was cut off"
    assert "3  (written before)" in again.err
    done = inside(*words, "--resume")
    assert (done.code, out.read_bytes()) == (4, whole)


def test_every_id_that_batch_writes_is_read_again(tmp_path: Path) -> None:
    ids = [r'"\ud800"', '{"a":[1,2]}', "1.0", "123456789012345678901234567890", '"\u202e"', r'["\udfff",{"甲":null}]']
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(f'{{"id":{id_},"answers":{{}}}}\n' for id_ in ids), encoding="utf-8")
    words = ("batch", str(path), "-o", str(out), "--fields", "outcome", "--lang", "en")
    assert inside(*words).code == 0
    whole = out.read_bytes()
    for kept in range(len(ids)):
        out.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]))
        assert inside(*words, "--resume") == Done(0, "", "")
        assert out.read_bytes() == whole
    out.write_bytes(whole.splitlines(keepends=True)[1])
    refused(inside(*words, "--resume"), 'line 1 has the id {"a": [1, 2]}, its case "\\ud800"')


FAULT = b'{"id":null,"error":{}}\n'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"garbage\n", "line 1 was not written by batch"),
        (b'{"id":' + b"[" * 100_000 + b"\n", "line 1 was not written by batch"),
        (FAULT + b'{"outcome":"cause_found"}\n', "line 2 was not written by batch"),
        (FAULT + b'{"id":7,"outcome":"cause_found"}\n', "line 2 has the id 7, its case 0"),
        (FAULT * 6, "holds 6 lines, more than there are cases"),
        *((text, "was not written by batch")
          for text in (b"no line end", b"\0", b'{"outcome":"cause_found"', b'{"id":1}\nmy own words')),
    ],
)  # fmt: skip
def test_what_batch_did_not_write_of_these_cases_is_left_alone(cases, tmp_path, written, said) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(written)
    refused(inside("batch", cases, "-o", str(out), "--resume", "--lang", "en"), str(out), said)
    assert out.read_bytes() == written


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_what_is_no_file_cannot_be_resumed(cases: str, device: str) -> None:
    refused(inside("batch", cases, "-o", device, "--resume", "--lang", "en"), "--resume needs -o FILE")


@pytest.fixture
def broken_off(tmp_path: Path) -> tuple[str, ...]:
    """A batch in Chinese that broke off after two of three cases: its command line, the output last."""
    cases, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    cases.write_text(jsonl(*({"id": age, "answers": {"person.age": age}} for age in (16, 17, 18))), encoding="utf-8")
    begun = inside("batch", "--lang", "zh", stdin=b"".join(cases.read_bytes().splitlines(keepends=True)[:2]))
    out.write_text(begun.out, encoding="utf-8")
    return "batch", str(cases), "-o", str(out)


@pytest.mark.parametrize(("words", "what"), [
    (["--lang", "en"], "lang"), (["--fields", "outcome"], "--fields"), (["--fields", "summary,outcome"], "--fields"),
])  # fmt: skip
def test_resume_does_not_mix_two_shapes_in_one_file(words: list[str], what: str, broken_off: tuple[str, ...]) -> None:
    out = Path(broken_off[-1])
    begun = out.read_bytes()
    refused(inside(*broken_off, "--resume", "--lang", "zh", *words), what)
    assert out.read_bytes() == begun
    done = inside(*broken_off, "--resume", "--lang", "zh")
    assert (done.code, len(out.read_bytes().splitlines())) == (0, 3)


@pytest.mark.parametrize("change", [("tool", {"name": "weilidai-doctor", "version": "0.0.9"}),
                                    ("knowledge", {"version": "2000.1.1"}), ("summary", "其他知识")])  # fmt: skip
def test_resume_names_what_another_version_or_knowledge_wrote(change, broken_off) -> None:
    out = Path(broken_off[-1])
    report = json.loads(out.read_bytes().splitlines()[0])
    out.write_text(jsonl(report | {change[0]: change[1]}), encoding="utf-8")
    refused(inside(*broken_off, "--resume", "--lang", "zh"), change[0])
