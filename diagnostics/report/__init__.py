"""Write an assessment as a report, in one language; list and explain what the tool knows.

In go the assessment and results of checks, out comes `Report`, whose fields are the published schema.
"""

from diagnostics.report.build import asks_why, beside, build, may_apply, strongest
from diagnostics.report.model import CauseReport, CheckReport, Report

__all__ = ["CauseReport", "CheckReport", "Report", "asks_why", "beside", "build", "may_apply", "strongest"]
