"""The written reports: what they must say, how wide, how large and how fast they are, and what they let through."""

import html
import json
import re
import sys
import time
from functools import cache
from typing import Any

import msgspec
import pytest

from diagnostics import diagnose
from diagnostics.answers import observations
from diagnostics.checks.base import CheckResult
from diagnostics.evidence import Evidence
from diagnostics.formats import FORMATS, SHORT, FormatUnavailable, render, short
from diagnostics.formats.outline import escape
from diagnostics.formats.report_view import moment
from diagnostics.formats.width import cells, wrap
from diagnostics.knowledge import load
from diagnostics.report import build, may_apply
from diagnostics.report.model import BeliefReport
from tests.diagnostics.formats.examples import EVERYTHING, FOUND, NETWORK, PAYLOAD, USUAL, hostile, report
from tests.rows import each

KINDS: dict[str, dict[str, Any]] = {"usual": USUAL, "everything": EVERYTHING, "found": FOUND, "nothing": {}}
BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
ALL = pytest.mark.parametrize("kind", KINDS)
READ = pytest.mark.parametrize("format_", ["text", "markdown", "html"])


@cache
def written(format_: str, kind: str, lang: Any) -> str:
    """Write a report of this kind, with what a browser makes of its references."""
    return html.unescape(render(format_, report(KINDS[kind], lang), load()))


def squeezed(text: str) -> str:
    """Leave white space out, so that wrapping does not matter, and Markdown's escapes with it."""
    return re.sub(r"\s|\\", "", html.unescape(text))


@BOTH
@ALL
@READ
def test_says_all_that_has_to_be_said(format_: str, kind: str, lang: Any) -> None:
    one, knowledge = report(KINDS[kind], lang), load()
    text = squeezed(written(format_, kind, lang))
    needed = [one.summary, *one.limits, *(warning.text for warning in one.warnings)]
    # where something else leads, looking on is a step and no reason
    causes = [cause for cause in one.causes if kind != "everything" or cause.id != "entry_not_searched"]
    needed += [cause.title for cause in causes if cause.status != "unknown"]
    needed += [because.text for cause in causes if cause.status in ("confirmed", "likely", "possible")
               for because in cause.because]  # fmt: skip
    needed += [part for item in one.plan for part in (item.text, item.verify)]
    needed += [clash.text for clash in one.contradictions]
    needed += [*one.application.steps, *one.application.cautions] if one.application and may_apply(one) else []
    needed += [situation.text for situation in one.situations[1:] if situation.id != "found" or may_apply(one)]
    if one.questions.next and one.questions.stop_reason is None:
        needed.append(knowledge.questions[one.questions.next].text(lang).ask)
    for part in needed:
        assert squeezed(part) in text, part


@READ
def test_says_what_was_done_and_what_could_not_be(format_: str) -> None:
    one, knowledge = report(USUAL, "zh"), load()
    first, second, *_, last = one.plan
    went = {first.id: "done", second.id: "later", last.id: "no_change", "restart_phone": "done"}
    text = squeezed(render(format_, one, knowledge, went=went))
    restarted = knowledge.actions["restart_phone"].short.zh
    for part in (f"{first.short}（做完了）", second.text, f"{last.short}（做了，没有变化）", f"{restarted}（做完了）"):
        assert squeezed(part) in text
    assert squeezed(first.text) not in text
    assert second.short in short(one, knowledge, {item.id: "later" for item in one.plan if item is second} | {
        item.id: "done" for item in one.plan if item is not second})  # fmt: skip


@BOTH
@READ
@pytest.mark.parametrize("kind", ["usual", "everything"])
def test_the_warning_what_to_do_why_and_the_rest_stand_in_this_order(format_: str, kind: str, lang: Any) -> None:
    one, text = report(KINDS[kind], lang), squeezed(written(format_, kind, lang))
    because = next(because.text for cause in one.causes[:1] for because in cause.because)
    parts = [one.summary, *(item.text for item in one.plan[:3])]
    if format_ == "html":  # all steps, and then why
        parts += [*(item.text for item in one.plan[3:4]), because, one.warnings[-2].text]
    else:
        scam = [warning.text for warning in one.warnings[:1] if warning.id == "scam"]
        parts = [*scam, *parts, because, one.warnings[-1].text, *(item.text for item in one.plan[3:4])]
    where = [text.index(squeezed(part)) for part in parts]
    assert where == sorted(where), parts


@BOTH
@ALL
@pytest.mark.parametrize("format_", ["text", "markdown", "html", "short"])
def test_a_person_reads_no_milliseconds_codes_or_ids(format_: str, kind: str, lang: Any) -> None:
    one, knowledge = report(KINDS[kind], lang), load()
    text = re.sub(r"<style>.*?</style>|<[^>]*>|\\", "", render(format_, one, knowledge), flags=re.DOTALL)
    assert not re.search(r"\d ?ms\b", text)
    named = {*knowledge.causes, *knowledge.questions, *knowledge.actions, *(one.id for one in knowledge.situations)}
    named |= {check.failure or check.verdict or check.id for check in one.checks}
    codes = {id_ for id_ in named if "_" in id_ or "." in id_}
    assert {id_ for id_ in codes if re.search(rf"(?<![\w.]){re.escape(id_)}(?![\w.])", text)} == set()


@BOTH
@ALL
def test_text_keeps_within_80_cells_and_within_a_narrower_terminal(kind: str, lang: Any) -> None:
    one = report(KINDS[kind], lang)
    for width, most in ((200, 78), (60, 60)):
        for line in render("text", one, load(), width=width).splitlines():
            assert cells(line) <= most, line
            assert not line.endswith(" ")


def test_every_cause_has_its_mark_and_its_word() -> None:
    text = render("text", report(USUAL), load())
    assert "! 微信版本太旧：已确认" in text
    assert re.search(r"\? .*：有可能", text)
    one = report(USUAL)
    out, unknown = ([cause.title for cause in one.causes if cause.status == status]
                    for status in ("ruled_out", "unknown"))  # fmt: skip
    assert squeezed(f"已排除（{len(out)} 个）：{'、'.join(out)}") in squeezed(text)
    assert f"另外 {len(unknown)} 个可能的原因还没有线索" in text


def test_ascii_leaves_no_other_sign_in_an_english_report() -> None:
    text = render("text", report(USUAL, "en"), load(), ascii=True)
    left = {char for char in text if not char.isascii() and not "\u3000" <= char <= "\uffef"}
    assert not left
    assert "! WeChat is too old: confirmed" in text
    assert render("html", report(USUAL), load(), ascii=True).isascii()
    assert render("json", report(USUAL), load(), ascii=True).isascii()


@pytest.mark.parametrize("format_", FORMATS)
def test_no_control_character_reaches_a_reader(format_: str) -> None:
    text = render(format_, hostile(), load())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", text)
    assert format_ != "short" or len(text) <= SHORT["zh"] + 1  # with the line's end
    if format_ == "json":
        assert not re.search("[\t\u2028\u2029]", text)
        assert json.loads(text)["summary"] == PAYLOAD


def test_markdown_shows_hostile_texts_as_they_are() -> None:
    text = render("markdown", hostile(), load())
    assert not re.search(r"(?<!\\)[`*_|~@]|(?<!\\)\[|<", text.replace("**", ""))
    assert not re.search(r"https?://|www\.", text)
    headings = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert len(headings) == text.count("\n## ") + 1


@each("shown.toml#escaped", "raw, safe")
def test_markdown_escapes(raw: str, safe: str) -> None:
    assert escape(raw) == safe


@BOTH
def test_the_short_form_of_somebody_in_danger_ends_with_the_warning(lang: Any) -> None:
    one = report(EVERYTHING, lang)
    assert one.plan[0].urgency == "now"
    text = short(one, load())
    assert len(text) <= SHORT[lang]
    assert text.endswith(load().say("format.short.scam", lang))


def test_what_another_answer_would_change_is_told() -> None:
    evidence = Evidence(observations(USUAL))
    text = render("text", build(load(), evidence, what_if={"wechat.version": "8.0.56"}), load())
    assert "8.0.56" in text
    assert "已确认 → 已排除" in text


def test_formats_are_the_ones_the_contract_names() -> None:
    assert FORMATS == ("text", "json", "markdown", "html", "short")
    with pytest.raises(ValueError, match="text, json, markdown, html"):
        render("pdf", report({}), load())


def test_html_without_its_template_engine_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from diagnostics.formats import outline

    outline._template.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(FormatUnavailable, match=r"weilidai-doctor\[html\]"):
        render("html", report({}), load())


@BOTH
@ALL
def test_html_is_small_quick_and_closed(kind: str, lang: Any) -> None:
    one, knowledge = report(KINDS[kind], lang), load()
    text = render("html", one, knowledge)
    spent = []
    for _ in range(3):
        began = time.process_time()
        assert render("html", one, knowledge) == text
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1
    assert len(text.encode()) < 150_000
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:,|#)""", text)
    assert not re.search(r"\sstyle=|\son\w+=|url\(|@import", text)


@each("shown.toml#wrapped", "text, width, lines")
def test_wraps_by_cells(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


def test_counts_cells() -> None:
    assert [cells(text) for text in ("abc", "微信", "e\u0301", "✓✗!?-~", "ｱ", "Ａ")] == [3, 4, 1, 6, 1, 2]


@BOTH
def test_html_names_every_reading_of_a_phone_without_its_command(lang: Any) -> None:
    command = "adb shell getprop ro.product.model"
    rows = [{"id": "phone.model", "title": "T1", "value": "x", "text": "<b>P 8</b>", "command": command}, "no row"]
    phone = CheckResult(id="phone.android", status="pass", verdict="phone.ok", data={"readings": rows})
    text = render("html", report({}, lang, (phone,)), load())
    assert '<tr><th scope="row">T1</th><td>&lt;b&gt;P 8&lt;/b&gt;</td></tr>' in text
    assert command not in text
    assert load().say("format.check.readings", lang, count=1) in text


@BOTH
def test_only_checks_that_ran_and_found_something_to_look_at_are_told(lang: Any) -> None:
    silent = (
        CheckResult(id="wechat.version", status="skipped", detail="left out"),
        CheckResult(id="phone.android", status="cancelled", detail="broken off"),
        CheckResult(id="wechat.desktop", status="pass", detail="nothing here", data={"absent": True}),
        CheckResult(id="computer.wechat", status="pass", detail="nothing here", verdict="computer.wechat_absent"),
    )
    for format_ in ("html", "text", "markdown"):
        text = render(format_, report({}, lang, (NETWORK, *silent)), load())
        assert load().say("check.network.reachability.title", lang) in text.replace("\\", "")
        assert not re.search("left out|broken off|nothing here", text)


@BOTH
def test_times_are_told_as_people_read_them(lang: Any) -> None:
    for format_ in ("html", "text", "markdown"):
        assert "2026-11-01 08:00 UTC" in written(format_, "nothing", lang)
    assert moment("not a time") == "not a time"
    assert moment("2026-11-01T08:00:59+08:00") == "2026-11-01 00:00 UTC"


@BOTH
def test_the_last_line_of_the_page_names_the_case_the_version_and_the_time_here(lang, monkeypatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        text = render("html", report({}, lang), load(), ticket="T-1042 13812345678")
    finally:
        monkeypatch.undo()
        time.tzset()
    last = text[text.index('<p class="stamp">') :]
    assert "T-1042" in last
    assert "13812345678" not in last
    assert load().say("format.report.beijing", lang, at="2026-11-01 16:00") in last


@BOTH
@READ
def test_a_mistaken_belief_is_quoted_with_its_answer(format_: str, lang: Any) -> None:
    belief = BeliefReport(id="iphone_unsupported", quote="<b>iPhone</b> 不能用", text="ANSWER")
    one = msgspec.structs.replace(report(USUAL, lang), beliefs=[belief])
    text = render(format_, one, load())
    assert format_ == "text" or "<b>iPhone" not in text
    assert squeezed(load().say("format.belief.line", lang, quote=belief.quote, text=belief.text)) in squeezed(text)


@BOTH
@pytest.mark.parametrize("format_", ["text", "markdown", "html", "short"])
def test_who_despairs_is_answered_before_everything_else(format_: str, lang: Any) -> None:
    words = load().beliefs["despair"].get(lang)
    plain = report({"service.owing": "yes"}, lang)
    one = msgspec.structs.replace(plain, beliefs=[BeliefReport(id="despair", quote="QUOTE", text=words)])
    text = squeezed(render(format_, one, load()))
    said = [text.rindex(squeezed(sentence)) for sentence in (words, one.summary)]
    assert said == sorted(said)
    assert "QUOTE" not in text


@pytest.mark.parametrize("wish", ["repay", "postpone"])
def test_no_causes_are_named_to_whoever_only_repays(wish: str) -> None:
    answers = {"service.wish": wish, "income.stability": "none"}
    heading = load().say("format.heading.causes", "zh")
    assert heading not in render("text", report(answers, "zh"), load())
    assert heading in render("text", report(answers | {"entry.services_menu": "not_shown"}, "zh"), load())


@pytest.mark.parametrize("wish", ["close", "repay", "use"])
@READ
def test_nobody_is_shown_how_to_apply_who_did_not_come_for_it(format_: str, wish: str) -> None:
    answers = {"entry.services_menu": "shown", "service.wish": wish}
    found = load().situations[[one.id for one in load().situations].index("found")]
    sentence, steps = found.text[-1].zh, load().guide.step
    for given, shown in ((answers, False), ({"entry.services_menu": "shown"}, True)):
        written = squeezed(render(format_, diagnose(given), load()))
        assert all((squeezed(one) in written) is shown for one in (sentence, steps[0].zh)), given


@BOTH
def test_whoever_may_stop_is_not_told_that_more_is_open(lang: Any) -> None:
    still_open, stopped = (load().say(f"format.heading.{name}", lang) for name in ("questions", "stopped"))
    for answers, heading, other in (({"person.age": 17}, stopped, still_open), ({}, still_open, stopped)):
        text = render("text", diagnose(answers, lang=lang), load())
        assert f"[ {heading} ]" in text
        assert other not in text
