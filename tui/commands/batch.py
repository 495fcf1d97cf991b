"""`batch`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from diagnostics.batch import REJECTED, run
from diagnostics.blocks import LINES, REPORTS, after, cut
from diagnostics.report import Report
from diagnostics.told import ToldError
from tui import exits, lines
from tui.language import Lang, choose
from tui.meter import Meter
from tui.options import knowledge_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.batch import Ends, Written
    from diagnostics.blocks import Block
    from diagnostics.knowledge import Knowledge


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
    output = given["output"] or "-"
    if given["cluster"]:
        _judge_address(given["cluster"])
    if given["resume"] and output == "-":
        raise exits.Fault("resume_where")
    lines.apart(input_, given["output"])
    done = lines.take_up(output) if given["resume"] else 0
    alone = given["jobs"] == 1 and not given["cluster"]
    counted: Ends = Counter()
    with lines.opened(input_, "rb") as source, lines.opened(output, "ab" if given["resume"] else "wb") as sink:
        take = lines.taking(source, input_, at_once=alone)
        blocks = after(cut(take, LINES if fields else REPORTS), done)
        with Meter(knowledge, lang, source, sys.stderr) as meter:
            try:
                for pieces, ends in _reports(knowledge, blocks, given, lang, fields):
                    sink.writelines(pieces)
                    if input_ == "-":
                        sink.flush()
                    counted.update(ends)
                    meter.step(ends.total())
                sink.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise exits.CannotWork(exits.because(given["output"] or "stdout", error)) from None
    if given["summary"]:
        for names, count in counted.most_common():
            exits.talk(f"{count:>8}  {' '.join(names)}")
    if counted[REJECTED]:
        exits.talk(knowledge.say("batch.rejected", lang, count=counted[REJECTED]))
    return exits.REJECTED if counted[REJECTED] else exits.DONE


def _judge_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        whole = bool(parts.scheme and parts.hostname and parts.port)
    except ValueError:
        whole = False
    if not whole:
        raise exits.Fault("cluster_address", name=address)


def _reports(
    knowledge: Knowledge, blocks: Iterator[Block], given: dict[str, Any], lang: Lang, fields: tuple[str, ...]
) -> Iterator[Written]:
    if given["cluster"]:
        from diagnostics import cluster

        return _told(cluster.run(knowledge, blocks, given["cluster"], lang=lang, fields=fields))
    if given["jobs"] == 1:
        return run(knowledge, blocks, lang=lang, fields=fields)
    from diagnostics import parallel

    return _told(parallel.run(knowledge, blocks, given["jobs"], lang=lang, fields=fields))


def _told(reports: Iterator[Written]) -> Iterator[Written]:
    """Pass reports on; a cluster or a process that fails is a failure of the tool."""
    try:
        yield from reports
    except ToldError as fault:
        raise exits.CannotWork(fault) from None


def _fields(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    known = ("id", *Report.__struct_fields__)
    for name in names:
        if name not in known:
            from diagnostics.answers import nearest

            raise exits.Fault("unknown_field", name=name, known=", ".join(known), near=nearest(name, known))
    return names
