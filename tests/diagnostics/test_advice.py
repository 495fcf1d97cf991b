"""What the advice may never do, on random people in both languages; and the rules against an independent reading."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
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
from diagnostics.knowledge.model import URGENCIES
from diagnostics.report.build import lazy_report, strongest
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.model import BeliefReport
from tests import oracle

if TYPE_CHECKING:
    from diagnostics.report.model import Report

KNOWLEDGE = load()
SEED = 20261129
STORIES = Path(__file__).parent.parent / "data" / "stories.jsonl"
ALONE = {"stop_contact", "report_police", "secure_account"}
"""The first steps for somebody whom a fraud met."""


def test_causes_situations_and_outcome_are_those_of_the_contract() -> None:
    for answers in oracle.random_people(1000, SEED + 1):
        case = Diagnosis(assess_answers(KNOWLEDGE, parse_answers(KNOWLEDGE, answers), ""))
        standing = map(case.assessment.cause, case.assessment.order)
        assert {one.cause.id: one.status for one in standing} == oracle.statuses(answers), answers
        assert [one.id for one in lazy_report(case).situations] == oracle.situations(answers), answers
        assert case.outcome in oracle.outcomes(answers), answers


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
        for each in (report, english):
            text = render("short", each, KNOWLEDGE).strip()
            assert len(text) <= SHORT[each.lang], (answers, text)
            assert text.endswith(("。", "！", "？", ".", "!", "?")), (answers, text)
            assert not each.plan or each.plan[0].short in text, (answers, text)


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


SAME = 0.55
"""From this share of common signs on two sentences say the same."""
PATH = re.compile(r"(?: → )?我(?: → \S+)+ ?")


def alike(one: str, other: str) -> float:
    """Return how far two sentences are the same; the way through WeChat's menus says nothing."""
    return SequenceMatcher(None, PATH.sub("", one), PATH.sub("", other)).ratio()


def test_no_two_sentences_and_no_two_steps_say_the_same() -> None:
    """What the person is in, in all sentences of a report; the headline and the steps that are shown beside it."""
    stories = [json.loads(line)["facts"] for line in STORIES.read_text(encoding="utf-8").splitlines()]
    for answers in [*stories, *oracle.random_people(250, SEED + 3)]:
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
    told = [json.loads(line)["facts"] for name in ("stories", "people", "told")
            for line in STORIES.with_stem(name).read_text(encoding="utf-8").splitlines()]  # fmt: skip
    for answers in [*told, *oracle.random_people(250, SEED + 4)]:
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


@pytest.mark.parametrize("seen", [
    {"entry.services_menu": "shown", "entry.official_account": "not_looked"},
    {"entry.services_menu": "not_looked", "entry.official_account": "opens_application"},
    {"entry.services_menu": "shown", "entry.official_account": "not_looked", "entry.page_message": "no_limit"},
])  # fmt: skip
def test_that_a_place_was_not_looked_at_is_no_reason_once_the_entry_is_seen(seen: dict[str, str]) -> None:
    assert "entry_not_searched" not in [one.id for one in strongest(diagnose(seen), KNOWLEDGE)]
    unseen = {"entry.services_menu": "not_looked", "entry.official_account": "not_looked"}
    assert "entry_not_searched" in [one.id for one in strongest(diagnose(unseen), KNOWLEDGE)]


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


def test_nobody_who_named_an_income_is_told_of_having_none() -> None:
    for more in ({"credit.overdue": "current"}, {"service.owing": "yes"}, {}):
        said = {"income.stability": "none", **more}
        assert "没有收入" in diagnose(said).summary
        assert "没有收入" in diagnose(said | {"debt.monthly_income": 0}).summary
        assert "没有收入" not in diagnose(said | {"debt.monthly_income": 6000}).summary


def test_whoever_sees_the_entry_and_was_refused_is_told_to_hold_off() -> None:
    report = diagnose({"entry.services_menu": "shown", "entry.official_account": "refused"})
    assert [one.do for one in report.plan][:2] == ["hold_off", "apply"]


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


@pytest.mark.parametrize("id_", ["safety.given", "safety.contact", "scam.offered_paid_opening"])
def test_whoever_told_of_harm_is_not_asked_what_the_complaint_is(id_: str) -> None:
    given = {"safety.given": ["money"], "safety.contact": ["paid_opening"], "scam.offered_paid_opening": "yes"}[id_]
    assert "complaint.what" not in diagnose({id_: given}).questions.remaining


NOT_THERE = {"entry.services_menu": "not_shown", "entry.official_account": "not_found"}
GONE = NOT_THERE | {"account.had_entry_before": "yes", "app.restarted": "no"}
REFUSED = {"entry.page_message": "not_approved", "account.had_entry_before": "yes"}
FIRST: dict[str, tuple[dict[str, Any], str, set[str]]] = {
    "who owes without a card asks which one is charged": (
        {"service.owing": "yes", "account.bank_card": "not_bound"}, "ask_which_card", {"prepare_repayment"},
    ),
    "the account comes before a restart": (GONE, "check_account", set()),
    "the other account comes before a restart": (GONE | {"account.other_account": "yes"}, "use_other_account", set()),
    "no other account, no look at it": (GONE | {"account.other_account": "no"}, "restart_phone", {"check_account"}),
    "QQ comes before a restart": (GONE | {"entry.qq_wallet": "shown"}, "use_in_qq", set()),
    "a tablet can wait for the phone": (
        {"client.kind": "tablet", "entry.services_menu": "not_looked"}, "switch_to_phone", set(),
    ),
    "a page that says not open yet is answered by no setting": (
        {"entry.page_message": "not_open_yet", "entry.services_menu": "not_shown", "app.restarted": "no",
         "network.vpn_or_proxy": "yes"},
        "look_monthly", {"restart_phone", "turn_off_minors_mode", "turn_off_vpn"},
    ),
    "minors' mode that is on is put right all the same": (
        {"entry.page_message": "not_open_yet", "entry.services_menu": "not_shown", "account.teen_mode": "on"},
        "turn_off_minors_mode", set(),
    ),
    "who was refused looks for nothing": (
        REFUSED, "hold_off_tapping", {"check_account", "look_services", "look_monthly", "wait_for_invitation"},
    ),
}  # fmt: skip


OVERDUE: dict[str, Any] = {"credit.overdue": "current"}
STOLEN: dict[str, Any] = {"account.stolen": "yes"}
PRESSED: dict[str, Any] = {"safety.contact": ["pressed_to_pay"]}
OLD: dict[str, Any] = {"client.platform": "android", "os.version": "5.1"}
NO_SERVICES: dict[str, Any] = {"entry.services_menu": "no_services_menu"}
UNFOUND: dict[str, Any] = {"entry.official_account": "not_found"}
HARMONY: dict[str, Any] = {"client.platform": "harmony"}
WITHDRAWN: dict[str, Any] = NOT_THERE | {
    "account.had_entry_before": "yes", "app.restarted": "yes",
    "account.closed_service": "no", "account.other_account": "no",
}  # fmt: skip
WAYS: dict[str, tuple[dict[str, Any], list[str], set[str]]] = {
    "a lost phone is frozen before anything is looked for": (
        {"account.stolen": "phone_lost", "entry.services_menu": "shown"},
        ["freeze_lost_phone", "call_110_beside", "call_card_bank", "log_out_lost_phone", "tell_webank"],
        {"remove_devices", "apply_with_care"},
    ),
    "which message it was, before any offer": (
        {"complaint.what": "page_message", "entry.services_menu": "shown"}, ["read_page_message"],
        {"apply_with_care", "subsidy_only_in_bank_page"},
    ),
    "which message it was, before looking on": (
        {"complaint.what": "page_message", "entry.services_menu": "not_shown"}, ["read_page_message"], set(),
    ),
    "repaid where it is still seen, and nothing is withdrawn": (
        NOT_THERE | {"service.owing": "yes", "entry.other_phone": "shown", "account.had_entry_before": "yes"},
        ["repay_on_other_phone", "prepare_repayment", "ask_bank_due"], {"wait_after_withdrawal", "ask_bank_status"},
    ),
    "the wallet is switched with a mainland ID card only": (
        {"account.wallet_region": "other"}, ["switch_wallet_if_resident"], {"switch_wallet_region"},
    ),
    "minors' mode is one of the small things": (
        {"account.had_entry_before": "yes"},
        ["check_account", "restart_phone", "look_services", "turn_off_minors_mode"], set(),
    ),
    "who cannot repay waits for no entry": (
        {"service.wish": "postpone", "income.stability": "none"}, ["ask_bank_postpone", "ask_temporary_aid"],
        {"wait_steady_income"},
    ),
    "nobody is on the line where an account was stolen": (
        STOLEN, ["remove_devices", "call_110_beside", "tell_webank"], {"freeze_wechat_pay", "stop_contact_after"},
    ),
    "who took the money out is reported before the devices": (
        STOLEN | {"safety.given": ["money"]}, ["call_110_taken", "remove_devices"], {"call_110_money"},
    ),
    "the police, then the bank that lent": (
        STOLEN | {"safety.given": ["loan"]}, ["report_loan_not_mine", "dispute_loan", "remove_devices"],
        {"tell_webank", "stop_contact_after"},
    ),
    "the police once": (
        STOLEN | {"safety.given": ["loan", "money"]}, ["call_110_taken", "dispute_loan", "remove_devices"],
        {"report_loan_not_mine"},
    ),
    "a loan in one's name, whoever took it": ({"safety.given": ["loan"]}, ["call_110_loan", "tell_lender"], set()),
    "a password given: one step about the devices, and the card's bank": (
        STOLEN | {"safety.given": ["password_or_code"]}, ["freeze_wechat_pay", "call_110_beside", "call_card_bank"],
        {"remove_devices"},
    ),
    "a loan that is not one's own, among those in use": (
        {"service.wish": "use"}, ["ask_bank_use", "not_your_loan"], {"subsidy_only_in_bank_page"},
    ),
    "months late, WeBank is called once": (
        OVERDUE | {"service.owing": "yes", "service.wish": "postpone"}, ["ask_bank_postpone", "call_other_lender"],
        {"call_overdue_lender", "ask_bank_due"},
    ),
    "who owes is not asked whether": (
        PRESSED | {"service.owing": "yes"}, ["deal_with_bank_only"], {"check_debt_yourself", "ask_bank_due"},
    ),
    "who owes without income asks to postpone": (
        {"service.owing": "yes", "income.stability": "none"}, ["ask_bank_postpone"], {"prepare_repayment"},
    ),
    "who owes without income and wants to repay, repays": (
        {"service.owing": "yes", "income.stability": "none", "service.wish": "repay"}, ["prepare_repayment"],
        {"ask_bank_postpone"},
    ),
    "who owes nothing asks the bank": (PRESSED | {"service.owing": "no"}, ["check_debt_yourself"], set()),
    "who wants to borrow though overdue borrows nothing new first": (
        OVERDUE | {"debt.open_loans": 6, "service.wish": "open"}, ["stop_new_loans", "call_overdue_lender"], set(),
    ),
    "who is overdue calls": (OVERDUE, ["call_overdue_lender"], {"stop_new_loans", "call_other_lender"}),
    "so does who is overdue and repays too much": (
        OVERDUE | {"debt.monthly_income": 5000, "debt.monthly_repayment": 4000},
        ["call_overdue_lender"], {"stop_new_loans"},
    ),
    "a doubt is answered by one step": ({"safety.contact": ["paid_opening"]}, ["refuse_paid_opening"], {"ask_96110"}),
    "the wallet's region is looked at, also by who doesn't know it": (
        GONE | {"account.registered_phone": "other", "account.wallet_region": "unknown"},
        ["look_wallet_region", "use_mainland_number"], {"switch_wallet_region"},
    ),
    "WeChat comes before an old phone's system": (
        OLD | {"wechat.version": "6.7.3"}, ["update_wechat_app", "update_phone_system"], set(),
    ),
    "an old system by itself is updated": (OLD, ["update_phone_system"], {"update_wechat_app"}),
    "the bank is asked once whether it can reopen": (
        WITHDRAWN | {"account.wechat_pay_cancelled": "reopened"}, ["ask_bank_reopen"], {"ask_bank_status"},
    ),
    "a foreigner goes to the bank of their own": ({"person.residency": "foreign"}, ["ask_own_bank"], set()),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "first", "never"), WAYS.values(), ids=WAYS)
def test_the_first_steps_in_their_order(answers: dict[str, Any], first: list[str], never: set[str]) -> None:
    ids = [item.id for item in diagnose(answers).plan]
    assert ids[: len(first)] == first
    assert never.isdisjoint(ids)


SAID: dict[str, tuple[dict[str, Any], str, str]] = {
    "late already": (OVERDUE | {"service.wish": "postpone"}, "过了还款日", "还款日之前"),
    "in time": ({"service.wish": "postpone"}, "还款日之前", "过了还款日"),
    "owing, whether the entry is there or not": ({"service.owing": "yes"}, "趁早找银行商量", "看不到入口"),
    "owing without income": ({"service.owing": "yes", "income.stability": "none"}, "找银行商量", "备好"),
    "closing with all repaid": ({"service.wish": "close", "service.owing": "no"}, "还清了就能关", "要先还清"),
    "somebody else took the money": (STOLEN | {"safety.given": ["money"]}, "别人转走", "别再转钱"),
    "perhaps not one's own loan": ({"safety.given": ["loan"]}, "告诉放款的银行", "别往外转"),
    "borrowed at somebody's bidding": (
        {"safety.given": ["loan"], "safety.contact": ["close_call"]}, "别往外转", "不是您借的",
    ),
    "owing and pressed": (PRESSED | {"service.owing": "yes"}, "欠款只跟银行谈", "欠没欠"),
    "without income": (OVERDUE | {"income.stability": "none"}, "没有收入", "不会开放"),
    "no Services, and nothing in the official account": (NO_SERVICES | UNFOUND, "先让它出来", "没对您开放"),
    "no Services, restarted": (NO_SERVICES | UNFOUND | {"app.restarted": "yes"}, "先让它出来", "没对您开放"),
    "no Services, where it was before": (GONE | NO_SERVICES | {"app.restarted": "yes"}, "先让「服务」出来", "收回"),
    "no Services, one place left": (NO_SERVICES | {"entry.official_account": "not_looked"}, "公众号里", "微信支付"),
    "no Services in a recent WeChat": (
        NO_SERVICES | {"entry.official_account": "not_looked", "wechat.version": "8.0.76"}, "微信支付没启用", "没看",
    ),
    "another's identity, one place left": (
        NOT_THERE | {"account.real_name_of": "other", "entry.official_account": "not_looked"}, "先弄好这一条", "公众号",
    ),
    "a number from elsewhere, one place left": (
        NOT_THERE | {"account.registered_phone": "other", "entry.official_account": "not_looked"}, "钱包地区", "公众号",
    ),
    "HarmonyOS, and another phone shows it": (HARMONY | {"entry.other_phone": "shown"}, "没有查到", "先查这台"),
    "HarmonyOS, the old phone comes first": (HARMONY | NOT_THERE, "原来的手机", "重启"),
    "minors' mode hides the icon of who asks about use": (
        NOT_THERE | {"service.wish": "use", "account.teen_mode": "on"}, "未成年人模式开着", "是不是",
    ),
    "where a missing icon is looked for": (NOT_THERE | {"service.wish": "use"}, "是不是开着", "不该查"),
    "a question about use alone": ({"service.wish": "use"}, "不该查", "图标"),
    "both very old": (OLD | {"wechat.version": "6.7.3"}, "先更新微信", "先升级试试"),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "said", "not_said"), SAID.values(), ids=SAID)
def test_the_headline_speaks_to_this_person(answers: dict[str, Any], said: str, not_said: str) -> None:
    summary = diagnose(answers).summary
    assert said in summary
    assert not_said not in summary


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


@pytest.mark.parametrize(("answers", "first", "never"), FIRST.values(), ids=FIRST)
def test_the_first_step_is_for_this_person(answers: dict[str, Any], first: str, never: set[str]) -> None:
    ids = [item.id for item in diagnose(answers).plan]
    assert ids[0] == first
    assert never.isdisjoint(ids)


def test_what_cannot_be_is_not_told() -> None:
    owing = diagnose(GONE | {"service.owing": "yes", "entry.other_phone": "not_tried"})
    assert "service_closed" not in [one.id for one in strongest(owing, KNOWLEDGE)], "nobody closes what is owed"
    assert "over_borrowing" not in [one.id for one in owing.warnings]
    assert not [one for cause in owing.causes for one in cause.because if one.observation == "entry.other_phone"]
    assert [one.id for one in strongest(diagnose(REFUSED), KNOWLEDGE)] == ["not_approved"]


@pytest.mark.parametrize("settled", [{"person.age": 17}, {"person.residency": "foreign"}, {"account.teen_mode": "on"}])
def test_what_was_given_is_asked_whatever_else_is_settled(settled: dict[str, Any]) -> None:
    asked = diagnose(settled | {"safety.contact": ["paid_opening"]}).questions
    assert asked.stop_reason is None
    assert asked.next == "safety.given"


@pytest.mark.parametrize("answers", [WITHDRAWN, NO_SERVICES | {"entry.official_account": "not_looked"}])
def test_the_first_step_follows_upon_nothing(answers: dict[str, Any]) -> None:
    first = diagnose(answers).plan[0]
    assert not first.text.startswith(("还", "再"))
    assert not first.short.startswith(("还", "再"))


def test_what_was_not_closed_is_asked_again() -> None:
    found = diagnose(WITHDRAWN | {"account.wechat_pay_cancelled": "reopened"}).contradictions
    assert [(one.id, one.settle) for one in found] == [("cancelled_not_closed", "account.closed_service")]


DO: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "a shared screen: the police from another phone": (
        {"safety.given": ["screen"]}, ("飞行模式", "马上打 110"), "拿不准",
    ),
    "a code given: perhaps the screen, too": (
        {"safety.given": ["password_or_code"], "safety.contact": ["close_call"]}, ("开飞行模式", "先打 110"), "拿不准",
    ),
    "a fake app is evidence": ({"safety.contact": ["fake_app"]}, ("先别删", "截图留着"), "删掉这个"),
    "a pupil has no employer": ({"person.age": 17, "person.student": "yes"}, ("上学的问学校",), "家里或单位"),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "told", "never"), DO.values(), ids=DO)
def test_the_first_step_says_all_that_is_urgent(answers: dict[str, Any], told: tuple[str, ...], never: str) -> None:
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


@pytest.mark.parametrize("met", ["close_call", "borrow_for_others"])
def test_whom_a_call_about_a_loan_met_is_not_told_to_look_monthly(met: str) -> None:
    ids = [item.id for item in diagnose({"safety.contact": [met], "safety.given": []}).plan]
    assert ids
    assert not {"look_monthly", "wait_for_invitation"} & set(ids)


@pytest.mark.parametrize("answers", [{"credit.overdue": "current"}, {"entry.page_message": "not_approved"}])
def test_a_place_not_looked_at_is_no_reason_where_something_else_leads(answers: dict[str, Any]) -> None:
    report = diagnose(answers | {"entry.services_menu": "not_shown", "entry.official_account": "not_looked"})
    assert "entry_not_searched" in [one.id for one in report.causes if one.status == "likely"]
    assert strongest(report, KNOWLEDGE)
    assert "entry_not_searched" not in [one.id for one in strongest(report, KNOWLEDGE)]
    alone = diagnose({"entry.services_menu": "not_shown", "entry.official_account": "not_looked"})
    assert strongest(alone, KNOWLEDGE)[0].id == "entry_not_searched"


@pytest.mark.parametrize(("told", "quoted"), [("yes", False), ("reopened", False), ("no", True), ("unknown", True)])
def test_what_somebody_did_is_not_quoted_as_a_mistake(told: str, quoted: bool) -> None:
    belief = BeliefReport(id="reopening_resets", quote="Q", text="A")
    given = assess_answers(KNOWLEDGE, parse_answers(KNOWLEDGE, {"account.wechat_pay_cancelled": told}), "")
    assert Diagnosis(given, beliefs=[belief]).beliefs == [belief] * quoted


@pytest.mark.parametrize("message", ["not_approved", "no_limit"])
def test_whoever_got_no_limit_was_let_in(message: str) -> None:
    assert "不让进" not in diagnose({"entry.page_message": message, "service.owing": "yes"}).summary
    assert "不让进" in diagnose({"entry.page_message": "closed", "service.owing": "yes"}).summary


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        ({"safety.contact": ["recovery"]}, "refuse_recovery"),
        ({"safety.contact": ["recovery", "paid_opening"]}, "refuse_recovery"),
        ({"safety.contact": ["recovery"], "safety.given": ["money"]}, "call_110_money"),
        ({"safety.contact": ["fake_app"], "safety.app_installed": "no"}, "skip_fake_app"),
        ({"safety.contact": ["fake_app"], "safety.app_installed": "yes"}, "remove_fake_app"),
        ({"safety.contact": ["fake_app"]}, "remove_fake_app"),
        ({"service.owing": "yes", "service.deduction_failed": "yes"}, "repay_failed_deduction"),
        ({"service.owing": "yes", "service.deduction_failed": "no"}, "prepare_repayment"),
        ({"service.wish": "repay", "service.deduction_failed": "yes"}, "repay_failed_deduction"),
        ({"entry.page_message": "system_busy", "entry.busy_days": "yes"}, "ask_bank_busy_days"),
        ({"entry.page_message": "system_busy", "entry.busy_days": "no"}, "look_later_today"),
        ({"entry.page_message": "system_busy"}, "look_later_today"),
    ],
)
def test_what_was_not_done_or_failed_changes_the_first_step(answers: dict[str, Any], first: str) -> None:
    assert diagnose(answers).plan[0].id == first


def test_a_second_cheat_is_named_before_the_first_loss() -> None:
    told = diagnose({"safety.contact": ["recovery"], "safety.given": ["money"]})
    assert "第二个骗子" in told.situations[0].text


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
