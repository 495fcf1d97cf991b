"""What `explain` says, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.explain import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge import Knowledge


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
        f"{title_of(knowledge, move.cause, lang)} {knowledge.say(f'status.{move.before}', lang)}"
        f" → {knowledge.say(f'status.{move.after}', lang)}"
        for move in effect["moves"]
    ]
    said = knowledge.say("list.semicolon", lang).join(moved) or knowledge.say("explain.no_effect", lang)
    return f"- {effect['text']}{knowledge.say('list.colon', lang)}{said}"


def _check(knowledge: Knowledge, one: dict[str, Any], lang: str) -> Iterator[str]:
    yield one["about"]
    yield knowledge.say("explain.network" if one["network"] else "explain.no_network", lang)
