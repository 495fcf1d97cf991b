"""The report: its shape, and how an assessment becomes one."""

from diagnostics.report.build import build, now, strongest
from diagnostics.report.model import CauseReport, CheckReport, Report

__all__ = ["CauseReport", "CheckReport", "Report", "build", "now", "strongest"]
