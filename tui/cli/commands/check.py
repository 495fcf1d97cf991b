"""`check`: run the checks, apply the given answers, write the report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from diagnostics.checks.registry import LIVE_CHECKS, check_ids, run_offline
from diagnostics.engine.assessment import assess
from diagnostics.evidence import Observation, now
from diagnostics.formats import FORMATS, FormatUnavailable, render, report_json
from diagnostics.i18n import UserError
from diagnostics.knowledge.model import STATUSES
from diagnostics.report.build import as_json, write_report
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.model import BeliefReport
from tui.cli.options import JSON, RunOptions, answers_file, run_options, shared_options, tell_unsure
from tui.cli.output import (
    VERBOSE,
    Exit,
    RuntimeFailure,
    UsageError,
    columns_of,
    refuse_same_file,
    verbosity,
    write_output,
)

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.assessment import Assessment


@click.command("check")
@shared_options
@click.option("--format", "format_", type=click.Choice(FORMATS))
@JSON
@click.option("-o", "--output", metavar="FILE")
@click.option("--what-if", metavar="ID=VALUE", multiple=True)
def command(**given: Any) -> int:
    """Run the checks, apply the given answers and write the report."""
    for name in ("answers", "story", "config"):
        refuse_same_file(given[name] or "-", given["output"])
    shared = run_options(given)
    tell_unsure(shared)
    format_ = _format(given)
    case = diagnosed(shared, given["what_if"])
    text = rendered(format_, case, shared, columns_of(sys.stdout) if given["output"] in (None, "-") else 80)
    write_output(given["output"], text, is_json=format_ == "json", private=True)
    return Exit.FOUND if has_cause_at_least(case.assessment, shared.fail_on) else Exit.DONE


def diagnosed(shared: RunOptions, what_if: tuple[str, ...] = ()) -> Diagnosis:
    """Run the checks and assess what they saw, the answers and the story, for a report."""
    results, story, beliefs, doubts = run_checks(shared), list[Observation](), list[BeliefReport](), list[str]()
    if shared.story is not None:
        from diagnostics.reading.record import belief_reports, doubts_of, story_observations

        story = story_observations(shared.knowledge, shared.story, now())
        beliefs = belief_reports(shared.knowledge, shared.story, shared.lang)
        doubts = doubts_of(shared.knowledge, shared.story)
    evidence = shared.evidence().plus(*story, *(seen for result in results for seen in result.observations))
    tried = answers_file(shared.knowledge, None, what_if) or None
    found = assess(shared.knowledge, evidence)
    return Diagnosis(found, results, lang=shared.lang, what_if=tried, beliefs=beliefs, doubts=doubts)


def rendered(format_: str, case: Diagnosis, shared: RunOptions, width: int = 80) -> str:
    """Write the report in a format; one whose extra is not installed names it. Raises RuntimeFailure."""
    if format_ == "json":
        return report_json(as_json(case), ascii=shared.ascii)
    try:
        return render(format_, write_report(case), shared.knowledge, ascii=shared.ascii, width=width)
    except FormatUnavailable as error:
        raise RuntimeFailure(UserError("foreign", text=str(error))) from None


def _format(given: dict[str, Any]) -> str:
    if given["as_json"] and given["format_"] not in (None, "json"):
        raise UsageError("contradict", one="--json", other=f"--format {given['format_']}")
    format_: str = given["format_"] or "text"
    return "json" if given["as_json"] else format_


def has_cause_at_least(found: Assessment, level: str | None) -> bool:
    """Whether a cause has this status or a stronger one; False without a level."""
    return level is not None and STATUSES.index(found.first_status[1]) <= STATUSES.index(level)


def waits(shared: RunOptions) -> bool:
    """Whether a wanted check takes time."""
    return not shared.options.offline and any(id_ in LIVE_CHECKS or id_ not in check_ids() for id_ in shared.checks)


def run_checks(shared: RunOptions) -> list[CheckResult]:
    """Run the wanted checks within their deadline, telling progress on stderr where that is a terminal."""
    if waits(shared):
        from tui.cli.progress import run_live

        return run_live(shared, sys.stderr)
    results = run_offline(shared.knowledge, shared.evidence(), shared.options, shared.checks)
    if verbosity() >= VERBOSE:
        from tui.cli.progress import ProgressPrinter

        printer = ProgressPrinter(shared.texts, sys.stderr)
        for result in results:
            printer.result(result)
    return results
