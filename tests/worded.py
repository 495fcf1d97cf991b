"""What a check's result says, in words: as the report and the screen show it."""

from typing import Any, Literal

from diagnostics.checks.base import CheckResult
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report.build import write_check


def detail(result: CheckResult, lang: Literal["zh", "en"] = "zh") -> str:
    """Return the words of a result."""
    return write_check(Texts(load(), lang), result).detail


def data(result: CheckResult, lang: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """Return what belongs to this check alone, in words."""
    return write_check(Texts(load(), lang), result).data
