"""What the advice may never do, on random people in both languages; and the rules against an independent reading."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics import diagnose
from diagnostics.answers import parse_answers
from diagnostics.checks.base import CheckResult
from diagnostics.engine.advice import ALWAYS_VALID
from diagnostics.engine.assessment import assess_answers
from diagnostics.formats import SHORT, render
from diagnostics.formats.report_view import ReportView
from diagnostics.knowledge import load
from diagnostics.knowledge.model import STATUSES, URGENCIES
from diagnostics.report.build import lazy_report, strongest
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.model import BeliefReport
from tests import oracle
from tests.rows import DATA, each

if TYPE_CHECKING:
    from diagnostics.report.model import Report

KNOWLEDGE = load()
SEED = 20261129
ALONE = {"stop_contact", "report_police", "secure_account"}
"""The first steps for somebody whom a fraud met."""


def test_causes_situations_and_outcome_are_those_of_the_contract() -> None:
    for answers in oracle.random_people(1000, SEED + 1):
        case = Diagnosis(assess_answers(KNOWLEDGE, parse_answers(KNOWLEDGE, answers), ""))
        standing = {one.cause.id: one.status for one in map(case.assessment.cause, case.assessment.order)}
        assert standing == oracle.statuses(answers), answers
        assert [*standing.values()] == sorted(standing.values(), key=STATUSES.index), answers
        report = lazy_report(case)
        assert [one.id for one in report.situations] == oracle.situations(answers), answers
        left = "no_clear_cause" if report.questions.remaining else "not_enough_known"
        assert case.outcome in oracle.outcomes(answers) - {left}, answers
        assert (report.application is not None) is (case.outcome == "entry_found"), answers


def test_what_the_advice_never_does() -> None:
    for answers in oracle.random_people(150, SEED):
        report, english = diagnose(answers), diagnose(answers, lang="en")
        for holds in (_nothing_is_told_that_was_answered, _harm_comes_first, _the_refused_wait, _ages_are_as_they_are):
            holds(answers, report)
        ids = [item.id for item in report.plan]
        assert len(ids) == len(set(ids)), answers
        assert ids == [item.id for item in english.plan], answers
        order = [URGENCIES.index(item.urgency) for item in report.plan]
        assert order == sorted(order), answers  # what can be done comes before waiting
        for one in (report, english):
            text = render("short", one, KNOWLEDGE).strip()
            assert len(text) <= SHORT[one.lang], (answers, text)
            assert text.startswith((one.summary, one.situations[0].text)), (answers, text)
            assert text.count("\n") <= 2, (answers, text)
            assert all(line.endswith(tuple("。！？.!?”」")) for line in text.splitlines()), (answers, text)
            assert not one.plan or one.plan[0].short in text, (answers, text)


def test_what_the_questions_look_at_is_the_plan() -> None:
    """The first two steps, and of each question whether a situation or a step still waits for it, by the slow way."""
    for answers in oracle.random_people(150, SEED + 2):
        case = Diagnosis(assess_answers(KNOWLEDGE, parse_answers(KNOWLEDGE, answers), ""))
        found, advice, standing = case.assessment, case.advice, case.standing
        steps = list(dict.fromkeys(step.action.id for step in advice.plan(standing, case.held, ALWAYS_VALID)))
        assert advice.first_two(standing, case.held, ALWAYS_VALID) == (*steps, "", "")[:2], answers
        assert advice.first(standing, case.held) == (*steps, "")[0], answers
        met, open_ = found.bits_met, found.bits_open
        waiting = set()
        for one in advice.situations:
            rows = [row for row in found.table.rows(one.situation.when)
                    if not any(id_.startswith("cause.") for _, id_ in row.conditions)]  # fmt: skip
            if not any(met & mask == mask for mask in one.masks):
                may = [row.conditions for row in rows if (met | open_) & row.mask == row.mask]
                facts = {fact for conditions in may for bit, fact in conditions if open_ & bit}
                waiting |= {id_ for fact in facts for id_ in found.table.inputs(fact)}
        leading = advice.situations[case.held[0]].fits.questions(met, open_)
        assert advice.open_questions(met, open_) == found.table.bits_of(waiting) | leading, answers


def facts_of(*names: str) -> list[dict[str, Any]]:
    """Return what the people of these files said."""
    files = [(DATA / f"{name}.jsonl").read_text(encoding="utf-8") for name in names]
    return [json.loads(line)["facts"] for file in files for line in file.splitlines()]


SAME = 0.55
"""From this share of common signs on two sentences say the same."""
PATH = re.compile(r"(?: → )?我(?: → \S+)+ ?")


def alike(one: str, other: str) -> float:
    """Return how far two sentences are the same; the way through WeChat's menus says nothing."""
    return SequenceMatcher(None, PATH.sub("", one), PATH.sub("", other)).ratio()


def test_no_two_sentences_and_no_two_steps_say_the_same() -> None:
    """What the person is in, in all sentences of a report; the headline and the steps that are shown beside it."""
    for answers in [*facts_of("stories"), *oracle.random_people(250, SEED + 3)]:
        report = diagnose(answers)
        said, steps = ReportView(report, KNOWLEDGE).finding(), [item.short for item in report.plan[:4]]
        for texts in (said, [report.situations[0].text, *steps[:1]], steps):
            assert [pair for pair in combinations(texts, 2) if alike(*pair) > SAME] == [], answers
        doubt = [item.id for item in report.plan if "96110" in item.text]
        assert len(doubt) < 2 or answers.get("account.stolen") in ("yes", "phone_lost"), (answers, doubt)


SENTENCE = re.compile(r"[。；！？]|[.;!?](?= |$)")
MENU = re.compile(r"旧版里|打开 我|Older versions|Open Me")
"""What begins a sentence that says nothing but where in WeChat's menus something is: a step is read alone."""


def test_no_sentence_stands_in_two_steps_of_a_plan() -> None:
    for answers in [*facts_of("stories", "people", "told"), *oracle.random_people(250, SEED + 4)]:
        for lang in ("zh", "en"):
            seen: dict[str, str] = {}
            for item in diagnose(answers, lang=lang).plan:
                for said in {one.strip() for one in SENTENCE.split(item.text)} - {""}:
                    if MENU.match(said) is None:
                        assert seen.setdefault(said, item.id) == item.id, (said, answers)


NEVER = {
    "account.real_name": ("verified", {"verify_real_name"}),
    "account.bank_card": ("bound", {"link_bank_card"}),
    "app.restarted": ("yes", {"restart_phone", "relogin_wechat"}),
    "account.teen_mode": ("off", {"turn_off_minors_mode"}),
}
"""What nobody is told to do who answered so: nobody verified is told to verify."""


def _nothing_is_told_that_was_answered(answers: dict[str, Any], report: Report) -> None:
    shown = {item.id for item in report.plan} | {one.id for cause in report.causes for one in cause.actions}
    for id_, (value, actions) in NEVER.items():
        assert answers.get(id_) != value or not shown & actions, (answers, shown & actions)


def _the_refused_wait(answers: dict[str, Any], report: Report) -> None:
    if any(one.id == "refused" for one in report.situations):
        assert all(item.do != "apply" for item in report.plan), answers
    if answers.get("entry.page_message") in ("not_approved", "no_limit"):
        assert any(item.do == "hold_off" for item in report.plan), answers
        assert "no_repeat" in [one.id for one in report.warnings], answers


def _harm_comes_first(answers: dict[str, Any], report: Report) -> None:
    if report.situations[0].id not in ("harm_done", "scam_contact"):
        return
    first = report.plan[0]
    assert first.do in ALONE, answers
    assert first.urgency == "now", answers
    given = answers.get("safety.given")
    told = [given, answers.get("safety.contact"), answers.get("scam.offered_paid_opening") == "yes"]
    lost_only = answers.get("account.stolen") == "phone_lost" and not any(
        one not in (None, [], "unknown", False) for one in told
    )
    assert lost_only or report.warnings[0].id == "scam", answers
    if isinstance(given, list) and "money" in given:
        assert first.do == "report_police", answers
    elif isinstance(given, list) and {"password_or_code", "screen", "id_or_card"} & {*given} and "loan" not in given:
        assert first.do == "secure_account", answers
        assert any(item.do == "report_police" for item in report.plan), answers


def _ages_are_as_they_are(answers: dict[str, Any], report: Report) -> None:
    age = answers.get("person.age")
    if not isinstance(age, int):
        return
    shown = [*report.plan, *(action for cause in report.causes for action in cause.actions)]
    words = " ".join(item.text + item.short for item in shown)
    if age >= 18:
        assert "成年以后" not in words, answers
        assert "满 18" not in words, answers
    if age > 60:
        assert all(item.do != "wait" and item.urgency != "wait" for item in report.plan), (answers, report.plan)


def test_nothing_known_gives_no_step_but_the_next_question() -> None:
    for answers in ({}, {"person.age": "unknown"}):
        report = diagnose(answers)
        assert report.plan == []
        assert report.questions.next is not None
        assert KNOWLEDGE.questions[report.questions.next].zh.ask in render("short", report, KNOWLEDGE)


@pytest.mark.parametrize("card", [one.id for one in KNOWLEDGE.questions["complaint.what"].value])
def test_every_card_gives_its_own_headline_and_first_step(card: str) -> None:
    report, generic = diagnose({"complaint.what": card}), KNOWLEDGE.situations[-1]
    assert report.summary == report.situations[0].text != generic.text[-1].zh
    assert report.plan
    assert report.plan[0].short in render("short", report, KNOWLEDGE)


def test_danger_alone_cuts_them_off_and_asks_what_was_given() -> None:
    report = diagnose({"complaint.what": "harm"})
    assert [item.id for item in report.plan] == ["cut_them_off"]
    assert (report.questions.next, report.warnings[0].id) == ("safety.given", "scam")
    assert report.situations[0].title == "可能遇上骗子"
    nothing = {"complaint.what": "harm", "safety.given": [], "account.stolen": "no"}
    assert diagnose(nothing).plan[0].do == "stop_contact", "who came to them is still to be asked"
    assert diagnose(nothing | {"safety.contact": []}).plan[0].do == "look"


def test_nobody_is_promised_more_questions_where_none_is_left() -> None:
    report = diagnose(dict.fromkeys(KNOWLEDGE.questions, "unknown"))
    assert report.outcome == "no_clear_cause"
    assert report.summary == report.situations[0].text == KNOWLEDGE.say("summary.no_clear_cause", "zh")


@pytest.mark.parametrize("given", ["screen", "password_or_code"])
def test_whom_to_call_is_the_same_in_headline_steps_and_details(given: str) -> None:
    """110 where money is missing or they are still at it; what is not known is asked, and asked again after a look."""
    open_, missing, fine = ({"safety.given": [given]} | more for more in (
        {}, {"safety.money_gone": "yes"}, {"safety.money_gone": "no"}))  # fmt: skip
    told = diagnose(open_)
    assert told.questions.next == "safety.money_gone"
    assert "少了马上打 110" in told.summary
    assert "钱少了" in told.plan[0].text
    assert "safety.money_gone" in next(item for item in told.plan if item.id == "call_110_beside").rechecks
    told = diagnose(missing)
    assert "110" in told.summary
    assert [item.id for item in told.plan][:2] == ["cut_off_gone", "call_110_gone"]
    assert "110" in told.plan[0].short
    told = diagnose(fine)
    assert "钱没少" in told.summary
    assert "110" not in told.plan[0].short
    assert not [item for item in told.plan if "110" in item.text.replace("96110", "") and "钱少了" not in item.text]


@pytest.mark.parametrize("menu", ["not_shown", "no_services_menu", "not_looked", None])
@pytest.mark.parametrize("account", ["opens_application", "not_found", None])
def test_who_has_no_icon_closes_it_another_way(menu: str | None, account: str | None) -> None:
    known = {"entry.services_menu": menu, "entry.official_account": account, "service.wish": "close"}
    report = diagnose({id_: value for id_, value in known.items() if value is not None} | {"service.owing": "no"})
    assert report.plan[0].id == "close_through_account"
    assert "微粒贷借钱" not in report.plan[0].text + report.plan[0].short


@pytest.mark.parametrize("message", ["not_open_yet", "invitation_expired"])
@pytest.mark.parametrize("menu", ["not_shown", "no_services_menu"])
def test_nobody_is_sent_to_look_where_the_message_was_met(message: str, menu: str) -> None:
    """Once a month is what is left, and comes after what can be done."""
    met = {"entry.page_message": message, "entry.services_menu": menu}
    plan = diagnose(met | {"account.pay_enabled": "yes"}).plan
    assert not [item.id for item in plan if item.do == "look"]
    assert "look_monthly" in [item.id for item in plan if item.urgency == "wait"]
    report = diagnose(met | {"account.registered_phone": "other"})
    assert report.plan[0].do == "wallet_region"


@pytest.mark.parametrize(("more", "leading"), [
    ({"entry.services_menu": "shown"}, []), ({"entry.official_account": "opens_application"}, []),
    ({"entry.services_menu": "shown", "entry.page_message": "no_limit"}, ["not_approved"]),
    ({"entry.services_menu": "not_shown", "credit.overdue": "current"}, ["credit_record"]),
    ({"entry.services_menu": "not_shown", "entry.page_message": "not_approved"}, ["not_approved"]),
])  # fmt: skip
def test_that_a_place_was_not_looked_at_is_no_reason_where_the_entry_is_seen_or_something_else_leads(
    more: dict[str, str], leading: list[str]
) -> None:
    nowhere = {"entry.services_menu": "not_looked", "entry.official_account": "not_looked"}
    for unseen in (nowhere, nowhere | {"entry.services_menu": "not_shown"}):
        assert strongest(diagnose(unseen), KNOWLEDGE)[0].id == "entry_not_searched"
    assert [one.id for one in strongest(diagnose(nowhere | more), KNOWLEDGE)] == leading


@pytest.mark.parametrize("more", [
    {}, {"service.wish": "repay"}, {"service.wish": "close"}, {"service.wish": "open"}, {"credit.overdue": "current"},
    {"account.bank_card": "not_bound"}, {"entry.services_menu": "shown", "entry.page_message": "no_limit"},
    {"income.stability": "none"},
])  # fmt: skip
@pytest.mark.parametrize("stolen", ["yes", "no"])
def test_nobody_gets_money_ready_for_a_loan_that_is_disputed(more: dict[str, Any], stolen: str) -> None:
    lost = {"safety.given": ["loan"], "account.stolen": stolen, "service.owing": "yes"}
    report = diagnose(lost | more)
    steps = [item.id for item in report.plan if item.id not in ("call_other_lender", "call_overdue_lender")]
    assert report.plan[0].do == "report_police"
    assert "95384" in report.plan[1].text
    assert not {"prepare_repayment", "close_after_repaying", "repay_though_refused", "ask_which_card"} & {*steps}
    assert not [one.text for one in report.situations if "备好" in one.text]


def test_examples_that_travel_with_the_situations_hold() -> None:
    for situation in KNOWLEDGE.situations:
        for case in KNOWLEDGE.cases[f"situations/{situation.id}"]:
            held = [one.id for one in diagnose(dict(case.answers)).situations]
            assert (situation.id in held) is case.holds, (situation.id, case.answers)


def test_what_is_dated_falls_silent_by_itself() -> None:
    answers = {"entry.services_menu": "shown"}
    before = diagnose(answers, generated_at="2026-12-31T10:00:00Z")
    after = diagnose(answers, generated_at="2027-01-01T10:00:00Z")
    assert "subsidy_only_in_bank_page" in [item.id for item in before.plan]
    assert "subsidy_only_in_bank_page" not in [item.id for item in after.plan]


def test_what_the_network_check_advises_stands_in_the_plan() -> None:
    down = CheckResult(id="network.reachability", status="fail", verdict="link.down", data={"where": "computer"})
    shared = {"network.same_network": "yes"}
    plan = diagnose({"entry.services_menu": "not_shown"} | shared, checks=[down]).plan
    found = next(item for item in plan if item.id == "network.link.down")
    assert (found.do, found.urgency, found.by, found.cause) == ("network", "soon", "user", "network_unreachable")
    assert "这台电脑没有连上网" in found.text
    assert plan.index(found) < next(at for at, item in enumerate(plan) if item.urgency == "wait")
    for apart in (
        {"person.age": 61}, {"service.wish": "close"}, {"service.wish": "use"}, {"entry.services_menu": "shown"},
        {"safety.given": ["money"]}, {"network.same_network": "no"}, {"network.phone_loads_pages": "yes"},
        {"network.same_network": "unknown"},
    ):  # fmt: skip
        assert all(item.id != found.id for item in diagnose(shared | apart, checks=[down]).plan), apart
    theirs = CheckResult(id="network.reachability", status="fail", verdict="dns.servfail", data={"where": "network"})
    step = next(item for item in diagnose(shared, checks=[theirs]).plan if item.do == "network")
    assert "不在微信" in step.text, "nobody looks for the fault in WeChat"
    fine = CheckResult(id="network.reachability", status="pass", verdict="ok")
    assert all(item.do != "network" for item in diagnose(shared, checks=[fine]).plan)


NOT_THERE = {"entry.services_menu": "not_shown", "entry.official_account": "not_found"}
WITHDRAWN: dict[str, Any] = NOT_THERE | {
    "account.had_entry_before": "yes", "app.restarted": "yes",
    "account.closed_service": "no", "account.other_account": "no",
}  # fmt: skip


@each("advice.toml#steps", "answers, first, never")
def test_the_first_steps_in_their_order(answers: dict[str, Any], first: list[str], never: list[str]) -> None:
    ids = [item.id for item in diagnose(answers).plan]
    assert ids[: len(first)] == first
    assert {*never}.isdisjoint(ids)


@each("advice.toml#headline", "answers, said, not_said")
def test_the_headline_speaks_to_this_person(answers: dict[str, Any], said: str | None, not_said: str | None) -> None:
    summary = diagnose(answers).summary
    assert (said or "") in summary
    assert not_said is None or not_said not in summary


@pytest.mark.parametrize("answers", [{"service.owing": "yes"}, {"service.wish": "close"}, {"service.wish": "use"}])
def test_whoever_has_it_is_not_told_that_the_bank_decides_whether_it_opens(answers: dict[str, Any]) -> None:
    for lang in ("zh", "en"):
        text = render("short", diagnose(answers, lang=lang), KNOWLEDGE)
        assert text.strip().endswith(KNOWLEDGE.say("format.short.bank", lang))


@pytest.mark.parametrize("wish", ["close", "limit_family"])
def test_whoever_wants_it_closed_hears_nothing_of_a_missing_entry(wish: str) -> None:
    report = diagnose(NOT_THERE | {"service.wish": wish, "person.age": 19, "person.student": "yes"})
    view = ReportView(report, KNOWLEDGE)
    assert (view.standing, view.other_causes()) == ([], [])
    assert {"over_borrowing", "no_promise"}.isdisjoint(one.id for one in report.warnings)
    assert not [item for item in report.plan if "赌" in item.text], "gambling is spoken of where it was named"


def test_what_was_not_ticked_does_not_speak_against_what_was_found() -> None:
    report = diagnose({"entry.qq_wallet": "shown", "entry.services_menu": "not_shown", "account.other_account": "no"})
    first = report.causes[0]
    assert (first.id, first.status) == ("other_account", "likely")
    assert {one.effect for one in first.because} == {"for"}


def test_what_a_belief_is_told_does_not_contradict_the_cause() -> None:
    """HarmonyOS 5 is no Android, and whether its WeChat has the entry was not found."""
    told = KNOWLEDGE.beliefs["android_unsupported"]
    assert "鸿蒙 5 以上的微信里有没有，没有查到" in told.zh
    assert "没关系" not in told.zh


def test_what_cannot_be_is_not_told() -> None:
    gone = NOT_THERE | {"account.had_entry_before": "yes", "app.restarted": "no"}
    owing = diagnose(gone | {"service.owing": "yes", "entry.other_phone": "not_tried"})
    assert "service_closed" not in [one.id for one in strongest(owing, KNOWLEDGE)], "nobody closes what is owed"
    assert "over_borrowing" not in [one.id for one in owing.warnings]
    assert not [one for cause in owing.causes for one in cause.because if one.observation == "entry.other_phone"]
    refused = {"entry.page_message": "not_approved", "account.had_entry_before": "yes"}
    assert [one.id for one in strongest(diagnose(refused), KNOWLEDGE)] == ["not_approved"]


@pytest.mark.parametrize("answers", [
    WITHDRAWN, {"entry.services_menu": "no_services_menu", "entry.official_account": "not_looked"},
])  # fmt: skip
def test_the_first_step_follows_upon_nothing(answers: dict[str, Any]) -> None:
    first = diagnose(answers).plan[0]
    assert not first.text.startswith(("还", "再"))
    assert not first.short.startswith(("还", "再"))


def test_what_was_not_closed_is_asked_again() -> None:
    found = diagnose(WITHDRAWN | {"account.wechat_pay_cancelled": "reopened"}).contradictions
    assert [(one.id, one.settle) for one in found] == [("cancelled_not_closed", "account.closed_service")]


@each("advice.toml#first_step", "answers, told, never")
def test_the_first_step_says_all_that_is_urgent(answers: dict[str, Any], told: list[str], never: str) -> None:
    text = diagnose(answers).plan[0].text
    assert [one for one in told if one not in text] == []
    assert never not in text


def test_a_foreigner_is_not_told_more_than_is_known() -> None:
    cause = KNOWLEDGE.causes["not_mainland_resident"]
    assert "没有官方说法" in cause.zh.shows_after
    assert "officially" in cause.en.shows_after


@pytest.mark.parametrize(
    ("verdict", "where", "said"),
    [
        ("link.gateway_silent", "network", "把路由器"),
        ("link.down", "computer", "这台电脑：插好网线"),
        ("tls.cert_expired", "far_end", "等网站修好"),
    ],
)
def test_a_step_of_the_network_check_says_whom_it_is_for(verdict: str, where: str, said: str) -> None:
    check = CheckResult(id="network.reachability", status="fail", verdict=verdict, data={"where": where})
    plan = diagnose({"entry.services_menu": "not_shown", "network.same_network": "yes"}, checks=[check]).plan
    assert next(item.short for item in plan if item.id == f"network.{verdict}").startswith(said)


@pytest.mark.parametrize("answers", [{"complaint.what": "page_message"}, {"entry.official_account": "refused"}])
def test_whoever_was_refused_is_not_sent_to_open_the_page_again(answers: dict[str, Any]) -> None:
    report = diagnose(answers)
    (step,) = [item for item in report.plan if item.id == "read_page_message"]
    assert "不用再打开" in step.text
    assert "不用再打开" in step.short
    assert not {"look_monthly", "wait_for_invitation"} & {item.id for item in report.plan}
    known = diagnose(answers | {"entry.page_message": "invitation_expired"})
    assert "look_monthly" in [item.id for item in known.plan]


@pytest.mark.parametrize(("told", "quoted"), [("yes", False), ("reopened", False), ("no", True), ("unknown", True)])
def test_what_somebody_did_is_not_quoted_as_a_mistake(told: str, quoted: bool) -> None:
    belief = BeliefReport(id="reopening_resets", quote="Q", text="A")
    given = assess_answers(KNOWLEDGE, parse_answers(KNOWLEDGE, {"account.wechat_pay_cancelled": told}), "")
    assert Diagnosis(given, beliefs=[belief]).beliefs == [belief] * quoted


@pytest.mark.parametrize("message", ["not_open_yet", "not_approved"])
@pytest.mark.parametrize("closed_out", [{"person.age": 63}, {"person.residency": "foreign"}, {"person.student": "yes"}])
def test_nobody_closed_out_is_sent_to_put_something_else_right_first(message: str, closed_out: dict[str, Any]) -> None:
    answers = {"entry.page_message": message, **closed_out}
    more = {"account.real_name_of": "other", "identity.document": "expired", "account.pay_enabled": "no"}
    plain, both = diagnose(answers), diagnose({**answers, **more})
    assert both.plan[0].id == plain.plan[0].id
    assert not {"ask_change_real_name", "renew_id_card", "enable_wechat_pay"} & {one.id for one in both.plan}
    assert plain.situations[1].text in render("short", plain, load())


def test_who_did_not_close_it_asks_who_did() -> None:
    answers = {"entry.page_message": "closed", "account.closed_service": "no"}
    assert diagnose(answers).plan[0].id == "ask_who_closed"
    assert diagnose({"entry.page_message": "closed"}).plan[0].id == "look_for_reopen"


def test_who_closed_it_and_found_nothing_in_the_official_account_asks_the_bank() -> None:
    answers = {"account.closed_service": "yes", "entry.services_menu": "not_shown"}
    assert diagnose(answers).plan[0].id == "look_closed_page"
    assert diagnose({**answers, "entry.official_account": "not_found"}).plan[0].id == "ask_bank_reopen"
