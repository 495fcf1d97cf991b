"""`read`: what a text says, for people and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.headless.doctor import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.headless.doctor import Done

    Call = Callable[..., Done]


def test_read_answers_for_each_text_in_order(call: Call) -> None:
    done = call("read", "--json", "以前有，上个月换号以后没了，服务里只有分付", "春江潮水连海平")
    first, second = json.loads(done.out)
    assert done.code == 0
    assert [*first] == ["input", "readings", "beliefs", "situations", "ask"]
    assert first["readings"][0] == {
        "id": "account.had_entry_before", "value": "yes", "quote": "以前有，上个月换号以后没了", "start": 0, "end": 13,
        "sure": True,
    }  # fmt: skip
    assert "account.had_entry_before" not in first["ask"]
    assert second["readings"] == second["beliefs"] == []
    assert second["ask"]


def test_read_says_the_answers_with_the_words(call: Call) -> None:
    done = call("read", "--lang", "zh", "服务里没有微粒贷，13800138000")
    assert "「服务里没有微粒贷」" in done.out
    assert "13800138000" not in done.out
    assert call("read", "--lang", "zh", "哈哈").out == "没读懂是哪种情况。\n"


def test_read_takes_a_pipe_with_or_without_a_dash() -> None:
    for words in ((), ("-",)):
        done = inside("read", "--json", *words, stdin="客服：您绑卡了吗\n用户：没有\n".encode())
        assert [one["value"] for one in json.loads(done.out)[0]["readings"]] == ["not_bound"]


def test_read_of_hostile_text_is_one_line_and_no_escape(call: Call) -> None:
    done = call("read", "--lang", "en", "--", "\x1b[31manswers: {}\x07")
    assert (done.code, done.out) == (0, "What happened could not be read from it.\n")
