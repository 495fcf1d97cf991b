"""`list`, `explain`, `schema` and `questionnaire`: what the tool knows, and the questions to hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from diagnostics.answers import key_name, observations
from diagnostics.evidence import Evidence
from diagnostics.i18n import Texts, nearest
from diagnostics.report.catalog import KINDS, all_ids, describe, explain_for_answers, rows
from diagnostics.report.evidence_text import title_of
from tui.cli.options import ANSWERS, JSON, SET, answers_file, with_texts
from tui.cli.output import Exit, UsageError, refuse_same_file, write_json, write_output, write_stdout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diagnostics.evidence import Value


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@JSON
@with_texts
def list_(texts: Texts, kind: str, as_json: bool) -> int:
    """List the causes, questions or checks that the tool knows."""
    found = rows(texts, kind)
    if as_json:
        write_json(found)
    else:
        width = max(len(row["id"]) for row in found)
        write_stdout("".join(f"{row['id']:<{width}}  {row['title']}\n" for row in found))
    return Exit.DONE


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
    from diagnostics.report.catalog import json_schema

    write_json(json_schema(name, load()))
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


_PARTS: Final = {
    "cause": ("judged", "stands", "unknown", "would_change", "meaning", "speaks_for", "speaks_against", "rules",
              "actions", "questions", "sources"),
    "question": ("ask", "asked_now", "effects", "why", "how", "about", "say", "values", "causes"),
    "check": ("network",),
    "situation": ("texts", "actions", "sources"),
    "action": ("itself", "general", "verify", "sources"),
    "belief": ("answer", "examples", "sources"),
}  # fmt: skip
"""What stands in the text about each kind, in this order."""
_HEADINGS: Final = {"judged": None, "ask": None, "network": None, "itself": "actions"}
"""The heading `explain.<key>` of a part, where that is not its own name; None: the lines stand by themselves."""


def as_text(texts: Texts, row: dict[str, Any]) -> str:
    """Write one description as text: its title, then each part under its own heading, an item a line."""
    lines = [f"{row['title']}  [{row['id']}]"]
    for part in _PARTS[row["what"]]:
        heading, items = _HEADINGS.get(part, part), _items(texts, row, part)
        if items and heading is not None:
            lines += ["", texts(f"explain.{heading}"), *(f"  {item}" for item in items)]
        else:
            lines += items
    return "\n".join(lines) + "\n"


def _items(texts: Texts, row: dict[str, Any], part: str) -> list[str]:
    """Return the lines of a part: as the table below writes them, else what the row has under this name."""
    if part in _WRITTEN:
        return _WRITTEN[part](texts, row)
    found = row.get(part) or []
    return [found] if isinstance(found, str) else [*found]


def _answers(texts: Texts, row: dict[str, Any]) -> list[str]:
    """Say what a question can be answered with."""
    values = [f"{value['id']}  {value['title']}" for value in row["values"]]
    if row["minimum"] is not None:
        values.append(f"{row['minimum']} – {row['maximum'] if row['maximum'] is not None else '…'} {row['unit']}")
    if row["type"] in ("text", "choices"):  # what the values alone do not show
        values.append(texts(f"explain.form.{row['type']}"))
    return [*values, f"unknown  {texts('answer.unknown')}"]


def _numbered(texts: Texts, actions: list[dict[str, Any]]) -> list[str]:
    """Write actions as steps, each with its id, how soon it is to be done and how long it takes."""
    return [
        f"{number}. {row['text']} ({texts('urgency.' + row['urgency'])} · {texts('effort.' + row['effort'])} · "
        f"{texts('by.' + row['by'])})  [{row['id']}]"
        for number, row in enumerate(actions, 1)
    ]


def _effect(texts: Texts, effect: dict[str, Any]) -> str:
    moved = [
        f"{title_of(texts, move.cause)} {texts(f'status.{move.before}')} → {texts(f'status.{move.after}')}"
        for move in effect["moves"]
    ]
    result = texts("list.semicolon").join(moved) or texts("explain.no_effect")
    return f"- {effect['text']}{texts('list.colon')}{result}"


_WRITTEN: Final[dict[str, Callable[[Texts, dict[str, Any]], list[str]]]] = {
    "judged": lambda texts, row: [f"{texts('kind.' + row['kind'])} · {texts('confidence.' + row['confidence'])}"],
    "network": lambda texts, row: [row["about"], texts("explain.network" if row["network"] else "explain.no_network")],
    "stands": lambda texts, row: (
        [texts(f"status.{row['status']}"), *(f"- {why.text}" for why in row["because"])] if "status" in row else []
    ),
    "unknown": lambda _, row: [f"- {open_['title']}  [{open_['question']}]" for open_ in row.get("unknown", ())],
    "would_change": lambda _, row: [f"- {change.text}" for change in row.get("would_change", ())],
    "rules": lambda texts, row: [f"{texts('status.' + rule['status'])}: {rule['text']}" for rule in row["rules"]],
    "actions": lambda texts, row: [
        *_numbered(texts, row["actions"]), *([row["shows_after"]] if "shows_after" in row else [])
    ],
    "itself": lambda texts, row: _numbered(texts, [row]),
    "texts": lambda _, row: [text["text"] for text in row["texts"]],
    "answer": lambda _, row: [row["text"]],
    "asked_now": lambda texts, row: (
        [texts(f"explain.asked.{row['asked']}"), *filter(None, [row["skipped"]])] if "asked" in row else []
    ),
    "effects": lambda texts, row: [_effect(texts, effect) for effect in row.get("effects", ())],
    "values": _answers,
    "sources": lambda texts, row: [
        f"{ref.id} ({texts(f'confidence.{ref.confidence}')}) {ref.text} {' '.join(ref.refs)}" for ref in row["sources"]
    ],
}  # fmt: skip
