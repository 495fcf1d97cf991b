"""`batch`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from diagnostics.batch import run
from diagnostics.report import Report
from tui import exits, lines
from tui.language import Lang, choose
from tui.meter import Meter
from tui.options import knowledge_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.batch import Line
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
    if given["resume"] and output == "-":
        raise exits.Fault("resume_where")
    lines.apart(input_, given["output"])
    done = lines.take_up(output) if given["resume"] else 0
    counted: Counter[str] = Counter()
    with lines.opened(input_, "rb") as source, lines.opened(output, "ab" if given["resume"] else "wb") as sink:
        wanted = islice(((number, raw) for number, raw in lines.numbered(source) if raw.strip()), done, None)
        with Meter(knowledge, lang, source, sys.stderr) as meter:
            try:
                for line in _reports(knowledge, wanted, given, lang, fields):
                    sink.write(line.data + b"\n")
                    if input_ == "-":
                        sink.flush()
                    counted["rejected" if line.rejected else f"{line.outcome} {line.first}"] += 1
                    meter.step()
                sink.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise exits.CannotWork(exits.because(given["output"] or "stdout", error)) from None
    if given["summary"]:
        for name, count in counted.most_common():
            exits.talk(f"{count:>8}  {name}")
    if counted["rejected"]:
        exits.talk(knowledge.say("batch.rejected", lang, count=counted["rejected"]))
    return exits.REJECTED if counted["rejected"] else exits.DONE


def _reports(
    knowledge: Knowledge,
    wanted: Iterator[tuple[int, bytes]],
    given: dict[str, Any],
    lang: Lang,
    fields: tuple[str, ...],
) -> Iterator[Line]:
    if given["cluster"]:
        return _on_cluster(knowledge, wanted, given["cluster"], lang, fields)
    if given["jobs"] == 1:
        return run(knowledge, wanted, lang=lang, fields=fields)
    from diagnostics import parallel

    return parallel.run(knowledge, wanted, given["jobs"], lang=lang, fields=fields)


def _on_cluster(
    knowledge: Knowledge, wanted: Iterator[tuple[int, bytes]], address: str, lang: Lang, fields: tuple[str, ...]
) -> Iterator[Line]:
    from diagnostics import cluster

    try:
        yield from cluster.run(knowledge, wanted, address, lang=lang, fields=fields)
    except cluster.ClusterError as error:
        raise exits.CannotWork(str(error)) from None


def _fields(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    known = ("id", *Report.__struct_fields__)
    for name in names:
        if name not in known:
            from diagnostics.answers import nearest

            raise exits.Fault("unknown_field", name=name, known=", ".join(known), near=nearest(name, known))
    return names
