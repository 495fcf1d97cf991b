"""Why a question is left out."""

from __future__ import annotations

import pytest

from diagnostics.api import diagnose


@pytest.mark.parametrize(
    ("answers", "left_out", "reason"),
    [
        ({"entry.services_menu": "not_shown"}, "complaint.what", "asked_directly"),
        ({"wechat.version": "MicroMessenger/8.0.49.2600(0x28003137)"}, "client.platform", "implied"),
        ({"complaint.what": "never_had"}, "account.closed_service", "implied"),
        ({}, "network.same_network", "no_effect"),
        ({"entry.services_menu": "shown"}, "entry.qq_wallet", "no_effect"),
    ],
)  # fmt: skip
def test_a_question_left_out_says_the_reason_that_is_true(
    answers: dict[str, object], left_out: str, reason: str
) -> None:
    skipped = {one.id: one.reason for one in diagnose(answers).questions.skipped}
    assert skipped[left_out] == reason
