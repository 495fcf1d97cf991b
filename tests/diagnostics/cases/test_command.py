"""`weilidai-doctor cases ...` as scripts see it: what is written, where, and with which exit code."""

import json
import re
import sys
from datetime import date

import pytest

from diagnostics.cases import database
from diagnostics.cases.model import BundleError, RefusedError
from diagnostics.cases.store import day_of
from diagnostics.evidence import Observation
from tests.diagnostics.cases.conftest import ROOT, made
from tests.headless.doctor import inside
from tests.rows import rows


@pytest.fixture
def cases(store, place):
    """Run `cases ...` on a store with two cases; returns the exit code, stdout and stderr."""
    told = (Observation(id="account.teen_mode", value="on"), Observation(id="person.age", value=30))
    ids = [made(store, [one], label=f"工单 {number}") for number, one in enumerate(told)]

    def run(*words, stdin="", where=place.file):
        line = ("cases", *words[:1], *(("--store", str(where)) if words else ()), *words[1:])
        return inside(*line, stdin=stdin.encode(), env={"WEILIDAI_DOCTOR_PURGE_DAYS": "3650"})

    run.ids = ids
    return run


def test_list_search_and_pages(cases):
    code, out, err = cases("list", "--json")
    assert (code, err) == (0, "")
    assert [row["id"] for row in json.loads(out)] == cases.ids[::-1]
    code, out, err = cases("list", "--limit", "1", "--lang", "zh")
    assert cases.ids[1] in out
    assert f"--after {cases.ids[1]}" in err
    assert cases.ids[0] in cases("list", "--after", cases.ids[1])[1]
    assert [row["id"] for row in json.loads(cases("search", "青少年", "--json")[1])] == cases.ids[:1]
    assert cases("search", "没有的词", "--lang", "zh") == (0, "", "没有符合的案例。\n")


@pytest.mark.parametrize(("more", "status"), [
    ((), "unknown"), ((Observation(id="person.age", value=61),), "confirmed"),
])  # fmt: skip
def test_a_case_whose_entry_was_found_has_nowhere_a_first_cause(cases, store, more, status):
    id_ = made(store, [Observation(id="entry.services_menu", value="shown"), *more], label="found")
    held = store.open(id_)
    assert (held.outcome, held.first_status) == ("entry_found", status)
    title = store.knowledge.causes[held.first_cause].en.title
    listed = next(line for line in cases("list", "--lang", "en")[1].splitlines() if id_ in line)
    assert listed.split("open")[1].split() == ["The", "entry", "is", "there", "found"]
    assert "Outcome: entry found\n" in cases("show", id_, "--lang", "en")[1]
    assert cases("list", "--cause", held.first_cause, "--json")[1] == "[]\n"
    assert cases("search", title, "--json")[1] == "[]\n"
    figures = json.loads(cases("stats", "--json")[1])
    assert [(one["cause"], one["first"]) for one in figures["causes"]] == [("not_invited", 1), ("teen_mode", 1)]
    week = date.fromisoformat(held.created_at[:10]).strftime("%G-W%V")
    (listed,) = [one for one in json.loads(cases("week", week, "--json")[1]) if one["id"] == id_]
    assert listed["first_cause"] == ""
    store.save(id_, [Observation(id="person.age", value=17)], version=1)
    title = store.knowledge.causes[store.open(id_).first_cause].en.title
    assert [row["id"] for row in json.loads(cases("search", title, "--json")[1])] == [id_]


@pytest.mark.parametrize("row", rows("case_lines.toml#group"), ids=lambda row: f"{row['name']}: {row['line']}")
def test_a_case_is_listed_shown_and_answered_as_what_it_is_about(cases, store, row):
    id_ = made(store, [Observation(id=name, value=value) for name, value in row["told"].items()])
    for line in row.get("before", ()):
        assert cases(*line.format(id=id_).split())[0] == 0
    lang = () if "--lang" in row["line"] else ("--lang", "zh")
    code, out, _ = cases(*row["line"].format(id=id_).split(), *lang)
    assert code == 0
    (shown,) = [line for line in out.splitlines() if id_ in line] if row["line"] == "list" else [out]
    assert [words for words in row.get("said", ()) if words not in shown] == []
    assert [words for words in row.get("unsaid", ()) if words in shown] == []


@pytest.mark.parametrize("words", [("import", "missing"), ("import", "."), ("stats", "--json", "--csv", "weeks")])
def test_what_cannot_be_used_makes_no_store(cases, tmp_path, words):
    assert cases(*words, where=tmp_path / "new.db")[:2] == (2, "")
    assert not (tmp_path / "new.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own is needed")
@pytest.mark.parametrize(("keys", "code"), [("n\r", 130), ("\x04", 130), ("maybe\r\r", 130), ("y\r", 0)])
def test_a_case_is_deleted_only_where_the_question_is_answered_with_yes(cases, place, tmp_path, keys, code):
    from tests.tui.terminal import Terminal

    line = ("cases", "delete", cases.ids[0], "--store", str(place.file), "--lang", "en")
    with Terminal(tmp_path, *line) as terminal:
        terminal.wait("[y/N]")
        terminal.send(keys)
        assert terminal.end()[0] == code, terminal.text()
        assert "Abort" not in terminal.text()
    assert len(json.loads(cases("list", "--json")[1])) == 2 - (code == 0)


def test_a_case_from_note_to_reopening(cases):
    id_ = cases.ids[0]
    code, out, _ = cases("note", id_, "回电", "13800138000", "--operator", "小李", "--json")
    assert (code, json.loads(out)["text"], json.loads(out)["operator"]) == (0, "回电 <手机号-1>", "小李")
    assert cases("note", id_, "-", stdin="从管道来\n")[0] == 0
    assert cases("tag", id_, "急", "回访")[1] == "回访 急\n"
    assert cases("tag", id_, "--remove", "急")[1] == "回访\n"
    assert json.loads(cases("close", id_[:5], "teen_mode", "--json")[1])["proven"] == "teen_mode"
    shown = cases("show", id_, "--lang", "zh")[1]
    assert "结案原因：未成年人模式" in shown
    assert "从管道来" in shown
    assert cases("reopen", id_)[0] == 0
    assert json.loads(cases("show", id_, "--report", "--json")[1])["causes"][0]["id"] == "teen_mode"


def test_a_case_goes_by_its_nickname_or_ticket_where_only_one_is_called_so(cases, store):
    assert json.loads(cases("show", "工单 1", "--json")[1])["id"] == cases.ids[1]
    assert json.loads(cases("close", "工单 1", "unsettled", "--json")[1])["id"] == cases.ids[1]
    made(store, [Observation(id="person.age", value=30)], label="工单 1")
    code, out, err = cases("show", "工单 1", "--lang", "zh")
    assert (code, out) == (2, "")
    assert cases.ids[1] in err
    assert "工单号" in cases("show", "工单 9", "--lang", "zh")[2]


@pytest.mark.parametrize(
    ("said", "day"),
    [("2026-02-28", "2026-02-28"), ("今天", "2026-02-28"), ("明天", "2026-03-01"), ("Tomorrow", "2026-03-01"),
     ("三天后", "2026-03-03"), ("3 天后", "2026-03-03"), ("+3", "2026-03-03"), ("in 3 days", "2026-03-03")],
)  # fmt: skip
def test_a_day_to_come_back_may_be_said_in_words(said, day):
    assert day_of(said, date(2026, 2, 28)) == day


@pytest.mark.parametrize("said", ["", "3", "2026-02-30", "改天", "十天后", "+", "in days"])
def test_what_names_no_day_is_refused(said):
    with pytest.raises(RefusedError):
        day_of(said, date(2026, 2, 28))


def test_an_age_is_shown_as_its_band(cases):
    (age,) = [line for line in cases("show", cases.ids[1])[1].splitlines() if "18-60" in line]
    assert re.findall(r"\d+", age) == ["18", "60"]  # the years kept to reason with are not shown


def test_handed_over_twice_and_cut_off(cases, tmp_path):
    bundle, other = tmp_path / "bundle.jsonl", tmp_path / "other.db"
    assert cases("export", "-o", str(bundle)) == (0, "", "")
    assert bundle.stat().st_mode & 0o077 == 0
    text = bundle.read_text(encoding="utf-8")
    bundle.write_text(text, encoding="utf-16", newline="\n")  # as an editor may save it
    assert json.loads(cases("import", str(bundle), "--json", where=other)[1]) == {"new": 2, "known": 0, "notes": 0}
    assert json.loads(cases("import", "-", "--json", where=other, stdin=text)[1]) == {"new": 0, "known": 2, "notes": 0}
    bundle.write_text(text[:-40])
    code, out, err = cases("import", str(bundle), where=tmp_path / "third.db")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert json.loads(cases("stats", "--json", where=tmp_path / "third.db")[1])["cases"] == 0


def test_figures_as_text_csv_and_json(cases):
    assert "100%" not in cases("stats", "--ascii")[1]
    assert cases("stats", "--csv", "weeks")[1].splitlines() == ["week,cases,closed,cause_found", "2025-W24,2,0,1"]
    assert json.loads(cases("stats", "--json")[1])["cases"] == 2
    assert "#" in cases("stats", "--ascii")[1]
    told = "weilidai-doctor: --json and --csv weeks contradict each other\n"
    assert cases("stats", "--json", "--csv", "weeks", "--lang", "en") == (2, "", told)


def test_ones_own_list_for_today_a_reply_and_the_week(cases):
    first, second = cases.ids
    assert cases("take", first, "--operator", "小李")[0] == 0
    assert cases("due", first, "2020-01-31")[0] == 0
    assert cases("hand", second, "小李")[0] == 0
    assert cases("due", second, "2099-01-31")[0] == 0
    assert [row["id"] for row in json.loads(cases("today", "--operator", "小李", "--json")[1])] == [first]
    assert "2020-01-31" in cases("today", "--operator", "小李")[1]
    assert cases("today")[0] == 2
    code, _, err = cases("take", first, "--operator", "小王", "--lang", "zh")
    assert code == 3
    assert "小李" in err
    assert cases("take", first, "--operator", "小王", "--if-version", "3")[0] == 0
    step = json.loads(cases("show", first, "--report", "--json")[1])["plan"][0]["text"]
    for template in ("first", "follow_up"):
        assert step in cases("reply", first, "--template", template)[1]
    rows = cases("week", "2025-W24")[1].splitlines()
    assert rows[0].startswith("id,label,owner,")
    assert [row.split(",")[0] for row in rows[1:]] == [first, second]
    assert cases("week", "gestern")[0] == cases("week", "9999-W52")[0] == 2


def test_deleted_and_purged(cases):
    code, _, err = cases("delete", cases.ids[0])
    assert code == 2
    assert "--yes" in err
    assert json.loads(cases("delete", cases.ids[0], "--yes", "--json")[1]) == {"id": cases.ids[0]}
    code, _, err = cases("purge", "--days", "1", "--yes")
    assert code == 2
    assert "cases retention" in err
    assert cases("retention", "--closed", "30", "--yes")[0] == 2, "the latest change is dated 2025"
    cases("note", cases.ids[1], "还在")
    assert cases("retention", "--closed", "30")[0] == 2, "nobody confirmed it"
    code, out, _ = cases("retention", "--closed", "30", "--yes", "--json", "--operator", "小李")
    assert (json.loads(out)["closed"], json.loads(out)["open"], json.loads(out)["by"]) == (30, None, "小李")
    assert cases("purge", "--days", "1", "--yes")[0] == 2, "shorter than the store's own"
    assert json.loads(cases("purge", "--yes", "--json")[1]) == {"deleted": 0}
    assert cases("show", cases.ids[1])[0] == 0


@pytest.mark.parametrize("where", ["/dev/null/x.db", "postgresql://u@127.0.0.1:1/d"])
def test_a_store_that_cannot_be_reached_is_one_line_and_exit_3(cases, where):
    code, out, err = cases("list", where=where)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert err.startswith("weilidai-doctor: ")


def test_every_fault_of_the_store_has_its_text(knowledge):
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "diagnostics" / "cases").glob("*.py"))
    named = {*re.findall(r'Error\(\s*"cases\.(\w+)"', sources), *re.findall(r'_fault\("(\w+)"', sources)}
    for table in (database._SQLITE_ERRORS, database._SQLSTATES, database._LOGIN):
        named |= {*table.values()}
    prefix = "error.cases."
    assert named == {key.removeprefix(prefix) for key in knowledge.locale if key.startswith(prefix)}
    told = BundleError("because", "desk.jsonl:2", why=RefusedError("unknown_cause", "teen_mod", near="teen_mode"))
    assert str(told) == "desk.jsonl:2: teen_mod: unknown cause; did you mean teen_mode?"
    assert told.text("zh") == "desk.jsonl:2: teen_mod: 没有这个原因；您是想写 teen_mode 吗？"
