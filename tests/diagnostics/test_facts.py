"""Facts worked out from answers: the platform in a text, versions against minimums, the exact debt ratio."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

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


K, N, U = State.KNOWN, State.NEVER, State.OPEN
MENU, ACCOUNT = "entry.services_menu", "entry.official_account"


@pytest.mark.parametrize(
    ("fact", "answers", "state", "value", "origin"),
    [
        # the entry in WeChat, as the QQ wallet is set beside it
        ("entry.in_wechat", {}, U, None, []),
        ("entry.in_wechat", {MENU: "shown"}, K, "shown", [MENU]),
        ("entry.in_wechat", {ACCOUNT: "opens_application"}, K, "shown", [ACCOUNT]),
        ("entry.in_wechat", {MENU: "not_shown", ACCOUNT: "opens_application"}, K, "shown", [ACCOUNT]),
        ("entry.in_wechat", {MENU: "not_shown"}, K, "not_shown", [MENU]),
        ("entry.in_wechat", {MENU: "no_services_menu"}, K, "not_shown", [MENU]),
        ("entry.in_wechat", {MENU: "not_looked"}, N, None, [MENU]),
        ("entry.in_wechat", {MENU: "unknown"}, N, None, [MENU]),
        # the entry found
        ("entry.found", {MENU: "shown", ACCOUNT: "opens_application"}, K, "yes", [MENU, ACCOUNT]),
        ("entry.found", {MENU: "shown", ACCOUNT: "refused"}, K, "yes", [MENU]),
        ("entry.found", {MENU: "not_shown", ACCOUNT: "opens_application"}, K, "yes", [ACCOUNT]),
        ("entry.found", {MENU: "not_shown"}, U, None, [MENU]),
        ("entry.found", {ACCOUNT: "refused"}, U, None, [ACCOUNT]),
        ("entry.found", {MENU: "not_shown", ACCOUNT: "refused"}, N, None, [MENU, ACCOUNT]),
        # the platform in a version text
        ("platform.in_text", {}, U, None, []),
        ("platform.in_text", {"wechat.version": "8.0.49"}, U, None, ["wechat.version"]),
        ("platform.in_text", {"os.version": "13"}, U, None, ["os.version"]),
        ("platform.in_text", {"wechat.version": "8.0.49", "os.version": "13"}, N, None,
         ["wechat.version", "os.version"]),
        ("platform.in_text", {"wechat.version": "iOS 微信 8.0.49", "os.version": "Android 13"}, K, "ios",
         ["wechat.version"]),
        ("client.platform", {}, U, None, []),
        ("client.platform", {"client.platform": "unknown"}, N, None, ["client.platform"]),
        ("client.platform", {"wechat.version": "8.0.49", "os.version": "13"}, U, None, []),
        # numbers of versions
        ("wechat.number", {}, U, None, []),
        ("wechat.number", {"wechat.version": "unknown"}, N, None, ["wechat.version"]),
        ("wechat.number", {"wechat.version": "asdf"}, N, None, ["wechat.version"]),
        ("wechat.number", {"wechat.version": "微信 ８．０．４９"}, K, "8.0.49", ["wechat.version"]),
        ("os.number", {}, U, None, []), ("os.number", {"os.version": "unknown"}, N, None, ["os.version"]),
        ("os.number", {"os.version": "asdf"}, N, None, ["os.version"]),
        ("os.number", {"os.version": "Android 13"}, K, "13", ["os.version"]),
        ("os.against_minimum", {"os.version": "5.1", "client.platform": "android"}, K, "below",
         ["os.version", "client.platform"]),
        ("os.against_minimum", {"os.version": "6.0", "client.platform": "android"}, K, "met",
         ["os.version", "client.platform"]),
        ("os.against_minimum", {"os.version": "6.0"}, U, None, ["os.version"]),
        ("os.against_minimum", {"os.version": "30"}, U, None, ["os.version"]),
        ("os.against_minimum", {"os.version": "10", "client.platform": "windows"}, N, None, ["client.platform"]),
        ("os.against_minimum", {"client.platform": "android"}, U, None, []),
        ("wechat.against_minimum", {"wechat.version": "8.0.49", "client.platform": "ios"}, K, "met",
         ["wechat.version", "client.platform"]),
        ("wechat.against_minimum", {"wechat.version": "Android 8.0.49"}, K, "met", ["wechat.version"]),
        ("wechat.against_minimum", {"wechat.version": "8.0.49", "client.platform": "linux"}, N, None,
         ["wechat.version", "client.platform"]),
        ("os.against_minimum", {"os.version": "iOS 5.0", "client.platform": "android"}, N, None, ["os.version"]),
        ("wechat.against_minimum", {}, U, None, []),
        ("wechat.against_minimum", {"wechat.version": "asdf"}, N, None, ["wechat.version"]),
        # the debt ratio
        ("debt.ratio", {"debt.monthly_income": 100, "debt.monthly_repayment": 50}, K, 50,
         ["debt.monthly_income", "debt.monthly_repayment"]),
        ("debt.ratio", {"debt.monthly_income": 0, "debt.monthly_repayment": 50}, N, None,
         ["debt.monthly_income", "debt.monthly_repayment"]),
        ("debt.ratio", {"debt.monthly_repayment": 0, "debt.open_loans": 0}, N, None,
         ["debt.monthly_repayment", "debt.open_loans"]),
        ("debt.ratio", {"debt.monthly_income": 1}, U, None, []),
        ("debt.ratio", {"debt.monthly_income": "unknown", "debt.monthly_repayment": 5}, N, None, []),
        ("debt.ratio", {"debt.monthly_repayment": 1, "debt.open_loans": 0}, U, None, []),
        ("debt.ratio", {"debt.monthly_repayment": 0, "debt.open_loans": 1}, U, None, []),
    ],
)  # fmt: skip
def test_a_derived_fact_has_its_state_its_value_and_what_it_rests_on(
    fact: str, answers: dict[str, object], state: State, value: object, origin: list[str]
) -> None:
    found = facts(**{id_.replace(".", "__", 1): given for id_, given in answers.items()})[fact]
    assert (found.state, found.value, [*found.origin]) == (state, value, origin)


def test_a_measurement_waits_for_whether_the_network_is_shared() -> None:
    for shared, state in (None, U), ("unknown", N):
        fact = Facts(KNOWLEDGE, {NETWORK: "unreachable", "network.same_network": shared})["network.computer"]
        assert (fact.state, fact.value, fact.origin) == (state, None, (NETWORK,))


@pytest.mark.parametrize(
    ("what", "id_", "version", "state", "value"),
    [
        ("wechat", "wechat.version", "8.0", N, None), ("wechat", "wechat.version", "8.1", K, "met"),
        ("wechat", "wechat.version", "7.9", K, "below"), ("os", "os.version", "8", N, None),
        ("os", "os.version", "9", K, "met"), ("os", "os.version", "7", K, "below"),
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
            assert bare(text)[:2] == (found.version, found.platform), text
            assert what == "os.version" or (bare(text).form == found.form), text
