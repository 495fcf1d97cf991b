"""`list`, `explain` and `schema`: what the tool knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics.answers import AnswerError, key_name, observations, parse_file, parse_setting
from diagnostics.evidence import Evidence
from diagnostics.i18n import Texts, nearest
from diagnostics.report.catalog import KINDS, all_ids, describe, explain_for_answers, rows
from diagnostics.report.evidence_text import title_of
from tui.cli.options import load_knowledge, read_input
from tui.cli.output import Exit, InputError, UsageError, write_json, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.evidence import Value
    from diagnostics.knowledge import Knowledge

STORE_TIMEOUT: Final = 5.0
"""Seconds for the app store's answer."""


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True)
@click.option("--online-latest", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def list_(
    kind: str, as_json: bool, online_latest: bool, lang: str | None, folder: str | None, config: str | None
) -> int:
    """List the causes, questions or checks that the tool knows."""
    knowledge, settings = load_knowledge(config, folder)
    found = rows(Texts(knowledge, choose(lang, settings.lang)), kind)
    if online_latest:
        found.append(_store(knowledge, choose(lang, settings.lang)))
    if as_json:
        write_json(found)
    else:
        width = max(len(row["id"]) for row in found)
        write_stdout("".join(f"{row['id']:<{width}}  {row['title']}\n" for row in found))
    return Exit.DONE


def _store(knowledge: Knowledge, lang: str) -> dict[str, Any]:
    """Ask the app store for the newest WeChat for iOS; what fails is told, and nothing depends on it."""
    from diagnostics.phone.app_store import latest_ios

    latest = latest_ios(STORE_TIMEOUT)
    key = "version.store" if latest.failure is None else "version.store_failed"
    told = msgspec.to_builtins(latest)
    return {"what": "store", "id": "store.ios", "title": knowledge.say(key, lang, **told), **told}


@click.command("explain")
@click.argument("id_", metavar="ID")
@click.option("--answers", metavar="FILE")
@click.option("--set", "set_", metavar="ID=VALUE", multiple=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def explain(
    id_: str,
    answers: str | None,
    set_: tuple[str, ...],
    as_json: bool,
    lang: str | None,
    folder: str | None,
    config: str | None,
) -> int:
    """Explain one cause, question or check; with answers, why it stands where it stands."""
    knowledge, settings = load_knowledge(config, folder)
    spoken = choose(lang, settings.lang)
    found = explanations(Texts(knowledge, spoken), id_, _given(knowledge, answers, set_))
    if as_json:
        write_json(found[0] if len(found) == 1 else found)
    else:
        write_stdout("\n".join(as_text(knowledge, one, spoken) for one in found))
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
    return [one | explain_for_answers(texts, one, evidence) for one in found]


def _given(knowledge: Knowledge, answers: str | None, set_: tuple[str, ...]) -> dict[str, Value] | None:
    if answers is None and not set_:
        return None
    try:
        given = parse_file(knowledge, *read_input(answers)) if answers is not None else {}
        return given | dict(parse_setting(knowledge, text) for text in set_)
    except AnswerError as error:
        raise InputError(error) from None


@click.command("schema")
@click.argument("name", type=click.Choice(["report", "answers", "batch"]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
def schema(name: str) -> int:
    """Print the JSON Schema (draft 2020-12) of the report, the answers or a batch line."""
    from diagnostics.knowledge import load
    from diagnostics.report.json_schema import make

    write_json(make(name, load()))
    return Exit.DONE


def as_text(knowledge: Knowledge, one: dict[str, Any], lang: str) -> str:
    """Write one description as text: a heading, then each part under its own."""
    writers = {
        "cause": _cause, "question": _question, "check": _check, "situation": _situation, "action": _action,
        "belief": _belief,
    }  # fmt: skip
    lines = writers[one["what"]](knowledge, one, lang)
    return "\n".join((f"{one['title']}  [{one['id']}]", *lines)) + "\n"


def _part(knowledge: Knowledge, key: str, lang: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield ""
        yield knowledge.say(f"explain.{key}", lang)
        yield from (f"  {text}" for text in texts)


def _cause(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    def say(key: str) -> str:
        return knowledge.say(key, lang)

    yield f"{say('kind.' + one['kind'])} · {say('confidence.' + one['confidence'])}"
    if "status" in one:
        yield from _part(
            knowledge, "stands", lang,
            [say(f"status.{one['status']}"), *(f"- {why.text}" for why in one["because"])],
        )  # fmt: skip
        unknown = [f"- {open_['title']}  [{open_['question']}]" for open_ in one["unknown"]]
        yield from _part(knowledge, "unknown", lang, unknown)
        yield from _part(knowledge, "would_change", lang, [f"- {change.text}" for change in one["would_change"]])
    yield from _part(knowledge, "meaning", lang, [one["meaning"]])
    yield from _part(knowledge, "speaks_for", lang, [one["speaks_for"]])
    yield from _part(knowledge, "speaks_against", lang, [one["speaks_against"]])
    yield from _part(
        knowledge, "rules", lang, [f"{say('status.' + rule['status'])}: {rule['text']}" for rule in one["rules"]]
    )
    yield from _part(knowledge, "actions", lang, [*_numbered(knowledge, one["actions"], lang), one["shows_after"]])
    yield from _part(knowledge, "questions", lang, one["questions"])
    yield from _sources(knowledge, one, lang)


def _numbered(knowledge: Knowledge, actions: list[dict[str, Any]], lang: str) -> list[str]:
    """Write actions as steps, each with its id, how soon it is to be done and how long it takes."""
    return [
        f"{number}. {one['text']} ({knowledge.say('urgency.' + one['urgency'], lang)} · "
        f"{knowledge.say('effort.' + one['effort'], lang)} · {knowledge.say('by.' + one['by'], lang)})  [{one['id']}]"
        for number, one in enumerate(actions, 1)
    ]


def _sources(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    sources = [
        f"{ref.id} ({knowledge.say(f'confidence.{ref.confidence}', lang)}) {ref.text} {' '.join(ref.refs)}"
        for ref in one["sources"]
    ]
    yield from _part(knowledge, "sources", lang, sources)


def _situation(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield from _part(knowledge, "texts", lang, [text["text"] for text in one["texts"]])
    yield from _part(knowledge, "actions", lang, _numbered(knowledge, one["actions"], lang))
    yield from _sources(knowledge, one, lang)


def _action(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield from _part(knowledge, "actions", lang, _numbered(knowledge, [one], lang))
    yield from _part(knowledge, "general", lang, [one["general"]] if one["general"] else [])
    yield from _part(knowledge, "verify", lang, [one["verify"]])
    yield from _sources(knowledge, one, lang)


def _belief(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield from _part(knowledge, "answer", lang, [one["text"]])
    yield from _part(knowledge, "examples", lang, list(one["examples"]))
    yield from _sources(knowledge, one, lang)


def _question(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield one["ask"]
    if "asked" in one:
        state = knowledge.say(f"explain.asked.{one['asked']}", lang)
        yield from _part(knowledge, "asked_now", lang, [state, *([one["skipped"]] if one["skipped"] else [])])
        yield from _part(knowledge, "effects", lang, [_effect(knowledge, effect, lang) for effect in one["effects"]])
    for key in ("why", "how", "about", "say"):
        yield from _part(knowledge, key, lang, [one[key]])
    values = [f"{value['id']}  {value['title']}" for value in one["values"]]
    if one["minimum"] is not None:
        values.append(f"{one['minimum']} – {one['maximum'] if one['maximum'] is not None else '…'} {one['unit']}")
    if one["type"] in ("text", "choices"):  # what the values alone do not show
        values.append(knowledge.say(f"explain.form.{one['type']}", lang))
    yield from _part(knowledge, "values", lang, [*values, f"unknown  {knowledge.say('answer.unknown', lang)}"])
    yield from _part(knowledge, "causes", lang, one["causes"])


def _effect(knowledge: Knowledge, effect: dict[str, Any], lang: str) -> str:
    moved = [
        f"{title_of(Texts(knowledge, lang), move.cause)} {knowledge.say(f'status.{move.before}', lang)}"
        f" → {knowledge.say(f'status.{move.after}', lang)}"
        for move in effect["moves"]
    ]
    said = knowledge.say("list.semicolon", lang).join(moved) or knowledge.say("explain.no_effect", lang)
    return f"- {effect['text']}{knowledge.say('list.colon', lang)}{said}"


def _check(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield one["about"]
    yield knowledge.say("explain.network" if one["network"] else "explain.no_network", lang)
