"""`list`, `explain`, `schema` and `questionnaire`: what the tool knows, and the questions to hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics.answers import key_name, observations
from diagnostics.evidence import Evidence
from diagnostics.i18n import nearest
from diagnostics.report.catalog import KINDS, all_ids, describe, explain_for_answers, rows
from diagnostics.report.evidence_text import title_of
from tui.cli.files import refuse_same_file
from tui.cli.options import ANSWERS, JSON, SET, answers_file, with_texts
from tui.cli.output import Exit, UsageError, write_json, write_output, write_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.evidence import Value
    from diagnostics.i18n import Texts

STORE_TIMEOUT: Final = 5.0
"""Seconds for the app store's answer."""


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@JSON
@click.option("--online-latest", is_flag=True)
@with_texts
def list_(texts: Texts, kind: str, as_json: bool, online_latest: bool) -> int:
    """List the causes, questions or checks that the tool knows."""
    found = rows(texts, kind)
    if online_latest:
        found.append(_store(texts))
    if as_json:
        write_json(found)
    else:
        width = max(len(row["id"]) for row in found)
        write_stdout("".join(f"{row['id']:<{width}}  {row['title']}\n" for row in found))
    return Exit.DONE


def _store(texts: Texts) -> dict[str, Any]:
    """Ask the app store for the newest WeChat for iOS; what fails is told, and nothing depends on it."""
    from diagnostics.phone.app_store import latest_ios

    latest = latest_ios(STORE_TIMEOUT)
    facts = msgspec.to_builtins(latest)
    if latest.failure is None:
        title = texts("version.store", **{name: value or "?" for name, value in facts.items()})
    else:
        reason = f"version.failed.{latest.failure}"
        reason = reason if reason in texts.knowledge.locale else "version.failed.other"
        title = texts("version.store_failed", reason=texts(reason))
    return {"what": "store", "id": "store.ios", "title": title, **facts}


@click.command("explain")
@click.argument("id_", metavar="ID")
@ANSWERS
@SET
@JSON
@with_texts
def explain(texts: Texts, id_: str, answers: str | None, set_: tuple[str, ...], as_json: bool) -> int:
    """Explain one cause, question or check; with answers, why it stands where it stands."""
    given = None if answers is None and not set_ else answers_file(texts.knowledge, answers, set_)
    found = explanations(texts, id_, given)
    if as_json:
        write_json(found[0] if len(found) == 1 else found)
    else:
        write_stdout("\n".join(as_text(texts, row) for row in found))
    return Exit.DONE


def explanations(texts: Texts, id_: str, given: Mapping[str, Value] | None) -> list[dict[str, Any]]:
    """Describe what has this id, and where it stands for given answers. Raises UsageError for an unknown id."""
    try:
        found = describe(texts, id_)
    except KeyError:
        near = nearest(id_, all_ids(texts.knowledge))
        raise UsageError("unknown_id", name=key_name(id_), near=near) from None
    if given is None:
        return found
    evidence = Evidence(observations(given))
    return [row | explain_for_answers(texts, row, evidence) for row in found]


@click.command("schema")
@click.argument("name", type=click.Choice(["report", "answers", "batch"]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
def schema(name: str) -> int:
    """Print the JSON Schema (draft 2020-12) of the report, the answers or a batch line."""
    from diagnostics.knowledge import load
    from diagnostics.report.json_schema import make

    write_json(make(name, load()))
    return Exit.DONE


@click.command("questionnaire")
@click.option("--format", "format_", type=click.Choice(["page", "message"]), default="page", show_default=True)
@ANSWERS
@click.option("-o", "--output", metavar="FILE")
@with_texts
def questionnaire(texts: Texts, format_: str, answers: str | None, output: str | None) -> int:
    """Write the questions as one self-contained page, or the next ones as a message to be answered by number."""
    from diagnostics.questionnaire import build_page, write_message

    knowledge = texts.knowledge
    refuse_same_file(answers or "-", output)
    if format_ == "message":
        text = write_message(knowledge, answers_file(knowledge, answers), texts.lang).text + "\n"
    elif answers is not None:
        raise UsageError("contradict", one="--answers", other="--format page")
    else:
        text = build_page(knowledge, texts.lang)
    write_output(output, text)
    return Exit.DONE


Part = tuple[str, list[str]]
"""What stands under a heading `explain.<key>`, one item a line; without a key the lines stand by themselves."""


def as_text(texts: Texts, row: dict[str, Any]) -> str:
    """Write one description as text: its title, then each part under its own heading."""
    lines = [f"{row['title']}  [{row['id']}]"]
    for key, items in _PARTS[row["what"]](texts, row):
        if items:
            lines += ["", texts(f"explain.{key}"), *(f"  {item}" for item in items)] if key else items
    return "\n".join(lines) + "\n"


def _cause(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "", [f"{texts('kind.' + row['kind'])} · {texts('confidence.' + row['confidence'])}"]
    if "status" in row:
        yield "stands", [texts(f"status.{row['status']}"), *(f"- {why.text}" for why in row["because"])]
        yield "unknown", [f"- {open_['title']}  [{open_['question']}]" for open_ in row["unknown"]]
        yield "would_change", [f"- {change.text}" for change in row["would_change"]]
    for key in ("meaning", "speaks_for", "speaks_against"):
        yield key, [row[key]]
    yield "rules", [f"{texts('status.' + rule['status'])}: {rule['text']}" for rule in row["rules"]]
    yield "actions", [*_numbered(texts, row["actions"]), row["shows_after"]]
    yield "questions", row["questions"]
    yield "sources", _sources(texts, row)


def _situation(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "texts", [text["text"] for text in row["texts"]]
    yield "actions", _numbered(texts, row["actions"])
    yield "sources", _sources(texts, row)


def _action(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "actions", _numbered(texts, [row])
    yield "general", [row["general"]] if row["general"] else []
    yield "verify", [row["verify"]]
    yield "sources", _sources(texts, row)


def _belief(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "answer", [row["text"]]
    yield "examples", list(row["examples"])
    yield "sources", _sources(texts, row)


def _question(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "", [row["ask"]]
    if "asked" in row:
        yield "asked_now", [texts(f"explain.asked.{row['asked']}"), *([row["skipped"]] if row["skipped"] else [])]
        yield "effects", [_effect(texts, effect) for effect in row["effects"]]
    for key in ("why", "how", "about", "say"):
        yield key, [row[key]]
    values = [f"{value['id']}  {value['title']}" for value in row["values"]]
    if row["minimum"] is not None:
        values.append(f"{row['minimum']} – {row['maximum'] if row['maximum'] is not None else '…'} {row['unit']}")
    if row["type"] in ("text", "choices"):  # what the values alone do not show
        values.append(texts(f"explain.form.{row['type']}"))
    yield "values", [*values, f"unknown  {texts('answer.unknown')}"]
    yield "causes", row["causes"]


def _check(texts: Texts, row: dict[str, Any]) -> Iterator[Part]:
    yield "", [row["about"], texts("explain.network" if row["network"] else "explain.no_network")]


_PARTS: Final = {
    "cause": _cause, "question": _question, "check": _check, "situation": _situation, "action": _action,
    "belief": _belief,
}  # fmt: skip


def _numbered(texts: Texts, actions: list[dict[str, Any]]) -> list[str]:
    """Write actions as steps, each with its id, how soon it is to be done and how long it takes."""
    return [
        f"{number}. {row['text']} ({texts('urgency.' + row['urgency'])} · {texts('effort.' + row['effort'])} · "
        f"{texts('by.' + row['by'])})  [{row['id']}]"
        for number, row in enumerate(actions, 1)
    ]


def _sources(texts: Texts, row: dict[str, Any]) -> list[str]:
    return [
        f"{ref.id} ({texts(f'confidence.{ref.confidence}')}) {ref.text} {' '.join(ref.refs)}" for ref in row["sources"]
    ]


def _effect(texts: Texts, effect: dict[str, Any]) -> str:
    moved = [
        f"{title_of(texts, move.cause)} {texts(f'status.{move.before}')} → {texts(f'status.{move.after}')}"
        for move in effect["moves"]
    ]
    result = texts("list.semicolon").join(moved) or texts("explain.no_effect")
    return f"- {effect['text']}{texts('list.colon')}{result}"
