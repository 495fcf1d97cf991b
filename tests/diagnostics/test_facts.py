"""Facts worked out from answers: the platform in a text, versions against minimums, the exact debt ratio."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from diagnostics.answers import parse_answers
from diagnostics.engine.advice import table_of
from diagnostics.engine.facts import NETWORK, Facts, State, read_system, read_wechat, version_texts
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

KNOWLEDGE = load()


def with_minimums(**minimums: dict[str, str]) -> Knowledge:
    """Return the knowledge with these minimum versions alone."""
    row = KNOWLEDGE.minimums[0]
    rows = [
        msgspec.structs.replace(row, what=what, platform=platform, version=version)
        for what, by_platform in minimums.items()
        for platform, version in by_platform.items()
    ]
    return msgspec.structs.replace(KNOWLEDGE, minimums=tuple(rows))


def facts(knowledge: Knowledge = KNOWLEDGE, **answers: object) -> Facts:
    given = {id_.replace("__", "."): value for id_, value in answers.items()}
    return Facts(knowledge, parse_answers(KNOWLEDGE, given))


@pytest.mark.parametrize(
    ("answers", "platform"),
    [
        ({"wechat__version": "iOS 微信 8.0.49"}, "ios"),
        ({"wechat__version": "Android 8.0.49"}, "android"),
        ({"os__version": "iPhone iOS 17.1"}, "ios"),
        ({"wechat__version": "8.0.49", "os__version": "Android 13"}, "android"),
        ({"wechat__version": "iOS 8.0.49", "client__platform": "android"}, "android"),
        ({"wechat__version": "iOS 8.0.49", "client__platform": "unknown"}, "ios"),
        ({"os__version": "HarmonyOS NEXT 5.0"}, "harmony"),
        ({"os__version": "HarmonyOS 4.0"}, "android"),
    ],
)
def test_a_version_text_stands_for_the_platform_only_where_it_is_not_answered(
    answers: dict[str, object], platform: str
) -> None:
    assert facts(**answers)["client.platform"].value == platform


@pytest.mark.parametrize(
    ("version", "platform", "expected"),
    [
        ("7.9.9", "android", "below"), ("8.0.0", "android", "met"), ("8.0", "android", "met"),
        ("8.0.1", "ios", "met"),
        ("8.0.0.1", "ios", "met"), ("8.1.0", "ios", "met"), ("8.0.49", None, "met"), ("7.0.22", None, "below"),
    ],
)  # fmt: skip
def test_against_the_minimum(version: str, platform: str | None, expected: str) -> None:
    answers = {"wechat__version": version} | ({"client__platform": platform} if platform else {})
    assert facts(**answers)["wechat.against_minimum"].value == expected


def test_phone_minimums_that_differ_decide_only_below_or_above_both() -> None:
    minimums = with_minimums(wechat={"android": "8.0.10", "ios": "8.0.20"})
    for version, expected in (("8.0.9", "below"), ("8.0.15", None), ("8.0.20", "met")):
        assert facts(minimums, wechat__version=version)["wechat.against_minimum"].value == expected
    assert facts(minimums, wechat__version="8.0.15", client__platform="ios")["wechat.against_minimum"].value == "below"
    for told, state in (({}, State.OPEN), ({"client__platform": "unknown"}, State.NEVER)):
        between = facts(minimums, wechat__version="8.0.15", **told)["wechat.against_minimum"]
        assert between.state is state
        assert between.origin == ("wechat.version", *(id_.replace("__", ".") for id_ in told))


@pytest.mark.parametrize(
    ("income", "repayment", "ratio"),
    [
        (0.3, 0.21, Fraction(70)), (0.1, 0.07, Fraction(70)), (10_000, 6_999.99, Fraction(699_999, 10_000)),
        (3, 2, Fraction(200, 3)), (1e12, 7e11, Fraction(70)), (0.7, 0.49, Fraction(70)), (1.1, 0.55, Fraction(50)),
    ],
)  # fmt: skip
def test_the_ratio_is_exact(income: float, repayment: float, ratio: Fraction) -> None:
    assert facts(debt__monthly_income=income, debt__monthly_repayment=repayment)["debt.ratio"].value == ratio


@pytest.mark.parametrize(
    ("shared", "phone_loads", "computer", "path"),
    [
        ("yes", None, "unreachable", "unreachable"), ("no", None, None, None), ("unknown", None, None, None),
        (None, None, None, None), ("yes", "yes", "unreachable", None),
        ("yes", "unknown", "unreachable", "unreachable"),
    ],
)  # fmt: skip
def test_the_computers_network_speaks_only_where_it_is_shared(
    shared: str | None, phone_loads: str | None, computer: str | None, path: str | None
) -> None:
    told = {NETWORK: "unreachable", "network.same_network": shared, "network.phone_loads_pages": phone_loads}
    found = Facts(KNOWLEDGE, told)
    assert found["network.computer"].value == computer
    assert found["network.shared_path"].value == path
    if computer:
        assert {*found["network.computer"].origin} == {NETWORK, "network.same_network"}


def test_every_derived_fact_names_questions_that_exist() -> None:
    table = table_of(KNOWLEDGE)
    assert {id_ for fact in KNOWLEDGE.derived for id_ in table.inputs(fact)} <= set(KNOWLEDGE.questions)


DERIVED = (Path(__file__).parents[1] / "data" / "facts.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("row", [*map(json.loads, DERIVED)], ids=lambda row: f"{row['fact']} {row['answers']}")
def test_a_derived_fact_has_its_state_its_value_and_what_it_rests_on(row: dict[str, Any]) -> None:
    found = facts(**{id_.replace(".", "__", 1): given for id_, given in row["answers"].items()})[row["fact"]]
    assert (found.state.name.lower(), found.value, [*found.origin]) == (row["state"], row["value"], row["origin"])


def test_a_measurement_waits_for_whether_the_network_is_shared() -> None:
    for shared, state in (None, State.OPEN), ("unknown", State.NEVER):
        fact = Facts(KNOWLEDGE, {NETWORK: "unreachable", "network.same_network": shared})["network.computer"]
        assert (fact.state, fact.value, fact.origin) == (state, None, (NETWORK,))


@pytest.mark.parametrize(
    ("what", "id_", "version", "state", "value"),
    [
        ("wechat", "wechat.version", "8.0", State.NEVER, None), ("wechat", "wechat.version", "8.1", State.KNOWN, "met"),
        ("wechat", "wechat.version", "7.9", State.KNOWN, "below"), ("os", "os.version", "8", State.NEVER, None),
        ("os", "os.version", "9", State.KNOWN, "met"), ("os", "os.version", "7", State.KNOWN, "below"),
    ],
)  # fmt: skip
def test_a_version_whose_missing_part_decides_says_nothing(
    what: str, id_: str, version: str, state: State, value: str | None
) -> None:
    minimums = with_minimums(**{what: {"android": "8.0.30"}})
    fact = Facts(minimums, {id_: version, "client.platform": "android"})[f"{what}.against_minimum"]
    assert (fact.state, fact.value, fact.origin) == (state, value, (id_, "client.platform"))


def test_a_version_cut_short_stands_for_none_given_in_full() -> None:
    table = table_of(with_minimums(os={"android": "8.0.30"}))
    assert [table.read({"os.version": text})["os.version"] for text in ("8", "8.0.1", "8.0.2")] == ["8", *["8.0.1"] * 2]


def test_a_version_given_in_full_is_below_a_minimum_that_goes_on() -> None:
    told = {"wechat__version": "8.0.30", "client__platform": "android"}
    minimums = with_minimums(wechat={"android": "8.0.30.1"})
    assert facts(minimums, **told)["wechat.against_minimum"].value == "below"


def test_a_bare_number_is_read_as_the_parser_reads_it() -> None:
    texts = [f"{major}.0.{last}" for major in (7, 8) for last in range(100)] + [f"8.0.0{last}" for last in range(10)]
    texts += [str(number) for number in range(1, 30)] + [
        f"{major}.{minor}" for major in range(30) for minor in range(12)
    ]
    for what, read in (("wechat.version", read_wechat), ("os.version", read_system)):
        bare = version_texts(KNOWLEDGE)[what]
        for text in texts:
            found = read(text)
            assert (bare(text).version, bare(text).platform) == (found.version, found.platform), text
            assert what == "os.version" or (bare(text).form == found.form), text
