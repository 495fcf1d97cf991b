"""`config` and `calibrate`: how a desk sets the tool up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics import addresses
from diagnostics.knowledge import Knowledge, KnowledgeError, load
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line
from diagnostics.settings import (
    PREFIX,
    Settings,
    SettingsError,
    apply_settings,
    default_path,
    from_environment,
    from_file,
    placed,
    read_settings,
)
from tui.cli.group import Group
from tui.cli.options import CONFIG, JSON, LANG, options, read_input, with_texts
from tui.cli.output import Exit, json_text, refuse_same_file, to_stderr, write_json, write_output, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from diagnostics.i18n import Texts

_MOST_BYTES: Final = 256 * 1024 * 1024
_ADDRESSES: Final = frozenset({"store", "targets", "second_resolver"})
"""Settings that may hold an address; a store may be a file as well."""


@click.group("config", cls=Group)
def command() -> None:
    """The settings and where they come from."""


@command.command("show")
@options(JSON, LANG, CONFIG)
def show(as_json: bool, lang: str | None, config: str | None) -> int:
    """Show every setting, its value and where it comes from: default, file or environment."""
    from diagnostics.cases.model import location_of

    try:
        settings = read_settings(config)
        environment = from_environment()
        knowledge = _known(settings)
        apply_settings(msgspec.structs.replace(settings, weights=None), knowledge)  # checks the names
        if settings.store:
            location_of(setting=settings.store)
    except SettingsError as error:
        raise placed(error, config) from None
    path = clean_line(config or default_path())
    written = from_file(config)
    rows = []
    for name, value in msgspec.to_builtins(settings).items():
        file = path if name in written else "default"
        source = f"{PREFIX}{name.upper()}" if name in environment else file
        rows.append({"name": name, "value": _shown(name, value), "source": source})
    if as_json:
        write_json(rows)
        return Exit.DONE
    default = knowledge.say("cli.config.show.default", choose(lang, settings.lang))
    lines = [
        f"{row['name']:<16} {msgspec.json.encode(row['value']).decode():<24} "
        f"{default if row['source'] == 'default' else row['source']}"
        for row in rows
    ]
    write_stdout("\n".join([f"# {path}", *lines]) + "\n")
    return Exit.DONE


def _shown(name: str, value: Any) -> Any:
    """Return a setting without an address's password and anybody's number, and with nothing that drives a terminal."""
    if isinstance(value, dict):
        return {key: _shown(name, one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(name, one) for one in value]
    if not isinstance(value, str):
        return value
    is_address = name in _ADDRESSES and (name != "store" or "://" in value or "=" in value)
    return clean_line(addresses.shown(value) if is_address else mask_numbers(value))


def _known(settings: Settings) -> Knowledge:
    """Return the knowledge with the desk's files; what is wrong with those is for the commands that use them to say."""
    try:
        return load(settings.knowledge)
    except KnowledgeError:
        return load()


@click.command("calibrate")
@click.argument("cases", metavar="CASES.jsonl")
@click.option("-o", "--output", metavar="FILE")
@JSON
@with_texts
def calibrate_command(texts: Texts, cases: str, output: str | None, as_json: bool) -> int:
    """Learn weights from resolved cases and try them on cases kept apart."""
    from diagnostics.engine.calibration import as_toml, calibrate, read_cases

    refuse_same_file(cases, output)
    data, name = read_input(cases, _MOST_BYTES)
    learned = calibrate(texts.knowledge, read_cases(texts.knowledge, data.split(b"\n"), name))
    if output is not None:
        write_output(output, as_toml(learned))
    if as_json:
        told = json_text(learned)
    else:
        told = texts("calibrate.basis", learned=learned.learned_from, held=learned.held_back) + "\n"
        for when, trial in (("before", learned.before), ("after", learned.after)):
            facts = {"questions": trial.questions, "cost": trial.cost, "right": trial.first_right, "cases": trial.cases}
            told += texts(f"calibrate.{when}", **facts) + "\n"
        told += "" if learned.is_better else texts("calibrate.no_better") + "\n"
    if output == "-":  # the weights are what was asked for
        to_stderr(told.rstrip("\n"))
    else:
        write_stdout(told, is_json=as_json)
    return Exit.DONE
