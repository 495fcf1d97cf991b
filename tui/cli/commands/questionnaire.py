"""`questionnaire`: the questions as one page for the user's own phone."""

from __future__ import annotations

import click

from tui.cli.options import load_knowledge
from tui.cli.output import Exit, write_file, write_stdout
from tui.language import choose


@click.command("questionnaire")
@click.option("-o", "--output", metavar="FILE")
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(output: str | None, lang: str | None, folder: str | None, config: str | None) -> int:
    """Write the questions as one self-contained page; its answers come back as a short code."""
    from diagnostics.questionnaire import build_page

    knowledge, settings = load_knowledge(config, folder)
    page = build_page(knowledge, choose(lang, settings.lang))
    if output in (None, "-"):
        write_stdout(page)
    else:
        write_file(output, page)
    return Exit.DONE
