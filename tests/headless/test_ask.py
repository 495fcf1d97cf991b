"""`ask` by pipe and on a terminal: answers, one step back, why, don't know, skip, quit, resume; and at a support desk.

A run with a user is a case; a private person's run is none.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from diagnostics.autosave import default_path
from diagnostics.knowledge import load
from diagnostics.reading import Finding, Reading
from diagnostics.session import Session
from tests.headless import doctor
from tests.headless.doctor import PATIENCE, SCRIPT, Done, all_but, inside, refused, run
from tui.cli.interviewer import Console, Interviewer

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("word", ["d", "unknown", "不知道", "D"])
def test_dont_know_is_an_answer(word: str) -> None:
    report, _ = ask(word, "q")
    assert told(report) == {"complaint.what": "unknown"}
    assert report["questions"]["answered"] == ["complaint.what"]


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


def test_words_that_name_no_version_are_none() -> None:
    for id_, nonsense in (("wechat.version", "最新的"), ("os.version", "abc")):
        report, said = ask(nonsense, "不知道在哪看", "q", args=all_but(id_))
        assert told(report)[id_] == "unknown"
        assert f"“{nonsense}” cannot be used" in said
    assert told(ask("鸿蒙4", "q", args=all_but("os.version"))[0])["os.version"] == "鸿蒙4"


def test_what_somebody_tells_instead_of_choosing_is_read_and_confirmed() -> None:
    report, said = ask("我被骗了399", "", "q")
    assert report["situations"][0]["id"] == "harm_done"
    assert "被骗了399" in said
    assert "被骗了399" in next(one["detail"] for one in report["observations"] if one["id"] == "safety.given")
    assert ask("我朋友有微粒贷，我怎么没有", "", "q")[0]["beliefs"][0]["id"] == "friend_has_it"
    report, _ = ask("我被骗了399", "n", "q")
    assert report["observations"] == []


def test_what_is_told_where_readings_are_confirmed_is_read_too() -> None:
    report, said = ask("微信里没有微粒贷", "我微信是用我妈的身份证实名的", "今天天气不错", "第3个不对", "q")
    assert told(report) == {}
    assert "“今天天气不错” was not understood" in said
    held = {one["id"]: one["value"] for one in report["observations"]}
    assert held == {"account.real_name_of": "other"}


@pytest.mark.parametrize("typed", ["朋友都有就我没有", "My colleague has it but I don't", "室友有我没有"])
def test_a_mistake_that_is_a_card_of_its_own_answers_the_first_question(typed: str) -> None:
    report, said = ask(typed, "2", "q")
    held = {one["id"]: one["value"] for one in report["observations"]}
    assert held["complaint.what"] == "friends_have_it"
    assert held["entry.services_menu"] == "not_shown"
    assert [one["id"] for one in report["beliefs"]] == ["friend_has_it"]
    assert said.count(KNOWLEDGE.beliefs["friend_has_it"].en) == 1


def test_what_is_told_later_of_things_given_adds_to_them() -> None:
    report, said = ask("有人说能强开，我交了398", "", "还把验证码告诉他了", "", "其他什么都没给", "", "q")
    assert {one["id"]: one["value"] for one in report["observations"]}["safety.given"] == ["money", "password_or_code"]
    assert "Sent money, paid a fee, or money was taken, Gave a password or a code" in said


@pytest.mark.parametrize(("typed", "answer"), [
    ("有，看见了", "shown"), ("看了，没有", "not_shown"), ("没看到微粒贷", "not_shown"),
    ("还没", "not_looked"), ("", None),
])  # fmt: skip
def test_what_was_seen_is_told_where_it_is_asked_whether_somebody_looked(typed: str, answer: str | None) -> None:
    assert told(ask("where_to_look", typed, "q")[0]).get("entry.services_menu") == answer


def test_words_that_nobody_understands_end_nothing() -> None:
    report, said = ask("where_to_look", "啦啦啦啦", "looked", "1", "q")
    assert "“啦啦啦啦” was not understood" in said
    assert told(report)["entry.services_menu"] == "shown"


@pytest.mark.parametrize(("typed", "answers"), [
    (("It was there before and now it is gone. I paid a guy 500 to get it back.", "", "q"),
     {"account.had_entry_before": "yes", "safety.given": ["money"]}),
    (("1", "没有，不过我刚给了他验证码", "", "q"),
     {"entry.services_menu": "not_shown", "safety.given": ["password_or_code"]}),
    (("微粒贷在哪里注销", "", "q"), {"service.wish": "close"}),
    (("不知道在哪里找，我今年17", "", "q"), {"person.age": 17}),
])  # fmt: skip
def test_a_sentence_is_no_answer_alone_what_else_it_says_is_confirmed(
    typed: tuple[str, ...], answers: dict[str, object]
) -> None:
    seen = {one["id"]: one["value"] for one in ask(*typed)[0]["observations"]}
    assert {id_: seen.get(id_) for id_ in answers} == answers


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


def test_what_an_answer_moves_is_said_in_plain_words_and_only_where_it_counts() -> None:
    _, said = ask("q", args=("--lang", "zh"))
    assert "原因：" not in said
    _, said = ask("1", "4", "4", "q", args=("--lang", "zh"))
    title = KNOWLEDGE.causes["entry_not_searched"].zh.title
    assert f"很可能是这个原因：{title}。" in said
    assert "→ 还不清楚" not in said
    assert "：有可能" not in said


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


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("200", "out of range: 0–130"),
        ("35.5", "takes a whole number"),
        ("不年轻了", "a number is wanted"),
        ("-1", "0–130"),
    ],
)
def test_a_figure_that_cannot_be_used_is_told_with_the_reason(typed: str, why: str) -> None:
    report, said = ask(typed, "35", "q", args=all_but("person.age"))
    assert f"“{typed}” cannot be used: " in said
    assert why in said
    assert told(report)["person.age"] == 35


def test_none_is_said_with_the_same_letter_everywhere_and_nonsense_is_not_offered() -> None:
    report, _ = ask("n", "q", args=all_but("safety.contact"))
    assert told(report)["safety.contact"] == []
    _, said = ask("y", "q", args=(*all_but("client.platform", "client.kind"), "--set", "client.kind=phone"))
    assert KNOWLEDGE.questions["client.platform"].en.ask in said
    assert "HarmonyOS" in said
    assert "Windows" not in said


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


def test_killed_in_the_middle_it_goes_on_where_it_stopped() -> None:
    command = [SCRIPT, "ask", "--offline"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stderr is not None
        running.stdin.write(b"1\n")
        running.stdin.flush()
        heard = b""
        while heard.count(b"\n> ") < 2:
            heard += running.stderr.read1(65536)  # type: ignore[attr-defined]
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=PATIENCE)
    report, _ = ask(args=("--resume",))
    assert "complaint.what" in told(report)


def test_beside_another_window_it_keeps_answers_of_its_own_and_says_so() -> None:
    running = pexpect.spawn(SCRIPT, ["ask", "--offline"], timeout=PATIENCE, encoding="utf-8")
    running.expect("> ")
    running.sendline("1")
    running.expect("> ")
    report, said = ask("2", "q")
    assert told(report)["complaint.what"] == "was_there"
    assert "Each keeps its own answers" in said
    assert "put aside" not in said
    running.kill(signal.SIGKILL)
    running.close()
    os.utime(default_path(), (1, 1))
    for complaint, left in (("was_there", True), ("never_had", False)):
        report, said = ask(args=("--resume",))
        assert told(report)["complaint.what"] == complaint
        assert ("Other windows left 1 more" in said) is left
        assert "Each keeps its own answers" not in said
        default_path().with_stem("draft-2").unlink(missing_ok=True)


@pytest.mark.parametrize("interrupted", [True, False])
def test_on_a_terminal_all_is_plain_text_and_an_interrupt_keeps_the_answers(interrupted: bool) -> None:
    running = pexpect.spawn(SCRIPT, ["ask", "--offline"], timeout=PATIENCE, encoding="utf-8")
    for typed in ("1", "" if interrupted else "q"):
        running.expect("> ")
        _ = running.sendline(typed) if typed else running.sendintr()
    running.expect(pexpect.EOF)
    running.close()
    assert "\x1b" not in str(running.before)
    assert running.exitstatus == (130 if interrupted else 0)
    assert "complaint.what" in told(ask(args=("--resume",))[0])


def test_wrong_usage_asks_nothing() -> None:
    refused(inside("ask", "--set", "x=1", stdin=b"1\n"), "x")
    refused(inside("ask", "--offline", "--store", "mysql://desk/cases"), "mysql://desk/cases")
    refused(inside("ask", "--offline", "--store", "postgresql://me:secret@desk/cases"), "PGPASSWORD")
    assert inside("ask", "--offline", "--fail-on", "confirmed", "--set", "person.age=17").code == 1


@pytest.mark.parametrize(("typed", "args", "saved"), [
    ((), (), False), (("q",), (), False), (("s", "q"), (), False), (("1", "q"), (), True),
    (("q",), ("--set", "person.age=35"), True),
])  # fmt: skip
def test_it_says_that_answers_are_saved_only_where_there_are_some(
    typed: tuple[str, ...], args: tuple[str, ...], saved: bool
) -> None:
    report, said = ask(*typed, args=(*args, "--lang", "en"))
    assert bool(told(report)) is saved
    assert ("are saved" in said, "nothing to save" in said) == (saved, not saved)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "cases.db"


def cases(store: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = doctor.report("cases", "list", "--json", "--store", str(store))
    return found


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
    running = pexpect.spawn(SCRIPT, ["ask", "--offline", "--lang", "zh"], timeout=PATIENCE, encoding="utf-8")
    for line in ("2", "以前有，13812345678，有人说 299 能代开"):
        running.expect("> ")
        running.sendline(line)
    running.expect("读到")
    running.expect("> ")
    running.kill(signal.SIGKILL)
    running.close()
    (left,) = default_path().parent.glob("unsent-*.json")
    assert "13812345678" not in left.read_text(encoding="utf-8")
    report, said = ask("y", "q", args=("--resume", "--lang", "zh"))
    assert "299 能代开" in said
    assert ["paid_opening"] in [one["value"] for one in report["observations"] if one["id"] == "safety.contact"]
    assert list(default_path().parent.glob("unsent-*")) == []


@pytest.mark.parametrize(("id_", "typed", "noted"), [
    ("credit.overdue", ("有过", "还清了"), "settled"), ("credit.overdue", ("yes", "3"), "current"),
    ("account.wechat_pay_cancelled", ("注销过", "3"), "reopened"),
    ("account.closed_service", ("好像关过", "是的"), "yes"), ("account.closed_service", ("好像关过", "没有"), "no"),
    ("person.age", ("属虎的", "五十二"), 52),
    ("credit.overdue", ("y", "y"), None),
])  # fmt: skip
def test_what_fits_several_answers_is_asked_and_never_noted(id_: str, typed: tuple[str, ...], noted: object) -> None:
    report, said = ask(*typed, "q", args=all_but(id_))
    assert told(report).get(id_) == noted
    assert ("fits more than one" in said) is (typed[0] != "好像关过")
    assert said.count(KNOWLEDGE.questions[id_].en.ask) == 1


def test_what_is_typed_at_one_question_answers_no_other_that_it_does_not_name() -> None:
    report, said = ask("不知道在哪看", "q", args=all_but("wechat.version"))
    assert (told(report)["wechat.version"], told(report)["entry.services_menu"]) == ("unknown", "unknown")
    assert "[x]" not in said
    report, said = ask("从来没有", "q", args=all_but("credit.overdue"))
    assert (told(report)["credit.overdue"], told(report)["account.had_entry_before"]) == ("none", "unknown")
    assert "[x]" not in said


def test_what_else_is_said_beside_an_answer_that_is_asked_back_is_read_too() -> None:
    for typed in (("没有啊 我还在上大三", ""), ("好像没有 我还在上大三", "y", "")):
        report, _ = ask(*typed, "q", args=all_but("credit.overdue"))
        seen = {one["id"]: one["value"] for one in report["observations"]}
        assert (seen["credit.overdue"], seen["person.student"]) == ("none", "yes")


@pytest.mark.parametrize(("id_", "typed", "noted"), [
    ("person.age", ("3", "30"), 30), ("person.age", ("3", "3"), 3), ("person.age", ("3", "y"), 3),
    ("person.age", ("17",), 17), ("person.age", ("三十来岁", "35"), 35), ("person.age", ("三十来岁", "y"), 30),
    ("person.age", ("三十来岁", "n"), None), ("person.age", ("三十来岁", "四十一岁"), 41),
    ("debt.monthly_repayment", ("2",), None), ("debt.monthly_repayment", ("2", "y"), 2),
    ("debt.monthly_repayment", ("2", "2000"), 2000), ("debt.monthly_repayment", ("0",), 0),
    ("debt.monthly_repayment", ("2 元", "y"), 2), ("debt.monthly_repayment", ("30000000", "30000"), 30000),
    ("debt.monthly_repayment", ("房贷4200 车贷1800",), 6000),
])  # fmt: skip
def test_a_figure_that_is_vague_or_looks_like_a_slip_is_asked_back_once(
    id_: str, typed: tuple[str, ...], noted: object
) -> None:
    asked = [id_] if id_ == "person.age" else [one for one in KNOWLEDGE.questions if one.startswith("debt.")]
    report, said = ask(*([] if id_ == "person.age" else ["2"]), *typed, "q", args=all_but(*asked))
    assert told(report).get(id_) == noted
    assert ("Do you mean" in said) is (typed[0] not in ("17", "0", "房贷4200 车贷1800"))


@pytest.mark.parametrize(("typed", "answered"), [
    ("看过了", False), ("看过了，还是没有", True), ("是的", False), ("I looked", False), ("done, not there", True),
])  # fmt: skip
def test_the_words_of_a_prompt_are_its_yes_and_what_is_said_with_them_counts(typed: str, answered: bool) -> None:
    report, said = ask("where_to_look", typed, "q", args=("--lang", "zh" if ord(typed[0]) > 127 else "en"))
    services = KNOWLEDGE.questions["entry.services_menu"]
    assert services.zh.ask in said or services.en.ask in said
    assert (told(report).get("entry.services_menu") == "not_shown") is answered


def test_a_checklist_takes_its_own_words() -> None:
    lines = [line.question for line in next(page for page in KNOWLEDGE.pages if page.id == "phone").line]
    left = all_but(*lines)
    report, said = ask("9" * 7000, "没过期", "", "q", args=left)
    assert said.count("A foreign national") == 3  # thousands of digits are no number of a line: asked again
    assert "[x]" in said
    assert ("identity.document", "valid") in [(one["id"], one["value"]) for one in report["observations"]]
    for word, value in (("都正常", "no"), ("都不知道", "unknown")):
        assert told(ask(word, "q", args=left)[0])["network.vpn_or_proxy"] == value
