"""`list`: what the tool knows."""

from __future__ import annotations

import click
import msgspec

from diagnostics.describe import KINDS, rows
from tui import exits
from tui.language import choose
from tui.options import knowledge_with


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(kind: str, as_json: bool, lang: str | None, folder: str | None, config: str | None) -> int:
    """List the causes, questions or checks that the tool knows."""
    knowledge, settings = knowledge_with(config, folder)
    found = rows(knowledge, kind, choose(lang, settings.lang))
    if as_json:
        exits.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        width = max(len(row["id"]) for row in found)
        exits.write("".join(f"{row['id']:<{width}}  {row['title']}\n" for row in found))
    return exits.DONE
