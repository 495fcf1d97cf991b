"""`schema`: the published JSON Schemas."""

from __future__ import annotations

import click
import msgspec

from tui import exits


@click.command("schema")
@click.argument("name", type=click.Choice(["report", "answers", "batch"]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
def command(name: str) -> int:
    """Print the JSON Schema (draft 2020-12) of the report, the answers or a batch line."""
    from diagnostics.knowledge import load
    from diagnostics.schemas import make

    exits.write(msgspec.json.format(msgspec.json.encode(make(name, load())), indent=2).decode() + "\n")
    return exits.DONE
