"""`batch` at the command line: order, streaming, encodings, exit code 4."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics.batch import MAX_LINE
from tests.headless.doctor import PATIENCE, SCRIPT, Done, refused, shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., Done]


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
def test_lines_in_order_with_blank_and_bad_ones_in_every_encoding(call: Call, tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    done = call("batch", written(tmp_path, (mark + CASES).encode(encoding)), "--fields", "outcome")
    assert done.code == 4
    assert [(one["id"], one.get("line"), one.get("outcome")) for one in lines(done)] == [
        ("甲", None, "cause_found"), (None, 4, None), (None, 5, "not_enough_known"), (None, 7, None),
        (3, None, "cause_found"),
    ]  # fmt: skip
    assert done.err.count("\n") == 1
    assert "2" in done.err


def test_without_a_bad_line_it_ends_well_and_says_nothing(call: Call, tmp_path: Path) -> None:
    done = call("batch", written(tmp_path, b'{"id": 1, "answers": {}}'))
    assert (done.code, done.err, len(lines(done))) == (0, "", 1)
    assert call("batch", written(tmp_path, b"")) == Done(0, "", "")
    assert call("batch", written(tmp_path, b"\n\r\n \n")) == Done(0, "", "")


def test_a_line_too_long_is_passed_over_and_the_next_is_read(call: Call, tmp_path: Path) -> None:
    long = b'{"id": 1, "answers": {"wechat.version": "' + b"x" * (3 * MAX_LINE) + b'"}}\n'
    fits = b'{"id": 2, "answers": {}}'.ljust(MAX_LINE) + b"\n"
    done = call("batch", written(tmp_path, long + fits + b'{"id": 3, "answers": {}}'), "--fields", "outcome")
    assert [one["id"] for one in lines(done)] == [None, 2, 3]
    assert done.code == 4


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_line_is_answered_before_the_next_is_given(jobs: str) -> None:
    command = [SCRIPT, "batch", "--fields", "outcome", "--jobs", jobs]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in range(5):
            running.stdin.write(b'{"id": %d, "answers": {}}\n' % number)
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, err) == (0, b"", b"")


def test_into_a_file_and_never_over_the_cases(call: Call, tmp_path: Path) -> None:
    path = written(tmp_path, b'{"id": 1, "answers": {}}\n')
    out = tmp_path / "out.jsonl"
    assert call("batch", path, "-o", str(out)) == Done(0, "", "")
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == 1
    (tmp_path / "link.jsonl").symlink_to(path)
    for sink in (path, str(tmp_path / "link.jsonl")):
        refused(call("batch", path, "-o", sink), "cases.jsonl")
    assert (tmp_path / "cases.jsonl").read_bytes() == b'{"id": 1, "answers": {}}\n'


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_who_leaves_ends_it_quietly_also_where_the_cases_come_from_a_file(tmp_path: Path, jobs: str) -> None:
    path = written(tmp_path, b'{"answers": {}}\n' * 300)
    done = shell(f"doctor batch {path} --jobs {jobs} | head -c 10; exit ${{PIPESTATUS[0]}}")
    assert done == Done(0, '{"id":null', "")


def test_wrong_usage(call: Call, tmp_path: Path) -> None:
    path = written(tmp_path, b"{}")
    refused(call("batch", str(tmp_path / "gone.jsonl")), "gone.jsonl", "No such file")
    refused(call("batch", path, "--fields", "outcom"), "did you mean outcome?")
    refused(call("batch", path, "--jobs", "0"), "--jobs")
    refused(call("batch", path, "--lang", "de"), "--lang")


def test_the_summary_counts_on_stderr(call: Call, tmp_path: Path) -> None:
    cases = b'{"answers": {"person.age": 17}}\n{"answers": {"person.age": 16}}\nx\n'
    found = b'{"answers": {"entry.services_menu": "shown"}}\n'
    done = call("batch", written(tmp_path, cases + found), "--summary", "--fields", "outcome")
    counts = done.err.splitlines()[:-1]
    assert counts == [
        "       2  cause_found age_out_of_range", "       1  rejected", "       1  entry_found",
    ], "a cause that does not stand is not the first one"  # fmt: skip
    assert len(lines(done)) == 4
