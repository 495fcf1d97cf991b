"""From observations to verdicts: outweighed rows, provenance, order, the computer's network, contradictions."""

import itertools
from typing import Any

import msgspec
import pytest

from benchmarks.people import HEALTHY
from diagnostics.answers import observations, parse_answers
from diagnostics.engine.advice import table_of
from diagnostics.engine.assessment import Assessment, assess, moves, with_implied
from diagnostics.engine.facts import NETWORK
from diagnostics.evidence import Evidence, Observation, Source, Value
from diagnostics.knowledge import load
from diagnostics.knowledge.model import EFFORTS, KINDS, STATUSES, Cause, Choice, Condition, Contradiction, Rule, Status
from tests.rows import each

KNOWLEDGE = load()


def judged(answers: dict[str, object], *observed: Observation) -> Assessment:
    return assess(KNOWLEDGE, Evidence([*observations(parse_answers(KNOWLEDGE, answers)), *observed]))


def network(value: str, source: Source = "computer") -> Observation:
    return Observation(id=NETWORK, value=value, source=source)


def test_where_a_row_for_and_the_ruling_out_both_apply_the_row_holds_and_the_contradiction_is_named() -> None:
    found = judged({"account.restricted": "no", "entry.page_message": "account_abnormal"})
    verdict = found.verdicts["account_restricted"]
    assert verdict.status == "likely"
    assert [rule.status for rule in verdict.outweighed] == ["ruled_out"]
    clash = next(one for one in found.clashes if one.id == "cause.account_restricted")
    assert {one.id for one in clash.observations} == {"account.restricted", "entry.page_message"}
    assert clash.settle in {"account.restricted", "entry.page_message"}


def test_the_strongest_of_several_rows_holds_and_the_weaker_stand_beside_it() -> None:
    verdict = judged({"credit.overdue": "current", "credit.recent_inquiries": "many"}).verdicts["credit_record"]
    assert verdict.status == "likely"
    assert [rule.status for rule in verdict.holds] == ["likely", "possible"]


def test_causes_are_ordered_by_status_then_kind_then_effort_then_id() -> None:
    def effort(cause_id: str) -> int:
        return min(EFFORTS.index(action.effort) for action in KNOWLEDGE.causes[cause_id].action)

    several = {
        "person.age": 17, "account.teen_mode": "on", "client.kind": "web", "income.stability": "none",
        "account.closed_service": "yes", "identity.document": "expired", "app.restarted": "no",
    }  # fmt: skip
    for answers in ({}, several):
        found = judged(answers)
        keys = [
            (STATUSES.index(v.status), KINDS.index(v.cause.kind), effort(id_), id_) for id_, v in found.verdicts.items()
        ]
        assert keys == sorted(keys)
        assert set(found.verdicts) == set(KNOWLEDGE.causes)


NETWORK_CAUSES = ("network_unreachable", "network_unstable", "network_intercepted")
SPOKEN = {"unreachable": "network_unreachable", "unstable": "network_unstable", "intercepted": "network_intercepted"}


ON_THE_SAME: dict[str, object] = {"network.same_network": "yes"}
ALL_WELL = dict.fromkeys(NETWORK_CAUSES, "ruled_out")


@pytest.mark.parametrize(
    ("answers", "measured", "told", "clash"),
    [
        *((ON_THE_SAME, fault, {cause: "likely"}, None) for fault, cause in SPOKEN.items()),  # and never more
        (ON_THE_SAME, "ok", ALL_WELL, None),
        *(({"network.same_network": shared}, value, {}, None) for shared in ("no", "unknown") for value in SPOKEN),
        ({}, "ok", {}, None),
        ({}, "unreachable", {}, None),
        (ON_THE_SAME | {"network.phone_loads_pages": "no"}, "ok",
         {"network_unreachable": "confirmed", "network_intercepted": "ruled_out"}, None),
        (ON_THE_SAME | {"network.phone_loads_pages": "yes"}, "unreachable",
         {"network_unreachable": "ruled_out", "network_unstable": "ruled_out"}, "measured_broken_phone_loads"),
        (ON_THE_SAME | {"network.vpn_or_proxy": "yes"}, "ok", ALL_WELL | {"network_intercepted": "possible"},
         "cause.network_intercepted"),
    ],
)  # fmt: skip
def test_the_computers_network_speaks_for_a_shared_one_and_what_the_user_says_outranks_it(
    answers: dict[str, object], measured: str, told: dict[str, str], clash: str | None
) -> None:
    found = judged(answers, network(measured))
    assert {id_: found.status(id_) for id_ in NETWORK_CAUSES} == dict.fromkeys(NETWORK_CAUSES, "unknown") | told
    assert clash is None or clash in {one.id for one in found.clashes}


def test_the_phone_measured_outranks_the_answer_and_both_are_shown() -> None:
    reading = Observation(id="wechat.version", value="7.0.1", source="phone")
    found = judged({"wechat.version": "8.0.49", "client.platform": "android"}, reading)
    assert found.status("wechat_outdated") == "confirmed"
    clash = next(one for one in found.clashes if one.id == "observed.wechat.version")
    assert [one.source for one in clash.observations] == ["phone", "answer"]


@each("assessed.toml#same", "answers, question, value")
def test_two_ways_of_writing_the_same_are_no_contradiction(answers: Any, question: str, value: Value) -> None:
    assert not judged(answers, Observation(id=question, value=value, source="phone")).clashes


@each("assessed.toml#platforms", "answers")
def test_texts_that_name_another_platform_are_a_contradiction_with_all_sources(answers: dict[str, object]) -> None:
    clash = next(one for one in judged(answers).clashes if one.id == "platform.in_text")
    assert {one.id for one in clash.observations} >= {*answers} - {"wechat.version"}
    assert len(clash.observations) > 1
    assert clash.settle == "client.platform"


def meets(id_: str, condition: Condition) -> Observation:
    """Return an observation that meets a condition of a contradiction."""
    if id_ == "network.computer":
        assert condition.any
        return network(condition.any[0])
    if condition.any:
        return Observation(id=id_, value=condition.any[0])
    if condition.has or condition.lacks or condition.empty:
        return Observation(id=id_, value=list((condition.has or ())[:1]))
    low = condition.at_least if condition.at_least is not None else condition.above
    number = low + (condition.above is not None) if isinstance(low, (int, float)) else 0
    return Observation(id=id_, value=int(number))


@pytest.mark.parametrize("row", KNOWLEDGE.contradictions, ids=lambda row: row.id)
def test_every_contradiction_of_the_knowledge_base_fires_with_its_sources(row: Contradiction) -> None:
    told = [meets(id_, condition) for id_, condition in row.when.items()]
    if "network.computer" in row.when:
        told.append(Observation(id="network.same_network", value="yes"))
    for order in itertools.islice(itertools.permutations(told), 6):
        found = assess(KNOWLEDGE, Evidence(order))
        clash = next(one for one in found.clashes if one.id == row.id)
        assert {one.id for one in clash.observations} == {one.id for one in told}
        assert clash.settle == row.settle
        assert clash.text == row
    for left_out in told:
        fewer = assess(KNOWLEDGE, Evidence(one for one in told if one is not left_out))
        assert row.id not in {clash.id for clash in fewer.clashes}


def test_the_complaint_sets_what_follows_and_an_answer_of_ones_own_replaces_it() -> None:
    found = judged({"complaint.what": "was_there"})
    assert found.values["account.had_entry_before"] == "yes"
    assert found.observation("account.had_entry_before").detail == "complaint.what=was_there"
    found = judged({"complaint.what": "was_there", "account.had_entry_before": "no"})
    assert found.values["account.had_entry_before"] == "no"
    assert "was_there_never_had" in {clash.id for clash in found.clashes}
    found = judged({"complaint.what": "was_there", "account.had_entry_before": "unknown"})
    assert found.values["account.had_entry_before"] == "unknown"


def test_what_ends_the_search() -> None:
    assert judged({}).ends is None
    assert judged({"person.age": 17}).ends == "requirement_confirmed"
    assert judged({"account.teen_mode": "on"}).ends is None
    assert judged({"entry.services_menu": "shown", "person.age": 17}).ends == "entry_found"
    assert judged({"entry.qq_wallet": "shown"}).ends is None


def test_moves_name_what_changed_and_nothing_else() -> None:
    before, after = judged({}), judged({"account.teen_mode": "on"})
    assert [(one.cause, one.before, one.after) for one in moves(before, after)] == [
        ("teen_mode", "unknown", "confirmed")
    ]
    assert moves(before, before) == []


@each("assessed.toml#minimum", "cause, answers, confidence")
def test_a_minimum_that_the_desk_set_itself_is_as_sure_as_the_desk(cause, answers, confidence) -> None:
    """The row of the platform alone counts: another platform's minimum says nothing here."""
    own = {("wechat", "ios"), ("os", "android")}
    minimums = tuple(
        msgspec.structs.replace(row, confidence="operator") if (row.what, row.platform) in own else row
        for row in KNOWLEDGE.minimums
    )
    knowledge = msgspec.structs.replace(KNOWLEDGE, minimums=minimums)
    found = assess(knowledge, Evidence(observations(parse_answers(knowledge, answers))))
    assert found.verdicts[cause].status == "confirmed"
    assert found.verdicts[cause].confidence == confidence
    assert found.verdicts["age_out_of_range"].confidence == knowledge.causes["age_out_of_range"].confidence


def test_what_stops_the_questions_rests_on_what_confirmed_it() -> None:
    stopped = judged({"person.age": 17, "identity.profile": "incomplete", "account.real_name": "not_verified"})
    assert stopped.stopped
    assert {*stopped.grounds("others.requirement_confirmed")[1]} == {"person.age", "identity.profile"}
    assert judged({}).grounds("others.requirement_confirmed") == (True, ())


@pytest.mark.parametrize(
    ("id_", "told", "seen"),
    [("activity.services", ["wealth", "spending"], ["spending", "utilities"]), ("person.student", "yes", "no")],
)
def test_another_list_or_another_word_is_a_contradiction(id_: str, told: object, seen: Value) -> None:
    found = judged({id_: told}, Observation(id=id_, value=seen, source="phone"))
    assert f"observed.{id_}" in {one.id for one in found.clashes}


def test_nothing_else_in_the_way_rests_on_the_two_places_looked_at() -> None:
    clear, in_the_way = judged(dict(HEALTHY)), judged({**HEALTHY, "account.teen_mode": "on"})
    assert (clear.clear, in_the_way.clear) == (True, False)
    assert clear.grounds("others.all_clear")[1] == ("entry.services_menu", "entry.official_account")
    assert in_the_way.grounds("others.all_clear")[1] == ()


def test_every_contradiction_is_named_beside_the_others() -> None:
    worded = {"income.stability": "none", "debt.monthly_income": 5000}
    found = judged({**worded, "account.restricted": "no", "entry.page_message": "account_abnormal"})
    assert {one.id for one in found.clashes} >= {one.id for one in judged(worded).clashes} | {
        "cause.account_restricted"
    }
    assert judged(worded).clashes


def _condition(given: dict[str, object]) -> Condition:
    return msgspec.convert(given, Condition)


ALWAYS = {"person.student": _condition({"absent": True})}


@pytest.mark.parametrize("cause", KNOWLEDGE.causes.values(), ids=lambda cause: cause.id)
@pytest.mark.parametrize("status", STATUSES)
def test_what_can_be_looked_at_must_be_ruled_out_and_the_rest_must_not_speak_for_itself(cause, status) -> None:
    def late(one: Cause) -> bool:
        return any(name.startswith("others.") for rule in one.rule for name in rule.when)

    def only(one: Cause, end: Status) -> Cause:
        return msgspec.structs.replace(one, rule=(Rule(zh="", en="", status=end, when=ALWAYS),))

    causes = {
        id_: one if late(one) else only(one, status if one is cause else "ruled_out")
        for id_, one in KNOWLEDGE.causes.items()
    }
    found = assess(msgspec.structs.replace(KNOWLEDGE, causes=causes), Evidence())
    testable = cause.kind in ("requirement", "technical", "location")
    if not late(cause):
        assert found.status(cause.id) == status
    assert found.clear is (late(cause) or status == "ruled_out" or (status == "unknown" and not testable))


@pytest.mark.parametrize(
    ("rows", "status"),
    [(("unknown", "ruled_out"), "ruled_out"), (("likely", "ruled_out"), "likely"), (("unknown",), "unknown")],
)
def test_a_row_that_explains_nothing_known_does_not_hold_a_ruling_out_back(rows, status) -> None:
    rules = tuple(Rule(zh="", en="", status=one, when=ALWAYS) for one in rows)
    causes = KNOWLEDGE.causes | {"student": msgspec.structs.replace(KNOWLEDGE.causes["student"], rule=rules)}
    assert assess(msgspec.structs.replace(KNOWLEDGE, causes=causes), Evidence()).status("student") == status


def test_every_steering_question_sets_what_follows_from_it() -> None:
    student = KNOWLEDGE.questions["person.student"]
    steers = msgspec.structs.replace(student, value=(Choice(zh="", en="", id="yes", sets={"person.age": "20"}),))
    knowledge = msgspec.structs.replace(
        KNOWLEDGE,
        steering=(*KNOWLEDGE.steering, "person.student"),
        questions={**KNOWLEDGE.questions, "person.student": steers},
    )
    told = Evidence(
        Observation(id=id_, value=v) for id_, v in {"complaint.what": "was_there", "person.student": "yes"}.items()
    )
    assert {one.id for one in with_implied(knowledge, told).all} == {
        "complaint.what", "person.student", "account.had_entry_before", "person.age",
    }  # fmt: skip


@pytest.mark.parametrize("answers", [{}, {"complaint.what": "unknown"}])
def test_evidence_from_which_nothing_follows_stays_as_it_is(answers: dict[str, object]) -> None:
    told = Evidence(observations(parse_answers(KNOWLEDGE, answers)))
    assert with_implied(KNOWLEDGE, told) is told


def test_a_contradiction_may_name_a_limit() -> None:
    row = next(one for one in KNOWLEDGE.contradictions if one.id == "income_none_with_amount")
    limited = msgspec.structs.replace(
        row, when={**row.when, "debt.monthly_income": msgspec.convert({"above": "$debt.likely_percent"}, Condition)}
    )
    for income, clashes in ((71, True), (70, False)):
        told = Evidence(observations({"income.stability": "none", "debt.monthly_income": income}))
        found = assess(msgspec.structs.replace(KNOWLEDGE, contradictions=(limited,)), told)
        assert bool(found.clashes) is clashes


def test_what_no_question_can_settle_names_none() -> None:
    found = judged({}, network("ok", "phone"), network("unreachable"))
    assert [one.settle for one in found.clashes if one.id == f"observed.{NETWORK}"] == [None]


@each("assessed.toml#reads", "cause, ids")
def test_what_a_cause_looks_at_is_every_observation_behind_its_facts(cause: str, ids: list[str]) -> None:
    table = table_of(KNOWLEDGE)
    assert set(table.causes[table.index[cause]].reads) == set(ids)


def seen(source: Source, value: str) -> Observation:
    return Observation(id="wechat.version", value=value, source=source)


@pytest.mark.parametrize(("weightier", "other"), [
    *(("phone", other) for other in ("answer", "operator", "file", "computer")),
    *((told, "computer") for told in ("answer", "operator", "file")),
])  # fmt: skip
def test_the_weightier_source_holds_in_either_order(weightier: Source, other: Source) -> None:
    for pair in itertools.permutations([seen(weightier, "a"), seen(other, "b")]):
        assert [one.value for one in Evidence(pair).conflicting("wechat.version")] == ["a", "b"]
        assert Evidence(pair).value("wechat.version") == "a"


def test_of_equal_sources_the_later_holds_and_unknown_is_an_answer_without_a_value() -> None:
    told, noted = seen("answer", "a"), seen("operator", "b")
    for pair in ([told, noted], [noted, told]):
        assert Evidence(pair).value("wechat.version") == pair[1].value
    assert Evidence([told, seen("phone", "unknown")]).value("wechat.version") == "a"
    unknown = Evidence([seen("answer", "unknown")])
    assert (unknown.get("wechat.version") is None, unknown.value("wechat.version")) == (False, None)
    assert not unknown.conflicting("wechat.version")
