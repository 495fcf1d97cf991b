"""`explain`: one cause, question or check in full, and where it stands for given answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from diagnostics.answers import AnswerError, key_name, nearest, observations, parse_file, parse_setting
from diagnostics.describe import all_ids, describe, retrace
from diagnostics.evidence import Evidence
from tui import exits
from tui.explained import as_text
from tui.language import choose
from tui.options import knowledge_with, read_input

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge import Knowledge


@click.command("explain")
@click.argument("id_", metavar="ID")
@click.option("--answers", metavar="FILE")
@click.option("--set", "set_", metavar="ID=VALUE", multiple=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(
    id_: str,
    answers: str | None,
    set_: tuple[str, ...],
    as_json: bool,
    lang: str | None,
    folder: str | None,
    config: str | None,
) -> int:
    """Explain one cause, question or check; with answers, why it stands where it stands."""
    knowledge, settings = knowledge_with(config, folder)
    spoken = choose(lang, settings.lang)
    try:
        found = describe(knowledge, id_, spoken)
    except KeyError:
        near = nearest(id_, all_ids(knowledge))
        raise exits.Fault("unknown_id", name=key_name(id_), near=near) from None
    given = _given(knowledge, answers, set_)
    if given is not None:
        evidence = Evidence(observations(given))
        found = [one | retrace(knowledge, one, evidence, spoken) for one in found]
    if as_json:
        whole: Any = found[0] if len(found) == 1 else found
        exits.write(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n")
    else:
        exits.write("\n".join(as_text(knowledge, one, spoken) for one in found))
    return exits.DONE


def _given(knowledge: Knowledge, answers: str | None, set_: tuple[str, ...]) -> dict[str, Value] | None:
    if answers is None and not set_:
        return None
    try:
        given = parse_file(knowledge, *read_input(answers)) if answers is not None else {}
        return given | dict(parse_setting(knowledge, text) for text in set_)
    except AnswerError as error:
        raise exits.BadInput(error) from None
