"""The cause table of the contract: the cases that travel with each cause hold, and what they do not state."""

import pytest

from benchmarks.people import HEALTHY
from diagnostics import diagnose
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Cause

ROWS: list[tuple[str, str, dict[str, object]]] = [
    ("wrong_client", "confirmed", {"wechat.version": "MicroMessenger/6.8.0 WindowsWechat(0x63090c33)"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "微信 ８．０．４９"}),
    ("wechat_outdated", "ruled_out", {"wechat.version": "MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64"}),
    ("wechat_outdated", "possible", {"entry.services_menu": "no_services_menu", "wechat.version": "asdf"}),
    ("wechat_outdated", "unknown", {"wechat.version": "asdf"}),
    ("wechat_outdated", "unknown", {"wechat.version": "8.0.10", "client.platform": "harmony"}),
    ("wechat_outdated", "unknown", {"wechat.version": "3.9.12.51", "client.platform": "windows"}),
    ("os_outdated", "ruled_out", {"os.version": "iOS 12.0"}),
    ("pay_not_enabled", "likely", {"entry.services_menu": "no_services_menu", "wechat.version": "8.0.76",
                                   "account.pay_enabled": "yes"}),
    ("debt_ratio", "possible", {"debt.monthly_income": 10000, "debt.monthly_repayment": 6999.99}),
    ("debt_ratio", "likely", {"debt.monthly_income": 0.3, "debt.monthly_repayment": 0.21}),
]  # fmt: skip
"""What `oracle.random_people` never say; all else of the table is held against that independent reading."""
CLEAR: dict[str, object] = {**HEALTHY, "entry.other_phone": "not_shown"}


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


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_every_case_that_travels_with_a_cause_holds(cause: Cause) -> None:
    for case in load().cases[f"causes/{cause.id}"]:
        assert (case.answers, status(dict(case.answers), cause.id)) == (case.answers, case.status)
