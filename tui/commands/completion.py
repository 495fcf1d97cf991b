"""`completion`: the shell completion script, from click's own."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tui import exits

NAME = "weilidai-doctor"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell."""
    class_ = get_completion_class(shell)
    if class_ is None:
        raise exits.CannotWork(f"click knows no completion for {shell}")
    made = class_(ctx.find_root().command, {}, NAME, "_WEILIDAI_DOCTOR_COMPLETE")
    exits.write(made.source() + "\n")
    return exits.DONE
