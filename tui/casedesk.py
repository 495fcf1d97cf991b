"""What the commands of `cases` share: their options, the open store with a language, the filter."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from diagnostics.sanitize import clean_line
from tui import exits
from tui.language import choose
from tui.options import knowledge_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.cases.model import Filter
    from diagnostics.cases.store import CaseStore


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes: which store, in which language, as JSON or not."""
    for option in (
        click.option("--json", "as_json", is_flag=True),
        click.option("--lang", type=click.Choice(["zh", "en"])),
        click.option("--config", metavar="FILE"),
        click.option("--store", metavar="FILE|URL"),
    ):
        command = option(command)
    return command


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add under which name a change is made."""
    return click.option("--operator", metavar="NAME")(common_options(command))


def version_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add on which version of the case a change is made."""
    return click.option("--if-version", type=click.IntRange(1), metavar="N")(change_options(command))


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add which cases are meant."""
    for option in (
        click.option("--until", metavar="DATE"),
        click.option("--since", metavar="DATE"),
        click.option("--outcome", metavar="NAME"),
        click.option("--cause", metavar="ID"),
        click.option("--tag", metavar="TAG"),
        click.option("--operator", metavar="NAME"),
        click.option("--owner", metavar="NAME"),
        click.option("--status", type=click.Choice(["open", "closed"])),
    ):
        command = option(command)
    return common_options(command)


class Desk:
    """An open store with the language to speak, and the way results are written."""

    def __init__(self, store: CaseStore, lang: str, as_json: bool) -> None:
        self.store, self.lang, self.as_json = store, lang, as_json
        self.knowledge = store.knowledge

    def say(self, key: str, **values: object) -> str:
        """Return one of the texts of the cases."""
        return self.knowledge.say(f"cases.{key}", self.lang, **values)

    def name(self) -> str:
        """Return the name of whoever works here. Raises Fault where none was given."""
        if not self.store.operator:
            raise exits.Fault("no_operator")
        return self.store.operator

    def sure(self, question: str, refusal: str, *, yes: bool) -> None:
        """Have it confirmed that something is to be deleted. Raises UsageError where nobody can be asked."""
        if yes:
            return
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(refusal)
        click.confirm(question, abort=True, err=True)

    def cleared(self, text: str) -> str:
        """Return what to say of a deletion: what it could not clear yet, and what no program can."""
        if self.store.left:
            why = "；" if self.lang == "zh" else "; "
            return text + "\n" + self.say("left", why=why.join(one.text(self.lang) for one in self.store.left))
        return text if self.store.place.file is not None else text + "\n" + self.say("deleted_there")

    def wanted(self, given: dict[str, Any], text: str = "") -> Filter:
        """Return the filter that the options name. Raises RefusedError for a date, cause or outcome that is none."""
        from diagnostics.answers import nearest
        from diagnostics.cases.listing import moment
        from diagnostics.cases.model import Filter, RefusedError

        outcomes = [key.rpartition(".")[2] for key in self.knowledge.locale if key.startswith("cases.outcome.")]
        for option, known in (("cause", self.store.closings()), ("outcome", outcomes)):
            name = given[option]
            if name is not None and name not in known:
                raise RefusedError(f"unknown_{option}", clean_line(name, 60), near=nearest(name, known))
        since = moment(given["since"]) if given["since"] else None
        until = moment(given["until"], end=True) if given["until"] else None
        names = {name: given[name] for name in ("status", "operator", "owner", "tag", "cause", "outcome")}
        return Filter(text=text, since=since, until=until, **names)

    def give(self, record: Any, text: str) -> int:
        """Write a result: the record as JSON where that is wanted, else the text."""
        if self.as_json:
            exits.write(msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n")
        else:
            exits.write(text if text.endswith("\n") or not text else text + "\n")
        return exits.DONE


@contextlib.contextmanager
def open_desk(given: dict[str, Any]) -> Iterator[Desk]:
    """Open the store; its faults become one line and an exit code."""
    from diagnostics.cases.deliver import deliver_left
    from diagnostics.cases.journal import Journal, default_folder
    from diagnostics.cases.model import BundleError, RefusedError, StoreError
    from diagnostics.cases.places import place_of

    knowledge, settings = knowledge_with(given["config"])
    lang = choose(given["lang"], settings.lang)
    try:
        place = place_of(given["store"], settings.store)
    except StoreError as error:
        raise exits.BadInput(error) from None
    try:
        from diagnostics.cases.store import open_store

        who = given.get("operator") or settings.operator or ""
        store = open_store(knowledge, place, operator=who, lang=lang, purge_days=settings.purge_days)
        try:
            deliver_left(store, Journal(default_folder()), store.notices, lang)
            for notice in store.notices:
                exits.talk(notice)
            yield Desk(store, lang, given["as_json"])
        finally:
            store.dispose()
    except (RefusedError, BundleError) as error:
        raise exits.BadInput(error) from None
    except StoreError as error:
        raise exits.CannotWork(error) from None
