"""`batch`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from diagnostics import addresses
from diagnostics.batch import REJECTED, run
from diagnostics.blocks import LINES, REPORTS, cut
from diagnostics.i18n import UserError
from diagnostics.report import Report
from tui import exits, lines
from tui.language import choose
from tui.meter import Meter
from tui.options import knowledge_with
from tui.resuming import Done, left, take_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.batch import Ends, Written


@click.command("batch")
@click.argument("input_", metavar="[IN]", default="-")
@click.option("-o", "--output", metavar="OUT")
@click.option("--fields", metavar="A,B,C")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, metavar="N")
@click.option("--cluster", metavar="tcp://HOST:PORT")
@click.option("--resume", is_flag=True)
@click.option("--summary", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(input_: str, **given: Any) -> int:
    """Read cases line by line and write one report a line."""
    knowledge, settings = knowledge_with(given["config"], given["knowledge"])
    lang = choose(given["lang"], settings.lang)
    fields = _fields(given["fields"])
    output = "-" if given["output"] is None else given["output"]
    if given["cluster"]:
        _judge_address(given["cluster"])
    if given["resume"] and output == "-":
        raise exits.Fault("resume_where")
    lines.apart(input_, given["output"])
    done = take_up(output) if given["resume"] else Done(output)
    counted: Ends = Counter()
    with lines.opened(input_, "rb") as source, lines.opened(output, "ab" if given["resume"] else "wb") as sink:
        blocks = left(cut(lines.taking(source, input_), LINES if fields else REPORTS), done)
        diagnose = _runner(given, partial(lines.idle, source))
        with Meter(knowledge, lang, source, sys.stderr) as meter:
            try:
                for pieces, ends in _told(diagnose(knowledge, blocks, lang=lang, fields=fields)):
                    sink.writelines(pieces)
                    if input_ == "-":
                        sink.flush()
                    counted.update(ends)
                    meter.step(ends.total())
                sink.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise exits.CannotWork(exits.because("stdout" if output == "-" else output, error)) from None
    if given["summary"]:
        if done.lines:
            exits.talk(f"{done.lines:>8}  {knowledge.say('batch.before', lang)}")
        for names, count in counted.most_common():
            exits.talk(f"{count:>8}  {' '.join(names)}")
    rejected = counted[REJECTED] + done.rejected
    if rejected:
        exits.talk(knowledge.say("batch.rejected", lang, count=rejected))
    return exits.REJECTED if rejected else exits.DONE


def _judge_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        whole = bool(parts.scheme and parts.hostname and parts.port)
    except ValueError:
        whole = False
    if not whole:
        raise exits.Fault("cluster_address", name=addresses.shown(address))


def _runner(given: dict[str, Any], idle: Callable[[], bool]) -> Callable[..., Iterator[Written]]:
    if given["cluster"]:
        from diagnostics import cluster

        return partial(cluster.run, address=given["cluster"], idle=idle)
    if given["jobs"] == 1:
        return run
    from diagnostics import parallel

    return partial(parallel.run, jobs=given["jobs"], idle=idle)


def _told(reports: Iterator[Written]) -> Iterator[Written]:
    """Pass reports on; a cluster or a process that fails is a failure of the tool."""
    try:
        yield from reports
    except UserError as fault:
        raise exits.CannotWork(fault) from None


def _fields(text: str | None) -> tuple[str, ...]:
    """Return the fields that are wanted, each once; none stands for all."""
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = ("id", *Report.__struct_fields__)
    for name in names:
        if name not in known:
            from diagnostics.answers import nearest

            raise exits.Fault("unknown_field", name=name, known=", ".join(known), near=nearest(name, known))
    if not set(names) - {"id"}:  # a line that says nothing of its case
        raise exits.Fault("no_field", known=", ".join(Report.__struct_fields__))
    return names
