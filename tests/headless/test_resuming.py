"""`batch --resume` goes on where its own output ends, and never behind the results of other cases."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.batch import split_blocks
from tests.diagnostics.test_blocks import MOST, TEXT, numbered, plain
from tests.headless.doctor import Done, refused
from tui.cli.commands.batch import Done as Taken
from tui.cli.commands.batch import left
from tui.cli.output import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., Done]


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


def test_what_was_written_before_counts(call: Call, cases: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    words = ("batch", cases, "-o", str(out), "--fields", "outcome", "--summary", "--lang", "en")
    assert call(*words).code == 4
    whole = out.read_bytes()
    out.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]) + b'{"id":2,"outc')
    again = call(*words, "--resume")
    assert out.read_bytes() == whole
    assert again.code == 4, "a record was rejected before the batch was cut off"
    assert "3  (written before)" in again.err
    done = call(*words, "--resume")
    assert (done.code, out.read_bytes()) == (4, whole)


def test_every_id_that_batch_writes_is_read_again(call: Call, tmp_path: Path) -> None:
    ids = [r'"\ud800"', '{"a":[1,2]}', "1.0", "123456789012345678901234567890", '"\u202e"', r'["\udfff",{"甲":null}]']
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(f'{{"id":{id_},"answers":{{}}}}\n' for id_ in ids), encoding="utf-8")
    words = ("batch", str(path), "-o", str(out), "--fields", "outcome", "--lang", "en")
    assert call(*words).code == 0
    whole = out.read_bytes()
    for kept in range(len(ids)):
        out.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]))
        assert call(*words, "--resume") == Done(0, "", "")
        assert out.read_bytes() == whole
    out.write_bytes(whole.splitlines(keepends=True)[1])
    refused(call(*words, "--resume"), 'line 1 has the id {"a": [1, 2]}, its case "\\ud800"')


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (["garbage"], ("line 1 was not written by batch",)),
        (['{"id":' + "[" * 100_000], ("line 1 was not written by batch",)),
        (['{"id":null,"error":{}}', '{"outcome":"cause_found"}'], ("line 2 was not written by batch",)),
        (['{"id":null,"error":{}}', '{"id":7,"outcome":"cause_found"}'], ("line 2 has the id 7, its case 0",)),
        (['{"id":null,"error":{}}'] * 6, ("holds 6 lines, more than there are cases",)),
    ],
)
def test_the_results_of_other_cases_are_left_alone(
    call: Call, cases: str, tmp_path: Path, written: list[str], words: tuple[str, ...]
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("\n".join(written) + "\n", encoding="utf-8")
    before = out.read_bytes()
    refused(call("batch", cases, "-o", str(out), "--resume", "--lang", "en"), str(out), *words)
    assert out.read_bytes() == before


@pytest.mark.parametrize("written", [b"no line end", b"\0", b'{"outcome":"cause_found"', b'{"id":1}\nmy own words'])
def test_a_file_that_batch_did_not_write_is_never_cut(call: Call, cases: str, tmp_path: Path, written: bytes) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(written)
    refused(call("batch", cases, "-o", str(out), "--resume", "--lang", "en"), "was not written by batch")
    assert out.read_bytes() == written


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_what_is_no_file_cannot_be_resumed(call: Call, cases: str, device: str) -> None:
    refused(call("batch", cases, "-o", device, "--resume", "--lang", "en"), "--resume needs -o FILE")


def test_a_missing_output_is_begun(call: Call, cases: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert call("batch", cases, "-o", str(out), "--resume").code == 4
    assert [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()] == [None, 0, 1, 2, 3]
