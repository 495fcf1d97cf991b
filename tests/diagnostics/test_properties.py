"""What holds for every person, whatever was answered in whatever order."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import observations
from diagnostics.engine.assessment import Assessment, assess
from diagnostics.engine.facts import NETWORK
from diagnostics.engine.interview import interview
from diagnostics.evidence import UNKNOWN, Evidence, Observation, Value
from diagnostics.knowledge import load
from diagnostics.knowledge.model import STATUSES
from diagnostics.report import Report, build
from tests.fuzz.people import people, values

KNOWLEDGE = load()
MEASURED = st.sampled_from([None, "ok", "unreachable", "unstable", "intercepted"])
QUICK = settings(max_examples=40)
AT = "2026-11-23T12:00:00Z"


def evidence(answers: dict[str, Value], network: str | None = None) -> Evidence:
    measured = [Observation(id=NETWORK, value=network, source="computer")] if network else []
    return Evidence([*observations(answers), *measured])


def standing(found: Assessment) -> list[tuple[str, str]]:
    return [(id_, verdict.status) for id_, verdict in found.verdicts.items()]


def believed(status: str) -> int:
    """Weigh a status as the search does: what speaks against a cause, or for nothing, weighs the same."""
    return -STATUSES.index(status) if status in ("confirmed", "likely", "possible") else -STATUSES.index("unknown")


@QUICK
@given(people(unknown=False), MEASURED, st.sampled_from(sorted(KNOWLEDGE.questions)))
def test_dont_know_never_raises_a_status(answers: dict[str, Value], network: str | None, id_: str) -> None:
    answers.pop(id_, None)
    left_out = assess(KNOWLEDGE, evidence(answers, network))
    unknown = assess(KNOWLEDGE, evidence(answers | {id_: UNKNOWN}, network))
    for cause in KNOWLEDGE.causes:
        assert believed(unknown.status(cause)) <= believed(left_out.status(cause)), cause


@QUICK
@given(people(), st.booleans(), st.data())
def test_every_state_reaches_a_stop(answers: dict[str, Value], go_on: bool, data: st.DataObject) -> None:
    told = dict(answers)
    for _ in range(len(KNOWLEDGE.questions) + 1):
        asked = interview(KNOWLEDGE, assess(KNOWLEDGE, evidence(told)), go_on=go_on)
        if not asked.page:
            break
        assert asked.next == asked.page[0]
        assert not set(asked.page) & set(told)
        told |= {id_: data.draw(st.one_of(st.just(UNKNOWN), values(KNOWLEDGE.questions[id_]))) for id_ in asked.page}
    assert asked.next is None
    assert asked.stop_reason is not None
    if go_on:
        assert asked.remaining == ()


@QUICK
@given(people(), MEASURED)
def test_the_interview_says_the_same_when_asked_again(answers: dict[str, Value], network: str | None) -> None:
    first = interview(KNOWLEDGE, assess(KNOWLEDGE, evidence(answers, network)))
    assert first == interview(KNOWLEDGE, assess(KNOWLEDGE, evidence(answers, network)))
    placed = [*first.answered, *first.remaining, *(skip.id for skip in first.skipped)]
    assert sorted(placed) == sorted(id_ for id_, one in KNOWLEDGE.questions.items() if one.asked or id_ in answers)


def report(told: Evidence, lang: Any = "zh") -> Report:
    return build(KNOWLEDGE, told, lang=lang, generated_at=AT)


@QUICK
@given(people(), MEASURED, st.sampled_from(["zh", "en"]))
def test_every_reason_rests_on_observations_of_the_report_and_falls_with_them(answers, network, lang) -> None:
    told = evidence(answers, network)
    whole = report(told, lang)
    seen = {one.id for one in whole.observations}
    for cause in whole.causes:
        named = {why.observation for why in cause.because if why.observation is not None}
        assert named <= seen
        for_ = {why.observation for why in cause.because if why.observation is not None and why.effect != "against"}
        if cause.status in ("confirmed", "likely", "ruled_out") and for_:
            gone = for_ | {*KNOWLEDGE.steering}
            if "client.platform" in gone:  # where it is not answered, a version's text says it
                gone |= {"wechat.version", "os.version"}
            without = report(Evidence(one for one in told.all if one.id not in gone), lang)
            after = next(one for one in without.causes if one.id == cause.id)
            assert (after.status, after.rank) != (cause.status, cause.rank), (cause.id, for_)


@QUICK
@given(people(), MEASURED)
def test_every_cause_and_group_stands_in_the_tree_and_ranks_count_from_one(answers, network) -> None:
    whole = report(evidence(answers, network))
    assert list(whole.tree) == [group.id for group in KNOWLEDGE.groups]
    assert sorted(id_ for ids in whole.tree.values() for id_ in ids) == sorted(KNOWLEDGE.causes)
    assert [cause.rank for cause in whole.causes] == list(range(1, len(KNOWLEDGE.causes) + 1))
    assert {cause.status for cause in whole.causes if cause.kind == "assessment"}.isdisjoint({"confirmed"})
