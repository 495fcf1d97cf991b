"""Hand-over and figures: taken in whole or not at all, twice is once, nothing personal leaves, no formula runs."""

from __future__ import annotations

import json

import pytest

from diagnostics.cases.bundle import export, resolved, take
from diagnostics.cases.model import BundleError, Filter, StoreLocation, new_id
from diagnostics.cases.stats import CauseCount, as_csv, harmless, stats
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from diagnostics.formats.width import bars


@pytest.fixture
def filled(store, clock):
    for number in range(3):
        id_ = new_id()
        told = [Observation(id="person.age", value=30 + number), Observation(id="account.teen_mode", value="on")]
        store.save(id_, told[:1], version=None, label=f"工单 {number}", consent_at="2025-06-15T15:00:00Z")
        clock.seconds += 60 * number
        store.save(id_, told, version=1)
        store.note(id_, f"第 {number} 次回电 13800138000")
        store.tag(id_, ["回访"])
        clock.seconds += 86_400 * 5
    store.close(id_, "teen_mode")
    return store


@pytest.fixture
def other(knowledge, tmp_path, clock):
    opened = open_store(knowledge, StoreLocation(file=tmp_path / "other" / "cases.db"), operator="小李", clock=clock)
    yield opened
    opened.dispose()


def test_another_desk_takes_everything_in_and_a_second_time_changes_nothing(filled, other):
    lines = list(export(filled))
    taken = take(other, lines)
    assert (taken.new, taken.known, taken.notes) == (3, 0, 0)
    mine, theirs = list(filled.every()), list(other.every())
    assert [case.id for case in theirs] == [case.id for case in mine]
    for before, after in zip(mine, theirs, strict=True):
        for name in (
            "label",
            "operator",
            "status",
            "proven",
            "consent_at",
            "observations",
            "notes",
            "tags",
            "created_at",
            "place",
        ):
            assert getattr(after, name) == getattr(before, name)
    again = take(other, lines)
    assert (again.new, again.known, again.notes) == (0, 3, 0)
    assert list(other.every()) == theirs
    assert len(other.list(Filter(text="回电")).rows) == 3


def test_notes_made_in_the_meantime_are_added_to_what_is_there(filled, other):
    take(other, export(filled))
    id_ = filled.list().rows[0].id
    filled.note(id_, "后来的备注")
    taken = take(other, export(filled))
    assert (taken.known, taken.notes) == (3, 1)
    assert other.open(id_).notes[-1].text == "后来的备注"


def test_what_was_closed_and_tagged_elsewhere_is_taken_over_where_it_is_newer(filled, other):
    take(other, export(filled))
    id_, untouched = (row.id for row in filled.list(Filter(status="open")).rows)
    filled.close(id_, "student")
    filled.rename(id_, "T-9")
    filled.own(id_, "小赵")
    filled.follow_up(id_, "2025-07-01")
    filled.tag(id_, ["急"], remove=["回访"])
    taken = take(other, export(filled))
    assert (taken.known, taken.changed, taken.conflicts) == (3, 1, ())
    held, source = other.open(id_), filled.open(id_)
    for name in ("status", "proven", "closed_at", "label", "owner", "due_on", "tags", "observations"):
        assert getattr(held, name) == getattr(source, name), name
    assert [one for one in held.history if one.kind != "import"] == list(source.history)
    assert [row.id for row in other.list(Filter(text="急")).rows] == [id_]
    back = take(filled, export(other))
    assert (back.changed, back.conflicts) == (0, ())
    assert filled.open(id_).version == source.version
    assert other.open(untouched).status == "open"
    before = list(other.every())
    again = take(other, export(filled))
    assert (again.changed, again.notes) == (0, 0)
    assert list(other.every()) == before


def test_what_both_changed_is_named_and_nothing_is_overwritten(filled, other):
    take(other, export(filled))
    id_ = filled.list(Filter(status="open")).rows[0].id
    filled.close(id_, "student")
    filled.tag(id_, ["甲"])
    other.close(id_, "income")
    other.tag(id_, ["乙"])
    taken = take(other, export(filled))
    assert (taken.changed, taken.conflicts) == (0, (id_,))
    held = other.open(id_)
    assert (held.proven, held.tags) == ("income", ("乙", "回访", "甲"))
    assert {one.detail for one in held.history if one.kind == "close"} == {"student", "income"}


def test_answers_given_later_at_the_same_desk_are_newer_and_no_conflict(filled, other):
    id_ = filled.list(Filter(status="open")).rows[0].id
    take(other, export(filled))
    case = filled.open(id_)
    filled.save(id_, [*case.observations, Observation(id="person.student", value="no")], version=case.version)
    taken = take(other, export(filled))
    assert (taken.changed, taken.conflicts) == (1, ())
    assert other.open(id_).answered == 3


def test_a_bundle_of_version_0_1_0_is_merged_by_its_version_and_time(filled, other, clock):
    def old(store):
        lines = []
        for line in export(store):
            record = json.loads(line)
            if "history" in record:
                for name in ("history", "owner", "due_on"):
                    del record[name]
                lines.append(json.dumps(record, ensure_ascii=False) + "\n")
            elif "schema" in record:
                lines.append(line)
        return signed(lines)

    take(other, old(filled))
    id_, both = (row.id for row in filled.list(Filter(status="open")).rows)
    clock.seconds += 60
    for case in (id_, both):
        filled.close(case, "student")
    other.close(both, "income")
    taken = take(other, old(filled))
    assert (taken.changed, taken.conflicts) == (1, (both,))
    assert (other.open(id_).proven, other.open(both).proven) == ("student", "income")


def test_an_export_is_written_piece_by_piece(filled, tmp_path):
    import tracemalloc

    from tui.cli.output import write_file

    case = next(filled.every())
    line = next(line for line in export(filled) if case.id in line)
    tracemalloc.start()
    write_file(str(tmp_path / "bundle.jsonl"), (line for _ in range(20_000)), private=True)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "bundle.jsonl").stat().st_size == 20_000 * len(line.encode())
    assert most < 2_000_000


def test_a_bundle_cut_off_anywhere_is_refused_whole(filled, other):
    whole = "".join(export(filled))
    for length in range(0, len(whole) - 1, 37):
        with pytest.raises(BundleError):
            take(other, whole[:length].splitlines(keepends=True))
    assert other.count() == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [line.replace("teen_mode", "student") for line in lines],
        lambda lines: [*lines, lines[1]],
        lambda lines: [lines[1], *lines],
        lambda lines: [lines[0].replace("cases/1", "cases/2"), *lines[1:]],
        lambda lines: ["\n", *lines],
        lambda lines: [lines[0], "[" * 100_000, *lines[1:]],
    ],
)
def test_a_changed_bundle_is_refused_whole(filled, other, change):
    with pytest.raises(BundleError):
        take(other, change(list(export(filled))))
    assert other.count() == 0


def signed(lines):
    import hashlib

    body = "".join(lines)
    return [
        *lines,
        json.dumps({"cases": len(lines) - 1, "sha256": hashlib.sha256(body.encode()).hexdigest()}).replace(": ", ":"),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "../../etc"), ("proven", "no_such"), ("created_at", "yesterday"), ("version", -1), ("place", 2**63),
     ("status", "gone"), ("observations", [{"id": "person.age", "value": 999}]),
     ("observations", [{"id": "person.age"}]), ("masked", [{"kind": "手机号", "placeholder": "<b>-1", "times": 1}]),
     ("masked", [{"kind": "手机号", "placeholder": "<手机号-1>", "times": -1}]),
     ("notes", [{"id": "../x", "at": "2025-06-15T15:00:00Z", "operator": "", "text": "x"}])],
)  # fmt: skip
def test_a_well_signed_bundle_with_nonsense_in_it_is_refused(filled, other, field, value):
    lines = list(export(filled))[:2]
    case = json.loads(lines[1]) | {field: value}
    with pytest.raises(BundleError, match=r"^bundle:2: "):
        take(other, signed([lines[0], json.dumps(case) + "\n"]))


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [({"created_at": "yester\x1bday"}, "yester�day: 没有这一天", "yester�day: there is no such date"),
     ({"version": "x"}, "应当是整数，而不是文字（加引号）（version）",
      "must be a whole number, not a text in quotes (version)"),
     (None, "不是合法的 JSON：这里应当有一个值（1:1）", "not JSON: a value is expected here (1:1)")],
)  # fmt: skip
def test_what_is_wrong_with_a_bundle_is_told_with_its_place_in_both_languages(filled, other, changed, zh, en):
    head, line = list(export(filled))[:2]
    wrong = json.dumps(json.loads(line) | changed) if changed else "gone"
    with pytest.raises(BundleError) as caught:
        take(other, signed([head, wrong + "\n"]), "desk.jsonl")
    assert (caught.value.text("zh"), caught.value.text("en")) == (f"desk.jsonl:2: {zh}", f"desk.jsonl:2: {en}")


def test_what_comes_in_is_cleaned_and_masked(filled, other):
    lines = list(export(filled, redact=False))[:2]
    case = json.loads(lines[1])
    case["label"] = "\x1b]52;c;QUFB\x07 13900139000"
    case["notes"][0]["text"] = "\x1b[2J 打 13900139000"
    take(other, signed([lines[0], json.dumps(case) + "\n"]))
    taken = other.open(case["id"])
    assert "\x1b" not in taken.label + taken.notes[0].text
    assert "13900139000" not in taken.label + taken.notes[0].text


def test_what_comes_in_for_a_case_that_is_here_is_cleaned_and_masked_too(filled, other):
    lines = list(export(filled))[:2]
    take(other, signed(lines))
    case = json.loads(lines[1])
    case["notes"].append(
        {"id": "0" * 20, "at": "2025-06-16T15:00:00Z", "operator": "\x1b[2J", "text": "\x9b2J 13900139000"}
    )
    case["tags"] = ["a", "a", ""]
    case["observations"].append({"id": "note\x1b", "value": "\x9b", "observed_at": "\u202e", "detail": "\x1b[2J"})
    take(other, signed([lines[0], json.dumps(case) + "\n"]))
    other.delete(case["id"])
    known = take(other, signed([lines[0], json.dumps(case) + "\n"]))
    assert (known.new, known.notes) == (1, 0)
    assert other.open(case["id"]).tags == ("a",)
    take(filled, signed([lines[0], json.dumps(case) + "\n"]))
    for store in (filled, other):
        shown = repr(store.open(case["id"]))
        assert not any(sign in shown for sign in (r"\x1b", r"\x9b", r"\u202e", "13900139000"))
        assert "2J" in shown


def test_a_placeholder_means_one_value_at_the_other_desk_and_in_the_bundle_too(filled, other):
    id_ = filled.list().rows[0].id
    take(other, export(filled))
    other.note(id_, "打 13900139000")
    assert [note.text for note in other.open(id_).notes] == ["第 2 次回电 <手机号-1>", "打 <手机号-2>"]
    assert [(one.placeholder, one.times) for one in other.open(id_).masked] == [("<手机号-1>", 1), ("<手机号-2>", 1)]
    with other.writing() as connection:  # as an older program may have left it
        connection.exec_driver_sql("UPDATE cases SET label = '13700137000' WHERE id = ?", (id_,))
    case = json.loads(next(line for line in export(other) if id_ in line))
    assert case["label"] == "<手机号-3>"
    assert [one["placeholder"] for one in case["masked"]] == ["<手机号-1>", "<手机号-2>", "<手机号-3>"]


def test_export_masks_once_more_what_an_older_program_let_through(filled):
    id_ = filled.list().rows[0].id
    with filled.writing() as connection:
        connection.exec_driver_sql("UPDATE notes SET text = '打 13700137000' WHERE case_id = ?", (id_,))
    assert "13700137000" not in "".join(export(filled))
    assert "13700137000" in "".join(export(filled, redact=False))
    foot = json.loads(list(export(filled))[-1])
    assert [entry["kind"] for entry in foot["masked"]] == ["手机号"]


def test_resolved_cases_are_what_calibrate_reads(filled):
    lines = [json.loads(line) for line in resolved(filled)]
    assert lines == [{"answers": {"person.age": 39, "account.teen_mode": "on"}, "cause": "teen_mode"}]


def test_figures_by_week_cause_time_and_questions(filled):
    found = stats(filled, Filter())
    assert (found.cases, found.open, found.closed) == (3, 2, 1)
    assert [(week.week, week.cases) for week in found.weeks] == [("2025-W24", 1), ("2025-W25", 1), ("2025-W26", 1)]
    assert found.causes == (CauseCount(cause="teen_mode", first=3, proven=1, agreed=1),)
    assert (found.seconds.median, found.seconds.most, found.questions.median) == (60, 120, 2)
    nothing = stats(filled, Filter(status="open", cause="income"))
    assert (nothing.cases, nothing.weeks, nothing.seconds.most) == (0, (), 0)


def test_the_spread_of_counted_figures_is_that_of_the_figures():
    import random
    from collections import Counter
    from statistics import median, quantiles

    from diagnostics.cases.stats import _spread

    rng = random.Random(4)
    for size in (1, 2, 3, 10, 101):
        figures = [rng.randrange(50) for _ in range(size)]
        found = _spread(Counter(figures))
        assert found.median == pytest.approx(median(figures))
        ninth = quantiles(figures, n=10, method="inclusive")[8] if size > 1 else figures[0]
        assert found.p90 == pytest.approx(ninth, abs=0.051)
        assert found.most == max(figures)


def test_no_cell_of_the_csv_is_a_formula():
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"):
        assert str(harmless(text)).startswith("'")
    assert harmless(-3) == -3
    row = CauseCount(cause='=HYPERLINK("http://x","y")', first=1, proven=0, agreed=0)
    assert as_csv([row]).splitlines()[1].startswith("\"'=HYPERLINK")


def test_bars_fit_their_names_and_never_hide_a_figure():
    lines = bars([("收入", 80), ("income", 1), ("none", 0)], width=20)
    assert lines == ["收入   " + "█" * 20 + " 80", "income ▎ 1", "none   0"]
    assert bars([("a", 80), ("b", 1)], ascii_only=True, width=8) == ["a ######## 80", "b # 1"]
    assert bars([], 8) == []
