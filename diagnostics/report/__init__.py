"""The report: its shape, and how an assessment becomes one."""

from diagnostics.report.build import build, strongest
from diagnostics.report.model import CauseReport, CheckReport, Report

__all__ = ["CauseReport", "CheckReport", "Report", "build", "strongest"]
