"""`list`: what the tool knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics.describe import KINDS, rows
from tui import exits
from tui.language import choose
from tui.options import knowledge_with

if TYPE_CHECKING:
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
def command(
    kind: str, as_json: bool, online_latest: bool, lang: str | None, folder: str | None, config: str | None
) -> int:
    """List the causes, questions or checks that the tool knows."""
    knowledge, settings = knowledge_with(config, folder)
    found = rows(knowledge, kind, choose(lang, settings.lang))
    if online_latest:
        found.append(_store(knowledge, choose(lang, settings.lang)))
    if as_json:
        exits.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        width = max(len(row["id"]) for row in found)
        exits.write("".join(f"{row['id']:<{width}}  {row['title']}\n" for row in found))
    return exits.DONE


def _store(knowledge: Knowledge, lang: str) -> dict[str, Any]:
    """Ask the app store for the newest WeChat for iOS; what fails is told, and nothing depends on it."""
    from diagnostics.phone.app_store import latest_ios

    latest = latest_ios(STORE_TIMEOUT)
    key = "version.store" if latest.failure is None else "version.store_failed"
    told = msgspec.to_builtins(latest)
    return {"what": "store", "id": "store.ios", "title": knowledge.say(key, lang, **told), **told}
