"""`questionnaire`: the questions as one page for the user's own phone, or the next ones as one chat message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.files import refuse_same_file
from tui.cli.options import ANSWERS, answers_file, with_texts
from tui.cli.output import Exit, UsageError, write_output

if TYPE_CHECKING:
    from diagnostics.i18n import Texts


@click.command("questionnaire")
@click.option("--format", "format_", type=click.Choice(["page", "message"]), default="page", show_default=True)
@ANSWERS
@click.option("-o", "--output", metavar="FILE")
@with_texts
def command(texts: Texts, format_: str, answers: str | None, output: str | None) -> int:
    """Write the questions as one self-contained page, or the next ones as a message to be answered by number."""
    from diagnostics.questionnaire import build_page, write_message

    knowledge = texts.knowledge
    refuse_same_file(answers or "-", output)
    if format_ == "message":
        text = write_message(knowledge, answers_file(knowledge, answers), texts.lang).text + "\n"
    elif answers is not None:
        raise UsageError("contradict", one="--answers", other="--format page")
    else:
        text = build_page(knowledge, texts.lang)
    write_output(output, text)
    return Exit.DONE
