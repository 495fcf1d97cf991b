"""`questionnaire`: the questions as one page for the user's own phone, or the next ones as one chat message."""

from __future__ import annotations

import click

from tui.cli.options import answers_file, load_knowledge
from tui.cli.output import Exit, UsageError, write_file, write_stdout
from tui.language import choose


@click.command("questionnaire")
@click.option("--format", "format_", type=click.Choice(["page", "message"]), default="page", show_default=True)
@click.option("--answers", metavar="FILE")
@click.option("-o", "--output", metavar="FILE")
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(
    format_: str, answers: str | None, output: str | None, lang: str | None, folder: str | None, config: str | None
) -> int:
    """Write the questions as one self-contained page, or the next ones as a message to be answered by number."""
    from diagnostics.questionnaire import build_page, write_message

    knowledge, settings = load_knowledge(config, folder)
    spoken = choose(lang, settings.lang)
    if format_ == "message":
        text = write_message(knowledge, answers_file(knowledge, answers, spoken), spoken).text + "\n"
    elif answers is not None:
        raise UsageError("contradict", one="--answers", other="--format page")
    else:
        text = build_page(knowledge, spoken)
    if output in (None, "-"):
        write_stdout(text)
    else:
        write_file(output, text)
    return Exit.DONE
