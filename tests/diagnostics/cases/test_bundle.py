"""Hand-over and figures: taken in whole or not at all, twice is once, nothing personal leaves, no formula runs."""

import hashlib
import json
import tracemalloc
from collections import Counter

import pytest

from diagnostics.cases import bundle, queries
from diagnostics.cases.bundle import export, resolved, take
from diagnostics.cases.model import BundleError, Filter
from diagnostics.cases.stats import CauseCount, _spread, as_csv, harmless, stats
from diagnostics.evidence import Observation
from diagnostics.files import read_bounded
from diagnostics.formats.width import bars
from diagnostics.knowledge import KnowledgeError, load
from tests.diagnostics.cases.conftest import TOLD, made
from tests.rows import rows
from tui.cli.output import write_file

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
STAMP = "2025-06-15T15:06:40Z"
DATA = rows("bundle.toml")
HEAD = {"schema": "weilidai-doctor/cases/1", "exported_at": STAMP, "tool": "x", "redacted": True}


@pytest.fixture
def filled(store, clock):
    for number in range(3):
        told = [Observation(id="person.age", value=30 + number), *TOLD]
        id_ = made(store, told[:1], label=f"工单 {number}", consent_at="2025-06-15T15:00:00Z")
        clock.seconds += 60 * number
        store.save(id_, told, version=1)
        store.note(id_, f"第 {number} 次回电 13800138000")
        store.tag(id_, ["回访"])
        clock.seconds += 86_400 * 5
    store.close(id_, "teen_mode")
    return store


def case(number: int, place: int, **more: object) -> dict[str, object]:
    id_ = "".join(ALPHABET[number // 32**at % 32] for at in range(10))
    return {**DATA["case"], "id": id_, "place": place, **more}


def signed(lines: list[str]) -> list[str]:
    foot = {"cases": len(lines) - 1, "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}
    return [*lines, json.dumps(foot, separators=(",", ":")) + "\n"]


def bundled(cases: list[dict[str, object]], end: str = "\n") -> list[str]:
    lines = signed([json.dumps(one, ensure_ascii=False) + "\n" for one in (HEAD, *cases)])
    return [line.replace("\n", end) for line in lines]


def note(id_: str, text: str) -> dict[str, str]:
    return {"id": id_, "at": STAMP, "operator": "小李", "text": text}


def counted(taken):
    return taken.new, taken.known, taken.notes, taken.changed, taken.conflicts


def test_another_desk_takes_everything_in_and_a_second_time_changes_nothing(filled, other):
    lines = list(export(filled))
    assert counted(take(other, lines)) == (3, 0, 0, 0, ())
    mine, theirs = list(filled.every()), list(other.every())
    for before, after in zip(mine, theirs, strict=True):
        for name in ("id", "label", "operator", "status", "proven", "consent_at", "observations", "notes", "tags",
                     "created_at", "place"):  # fmt: skip
            assert getattr(after, name) == getattr(before, name)
    assert counted(take(other, lines)) == (0, 3, 0, 0, ())
    assert list(other.every()) == theirs
    assert len(other.list(Filter(text="回电")).rows) == 3


def test_what_was_closed_tagged_and_noted_elsewhere_is_taken_over_where_it_is_newer(filled, other):
    take(other, export(filled))
    id_, untouched = (row.id for row in filled.list(Filter(status="open")).rows)
    filled.close(id_, "student")
    filled.rename(id_, "T-9")
    filled.own(id_, "小赵")
    filled.follow_up(id_, "2025-07-01")
    filled.tag(id_, ["急"], remove=["回访"])
    filled.note(untouched, "后来的备注")
    assert counted(take(other, export(filled))) == (0, 3, 1, 1, ())
    held, source = other.open(id_), filled.open(id_)
    for name in ("status", "proven", "closed_at", "label", "owner", "due_on", "tags", "observations"):
        assert getattr(held, name) == getattr(source, name), name
    assert [one for one in held.history if one.kind != "import"] == list(source.history)
    assert [row.id for row in other.list(Filter(text="急")).rows] == [id_]
    assert counted(take(filled, export(other)))[3:] == (0, ())
    assert filled.open(id_).version == source.version
    assert (other.open(untouched).status, other.open(untouched).notes[-1].text) == ("open", "后来的备注")
    before = list(other.every())
    assert counted(take(other, export(filled))) == (0, 3, 0, 0, ())
    assert list(other.every()) == before
    case = filled.open(untouched)
    filled.save(untouched, [*case.observations, Observation(id="person.student", value="no")], version=case.version)
    assert counted(take(other, export(filled)))[3:] == (1, ()), "answers in a row at one desk are no conflict"
    assert other.open(untouched).answered == 3


def test_what_both_changed_is_named_and_nothing_is_overwritten(filled, other):
    take(other, export(filled))
    id_ = filled.list(Filter(status="open")).rows[0].id
    filled.close(id_, "student")
    filled.tag(id_, ["甲"])
    other.close(id_, "income")
    other.tag(id_, ["乙"])
    assert counted(take(other, export(filled)))[3:] == (0, (id_,))
    held = other.open(id_)
    assert (held.proven, held.tags) == ("income", ("乙", "回访", "甲"))
    assert {one.detail for one in held.history if one.kind == "close"} == {"student", "income"}


def test_a_bundle_of_version_0_1_0_is_merged_by_its_version_and_time(filled, other, clock):
    def old(store):
        head, *cases, _foot = export(store)
        later = ("history", "owner", "due_on")
        records = [{name: value for name, value in json.loads(line).items() if name not in later} for line in cases]
        return signed([head, *(json.dumps(record, ensure_ascii=False) + "\n" for record in records)])

    take(other, old(filled))
    id_, both = (row.id for row in filled.list(Filter(status="open")).rows)
    clock.seconds += 60
    for case in (id_, both):
        filled.close(case, "student")
    other.close(both, "income")
    assert counted(take(other, old(filled)))[3:] == (1, (both,))
    assert (other.open(id_).proven, other.open(both).proven) == ("student", "income")
    clock.seconds += 60
    filled.rename(id_, "T-9")
    with other.writing() as connection:  # as in a store of that version, whose history begins with the upgrade
        connection.exec_driver_sql("DELETE FROM events")
    assert counted(take(other, old(filled)))[3:] == (1, ())
    filled.rename(both, "T-7", version=filled.open(both).version)
    with other.writing() as connection:
        connection.exec_driver_sql("DELETE FROM events")
        connection.exec_driver_sql("UPDATE cases SET version = 99")
    assert counted(take(other, old(filled)))[3:] == (0, (both,))


def test_an_export_is_written_piece_by_piece(filled, tmp_path):
    line = list(export(filled))[1]
    tracemalloc.start()
    write_file(str(tmp_path / "bundle.jsonl"), (line for _ in range(20_000)), private=True)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "bundle.jsonl").stat().st_size == 20_000 * len(line.encode())
    assert most < 2_000_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "was changed"),
        (lambda lines: [lines[0], *lines[2:]], "was changed"),
        (lambda lines: [line.replace("teen_mode", "student") for line in lines], "was changed"),
        (lambda lines: [*lines, lines[1]], "after the checksum"),
        (lambda lines: [lines[1], *lines], "bundle:1: "),
        (lambda lines: [lines[0].replace("cases/1", "cases/2"), *lines[1:]], "bundle:1: "),
        (lambda lines: ["\n", *lines], "bundle:1: "),
        (lambda lines: [lines[0], "[" * 100_000, *lines[1:]], "bundle:2: "),
        (lambda _: bundled([case(1, 5), case(2, 5)]), "same place"),
        (lambda _: bundled([case(1, 5), case(1, 6)]), "same case"),
        (lambda _: bundled([case(1, 5, notes=[note("a", "one")]), case(2, 6, notes=[note("a", "two")])]), "same id"),
        (lambda _: bundled([case(number, 5 + number) for number in range(5)]), "at most 4 cases"),
    ],
)
def test_a_changed_bundle_is_refused_whole(filled, other, monkeypatch, change, told):
    monkeypatch.setattr(bundle, "MAX_CASES", 4)
    with pytest.raises(BundleError, match=told):
        take(other, change(list(export(filled))))
    assert other.count() == 0


@pytest.mark.parametrize("nonsense", DATA["nonsense"], ids=str)
def test_a_well_signed_bundle_with_nonsense_in_it_is_refused(filled, other, nonsense):
    lines = list(export(filled))[:2]
    case = json.loads(lines[1]) | nonsense
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
    """New or for a case that is here: every text goes through the door, and a deleted case may come again."""
    head, line = list(export(filled, redact=False))[:2]
    take(other, signed([head, line]))
    case = json.loads(line)
    case["label"] = "\x1b]52;c;QUFB\x07 13900139000"
    case["notes"].append({**note("0" * 20, "\x9b2J 13900139000"), "operator": "\x1b[2J"})
    case["tags"] = ["a", "a", ""]
    case["observations"].append({"id": "note\x1b", "value": "\x9b", "observed_at": "\u202e", "detail": "\x1b[2J",
                                 "band": "13900139000"})  # fmt: skip
    lines = signed([head, json.dumps(case) + "\n"])
    take(other, lines)
    other.delete(case["id"])
    assert counted(take(other, lines))[:3] == (1, 0, 0)
    assert other.open(case["id"]).tags == ("a",)
    with other.reading() as connection:
        assert queries.deleted(connection, [case["id"]]) == {}
    take(filled, lines)
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


# Bounds: in bytes, in cases, in time; and nothing that stands twice is lost unsaid


def test_a_desk_whose_places_are_all_taken_is_taken_in_with_its_cases_in_their_order(store):
    """Even one that has as many places taken as there are microseconds in a row."""
    for first in (0, 60):
        cases = [case(first + number, number * 2_000_000) for number in range(60)]
        assert take(store, bundled(cases)).new == 60
    places = [one.place // 2_000_000 for one in store.every()]
    assert places == sorted([*range(60), *range(60)])


def test_nobody_waits_for_the_whole_of_an_import(store, monkeypatch):
    began, change = [], store.change
    monkeypatch.setattr(bundle, "_BATCH", 10)
    monkeypatch.setattr(store, "change", lambda work: (began.append(1), change(work))[1])
    take(store, bundled([case(number, 1 + number) for number in range(21)]))
    assert len(began) == 3


def test_another_note_under_an_id_that_is_taken_is_kept_beside_it(store):
    take(store, bundled([case(1, 5, notes=[note("a", "first")])]))
    again = bundled([case(1, 5, notes=[note("a", "second")]), case(2, 6, notes=[note("b", "third")])])
    assert take(store, again).notes == 1
    assert take(store, again).notes == 0
    assert {one.text for one in store.open(str(case(1, 5)["id"])).notes} == {"first", "second"}


def test_a_bundle_that_went_through_windows_is_read(store):
    assert take(store, bundled([case(1, 5, notes=[note("a", "一\n二")])], "\r\n")).new == 1


def test_a_file_without_an_end_is_not_read_to_it_and_a_folder_without_knowledge_is_refused(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 101)
    for path in (tmp_path / "large", type(tmp_path)("/dev/zero")):
        with pytest.raises(OSError, match="large"):
            read_bounded(path, 100)
    assert read_bounded(tmp_path / "large", 101) == b"x" * 101
    with pytest.raises(KnowledgeError, match="no knowledge files"):
        load(str(tmp_path))
    (tmp_path / "minimums.toml").write_bytes(b"#" * 2_000_001)
    with pytest.raises(KnowledgeError, match="large"):
        load(str(tmp_path))


# Figures


def test_figures_by_week_cause_time_and_questions(filled):
    found = stats(filled, Filter())
    assert (found.cases, found.open, found.closed) == (3, 2, 1)
    assert [(week.week, week.cases) for week in found.weeks] == [("2025-W24", 1), ("2025-W25", 1), ("2025-W26", 1)]
    assert found.causes == (CauseCount(cause="teen_mode", first=3, proven=1, agreed=1),)
    assert (found.seconds.median, found.seconds.most, found.questions.median) == (60, 120, 2)
    nothing = stats(filled, Filter(status="open", cause="income"))
    assert (nothing.cases, nothing.weeks, nothing.seconds.most) == (0, (), 0)


@pytest.mark.parametrize(
    ("figures", "spread"), [((), (0, 0, 0)), ((7,), (7, 7, 7)), ((0, 10), (5, 9, 10)), (range(12), (5.5, 9.9, 11))]
)
def test_the_spread_of_counted_figures(figures, spread):
    found = _spread(Counter(figures))
    assert (found.median, found.p90, found.most) == spread


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
