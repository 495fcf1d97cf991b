"""`ask` by pipe and on a terminal: answers, one step back, why, don't know, skip, quit, resume; and at a support desk.

A run with a user is a case; a private person's run is none.
"""

import io
import json
import os
import signal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

import msgspec
import pexpect
import pytest

from diagnostics.autosave import default_path
from diagnostics.knowledge import load
from diagnostics.reading import Finding, Reading
from diagnostics.session import Session
from tests.headless import doctor
from tests.headless.doctor import PATIENCE, SCRIPT, Done, all_but, inside, observed, refused, run
from tests.rows import rows
from tui.cli.interviewer import Console, Interviewer

KNOWLEDGE = load()


def ask(*typed: str | bytes, args: tuple[str, ...] = ()) -> tuple[dict[str, Any], str]:
    """Type these lines into `ask` and return its report and what it said."""
    text = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in typed)
    done = inside("ask", "--offline", "--format", "json", *args, stdin=text)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found, done.err


def told(report: dict[str, Any]) -> dict[str, Any]:
    """Return what the person answered, without what the complaint implies."""
    return {one["id"]: one["value"] for one in report["observations"] if one["detail"] is None}


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `typed.toml`: what somebody types, and what has to come of it."""

    name: str
    typed: tuple[str, ...]
    lang: Literal["zh", "en"] = "en"
    but: tuple[str, ...] = ("*",)
    args: tuple[str, ...] = ()
    noted: dict[str, Any] = {}
    held: dict[str, Any] = {}
    absent: tuple[str, ...] = ()
    count: int | None = None
    detail: dict[str, str] = {}
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    asked: dict[str, int] = {}
    situation: str | None = None
    belief: str | None = None


TYPED = msgspec.convert(rows("typed.toml#group"), list[Typed])


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row.name}: {' | '.join(row.typed)}")
def test_what_is_typed_is_understood_asked_back_or_told_apart(row: Typed) -> None:
    open_ = [id_ for id_ in KNOWLEDGE.questions if any(fnmatch(id_, pattern) for pattern in row.but)]
    report, said = ask(*row.typed, "q", args=(*all_but(*open_), "--lang", row.lang, *row.args))
    own, held = told(report), observed(report)
    assert {id_: own.get(id_) for id_ in row.noted} == row.noted
    assert {id_: held.get(id_) for id_ in row.held} == row.held
    assert [id_ for id_ in row.absent if id_ in own] == []
    assert row.count in (None, len(report["observations"]))
    details = {one["id"]: one["detail"] for one in report["observations"]}
    assert [id_ for id_, words in row.detail.items() if words not in details[id_]] == []
    assert [words for words in row.said if words not in said] == []
    assert [words for words in row.unsaid if words in said] == []
    assert {id_: said.count(getattr(KNOWLEDGE.questions[id_], row.lang).ask) for id_ in row.asked} == row.asked
    if row.situation is not None:
        assert report["situations"][0]["id"] == row.situation
    if row.belief is not None:
        assert [one["id"] for one in report["beliefs"]] == [row.belief]
        assert said.count(KNOWLEDGE.beliefs[row.belief].en) == 1


def test_a_choice_by_its_number_its_id_or_its_text() -> None:
    choice = KNOWLEDGE.questions["complaint.what"].value[0]
    for typed in ("1", choice.id, choice.en, choice.zh, f"  {choice.id} "):
        assert told(ask(typed, "q")[0]) == {"complaint.what": choice.id}


def test_that_it_is_in_another_account_is_said_at_once_and_once() -> None:
    report, said = ask("I opened Weilidai on my old WeChat account", "", "2", "q")
    assert report["situations"][0]["id"] == "elsewhere"
    assert report["plan"][0]["id"] == "use_other_account"
    assert said.count(report["summary"]) == 1
    assert said.index(report["summary"]) < said.index(KNOWLEDGE.questions["entry.services_menu"].en.ask)


def test_why_explains_and_asks_again() -> None:
    report, said = ask("?", "1", "q")
    question = KNOWLEDGE.questions["complaint.what"].en
    assert question.why in said
    assert question.how in said
    assert said.count(question.ask) == 2
    assert set(told(report)) == {"complaint.what"}


def test_one_step_back_forgets_the_last_answer() -> None:
    report, said = ask("1", "b", "2", "q")
    assert told(report) == {"complaint.what": KNOWLEDGE.questions["complaint.what"].value[1].id}
    assert "One step back" in said
    assert "no earlier answer" in ask("b", "q")[1]
    report, said = ask("s", "b", "1", "q")  # to what was skipped too
    assert said.count(KNOWLEDGE.questions["complaint.what"].en.ask) == 2
    assert set(told(report)) == {"complaint.what"}


@pytest.mark.parametrize("typed", ["99", "0", "-1", "maybe", "\x1b[2J", "１９", "9" * 9000, "²", b"\xff\xfe\x00\n\x00"])
def test_what_is_not_understood_is_asked_again_and_never_shown_raw(typed: str | bytes) -> None:
    report, said = ask(typed, "1", "q")
    assert "complaint.what" in told(report)
    assert "not understood" in said
    assert "\x1b" not in said
    assert "Traceback" not in said


def confirm(*typed: str, **read: tuple[object, bool]) -> tuple[dict[str, object], str]:
    """Confirm readings, each a value and whether it is certain; return what counts, and what was said."""
    session, said = Session(KNOWLEDGE, lang="en"), io.StringIO()
    found = [Finding(id_.replace("__", "."), value, "words", 0, 5, sure) for id_, (value, sure) in read.items()]
    lines = "".join(f"{line}\n" for line in (*typed, "q")).encode()
    Interviewer(session, Console(session.texts, io.BytesIO(lines), said)).run(Reading("words", found, []))
    return session.own_answers(), said.getvalue()


def test_what_cannot_wait_is_said_before_anything_is_confirmed() -> None:
    freeze = KNOWLEDGE.actions["cut_off_screen"].en
    counts, said = confirm("n", safety__given=(["screen"], False), account__bank_card=("bound", True))
    assert freeze in said.partition("[x]")[0]
    assert counts == {}
    _, said = confirm("2", safety__given=(["screen"], True), account__bank_card=("bound", True))
    assert said.count("can't wait") == 1
    assert "can't wait" not in confirm("", safety__given=([], True), account__bank_card=("bound", True))[1]
    _, said = ask("2", "q", args=(*all_but("safety.given"), "--set", "safety.contact=close_call"))
    assert freeze in said


@pytest.mark.parametrize(("typed", "counts"), [("", "a"), ("y", "a"), ("n", ""), ("2", "ab"), ("1 2", "b"), ("1", "")])
def test_enter_takes_what_has_an_x_and_a_number_sets_or_clears_it(typed: str, counts: str) -> None:
    """One list for what is certain and what is not, as in the app."""
    both = {"account.bank_card": "bound", "app.restarted": "no"}
    taken, said = confirm(typed, account__bank_card=("bound", True), app__restarted=("no", False))
    assert taken == {id_: value for name, (id_, value) in zip("ab", both.items(), strict=True) if name in counts}
    assert ["1. [x]" in said, "2. [ ]" in said] == [True, True]


@pytest.mark.parametrize(("typed", "counts"), [
    (("是的", "是的"), "ab"), (("yes", "yes"), "ab"), (("对", ""), "a"), (("right", "no"), "a"), (("是的", "1"), ""),
])  # fmt: skip
def test_a_yes_in_words_drops_nothing_unasked(typed: tuple[str, ...], counts: str) -> None:
    both = {"a": ("account.bank_card", "bound"), "b": ("app.restarted", "no")}
    taken, said = confirm(*typed, account__bank_card=("bound", True), app__restarted=("no", False))
    assert taken == dict(both[name] for name in counts)
    assert "no x right too" in said
    taken, said = confirm(typed[0], account__bank_card=("bound", True), app__restarted=("no", True))
    assert (len(taken), "no x right too" in said) == (2, False)


def test_all_skipped_offers_them_once_more() -> None:
    _, said = ask(*["s"] * 120)
    assert said.count("skipped now?") == 1
    asked = said.partition("skipped now?")[0].count("\n> ")
    report, _ = ask(*["s"] * asked, "y", "1", "q")
    assert set(told(report)) == {"complaint.what"}


def test_a_confirmed_condition_stops_and_one_may_go_on() -> None:
    args = ("--set", "person.age=17")
    report, said = ask(args=args)
    assert report["questions"]["stop_reason"] == "requirement_confirmed"
    assert "One thing is certain" in said
    report, _ = ask("y", "1", "q", args=args)
    assert set(told(report)) == {"person.age", "complaint.what"}


def test_one_step_back_is_there_where_the_questions_ended_too() -> None:
    args = all_but("person.age", "identity.document")
    first = ask(args=args)[0]["questions"]["next"]
    slip = ("17",) if first == "person.age" else ("1", "17")
    report, said = ask(*slip, *["b"] * len(slip), *slip[:-1], "35", args=args)
    assert told(report)["person.age"] == 35
    assert report["questions"]["stop_reason"] != "requirement_confirmed"
    assert said.count("One step back; taken back: ") == len(slip)
    assert told(ask(*slip, "x", "35", args=args)[0])["person.age"] == 17


def test_where_the_answers_go_is_said_as_it_is() -> None:
    assert "stay on this computer" in ask("q", args=("--on-behalf",))[1]
    away = ("--on-behalf", "--store", "postgresql://desk@127.0.0.1:1/none")
    done = inside("ask", "--offline", *away, stdin=b"q\n")
    assert "stay on this computer" not in done.err
    assert "shared store" in done.err


def test_a_card_is_answered_at_once_and_after_a_look_is_asked_what_the_first_step_is_about() -> None:
    _, said = ask("harm", "q")
    told_at_once = said.partition(KNOWLEDGE.questions["safety.given"].en.ask)[0]
    assert KNOWLEDGE.actions["cut_them_off"].en in told_at_once
    assert KNOWLEDGE.situations[-1].text[-1].en not in said
    answers = ("account.registered_phone=other", "entry.services_menu=not_shown", "entry.official_account=not_looked")
    _, said = ask("y", "2", "q", args=tuple(part for one in answers for part in ("--set", one)))
    wallet, account = (KNOWLEDGE.questions[id_].en.ask for id_ in ("account.wallet_region", "entry.official_account"))
    assert wallet in said.partition(account)[0]


def test_a_supporter_is_asked_about_the_user() -> None:
    report, said = ask("1", "q", args=("--on-behalf",))
    assert "--resume" not in said
    number = said.partition("This case is ")[2].strip().rstrip(".")
    assert said.count(number) == 1, "the number is said once"
    assert KNOWLEDGE.questions["complaint.what"].en.about in said
    assert KNOWLEDGE.questions["complaint.what"].en.say in said
    assert KNOWLEDGE.questions["complaint.what"].en.say not in ask("1", "q")[1]
    assert report["observations"][0]["source"] == "operator"


def test_unfinished_answers_are_taken_up_with_resume_even_after_another_start(home: Path) -> None:
    ask("1", "q")
    assert list(home.rglob("cases.db")) == []  # a private person's run opens no store
    report, said = ask(args=("--resume",))
    assert "complaint.what" in told(report)
    report, said = ask()
    assert told(report) == {}
    assert "--resume" in said
    report, _ = ask("not_shown", "q", args=("--resume",))
    assert "complaint.what" in told(report)
    report, said = ask("b", "shown", "q", args=("--resume",))
    assert "One step back" in said
    assert told(report)["entry.services_menu"] == "shown"


def test_a_damaged_draft_is_refused_named_and_kept() -> None:
    path = default_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"schema": "weilidai-doctor/draft/1", "observa')
    refused(inside("ask", "--offline", "--resume"), str(path))
    assert path.read_bytes().endswith(b"observa")


def test_a_place_that_cannot_be_written_is_told_and_the_report_comes(home: Path) -> None:
    (home / "weilidai-doctor").write_text("in the way", encoding="utf-8")
    report, said = ask("1", "q")
    assert "complaint.what" in told(report)
    assert "could not be saved" in said
    assert "are saved" not in said


def terminal(*lines: str, lang: str = "en") -> "pexpect.spawn[str]":
    """Begin `ask` on a terminal and type these lines, each at a prompt; the next prompt stands there."""
    running = pexpect.spawn(SCRIPT, ["ask", "--offline", "--lang", lang], timeout=PATIENCE, encoding="utf-8")
    running.expect("> ")
    for line in lines:
        running.sendline(line)
        running.expect("> ")
    return running


def killed(running: "pexpect.spawn[str]") -> None:
    running.kill(signal.SIGKILL)
    running.close()


def test_killed_or_beside_another_window_it_keeps_answers_of_its_own_and_goes_on_with_them() -> None:
    running = terminal("1")
    report, said = ask("2", "q")
    assert told(report)["complaint.what"] == "was_there"
    assert "Each keeps its own answers" in said
    assert "put aside" not in said
    killed(running)
    os.utime(default_path(), (1, 1))
    for complaint, left in (("was_there", True), ("never_had", False)):
        report, said = ask(args=("--resume",))
        assert told(report)["complaint.what"] == complaint
        assert ("Other windows left 1 more" in said) is left
        assert "Each keeps its own answers" not in said
        default_path().with_stem("draft-2").unlink(missing_ok=True)


@pytest.mark.parametrize("interrupted", [True, False])
def test_on_a_terminal_all_is_plain_text_and_an_interrupt_keeps_the_answers(interrupted: bool) -> None:
    running = terminal("1")
    _ = running.sendintr() if interrupted else running.sendline("q")
    running.expect(pexpect.EOF)
    running.close()
    assert "\x1b" not in str(running.before)
    assert running.exitstatus == (130 if interrupted else 0)
    assert "complaint.what" in told(ask(args=("--resume",))[0])


@pytest.mark.parametrize(("typed", "args", "saved"), [
    ((), (), False), (("q",), (), False), (("s", "q"), (), False), (("1", "q"), (), True),
    (("q",), ("--set", "person.age=35"), True),
])  # fmt: skip
def test_it_says_that_answers_are_saved_only_where_there_are_some(typed, args, saved) -> None:
    report, said = ask(*typed, args=(*args, "--lang", "en"))
    assert bool(told(report)) is saved
    assert ("are saved" in said, "nothing to save" in said) == (saved, not saved)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "cases.db"


def cases(store: Path) -> list[dict[str, Any]]:
    return doctor.report("cases", "list", "--json", "--store", str(store))


def typed(*lines: str, args: tuple[str, ...] = (), env: dict[str, str] | None = None, doctor: Any = run) -> Done:
    """Ask, where it is asked again in a process of its own: a case belongs to its process until that ends."""
    text = "".join(f"{line}\n" for line in lines).encode()
    done = doctor("ask", "--offline", "--format", "json", *args, stdin=text, env=env)
    assert done.code == 0, done.err
    return done  # type: ignore[no-any-return]


@pytest.mark.parametrize("named", [True, False])
def test_a_run_with_a_named_store_or_on_somebodys_behalf_is_a_case(store: Path, named: bool) -> None:
    env = {"WEILIDAI_DOCTOR_OPERATOR": "desk 3"} | ({} if named else {"WEILIDAI_DOCTOR_STORE": str(store)})
    typed("1", "q", args=("--store", str(store)) if named else ("--on-behalf",), env=env, doctor=inside)
    (case,) = cases(store)
    assert (case["answered"], case["operator"], case["status"]) == (1, "desk 3", "open")


def test_a_stopped_case_is_resumed_as_the_same_case_and_a_finished_one_is_not(store: Path) -> None:
    args = ("--store", str(store))
    typed("1", "q", args=args)
    again = typed("q", args=(*args, "--resume"))
    assert "complaint.what" in json.loads(again.out)["questions"]["answered"]
    assert len(cases(store)) == 1
    told = typed("1", "q", args=args)
    assert "cases list" in told.err
    assert len(cases(store)) == 2
    typed(args=(*args, "--resume", "--set", "entry.services_menu=shown"))
    assert len(cases(store)) == 2
    fresh = typed(args=(*args, "--resume"))
    assert json.loads(fresh.out)["questions"]["answered"] == []


def test_a_case_gets_its_ticket_and_the_consent_from_ask_before_it_begins_and_when_it_goes_on(store: Path) -> None:
    args = ("--store", str(store))
    told = typed("1", "q", args=(*args, "--label", "T-9 13800138000", "--consent"))
    (case,) = cases(store)
    assert case["label"] == "T-9 <手机号-1>"
    assert case["id"] in told.err
    first = json.loads(inside("cases", "show", case["id"], "--json", *args).out)
    assert first["consent_at"] is not None
    typed("q", args=(*args, "--resume", "--label", "T-10"))
    (case,) = cases(store)
    assert case["label"] == "T-10"
    refused(inside("ask", "--offline", "--label", "x"), "--on-behalf")


def test_a_line_that_was_not_confirmed_is_offered_again_after_a_kill() -> None:
    running = terminal("2", "以前有，13812345678，有人说 299 能代开", lang="zh")
    assert "读到" in str(running.before)
    killed(running)
    (left,) = default_path().parent.glob("unsent-*.json")
    assert "13812345678" not in left.read_text(encoding="utf-8")
    report, said = ask("y", "q", args=("--resume", "--lang", "zh"))
    assert "299 能代开" in said
    assert ["paid_opening"] in [one["value"] for one in report["observations"] if one["id"] == "safety.contact"]
    assert list(default_path().parent.glob("unsent-*")) == []


def test_a_checklist_takes_its_own_words() -> None:
    lines = [line.question for line in next(page for page in KNOWLEDGE.pages if page.id == "phone").line]
    left = all_but(*lines)
    report, said = ask("9" * 7000, "没过期", "", "q", args=left)
    assert said.count("A foreign national") == 3  # thousands of digits are no number of a line: asked again
    assert "[x]" in said
    assert ("identity.document", "valid") in [(one["id"], one["value"]) for one in report["observations"]]
    for word, value in (("都正常", "no"), ("都不知道", "unknown")):
        assert told(ask(word, "q", args=left)[0])["network.vpn_or_proxy"] == value
