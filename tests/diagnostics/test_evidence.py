"""Who is believed: the phone before an answer, an answer before this computer, the later of two equals."""

import itertools

import pytest

from diagnostics.evidence import Evidence, Observation, Source


def seen(source: Source, value: str, id_: str = "wechat.version") -> Observation:
    return Observation(id=id_, value=value, source=source)


@pytest.mark.parametrize(
    ("weightier", "other"),
    [("phone", "answer"), ("phone", "operator"), ("phone", "file"), ("phone", "computer"), ("answer", "computer"),
     ("operator", "computer"), ("file", "computer")],
)  # fmt: skip
def test_the_weightier_holds_in_either_order(weightier: Source, other: Source) -> None:
    for pair in itertools.permutations([seen(weightier, "a"), seen(other, "b")]):
        evidence = Evidence(pair)
        assert evidence.value("wechat.version") == "a"
        assert [one.value for one in evidence.conflicting("wechat.version")] == ["a", "b"]


@pytest.mark.parametrize("source", ["phone", "computer"])
def test_what_a_device_reports_is_never_taken_for_a_band(source: Source) -> None:
    report = Observation(id="network.reachability", value="ok", source=source, detail="band 5-40")
    assert (report.detail, report.band) == ("band 5-40", None)


def test_of_equal_weight_the_later_holds() -> None:
    assert Evidence([seen("answer", "a"), seen("operator", "b")]).value("wechat.version") == "b"
    assert Evidence([seen("operator", "b"), seen("answer", "a")]).value("wechat.version") == "a"


def test_unknown_from_the_phone_does_not_hide_an_answer() -> None:
    evidence = Evidence([seen("answer", "8.0.49"), seen("phone", "unknown")])
    assert evidence.value("wechat.version") == "8.0.49"
    assert evidence.conflicting("wechat.version") == (seen("answer", "8.0.49"),)


def test_unknown_alone_is_an_answer_but_no_value() -> None:
    evidence = Evidence([seen("answer", "unknown")])
    assert evidence.get("wechat.version") == seen("answer", "unknown")
    assert evidence.value("wechat.version") is None
    assert evidence.conflicting("wechat.version") == ()


def test_plus_replaces_the_same_source_and_keeps_the_others() -> None:
    evidence = Evidence([seen("answer", "a"), seen("phone", "p")]).plus(seen("answer", "b"))
    assert {(one.source, one.value) for one in evidence.all} == {("answer", "b"), ("phone", "p")}


def test_evidence_never_changes_in_place() -> None:
    before = Evidence([seen("answer", "a")])
    after = before.plus(seen("answer", "b"))
    assert (before.value("wechat.version"), after.value("wechat.version")) == ("a", "b")
