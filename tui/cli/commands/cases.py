"""`cases`: the support desk's stored cases, for scripts and for people."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from copy import copy
from functools import cached_property
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

import click
from click import Argument, Option

from diagnostics.cases.model import Filter, RefusedError, StoreError, location_of
from diagnostics.i18n import Texts, name_masks, nearest
from diagnostics.sanitize import clean_line
from tui.cli import case_text
from tui.cli.group import Group
from tui.cli.options import load_knowledge, read_input
from tui.cli.output import Exit, RuntimeFailure, UsageError, to_stderr, write_file, write_json, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from diagnostics.cases.deletion import Retention
    from diagnostics.cases.model import CaseRow
    from diagnostics.cases.store import CaseStore

Result = tuple[Any, str] | Exit
"""The record of a result, for JSON, and what is said of it; or the exit code where it is written already."""
Work = Callable[..., Result]
_FILTERS: Final = ("status", "owner", "operator", "tag", "cause", "outcome", "since", "until")
_SHARED: Final = (
    Option(["--store"], metavar="FILE|URL"), Option(["--config"], metavar="FILE"),
    Option(["--lang"], type=click.Choice(["zh", "en"])), Option(["--json", "as_json"], is_flag=True),
)  # fmt: skip
_CHANGE: Final = (Option(["--operator"], metavar="NAME"), *_SHARED)
_VERSIONED: Final = (Option(["--if-version"], type=click.IntRange(1), metavar="N"), *_CHANGE)
_FILTERED: Final = (
    *_SHARED, Option(["--status"], type=click.Choice(["open", "closed"])), Option(["--owner"], metavar="NAME"),
    Option(["--operator"], metavar="NAME"), Option(["--tag"], metavar="TAG"), Option(["--cause"], metavar="ID"),
    Option(["--outcome"], metavar="NAME"), Option(["--since"], metavar="DATE"), Option(["--until"], metavar="DATE"),
)  # fmt: skip
_PAGE: Final = (
    Option(["--limit"], type=click.IntRange(1, 500), default=50, metavar="N"), Option(["--after"], metavar="CASE"),
    *_FILTERED,
)  # fmt: skip
_CASE: Final = Argument(["id_"], metavar="CASE")
_YES: Final = Option(["--yes"], is_flag=True)


def _days(name: str, least: int = 0, metavar: str = "DAYS") -> click.Parameter:
    return Option([f"--{name}", name], type=click.IntRange(least, 3650), metavar=metavar)


class CliContext(contextlib.ExitStack):
    """The store of a command, the texts to speak, and the way results are written; `given` are the options."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__()
        knowledge, self._settings = load_knowledge(given["config"])
        self.texts = Texts(knowledge, choose(given["lang"], self._settings.lang))
        self.given, self.lang, self.as_json = given, self.texts.lang, given["as_json"]
        self._place = location_of(given["store"], self._settings.store)

    @cached_property
    def store(self) -> CaseStore:
        """The store, opened when it is needed, which creates a missing one."""
        from diagnostics.cases.case_sync import deliver_leftovers
        from diagnostics.cases.store import open_store

        settings, who = self._settings, self.given.get("operator") or self._settings.operator or ""
        store = open_store(
            self.texts.knowledge, self._place, operator=who, lang=self.lang, purge_days=settings.purge_days
        )
        self.callback(store.dispose)
        deliver_leftovers(store, store.journal, store.notices, self.lang)
        for notice in store.notices:
            to_stderr(notice)
        return store

    def say(self, key: str, **values: object) -> str:
        """Return one of the texts of the cases."""
        return self.texts(f"cases.{key}", **values)

    def name(self) -> str:
        """Return the name of whoever works here. Raises UsageError where none was given."""
        if not self.store.operator:
            raise UsageError("no_operator")
        return self.store.operator

    def sure(self, what: str, yes: bool, **values: object) -> None:
        """Have it confirmed that something is to be deleted. Raises UsageError where nobody can be asked."""
        if yes:
            return
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(self.say(f"{what}_needs_yes", **values))
        click.confirm(self.say(f"{what}_sure", **values), abort=True, err=True)

    def cleared(self, text: str) -> str:
        """Return what to say of a deletion: what it could not clear yet, and what no program can."""
        if self.store.left:
            why = "；" if self.lang == "zh" else "; "
            return text + "\n" + self.say("left", why=why.join(one.text(self.lang) for one in self.store.left))
        return text if self.store.place.file is not None else text + "\n" + self.say("deleted_there")

    def wanted(self, text: str = "") -> Filter:
        """Return the filter that the options name. Raises RefusedError for a date, cause or outcome that is none."""
        from diagnostics.cases.queries import moment

        given = {name: self.given[name] for name in _FILTERS}
        outcomes = [key.rpartition(".")[2] for key in self.texts.knowledge.locale if key.startswith("cases.outcome.")]
        for option, known in (("cause", self.store.closings()), ("outcome", outcomes)):
            name = given[option]
            if name is not None and name not in known:
                raise RefusedError(f"unknown_{option}", clean_line(name, 60), near=nearest(name, known))
        for option in ("since", "until"):
            given[option] = moment(given[option], end=option == "until") if given[option] else None
        return Filter(text=text, **given)

    def give(self, record: Any, text: str) -> Exit:
        """Write a result: the record as JSON where that is wanted, else the text."""
        if self.as_json:
            write_json(record)
        else:
            text = name_masks(text, self.lang)
            write_stdout(text if text.endswith("\n") or not text else text + "\n")
        return Exit.DONE


_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of a bundle: the hundred thousand cases that it may have at most."""
REPLIES: Final = ("first", "follow_up", "closed", "questions")
"""Templates of messages to a user: `cases.reply.<name>` in the locale files, and the next questions."""


@click.group("cases", cls=Group)
def command() -> None:
    """The support desk's stored cases."""


def desk_command(name: str, *params: click.Parameter) -> Callable[[Work], Work]:
    """Make a command: its function gets the open desk and those options that it has parameters for."""

    def make(work: Work) -> Work:
        named = signature(work).parameters

        def run(**given: Any) -> int:
            desk = CliContext(given)
            try:
                with desk:
                    done = work(desk, **{key: given[key] for key in named if key in given})
                    return done if isinstance(done, Exit) else desk.give(*done)
            except RefusedError:
                raise
            except StoreError as error:
                raise RuntimeFailure(error) from None

        own = list(map(copy, params))  # help texts are set on them
        command.add_command(click.Command(name, params=own, callback=run, help=work.__doc__))
        return work

    return make


def change_command(name: str, said: str, method: str, *words: click.Parameter) -> None:
    """Make a command that changes a case by this method of the store, which gets the words and the version seen."""

    def work(desk: CliContext, id_: str, if_version: int | None) -> Result:
        given = [desk.given[str(one.name)] for one in words] if name != "take" else [desk.name()]
        values = [" ".join(one) if isinstance(one, tuple) else one for one in given]
        row: CaseRow = getattr(desk.store, method)(id_, *values, version=if_version)
        cause = case_text.cause_title(desk.texts, row.proven or "")
        names = {"label": clean_line(row.label), "owner": clean_line(row.owner), "day": row.due_on, "cause": cause}
        return row, desk.say("undue" if said == "due" and row.due_on is None else said, id=row.id, **names)

    desk_command(name, _CASE, *words, *_VERSIONED)(work)


def _no_day(_ctx: click.Context, _param: click.Parameter, day: str) -> str | None:
    return None if day == "none" else day


change_command("close", "closed", "close", Argument(["cause"], metavar="CAUSE"))
change_command("reopen", "reopened", "reopen")
change_command("label", "labelled", "rename", Argument(["words"], metavar="TEXT...", nargs=-1, required=True))
change_command("consent", "consented", "consent")
change_command("take", "owned", "own")
change_command("hand", "owned", "own", Argument(["name"], metavar="NAME"))
change_command("due", "due", "follow_up", Argument(["day"], metavar="DATE|none", callback=_no_day))


@desk_command("search", Argument(["words"], metavar="WORD...", nargs=-1, required=True), *_PAGE)
@desk_command("list", *_PAGE)
def page(desk: CliContext, limit: int, after: str | None, words: tuple[str, ...] = ()) -> Result:
    """List cases, newest first; those in whose notes, causes, outcomes, labels and tags all these words occur."""
    wanted = desk.wanted(" ".join(words))
    page = desk.store.list(wanted, desk.store.open(after).place if after else None, limit)
    if not page.rows:
        to_stderr(desk.say("none"))
        return [], ""
    if page.next is not None:
        to_stderr(desk.say("more", id=page.rows[-1].id))
    return page.rows, "" if desk.as_json else case_text.table(desk.store, desk.texts, page.rows)


@desk_command("show", _CASE, Option(["--report"], is_flag=True), *_SHARED)
def show(desk: CliContext, id_: str, report: bool) -> Result:
    """Show one case in full; with --report, assess it again and write the report."""
    from diagnostics.evidence import Evidence
    from diagnostics.formats import render
    from diagnostics.report import build

    case = desk.store.open(id_)
    if not report:
        return case, case_text.whole(desk.texts, case)
    made = build(desk.store.knowledge, Evidence(case.observations), lang=desk.lang)
    text = render("json" if desk.as_json else "text", made, desk.store.knowledge)
    desk.as_json = False  # it is JSON already
    return None, text


@desk_command("note", _CASE, Argument(["words"], metavar="TEXT...", nargs=-1, required=True), *_CHANGE)
def note(desk: CliContext, id_: str, words: tuple[str, ...]) -> Result:
    """Add a note; personal numbers in it are masked before it is stored. `-` reads it from stdin."""
    added = desk.store.note(id_, read_input("-")[0].decode() if words == ("-",) else " ".join(words))
    return added, desk.say("noted", text=added.text)


@desk_command(
    "tag", _CASE, Argument(["tags"], metavar="TAG...", nargs=-1), Option(["--remove"], metavar="TAG", multiple=True),
    *_CHANGE,
)  # fmt: skip
def tag(desk: CliContext, id_: str, tags: tuple[str, ...], remove: tuple[str, ...]) -> Result:
    """Add tags to a case, or remove them."""
    if not tags and not remove:
        raise UsageError("no_tag")
    left = desk.store.tag(id_, tags, remove)
    return left, " ".join(left)


@desk_command("today", *_CHANGE)
def today(desk: CliContext) -> Result:
    """List the open cases that you look after and that are due today, were due before, or have no day."""
    from datetime import datetime

    day = datetime.now().astimezone().date().isoformat()
    page = desk.store.list(Filter(status="open", owner=desk.name(), due_by=day), limit=500)
    rows = sorted(page.rows, key=lambda row: (row.due_on is None, row.due_on or ""))
    if not rows:
        to_stderr(desk.say("none_today"))
    written = "" if desk.as_json or not rows else case_text.table(desk.store, desk.texts, rows, case_text.TODAY)
    return rows, written


@desk_command(
    "reply", _CASE, Option(["--template"], type=click.Choice(REPLIES), default="first", show_default=True), *_CHANGE
)
def reply(desk: CliContext, id_: str, template: str) -> Result:
    """Write a message to the user that carries the first step of this case; read it over before you send it."""
    from diagnostics.evidence import Evidence
    from diagnostics.questionnaire.message import values_of, write_message

    knowledge, case = desk.store.knowledge, desk.store.open(id_)
    if template != "questions":
        text = case_text.reply_text(desk.texts, case, template)
    else:
        message = write_message(knowledge, values_of(knowledge, Evidence(case.observations)), desk.lang)
        text = message.text
        if message.sent is not None:
            desk.store.keep_message(case.id, message.sent)
    return {"id": case.id, "text": text}, text


@desk_command("week", Argument(["week"], metavar="[WEEK]", required=False), *_SHARED)
def week(desk: CliContext, week: str | None) -> Result:
    """Write the cases that were begun in a week (2026-W05; by default this one) as CSV."""
    from diagnostics.cases.stats import as_csv, cases_of_week

    cases = cases_of_week(desk.store, week)
    if desk.as_json:
        return cases, ""
    write_stdout(as_csv(cases))
    return Exit.DONE


@desk_command("init", Option(["--grant"], metavar="ROLE"), *_CHANGE)
def init(desk: CliContext, grant: str | None) -> Result:
    """Make a store, or look whether it is set up: one line for each thing, and what is missing."""
    if grant is not None:
        desk.store.grant(grant)
        to_stderr(desk.say("init.granted", role=clean_line(grant)))
    findings = desk.store.examine()
    said = [clean_line(desk.say(f"init.{one.key}", **one.values), 400) for one in findings]
    marks = ["ok" if one.ok else "--" for one in findings]
    desk.give(findings, "\n".join(f"{mark}  {line}" for mark, line in zip(marks, said, strict=True)))
    return Exit.DONE if "--" not in marks else Exit.FAILED


@desk_command("check", Option(["--dates"], is_flag=True), *_CHANGE)
def check(desk: CliContext, dates: bool) -> Result:
    """See whether the store is whole: cases that the search cannot find are made to be found again."""
    again, cases = desk.store.rebuild_words(), desk.store.count()
    text = desk.say("checked", cases=cases, found=again)
    if dates:
        text += "\n" + desk.say("redated", count=desk.store.redate())
    return {"cases": cases, "found_again": again}, text


@desk_command("delete", _CASE, _YES, *_VERSIONED)
def delete(desk: CliContext, id_: str, yes: bool, if_version: int | None) -> Result:
    """Delete a case for good, out of the file too."""
    full = desk.store.open(id_).id
    desk.sure("delete", yes, id=full)
    gone = desk.store.delete(full, version=if_version)
    left = [one.text(desk.lang) for one in desk.store.left]
    return {"id": gone} | ({"left": left} if left else {}), desk.cleared(desk.say("deleted", id=gone))


@desk_command(
    "export", Option(["-o", "--output"], metavar="FILE"), Option(["--redact/--no-redact"], default=True),
    Option(["--resolved"], is_flag=True), *_FILTERED,
)  # fmt: skip
def export(desk: CliContext, output: str | None, redact: bool, resolved: bool) -> Result:
    """Write cases as a bundle for another desk, or with --resolved as what `calibrate` reads."""
    from diagnostics.cases import bundle

    wanted = desk.wanted()
    written = bundle.resolved(desk.store, wanted) if resolved else bundle.export(desk.store, wanted, redact=redact)
    if output in (None, "-"):
        for line in written:
            write_stdout(line)
    else:
        write_file(output, written, private=True)
    return Exit.DONE


@desk_command("import", Argument(["bundle"], metavar="FILE"), *_CHANGE)
def import_(desk: CliContext, bundle: str) -> Result:
    """Take a bundle in, whole or not at all; taking it in twice changes nothing."""
    from diagnostics.cases import bundle as bundles

    lines = io.StringIO(read_input(bundle, _MOST_BYTES)[0].decode(), newline="\n")
    taken = bundles.take(desk.store, lines, "stdin" if bundle == "-" else bundle)
    said = desk.say("taken", new=taken.new, known=taken.known, notes=taken.notes)
    if taken.changed:
        said += "\n" + desk.say("taken_newer", count=taken.changed)
    if taken.conflicts:
        to_stderr(desk.say("taken_conflicts", count=len(taken.conflicts), ids=" ".join(taken.conflicts[:50])))
    return taken, said


@desk_command("retention", _days("closed"), _days("open"), _YES, *_CHANGE)
def retention(desk: CliContext, closed: int | None, open: int | None, yes: bool) -> Result:  # noqa: A002  the option
    """Show or set after how many days without a change closed and open cases may be deleted. 0: never."""
    kept = desk.store.periods()
    if closed is None and open is None:
        return kept, _periods(desk, kept)
    closed = kept.closed if closed is None and kept else closed
    open_ = kept.open if open is None and kept else open
    never = desk.say("never")
    desk.sure("retention", yes, closed=closed or never, open=open_ or never)
    due = desk.store.retain(closed, open_)
    kept = desk.store.periods()
    return kept, _periods(desk, kept) + "\n" + desk.say("retention_due", count=due)


def _periods(desk: CliContext, kept: Retention | None) -> str:
    if kept is None:
        return desk.say("no_retention")
    never, by = desk.say("never"), clean_line(kept.by) or desk.say("show.nobody")
    return desk.say("retention", closed=kept.closed or never, open=kept.open or never, at=kept.at[:10], by=by)


@desk_command("purge", _days("days", 1, "N"), _YES, *_CHANGE)
def purge(desk: CliContext, days: int | None, yes: bool) -> Result:
    """Delete for good the cases whose time is over by the store's own periods (`cases retention`)."""
    due = desk.store.due(days)
    if any(due.values()):
        desk.sure("purge", yes, count=sum(due.values()), **due)
    gone = desk.store.purge(days)
    text = desk.say("purged", count=gone)
    return {"deleted": gone}, desk.cleared(text) if gone else text


@desk_command(
    "stats", Option(["--csv", "table"], type=click.Choice(["weeks", "causes"])),
    Option(["--ascii", "ascii_only"], is_flag=True), *_FILTERED,
)  # fmt: skip
def stats(desk: CliContext, table: str | None, ascii_only: bool) -> Result:
    """Figures by week and cause, how long, how many questions: as text with bars, as CSV, as JSON."""
    from diagnostics.cases import stats as figures

    if table is not None and desk.as_json:
        raise UsageError("contradict", one="--json", other=f"--csv {table}")
    counted = figures.stats(desk.store, desk.wanted())
    if table is not None:
        write_stdout(figures.as_csv(counted.causes if table == "causes" else counted.weeks))
        return Exit.DONE
    return counted, case_text.figures(desk.texts, counted, ascii_only=ascii_only)
