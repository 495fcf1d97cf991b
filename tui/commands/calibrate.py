"""`calibrate`: learn the order of questions from a desk's own resolved cases."""

from __future__ import annotations

from typing import Any, Final

import click
import msgspec

from diagnostics.answers import AnswerError
from diagnostics.calibrate import as_toml, calibrate, read_cases
from tui import exits, lines
from tui.language import choose
from tui.options import knowledge_with

_MOST_BYTES: Final = 256 * 1024 * 1024


@click.command("calibrate")
@click.argument("cases", metavar="CASES.jsonl")
@click.option("-o", "--output", metavar="FILE")
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(cases: str, **given: Any) -> int:
    """Learn weights from resolved cases and try them on cases kept apart."""
    knowledge, settings = knowledge_with(given["config"], given["knowledge"])
    lang = choose(given["lang"], settings.lang)
    try:
        with lines.opened(cases, "rb") as file:
            data = lines.utf8(lines.whole(file, _MOST_BYTES, cases))
        resolved = read_cases(knowledge, data.split(b"\n"), "stdin" if cases == "-" else cases)
    except OSError as error:
        raise exits.BadInput(exits.because(cases, error)) from None
    except AnswerError as error:
        raise exits.BadInput(error) from None
    learned = calibrate(knowledge, resolved)
    tell = exits.write
    if given["output"] == "-":  # the weights are what was asked for
        exits.write(as_toml(learned))
        tell = _beside
    elif given["output"] is not None:
        exits.write_file(given["output"], as_toml(learned))
    if given["as_json"]:
        tell(msgspec.json.format(msgspec.json.encode(learned), indent=2).decode() + "\n")
        return exits.DONE
    tell(
        knowledge.say("calibrate.basis", lang, learned=learned.learned_from, held=learned.held_back)
        + "\n"
        + "".join(
            knowledge.say(f"calibrate.{when}", lang, questions=trial.questions, cost=trial.cost,
                          right=trial.first_right, cases=trial.cases) + "\n"
            for when, trial in (("before", learned.before), ("after", learned.after))
        )
    )  # fmt: skip
    return exits.DONE


def _beside(text: str) -> None:
    exits.talk(text.rstrip("\n"))
