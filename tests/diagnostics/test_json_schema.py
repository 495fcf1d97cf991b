"""The published schemas: what is checked in is what is printed, every output fits, and nothing is taken away.

A schema may grow under its version; what takes something away from its readers needs the next one.
`tests/data/schemas/NAME.VERSION.json` is what a version was published as. It is never written anew: a breaking change
raises the version in the code and adds a file.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics import diagnose
from diagnostics.answers import AnswerError, parse_answers
from diagnostics.batch import BatchWorker
from diagnostics.engine.facts import NETWORK
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
from diagnostics.report.catalog import json_schema
from tests.fuzz.people import people

KNOWLEDGE = load()
FOLDER = Path(__file__).parent.parent.parent / "docs" / "schemas"
PUBLISHED = Path(__file__).parent.parent / "data" / "schemas"
NAMES = ("report", "answers", "batch")


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json_schema(name, KNOWLEDGE)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(value: object) -> Any:
    return json.loads(msgspec.json.encode(value))


def now(name: str) -> Any:
    return plain(json_schema(name, KNOWLEDGE))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_checked_in_is_what_is_printed(name: str) -> None:
    """Where this fails: a field was added (write the file anew) or changed or dropped (that takes a new version)."""
    kept = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert now(name) == kept, f"weilidai-doctor schema {name} > docs/schemas/{name}.json"


def test_a_report_is_required_to_have_what_every_report_has() -> None:
    for name, shape in json_schema("report", KNOWLEDGE)["$defs"].items():
        assert shape["required"] == list(shape["properties"]), name
    report = plain(diagnose({"person.age": 17}))
    for field in report:
        assert not validator("report").is_valid({key: value for key, value in report.items() if key != field}), field


@settings(max_examples=25)
@given(people(), st.sampled_from(["zh", "en"]), st.sampled_from([None, "ok", "unreachable"]))
def test_every_report_fits(answers: dict[str, Any], lang: Any, network: str | None) -> None:
    observed = [Observation(id=NETWORK, value=network, source="computer")] if network else []
    validator("report").validate(plain(diagnose(answers, lang=lang, observed=observed)))


@settings(max_examples=60)
@given(people())
def test_what_the_tool_takes_the_schema_takes(answers: dict[str, Any]) -> None:
    validator("answers").validate({"answers": answers})
    validator("answers").validate({"schema": "weilidai-doctor/answers/1", "answers": answers})
    validator("batch").validate({"id": [None, {"a": 1}], "answers": answers})


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(KNOWLEDGE.questions)),
    st.one_of(st.none(), st.booleans(), st.integers(-5, 2000), st.floats(-5, 2000), st.text(max_size=12),
              st.sampled_from(["yes", "no", "none", "unknown", "mainland"]),
              st.lists(st.sampled_from(["spending", "x"]))),
)  # fmt: skip
def test_what_the_tool_refuses_the_schema_refuses_and_the_other_way_round(id_: str, value: object) -> None:
    try:
        parse_answers(KNOWLEDGE, {id_: value})
        taken = True
    except AnswerError:
        taken = False
    fits = validator("answers").is_valid({"answers": {id_: value}})
    if KNOWLEDGE.questions[id_].type == "amount" and isinstance(value, str) and not taken:
        return  # which texts write an amount is more than a pattern can say
    assert fits == taken, (id_, value)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("answers", one) for one in (
        {}, {"answers": []}, {"answers": {}, "x": 1}, {"answers": {}, "schema": "x"}, {"answers": {"person.agee": 1}},
    )] + [("batch", one) for one in (
        {}, {"id": 1}, {"id": 1, "answers": {"x": 1}}, {"id": 1, "answers": {}, "summary": ""},
        {"id": 1, "line": 0, "error": {}}, {"id": 1, "line": 1, "error": "x"}, {"id": 1, "outcome": "fine"},
    )],
)  # fmt: skip
def test_the_schema_refuses_what_is_no_answers_file_or_batch_line(name: str, bad: dict[str, Any]) -> None:
    assert not validator(name).is_valid(bad)


@pytest.mark.parametrize("fields", [(), ("outcome",), ("summary", "causes", "questions")])
@pytest.mark.parametrize("line", [
    b"{}", b"x", b'{"id": [], "answers": {"person.age": 17}}', b'{"id": 1, "answers": {"x": 1}}',
    b'{"id": 0, "answers": {}}', b'{"answers": {}}', b'{"id": null, "answers": {}}', b'{"text": "x"}',
])  # fmt: skip
def test_every_batch_line_out_fits_and_bears_its_number_where_it_has_no_id(line: bytes, fields: tuple[str]) -> None:
    written = BatchWorker(KNOWLEDGE, "zh", fields).line(3, line)
    found = json.loads(written.data)
    validator("batch").validate(found)
    assert found.get("line") == (3 if found["id"] is None or "error" in found else None)


def published(name: str) -> dict[str, Any]:
    version = now(name)["$id"].rpartition(":")[2]
    return json.loads((PUBLISHED / f"{name}.{version}.json").read_text(encoding="utf-8"))


def broken(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Name what somebody who relies on the old schema misses in the new one; what was added is no break."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield place
        return
    for key, value in old.items():
        here = f"{place}/{key}"
        if key in ("description", "title", "default"):
            continue
        if key not in new:
            yield here
        elif key == "enum":
            yield from (f"{here}/{one}" for one in value if one not in new[key])
        elif key == "required":
            yield from (f"{here}/{one}" for one in sorted(set(value) ^ set(new[key])) if _matters(one, value, new))
        elif key == "anyOf":
            yield from (
                f"{here}/{at}" for at, one in enumerate(value) if all([*broken(one, other)] for other in new[key])
            )
        else:
            yield from broken(value, new[key], here)


def _matters(field: str, old: list[str], new: dict[str, Any]) -> bool:
    """A promised field may not become one that can be missing, nor a new one be demanded of what was fine before."""
    return field in old or new.get("additionalProperties") is False


AGREED = {
    "/$defs/PlanItem/properties/cause/type": "a step is for a cause or for a situation (contract 2, section 5)",
    "/$defs/Case/required": "a line may have a text in place of answers (contract 2, section 7)",
}
"""What the contract itself changed under the version, and why."""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_was_taken_away_under_the_version(name: str) -> None:
    missed = [*broken(published(name), now(name))]
    assert missed == [place for place in AGREED if place.split("/")[2] in now(name).get("$defs", {})], (
        "raise the version, and add its file to tests/data/schemas"
    )
