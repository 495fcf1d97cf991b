"""The automated checks: each looks at this computer, its network or a phone on the cable, within a deadline.

In go the evidence known so far and options; out come results with observations. `registry` knows them by id.
"""

from diagnostics.checks.registry import make_checks

__all__ = ["make_checks"]
