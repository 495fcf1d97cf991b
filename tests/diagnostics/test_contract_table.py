"""The cause table of the contract: the cases that travel with each cause hold, and what they do not state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics import diagnose
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Cause

ROWS: list[tuple[str, str, dict[str, object]]] = [
    # where
    ("entry_not_searched", "likely", {"entry.official_account": "not_looked"}),
    ("entry_not_searched", "unknown", {"entry.services_menu": "unknown", "entry.official_account": "unknown"}),
    ("wrong_client", "confirmed", {"client.kind": "phone", "client.platform": "linux"}),
    ("wrong_client", "unknown", {"client.platform": "android"}),
    ("wrong_client", "confirmed", {"wechat.version": "MicroMessenger/6.8.0 WindowsWechat(0x63090c33)"}),
    ("other_account", "likely", {"entry.qq_wallet": "shown", "entry.services_menu": "not_shown"}),
    ("other_account", "likely", {"entry.qq_wallet": "shown", "entry.services_menu": "not_shown",
                                 "account.other_account": "no"}),
    ("other_account", "ruled_out", {"account.other_account": "no", "entry.qq_wallet": "shown"}),
    ("other_account", "unknown", {"entry.qq_wallet": "shown"}),
    ("other_account", "unknown", {"entry.qq_wallet": "shown", "entry.services_menu": "shown"}),
    # app
    ("wechat_outdated", "ruled_out", {"wechat.version": "8.0.49", "client.platform": "ios"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "8.0.49"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "微信 ８．０．４９"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64"}),
    ("wechat_outdated", "possible", {"entry.services_menu": "no_services_menu", "wechat.version": "asdf"}),
    ("wechat_outdated", "ruled_out", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.49"}),
    ("wechat_outdated", "unknown", {"wechat.version": "asdf"}),
    ("wechat_outdated", "unknown", {"wechat.version": "8.0.10", "client.platform": "harmony"}),
    ("wechat_outdated", "unknown", {"wechat.version": "3.9.12.51", "client.platform": "windows"}),
    ("os_outdated", "confirmed", {"os.version": "Android 5.1"}),
    ("os_outdated", "ruled_out", {"os.version": "iOS 12.0"}),
    ("os_outdated", "unknown", {"os.version": "10", "client.platform": "windows"}),
    ("os_outdated", "unknown", {"os.version": "5.1"}),
    ("display_glitch", "ruled_out", {"entry.other_phone": "not_tried", "app.restarted": "yes"}),
    # account
    ("pay_not_enabled", "likely", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.76",
                                   "account.pay_enabled": "yes"}),
    ("pay_not_enabled", "unknown", {"entry.services_menu": "not_looked"}),
    ("wallet_region", "unknown", {"account.registered_phone": "mainland"}),
    ("service_closed", "confirmed", {"account.closed_service": "yes", "account.had_entry_before": "no"}),
    ("entry_withdrawn", "possible", {"account.had_entry_before": "yes", "app.restarted": "yes"}),
    ("entry_withdrawn", "possible", {"account.had_entry_before": "yes", "account.closed_service": "no"}),
    # eligibility
    ("age_out_of_range", "confirmed", {"person.age": 0}),
    ("identity_incomplete", "unknown", {"identity.profile": "complete", "account.real_name": "verified"}),
    # assessment
    ("debt_ratio", "likely", {"debt.monthly_income": 10000, "debt.monthly_repayment": 7000}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 6999.99}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 5000}),
    ("debt_ratio", "unknown", {"debt.monthly_income": 0}),
    ("debt_ratio", "likely", {"debt.monthly_income": 0.3, "debt.monthly_repayment": 0.21}),
    ("low_activity", "possible", {"activity.wechat_pay": "sometimes", "activity.services": ["spending"]}),
    # platform
    ("not_approved", "likely", {"entry.page_message": "invitation_expired",
                                "entry.official_account": "opens_application"}),
    ("not_approved", "ruled_out", {"entry.page_message": "not_open_yet", "entry.services_menu": "not_shown"}),
    ("not_approved", "ruled_out", {"entry.page_message": "invitation_expired"}),
    ("not_invited", "unknown", {"person.age": 17, "entry.page_message": "not_open_yet"}),
    ("not_invited", "unknown", {"account.had_entry_before": "yes", "person.age": 61}),
]  # fmt: skip

CLEAR: dict[str, object] = {
    "entry.services_menu": "not_shown", "entry.official_account": "not_found", "entry.page_message": "none",
    "entry.qq_wallet": "not_shown", "entry.other_phone": "not_shown", "safety.contact": [], "safety.given": [],
    "client.kind": "phone", "client.platform": "android", "wechat.version": "8.0.50",
    "os.version": "Android 13", "app.restarted": "yes", "account.pay_enabled": "yes",
    "account.real_name": "verified", "account.real_name_of": "own", "account.bank_card": "bound",
    "account.wallet_region": "mainland", "account.registered_phone": "mainland", "account.wechat_pay_cancelled": "no",
    "account.restricted": "no", "account.teen_mode": "off", "account.other_account": "no",
    "account.had_entry_before": "no", "account.closed_service": "no", "person.age": 35, "person.residency": "mainland",
    "person.student": "no", "person.civil_capacity": "full", "identity.document": "valid",
    "identity.profile": "complete", "credit.overdue": "none", "credit.recent_inquiries": "few",
    "income.stability": "stable", "debt.monthly_income": 8000, "debt.monthly_repayment": 1000, "debt.open_loans": 1,
    "activity.wechat_pay": "often", "activity.services": ["spending"], "network.phone_loads_pages": "yes",
    "network.same_network": "no", "network.vpn_or_proxy": "no", "scam.offered_paid_opening": "no",
}  # fmt: skip


def status(answers: dict[str, object], cause: str) -> str:
    return next(found.status for found in diagnose(answers).causes if found.id == cause)


@pytest.mark.parametrize(("cause", "expected", "answers"), ROWS)
def test_row(cause: str, expected: str, answers: dict[str, object]) -> None:
    assert status(answers, cause) == expected


def test_all_clear_leaves_the_invitation_as_the_likely_reason() -> None:
    report = diagnose(CLEAR)
    assert {cause.id: cause.status for cause in report.causes if cause.status != "ruled_out"} == {
        "not_invited": "likely"
    }
    assert report.outcome == "cause_found"
    assert report.questions.remaining == ()
    assert report.questions.stop_reason == "nothing_left"


@pytest.mark.parametrize(
    "doubt",
    [{"activity.wechat_pay": "sometimes"}, {"person.student": "yes"}, {"app.restarted": "unknown"},
     {"account.pay_enabled": "no"}, {"account.real_name_of": "unknown"}, {"identity.document": "expiring_soon"}],
)  # fmt: skip
def test_anything_in_doubt_keeps_the_invitation_at_possible(doubt: dict[str, object]) -> None:
    assert status(CLEAR | doubt, "not_invited") == "possible"


@pytest.mark.parametrize("unclear", ["income.stability", "activity.wechat_pay"])
def test_an_unknown_assessment_does_not_hold_the_invitation_back(unclear: str) -> None:
    assert status(CLEAR | {unclear: "unknown"}, "not_invited") == "likely"


def test_all_unknown_is_no_clear_cause() -> None:
    report = diagnose(dict.fromkeys(CLEAR, "unknown"))
    assert {cause.status for cause in report.causes} == {"unknown", "possible"}
    assert report.outcome == "no_clear_cause"


def test_nothing_known_is_not_enough() -> None:
    assert diagnose({}).outcome == "not_enough_known"


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_every_case_that_travels_with_a_cause_holds(cause: Cause) -> None:
    for case in cause.case:
        assert (case.answers, status(dict(case.answers), cause.id)) == (case.answers, case.status)
