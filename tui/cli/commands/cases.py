"""`cases`: the support desk's stored cases, for scripts and for people."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from diagnostics.sanitize import clean_line
from tui.cli.files import decode_text, open_stream, read_all
from tui.cli.group import Group, need_command
from tui.cli.options import load_knowledge, read_input
from tui.cli.output import Exit, InputError, RuntimeFailure, UsageError, to_stderr, write_file, write_json, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.cases.model import Case, CasePage, Filter
    from diagnostics.cases.retention import Retention
    from diagnostics.cases.store import CaseStore
    from diagnostics.knowledge.model import Lang

Told = tuple[Any, str]
"""The record of a result, for JSON, and what is said of it."""


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


class CliContext:
    """An open store with the language to speak, and the way results are written."""

    def __init__(self, store: CaseStore, lang: str, as_json: bool) -> None:
        self.store, self.lang, self.as_json = store, lang, as_json
        self.knowledge = store.knowledge

    @property
    def spoken(self) -> Lang:
        """The language, as reports take it."""
        return "en" if self.lang == "en" else "zh"

    def say(self, key: str, **values: object) -> str:
        """Return one of the texts of the cases."""
        return self.knowledge.say(f"cases.{key}", self.lang, **values)

    def name(self) -> str:
        """Return the name of whoever works here. Raises UsageError where none was given."""
        if not self.store.operator:
            raise UsageError("no_operator")
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
        from diagnostics.cases.model import Filter, RefusedError
        from diagnostics.cases.queries import moment
        from diagnostics.i18n import nearest

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
            write_json(record)
        else:
            write_stdout(text if text.endswith("\n") or not text else text + "\n")
        return Exit.DONE


@contextlib.contextmanager
def open_cases(given: dict[str, Any]) -> Iterator[CliContext]:
    """Open the store; its faults become one line and an exit code."""
    from diagnostics.cases.case_sync import deliver_left
    from diagnostics.cases.journal import Journal, default_folder
    from diagnostics.cases.model import BundleError, RefusedError, StoreError, location_of

    knowledge, settings = load_knowledge(given["config"])
    lang = choose(given["lang"], settings.lang)
    try:
        place = location_of(given["store"], settings.store)
    except StoreError as error:
        raise InputError(error) from None
    try:
        from diagnostics.cases.store import open_store

        who = given.get("operator") or settings.operator or ""
        store = open_store(knowledge, place, operator=who, lang=lang, purge_days=settings.purge_days)
        try:
            deliver_left(store, Journal(default_folder()), store.notices, lang)
            for notice in store.notices:
                to_stderr(notice)
            yield CliContext(store, lang, given["as_json"])
        finally:
            store.dispose()
    except (RefusedError, BundleError) as error:
        raise InputError(error) from None
    except StoreError as error:
        raise RuntimeFailure(error) from None


_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of a bundle: the hundred thousand cases that it may have at most."""
_TEXT: Final = click.Choice(["text", "json", "csv"])
REPLIES: Final = ("first", "follow_up", "closed", "questions")
"""Templates of messages to a user: `cases.reply.<name>` in the locale files, and the next questions."""
_COMMON: Final = ("as_json", "lang", "config", "store", "operator")
"""Options of every command, which say how it is run and not what it does."""
_DAYS: Final = click.IntRange(1, 3650)


@click.group(
    "cases", cls=Group, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="COMMAND [ARGS]..."
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """The support desk's stored cases."""
    need_command(ctx)


def case_command(name: str, options: Callable[..., Any] = change_options) -> Callable[[Callable[..., Told]], Any]:
    """Make a command about one case: its function gets the open desk, and returns the record and what to say."""

    def make(work: Callable[..., Told]) -> click.Command:
        def run(**given: Any) -> int:
            common: dict[str, Any] = {key: given.pop(key) for key in _COMMON if key in given}
            with open_cases(common) as desk:
                return desk.give(*work(desk, **given))

        own = getattr(work, "__click_params__", [])
        made = options(run)
        made.__click_params__ += own
        made.__doc__ = work.__doc__
        return command.command(name)(click.argument("id_", metavar="CASE")(made))

    return make


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=50, metavar="N")
@click.option("--after", metavar="CASE")
@filter_options
def list_(limit: int, after: str | None, **given: Any) -> int:
    """List cases, newest first."""
    return _list(given, "", limit, after)


@command.command("search")
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 500), default=50, metavar="N")
@click.option("--after", metavar="CASE")
@filter_options
def search(words: tuple[str, ...], limit: int, after: str | None, **given: Any) -> int:
    """Search notes, causes, outcomes, labels and tags for all these words."""
    return _list(given, " ".join(words), limit, after)


def _list(given: dict[str, Any], text: str, limit: int, after: str | None) -> int:
    from diagnostics.cases.model import Cursor
    from tui.cli.case_text import table

    with open_cases(given) as desk:
        wanted = desk.wanted(given, text)
        last = desk.store.open(after) if after else None
        page: CasePage = desk.store.list(wanted, Cursor(last.place, last.id) if last else None, limit)
        if not page.rows:
            to_stderr(desk.say("none"))
            return desk.give([], "")
        if page.next is not None:
            to_stderr(desk.say("more", id=page.next.id))
        return desk.give(page.rows, table(desk.knowledge, page.rows, desk.lang))


@case_command("show", common_options)
@click.option("--report", is_flag=True)
def show(desk: CliContext, id_: str, report: bool) -> Told:
    """Show one case in full; with --report, assess it again and write the report."""
    from tui.cli.case_text import whole

    case = desk.store.open(id_)
    return _report(desk, case) if report else (case, whole(desk.knowledge, case, desk.lang))


def _report(desk: CliContext, case: Case) -> Told:
    from diagnostics.evidence import Evidence
    from diagnostics.formats import render
    from diagnostics.report import build

    made = build(desk.knowledge, Evidence(case.observations), lang=desk.spoken)
    text = render("json" if desk.as_json else "text", made, desk.knowledge)
    desk.as_json = False  # it is JSON already
    return None, text


@case_command("note")
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
def note(desk: CliContext, id_: str, words: tuple[str, ...]) -> Told:
    """Add a note; personal numbers in it are masked before it is stored. `-` reads it from stdin."""
    added = desk.store.note(id_, read_input("-")[0].decode() if words == ("-",) else " ".join(words))
    return added, desk.say("noted", text=added.text)


@case_command("tag")
@click.argument("tags", metavar="TAG...", nargs=-1)
@click.option("--remove", metavar="TAG", multiple=True)
def tag(desk: CliContext, id_: str, tags: tuple[str, ...], remove: tuple[str, ...]) -> Told:
    """Add tags to a case, or remove them."""
    if not tags and not remove:
        raise UsageError("no_tag")
    left = desk.store.tag(id_, tags, remove)
    return left, " ".join(left)


@case_command("close", version_option)
@click.argument("cause", metavar="CAUSE")
def close(desk: CliContext, id_: str, cause: str, if_version: int | None) -> Told:
    """Close a case with what proved to be the cause: an id of a cause, `entry_found` or `unsettled`."""
    from tui.cli.case_text import cause_title

    row = desk.store.close(id_, cause, version=if_version)
    return row, desk.say("closed", id=row.id, cause=cause_title(desk.knowledge, cause, desk.lang))


@case_command("reopen", version_option)
def reopen(desk: CliContext, id_: str, if_version: int | None) -> Told:
    """Open a closed case again."""
    row = desk.store.reopen(id_, version=if_version)
    return row, desk.say("reopened", id=row.id)


@case_command("label", version_option)
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
def label(desk: CliContext, id_: str, words: tuple[str, ...], if_version: int | None) -> Told:
    """Give a case a nickname or a ticket number; personal numbers in it are masked."""
    row = desk.store.rename(id_, " ".join(words), version=if_version)
    return row, desk.say("labelled", id=row.id, label=clean_line(row.label))


@case_command("consent", version_option)
def consent(desk: CliContext, id_: str, if_version: int | None) -> Told:
    """Note that the user agrees to the case being kept, and when."""
    row = desk.store.consent(id_, version=if_version)
    return row, desk.say("consented", id=row.id)


def _own(desk: CliContext, id_: str, name: str, version: int | None) -> Told:
    row = desk.store.own(id_, name, version=version)
    return row, desk.say("owned", id=row.id, owner=clean_line(row.owner))


@case_command("take", version_option)
def take(desk: CliContext, id_: str, if_version: int | None) -> Told:
    """Look after a case from now on."""
    return _own(desk, id_, desk.name(), if_version)


@case_command("hand", version_option)
@click.argument("name", metavar="NAME")
def hand(desk: CliContext, id_: str, name: str, if_version: int | None) -> Told:
    """Hand a case over to a colleague."""
    return _own(desk, id_, name, if_version)


@case_command("due", version_option)
@click.argument("day", metavar="DATE|none")
def due(desk: CliContext, id_: str, day: str, if_version: int | None) -> Told:
    """Set the day on which to come back to a case; `none` takes it away."""
    row = desk.store.follow_up(id_, None if day == "none" else day, version=if_version)
    return row, desk.say("due" if row.due_on else "undue", id=row.id, day=row.due_on)


@command.command("today")
@change_options
def today(**given: Any) -> int:
    """List the open cases that you look after and that are due today, were due before, or have no day."""
    from datetime import datetime

    from diagnostics.cases.model import Filter
    from tui.cli.case_text import agenda

    with open_cases(given) as desk:
        day = datetime.now().astimezone().date().isoformat()
        page = desk.store.list(Filter(status="open", owner=desk.name(), due_by=day), limit=500)
        found = sorted(page.rows, key=lambda row: (row.due_on is None, row.due_on or ""))
        if not found:
            to_stderr(desk.say("none_today"))
        return desk.give(found, agenda(desk.knowledge, found, desk.lang) if found else "")


@case_command("reply")
@click.option("--template", type=click.Choice(REPLIES), default="first", show_default=True)
def reply(desk: CliContext, id_: str, template: str) -> Told:
    """Write a message to the user that carries the first step of this case; read it over before you send it."""
    from diagnostics.evidence import Evidence
    from diagnostics.questionnaire.message import values_of, write_message
    from tui.cli.case_text import reply_text

    knowledge, case = desk.knowledge, desk.store.open(id_)
    if template != "questions":
        text = reply_text(knowledge, case, desk.spoken, template)
    else:
        message = write_message(knowledge, values_of(knowledge, Evidence(case.observations)), desk.spoken)
        text = message.text
        if message.sent is not None:
            desk.store.keep_message(case.id, message.sent)
    return {"id": case.id, "text": text}, text


@command.command("week")
@click.argument("week", metavar="[WEEK]", required=False)
@common_options
def week(week: str | None, **given: Any) -> int:
    """Write the cases that were begun in a week (2026-W05; by default this one) as CSV."""
    from diagnostics.cases.stats import as_csv, cases_of_week

    with open_cases(given) as desk:
        found = cases_of_week(desk.store, week)
        if desk.as_json:
            return desk.give(found, "")
        write_stdout(as_csv(found))
    return Exit.DONE


@command.command("init")
@click.option("--grant", metavar="ROLE")
@change_options
def init(grant: str | None, **given: Any) -> int:
    """Make a store, or look whether it is set up: one line for each thing, and what is missing."""
    from diagnostics.cases import setup

    with open_cases(given) as desk:
        if grant is not None:
            setup.grant(desk.store, grant)
            to_stderr(desk.say("init.granted", role=clean_line(grant)))
        found = list(setup.examine(desk.store))
        lines_ = [
            f"{'ok' if one.ok else '--'}  {clean_line(desk.say(f'init.{one.key}', **one.values), 400)}" for one in found
        ]
        desk.give(found, "\n".join(lines_))
    return Exit.DONE if all(one.ok for one in found) else Exit.FAILED


@command.command("check")
@click.option("--dates", is_flag=True)
@change_options
def check(dates: bool, **given: Any) -> int:
    """See whether the store is whole: cases that the search cannot find are made to be found again."""
    with open_cases(given) as desk:
        found, cases = desk.store.rebuild_words(), desk.store.count()
        text = desk.say("checked", cases=cases, found=found)
        if dates:
            text += "\n" + desk.say("redated", count=desk.store.redate())
        return desk.give({"cases": cases, "found_again": found}, text)


@case_command("delete", version_option)
@click.option("--yes", is_flag=True)
def delete(desk: CliContext, id_: str, yes: bool, if_version: int | None) -> Told:
    """Delete a case for good, out of the file too."""
    full = desk.store.open(id_).id
    desk.sure(desk.say("delete_sure", id=full), desk.say("delete_needs_yes", id=full), yes=yes)
    gone = desk.store.delete(full, version=if_version)
    left = [one.text(desk.lang) for one in desk.store.left]
    return {"id": gone} | ({"left": left} if left else {}), desk.cleared(desk.say("deleted", id=gone))


@command.command("export")
@click.option("-o", "--output", metavar="FILE")
@click.option("--redact/--no-redact", default=True)
@click.option("--resolved", is_flag=True)
@filter_options
def export(output: str | None, redact: bool, resolved: bool, **given: Any) -> int:
    """Write cases as a bundle for another desk, or with --resolved as what `calibrate` reads."""
    with open_cases(given) as desk:
        wanted = desk.wanted(given)
        written = desk.store.resolved(wanted) if resolved else desk.store.export(wanted, redact=redact)
        if output in (None, "-"):
            for line in written:
                write_stdout(line)
        else:
            write_file(output, written, private=True)
    return Exit.DONE


@command.command("import")
@click.argument("bundle", metavar="FILE")
@change_options
def import_(bundle: str, **given: Any) -> int:
    """Take a bundle in, whole or not at all; taking it in twice changes nothing."""
    with open_stream(bundle, "rb") as file:
        text = decode_text(read_all(file, _MOST_BYTES, bundle), bundle)
    with open_cases(given) as desk:
        taken = desk.store.take(io.StringIO(text, newline="\n").readlines(), "stdin" if bundle == "-" else bundle)
        text = desk.say("taken", new=taken.new, known=taken.known, notes=taken.notes)
        if taken.changed:
            text += "\n" + desk.say("taken_newer", count=taken.changed)
        if taken.conflicts:
            to_stderr(desk.say("taken_conflicts", count=len(taken.conflicts), ids=" ".join(taken.conflicts[:50])))
        return desk.give(taken, text)


@command.command("retention")
@click.option("--closed", type=click.IntRange(0, 3650), metavar="DAYS")
@click.option("--open", "open_", type=click.IntRange(0, 3650), metavar="DAYS")
@click.option("--yes", is_flag=True)
@change_options
def retention(closed: int | None, open_: int | None, yes: bool, **given: Any) -> int:
    """Show or set after how many days without a change closed and open cases may be deleted. 0: never."""
    with open_cases(given) as desk:
        kept = desk.store.periods()
        if closed is None and open_ is None:
            return desk.give(kept, _periods(desk, kept))
        closed = closed if closed is not None else (kept.closed if kept else None)
        open_ = open_ if open_ is not None else (kept.open if kept else None)
        told = {"closed": closed or desk.say("never"), "open": open_ or desk.say("never")}
        desk.sure(desk.say("retention_sure", **told), desk.say("retention_needs_yes", **told), yes=yes)
        due = desk.store.retain(closed, open_)
        kept = desk.store.periods()
        return desk.give(kept, _periods(desk, kept) + "\n" + desk.say("retention_due", count=due.all))


def _periods(desk: CliContext, kept: Retention | None) -> str:
    if kept is None:
        return desk.say("no_retention")
    never = desk.say("never")
    return desk.say(
        "retention",
        closed=kept.closed or never,
        open=kept.open or never,
        at=kept.at[:10],
        by=clean_line(kept.by) or desk.say("show.nobody"),
    )


@command.command("purge")
@click.option("--days", type=_DAYS, metavar="N")
@click.option("--yes", is_flag=True)
@change_options
def purge(days: int | None, yes: bool, **given: Any) -> int:
    """Delete for good the cases whose time is over by the store's own periods (`cases retention`)."""
    with open_cases(given) as desk:
        due = desk.store.due(days)
        if due.all:
            told = {"count": due.all, "closed": due.closed, "open": due.open}
            desk.sure(desk.say("purge_sure", **told), desk.say("purge_needs_yes", **told), yes=yes)
        gone = desk.store.purge(days)
        text = desk.say("purged", count=gone)
        return desk.give({"deleted": gone}, desk.cleared(text) if gone else text)


@command.command("stats")
@click.option("--format", "format_", type=_TEXT)
@click.option("--csv", "table_", type=click.Choice(["weeks", "causes"]))
@click.option("--ascii", "ascii_only", is_flag=True)
@filter_options
def stats(format_: str | None, table_: str | None, ascii_only: bool, **given: Any) -> int:
    """Figures by week and cause, how long, how many questions: as text with bars, as CSV, as JSON."""
    from diagnostics.cases.stats import as_csv
    from diagnostics.cases.stats import stats as count
    from tui.cli.case_text import figures

    _judge_forms(given["as_json"], table_, format_)
    with open_cases(given) as desk:
        wanted = desk.wanted(given)
        found = count(desk.store, wanted)
        if table_ or format_ == "csv":
            write_stdout(as_csv(found.causes if table_ == "causes" else found.weeks))
            return Exit.DONE
        desk.as_json = desk.as_json or format_ == "json"
        return desk.give(found, figures(desk.knowledge, found, desk.lang, ascii_only=ascii_only))


def _judge_forms(as_json: bool, table: str | None, format_: str | None) -> None:
    """Refuse options that name two forms at once."""
    forms = {"--json": "json" if as_json else None, f"--csv {table}": table and "csv", f"--format {format_}": format_}
    named = [option for option, form in forms.items() if form]
    if len({form for form in forms.values() if form}) > 1:
        raise UsageError("contradict", one=named[0], other=named[-1])
