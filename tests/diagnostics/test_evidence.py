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


@pytest.mark.parametrize(
    ("observed", "value", "conflicting"),
    [
        ([seen("answer", "a"), seen("operator", "b")], "b", ["b", "a"]),  # of equal weight the later
        ([seen("operator", "b"), seen("answer", "a")], "a", ["a", "b"]),
        ([seen("answer", "a"), seen("phone", "unknown")], "a", ["a"]),
        ([seen("answer", "unknown")], None, []),  # an answer, but no value
    ],
)
def test_what_holds_is_known_and_the_later_of_equals(observed: list[Observation], value: str, conflicting: list[str]):
    evidence = Evidence(observed)
    assert evidence.get("wechat.version") is not None
    assert evidence.value("wechat.version") == value
    assert [one.value for one in evidence.conflicting("wechat.version")] == conflicting


def test_plus_replaces_the_same_source_keeps_the_others_and_changes_nothing_in_place() -> None:
    before = Evidence([seen("answer", "a"), seen("phone", "p")])
    after = before.plus(seen("answer", "b"))
    assert {(one.source, one.value) for one in after.all} == {("answer", "b"), ("phone", "p")}
    assert {(one.source, one.value) for one in before.all} == {("answer", "a"), ("phone", "p")}
