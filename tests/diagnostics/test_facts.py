"""Facts worked out from answers: the platform in a text, versions against minimums, the exact debt ratio."""

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from diagnostics.answers import parse_answers
from diagnostics.engine.advice import table_of
from diagnostics.engine.facts import Facts, State, read_system, read_wechat, version_texts
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Knowledge
from tests.rows import each, rows

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


def test_phone_minimums_that_differ_decide_only_below_or_above_both() -> None:
    minimums = with_minimums(wechat={"android": "8.0.10", "ios": "8.0.20"})
    for version, expected in (("8.0.9", "below"), ("8.0.15", None), ("8.0.20", "met")):
        assert facts(minimums, wechat__version=version)["wechat.against_minimum"].value == expected
    assert facts(minimums, wechat__version="8.0.15", client__platform="ios")["wechat.against_minimum"].value == "below"
    for told, state in (({}, State.OPEN), ({"client__platform": "unknown"}, State.NEVER)):
        between = facts(minimums, wechat__version="8.0.15", **told)["wechat.against_minimum"]
        assert between.state is state
        assert between.origin == ("wechat.version", *(id_.replace("__", ".") for id_ in told))


def test_every_derived_fact_names_questions_that_exist() -> None:
    table = table_of(KNOWLEDGE)
    assert {id_ for fact in KNOWLEDGE.derived for id_ in table.inputs(fact)} <= set(KNOWLEDGE.questions)


@pytest.mark.parametrize("row", rows("facts.jsonl"), ids=lambda row: f"{row['fact']} {row['answers']}")
def test_a_derived_fact_has_its_state_its_value_and_what_it_rests_on(row: dict[str, Any]) -> None:
    """A ratio is exact, whatever the amounts; where it is no whole number, it is written as a fraction."""
    found = Facts(KNOWLEDGE, row["answers"])[row["fact"]]
    value = Fraction(row["value"]) if isinstance(found.value, Fraction) else row["value"]
    assert (found.state.name.lower(), found.value, [*found.origin]) == (row["state"], value, row["origin"])


@each("assessed.toml#cut_short", "what, version, state, value")
def test_a_version_whose_missing_part_decides_says_nothing(what: str, version: str, state: str, value: object) -> None:
    id_ = f"{what}.version"
    minimums = with_minimums(**{what: {"android": "8.0.30"}})
    fact = Facts(minimums, {id_: version, "client.platform": "android"})[f"{what}.against_minimum"]
    assert (fact.state.name, fact.value, fact.origin) == (state, value, (id_, "client.platform"))


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
