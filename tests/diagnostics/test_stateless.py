"""A service keeps no session: each turn the whole conversation comes back as JSON, and the answer is the same bytes."""

import json
from random import Random
from typing import Any

import msgspec
import pytest

from diagnostics import diagnose
from diagnostics.engine.trials import answers_of
from diagnostics.knowledge import load
from diagnostics.session import Session

KNOWLEDGE = load()
CONVERSATIONS = 80
MOST_PAGES = 3


def reply(chance: Random, id_: str) -> Any:
    """Answer a question as some person does, lists as JSON has them."""
    values = [value for value, _ in answers_of(KNOWLEDGE, id_)]
    value = chance.choice([*values, "unknown"])
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("corrected", [True, False])
def test_a_contradiction_reopens_what_settles_it_also_after_the_stop(corrected: bool) -> None:
    """The client asks what a new contradiction names, once; the answer is judged anew, and who insists goes on."""
    told: dict[str, Any] = {"complaint.what": "paid_offer", "safety.given": [], "account.had_entry_before": "no"}
    before = diagnose(told)
    assert (before.questions.stop_reason, before.contradictions) == ("enough", [])
    told["complaint.what"] = "was_there"
    (clash,) = diagnose(told).contradictions
    assert clash.settle == "account.had_entry_before"
    told[clash.settle] = "yes" if corrected else "no"
    after = diagnose(told)
    assert bool(after.contradictions) is not corrected
    assert after.questions.stop_reason is None
    assert after.questions.next
    assert (after.situations[0].id == "gone") is corrected


def test_a_conversation_through_json_ends_in_the_sessions_own_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    chance = Random(26)
    for number in range(CONVERSATIONS):
        lang = chance.choice(["zh", "en"])
        session, sent = Session(KNOWLEDGE, lang=lang), "{}"
        for _ in range(MOST_PAGES):
            page = session.interview.page
            if not page:
                break
            answers = {id_: reply(chance, id_) for id_ in page}
            session.answer(answers)
            sent = json.dumps(json.loads(sent) | answers)  # all that the service's client keeps
        report = diagnose(json.loads(sent), lang=lang, checks=())  # the session ran none either
        assert msgspec.json.encode(report) == msgspec.json.encode(session.report()), (number, sent)
