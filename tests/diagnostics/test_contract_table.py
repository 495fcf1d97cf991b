"""The cause table of the contract, row by row and boundary by boundary: answers in, status out."""

from __future__ import annotations

import pytest

from diagnostics import diagnose

ROWS: list[tuple[str, str, dict[str, object]]] = [
    # where
    ("entry_not_searched", "likely", {"entry.services_menu": "not_looked"}),
    ("entry_not_searched", "likely", {"entry.official_account": "not_looked"}),
    ("entry_not_searched", "likely", {"entry.services_menu": "not_shown", "entry.official_account": "not_looked"}),
    ("entry_not_searched", "ruled_out", {"entry.services_menu": "not_shown", "entry.official_account": "not_found"}),
    ("entry_not_searched", "ruled_out",
     {"entry.services_menu": "no_services_menu", "entry.official_account": "refused"}),
    ("entry_not_searched", "unknown", {"entry.services_menu": "not_shown"}),
    ("entry_not_searched", "unknown", {"entry.services_menu": "unknown", "entry.official_account": "unknown"}),
    ("wrong_client", "confirmed", {"client.kind": "desktop"}),
    ("wrong_client", "confirmed", {"client.kind": "web"}),
    ("wrong_client", "confirmed", {"client.kind": "watch_or_car"}),
    ("wrong_client", "confirmed", {"client.kind": "wecom"}),
    ("wrong_client", "confirmed", {"client.platform": "windows"}),
    ("wrong_client", "confirmed", {"client.platform": "macos"}),
    ("wrong_client", "confirmed", {"client.platform": "linux"}),
    ("wrong_client", "confirmed", {"client.kind": "phone", "client.platform": "linux"}),
    ("wrong_client", "possible", {"client.kind": "tablet"}),
    ("wrong_client", "possible", {"client.platform": "harmony"}),
    ("wrong_client", "possible", {"client.kind": "phone", "client.platform": "harmony"}),
    ("wrong_client", "ruled_out", {"client.kind": "phone"}),
    ("wrong_client", "unknown", {"client.platform": "android"}),
    ("wrong_client", "confirmed", {"wechat.version": "MicroMessenger/6.8.0 WindowsWechat(0x63090c33)"}),
    ("other_account", "likely", {"account.other_account": "yes"}),
    ("other_account", "likely", {"entry.qq_wallet": "shown", "entry.services_menu": "not_shown"}),
    ("other_account", "likely", {"entry.qq_wallet": "shown", "entry.services_menu": "not_shown",
                                 "account.other_account": "no"}),
    ("other_account", "ruled_out", {"account.other_account": "no"}),
    ("other_account", "ruled_out", {"account.other_account": "no", "entry.qq_wallet": "shown"}),
    ("other_account", "unknown", {"entry.qq_wallet": "shown"}),
    ("other_account", "unknown", {"entry.qq_wallet": "shown", "entry.services_menu": "shown"}),
    # app
    ("wechat_outdated", "confirmed", {"wechat.version": "7.0.22", "client.platform": "android"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "8.0.0", "client.platform": "android"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "8.0.49", "client.platform": "ios"}),
    ("wechat_outdated", "confirmed", {"wechat.version": "7.0.22"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "8.0.49"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "微信 ８．０．４９"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64"}),
    ("wechat_outdated", "possible", {"entry.services_menu": "no_services_menu"}),
    ("wechat_outdated", "possible", {"entry.services_menu": "no_services_menu", "wechat.version": "unknown"}),
    ("wechat_outdated", "possible", {"entry.services_menu": "no_services_menu", "wechat.version": "asdf"}),
    ("wechat_outdated", "ruled_out", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.49"}),
    ("wechat_outdated", "unknown", {"wechat.version": "asdf"}),
    ("wechat_outdated", "unknown", {"wechat.version": "8.0.10", "client.platform": "harmony"}),
    ("wechat_outdated", "unknown", {"wechat.version": "3.9.12.51", "client.platform": "windows"}),
    ("os_outdated", "confirmed", {"os.version": "5.1", "client.platform": "android"}),
    ("os_outdated", "confirmed", {"os.version": "Android 5.1"}),
    ("os_outdated", "ruled_out", {"os.version": "6.0", "client.platform": "android"}),
    ("os_outdated", "ruled_out", {"os.version": "iOS 12.0"}),
    ("os_outdated", "confirmed", {"os.version": "11.4", "client.platform": "ios"}),
    ("os_outdated", "confirmed", {"os.version": "11.7", "client.platform": "macos"}),
    ("os_outdated", "unknown", {"os.version": "10", "client.platform": "windows"}),
    ("os_outdated", "unknown", {"os.version": "5.1"}),
    ("os_outdated", "unknown", {"os.version": "unknown", "client.platform": "android"}),
    ("display_glitch", "possible", {"app.restarted": "no"}),
    ("display_glitch", "likely", {"app.restarted": "no", "account.had_entry_before": "yes"}),
    ("display_glitch", "ruled_out", {"app.restarted": "yes", "account.had_entry_before": "yes"}),
    ("display_glitch", "likely", {"entry.other_phone": "shown"}),
    ("display_glitch", "likely", {"entry.other_phone": "shown", "app.restarted": "yes"}),
    ("display_glitch", "ruled_out", {"entry.other_phone": "unknown", "app.restarted": "yes"}),
    ("display_glitch", "ruled_out", {"entry.other_phone": "not_tried", "app.restarted": "yes"}),
    ("display_glitch", "unknown", {"account.had_entry_before": "yes"}),
    # network
    ("network_unreachable", "confirmed", {"network.phone_loads_pages": "no"}),
    ("network_unreachable", "ruled_out", {"network.phone_loads_pages": "intermittent"}),
    ("network_unreachable", "ruled_out", {"network.phone_loads_pages": "yes"}),
    ("network_unstable", "likely", {"network.phone_loads_pages": "intermittent"}),
    ("network_unstable", "ruled_out", {"network.phone_loads_pages": "yes"}),
    ("network_unstable", "unknown", {"network.phone_loads_pages": "no"}),
    ("network_intercepted", "possible", {"network.vpn_or_proxy": "yes"}),
    ("network_intercepted", "ruled_out", {"network.vpn_or_proxy": "no"}),
    # account
    ("account_restricted", "likely", {"account.restricted": "yes"}),
    ("account_restricted", "likely", {"entry.page_message": "account_abnormal"}),
    ("account_restricted", "likely", {"entry.page_message": "account_abnormal", "account.restricted": "no"}),
    ("account_restricted", "ruled_out", {"account.restricted": "no"}),
    ("wechat_pay_cancelled", "confirmed", {"account.wechat_pay_cancelled": "yes"}),
    ("wechat_pay_cancelled", "ruled_out", {"account.wechat_pay_cancelled": "no"}),
    ("wechat_pay_cancelled", "ruled_out", {"account.wechat_pay_cancelled": "reopened"}),
    ("pay_not_enabled", "confirmed", {"account.pay_enabled": "no"}),
    ("pay_not_enabled", "likely", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.76"}),
    ("pay_not_enabled", "possible", {"entry.services_menu": "no_services_menu", "wechat.version": "7.0.15"}),
    ("pay_not_enabled", "possible", {"entry.services_menu": "no_services_menu"}),
    ("pay_not_enabled", "likely", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.76",
                                   "account.pay_enabled": "yes"}),
    ("pay_not_enabled", "ruled_out", {"account.pay_enabled": "yes"}),
    ("pay_not_enabled", "ruled_out", {"entry.services_menu": "shown"}),
    ("pay_not_enabled", "ruled_out", {"entry.services_menu": "not_shown"}),
    ("pay_not_enabled", "unknown", {"entry.services_menu": "not_looked"}),
    ("teen_mode", "confirmed", {"account.teen_mode": "on"}),
    ("teen_mode", "ruled_out", {"account.teen_mode": "off"}),
    ("wallet_region", "confirmed", {"account.wallet_region": "other"}),
    ("wallet_region", "confirmed", {"account.wallet_region": "other", "account.registered_phone": "other"}),
    ("wallet_region", "likely", {"account.registered_phone": "other"}),
    ("wallet_region", "likely", {"account.registered_phone": "other", "account.wallet_region": "unknown"}),
    ("wallet_region", "possible", {"account.registered_phone": "other", "account.wallet_region": "mainland"}),
    ("wallet_region", "ruled_out", {"account.wallet_region": "mainland"}),
    ("wallet_region", "unknown", {"account.registered_phone": "mainland"}),
    ("service_closed", "confirmed", {"account.closed_service": "yes"}),
    ("service_closed", "confirmed", {"account.closed_service": "yes", "account.had_entry_before": "no"}),
    ("service_closed", "likely", {"entry.page_message": "closed"}),
    ("service_closed", "likely", {"entry.page_message": "closed", "account.closed_service": "no"}),
    ("service_closed", "likely", {"account.had_entry_before": "yes", "account.wechat_pay_cancelled": "yes"}),
    ("service_closed", "likely", {"account.had_entry_before": "yes", "account.wechat_pay_cancelled": "reopened"}),
    ("service_closed", "possible", {"account.had_entry_before": "yes"}),
    ("service_closed", "possible", {"account.had_entry_before": "yes", "account.closed_service": "unknown"}),
    ("service_closed", "ruled_out", {"account.had_entry_before": "yes", "account.closed_service": "no"}),
    ("service_closed", "ruled_out", {"account.had_entry_before": "no"}),
    ("service_closed", "ruled_out", {"account.closed_service": "no"}),
    ("service_closed", "unknown", {"account.wechat_pay_cancelled": "reopened"}),
    ("entry_withdrawn", "likely", {"account.had_entry_before": "yes", "account.closed_service": "no",
                                   "app.restarted": "yes"}),
    ("entry_withdrawn", "possible", {"account.had_entry_before": "yes", "app.restarted": "yes"}),
    ("entry_withdrawn", "possible", {"account.had_entry_before": "yes", "account.closed_service": "no"}),
    ("entry_withdrawn", "possible", {"account.had_entry_before": "yes", "account.closed_service": "unknown",
                                     "app.restarted": "yes"}),
    ("entry_withdrawn", "unknown", {"account.had_entry_before": "yes", "entry.services_menu": "shown"}),
    ("entry_withdrawn", "ruled_out", {"account.had_entry_before": "yes", "account.closed_service": "yes"}),
    ("entry_withdrawn", "ruled_out", {"account.had_entry_before": "no"}),
    # eligibility
    ("age_out_of_range", "confirmed", {"person.age": 17}),
    ("age_out_of_range", "ruled_out", {"person.age": 18}),
    ("age_out_of_range", "ruled_out", {"person.age": 60}),
    ("age_out_of_range", "confirmed", {"person.age": 61}),
    ("age_out_of_range", "confirmed", {"person.age": 0}),
    ("age_out_of_range", "unknown", {"person.age": "unknown"}),
    ("not_mainland_resident", "confirmed", {"person.residency": "hk_mo_tw"}),
    ("not_mainland_resident", "confirmed", {"person.residency": "foreign"}),
    ("not_mainland_resident", "ruled_out", {"person.residency": "mainland"}),
    ("civil_capacity", "confirmed", {"person.civil_capacity": "limited"}),
    ("civil_capacity", "confirmed", {"person.civil_capacity": "none"}),
    ("civil_capacity", "possible", {"person.age": 17}),
    ("civil_capacity", "possible", {"person.age": 17, "person.civil_capacity": "unknown"}),
    ("civil_capacity", "ruled_out", {"person.age": 17, "person.civil_capacity": "full"}),
    ("civil_capacity", "unknown", {"person.age": 18}),
    ("identity_expired", "confirmed", {"identity.document": "expired"}),
    ("identity_expired", "possible", {"identity.document": "expiring_soon"}),
    ("identity_expired", "ruled_out", {"identity.document": "valid"}),
    ("identity_incomplete", "confirmed", {"identity.profile": "incomplete"}),
    ("identity_incomplete", "confirmed", {"account.real_name": "not_verified"}),
    ("identity_incomplete", "likely", {"account.bank_card": "not_bound"}),
    ("identity_incomplete", "likely", {"entry.page_message": "identity_error", "identity.profile": "complete",
                                       "account.real_name": "verified", "account.bank_card": "bound"}),
    ("identity_incomplete", "unknown", {"identity.profile": "complete", "account.real_name": "verified"}),
    ("identity_incomplete", "ruled_out", {"identity.profile": "complete", "account.real_name": "verified",
                                          "account.bank_card": "bound"}),
    ("identity_of_other", "confirmed", {"account.real_name_of": "other"}),
    ("identity_of_other", "ruled_out", {"account.real_name_of": "own"}),
    ("identity_of_other", "unknown", {"account.real_name_of": "unknown"}),
    ("student", "likely", {"person.student": "yes"}),
    ("student", "ruled_out", {"person.student": "no"}),
    # assessment
    ("credit_record", "likely", {"credit.overdue": "current"}),
    ("credit_record", "possible", {"credit.overdue": "settled"}),
    ("credit_record", "possible", {"credit.overdue": "none", "credit.recent_inquiries": "many"}),
    ("credit_record", "unknown", {"credit.overdue": "none"}),
    ("credit_record", "ruled_out", {"credit.overdue": "none", "credit.recent_inquiries": "few"}),
    ("income", "likely", {"income.stability": "none"}),
    ("income", "possible", {"income.stability": "irregular"}),
    ("income", "ruled_out", {"income.stability": "stable"}),
    ("debt_ratio", "likely", {"debt.monthly_income": 10000, "debt.monthly_repayment": 7000}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 6999.99}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 5000}),
    ("debt_ratio", "ruled_out", {"debt.monthly_income": 10000, "debt.monthly_repayment": 4999, "debt.open_loans": 4}),
    ("debt_ratio", "unknown", {"debt.monthly_income": 10000, "debt.monthly_repayment": 4999}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 4999, "debt.open_loans": 5}),
    ("debt_ratio", "likely", {"debt.monthly_income": 0, "debt.monthly_repayment": 1}),
    ("debt_ratio", "likely", {"debt.monthly_income": 0, "debt.open_loans": 1}),
    ("debt_ratio", "unknown", {"debt.monthly_income": 0}),
    ("debt_ratio", "ruled_out", {"debt.monthly_repayment": 0, "debt.open_loans": 0}),
    ("debt_ratio", "ruled_out", {"debt.monthly_income": 0, "debt.monthly_repayment": 0, "debt.open_loans": 0}),
    ("debt_ratio", "possible", {"debt.open_loans": 5}),
    ("debt_ratio", "unknown", {"debt.open_loans": 4}),
    ("debt_ratio", "likely", {"debt.monthly_income": 0.3, "debt.monthly_repayment": 0.21}),
    ("low_activity", "likely", {"activity.wechat_pay": "rarely"}),
    ("low_activity", "possible", {"activity.wechat_pay": "sometimes", "activity.services": ["spending"]}),
    ("low_activity", "possible", {"activity.services": []}),
    ("low_activity", "ruled_out", {"activity.wechat_pay": "often", "activity.services": ["utilities"]}),
    ("low_activity", "unknown", {"activity.wechat_pay": "often"}),
    # platform
    ("not_approved", "likely", {"entry.page_message": "not_approved"}),
    ("not_approved", "likely", {"entry.page_message": "no_limit"}),
    ("not_approved", "likely", {"entry.page_message": "not_open_yet", "entry.services_menu": "shown"}),
    ("not_approved", "likely", {"entry.page_message": "invitation_expired",
                                "entry.official_account": "opens_application"}),
    ("not_approved", "ruled_out", {"entry.page_message": "not_open_yet", "entry.services_menu": "not_shown"}),
    ("not_approved", "ruled_out", {"entry.page_message": "invitation_expired"}),
    ("not_approved", "ruled_out", {"entry.page_message": "none"}),
    ("not_approved", "ruled_out", {"entry.page_message": "closed"}),
    ("not_approved", "unknown", {"entry.page_message": "unknown"}),
    ("not_invited", "possible", {}),
    ("not_invited", "ruled_out", {"entry.services_menu": "shown"}),
    ("not_invited", "ruled_out", {"entry.official_account": "opens_application"}),
    ("not_invited", "unknown", {"person.age": 17}),
    ("not_invited", "unknown", {"person.age": 17, "entry.page_message": "not_open_yet"}),
    ("not_invited", "likely", {"entry.page_message": "not_open_yet"}),
    ("not_invited", "likely", {"entry.page_message": "not_approved"}),
    ("not_invited", "likely", {"entry.page_message": "invitation_expired"}),
    ("not_invited", "likely", {"entry.page_message": "not_approved", "account.had_entry_before": "yes"}),
    ("not_invited", "ruled_out", {"entry.page_message": "not_open_yet", "entry.services_menu": "shown"}),
    ("not_invited", "ruled_out", {"account.had_entry_before": "yes"}),
    ("not_invited", "unknown", {"account.had_entry_before": "yes", "person.age": 61}),
    ("not_invited", "possible", {"entry.page_message": "no_limit"}),
    ("not_invited", "possible", {"entry.page_message": "system_busy"}),
    ("service_maintenance", "likely", {"entry.page_message": "system_busy"}),
    ("service_maintenance", "ruled_out", {"entry.page_message": "none"}),
    ("service_maintenance", "ruled_out", {"entry.page_message": "not_approved"}),
    ("service_maintenance", "ruled_out", {"entry.page_message": "invitation_expired"}),
    ("service_maintenance", "unknown", {"entry.page_message": "unknown"}),
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


def test_every_cause_has_a_row_for_each_status_it_can_take() -> None:
    told = {(cause, expected) for cause, expected, _ in ROWS}
    assert {cause for cause, _ in told} == {cause.id for cause in diagnose({}).causes}


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


def test_assessments_never_go_above_likely() -> None:
    assert all(cause.kind != "assessment" or expected != "confirmed"
               for id_, expected, _ in ROWS for cause in diagnose({}).causes if cause.id == id_)  # fmt: skip


def test_the_desks_wording_of_a_case_is_kept_in_the_knowledge_files() -> None:
    """Every `[[case]]` that travels with a cause holds."""
    from diagnostics.knowledge import load

    for cause in load().causes.values():
        for case in cause.case:
            assert (cause.id, case.answers, status(dict(case.answers), cause.id)) == (
                cause.id,
                case.answers,
                case.status,
            )
