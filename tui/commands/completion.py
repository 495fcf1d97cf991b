"""`completion`: the shell completion script, click's own with what `tui.completing` changes in it."""

from __future__ import annotations

from typing import Final

import click

from tui import exits
from tui.cli import COMPLETE
from tui.completing import Bash, Fish, Zsh

NAME: Final = "weilidai-doctor"
SHELLS: Final = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@click.command("completion")
@click.argument("shell", type=click.Choice([*SHELLS]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell."""
    made = SHELLS[shell](ctx.find_root().command, {}, NAME, COMPLETE)
    exits.write(made.source() + "\n")
    return exits.DONE
