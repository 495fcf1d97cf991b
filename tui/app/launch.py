"""What the command line decided before the app starts."""

from __future__ import annotations

import msgspec

from diagnostics.checks.base import DEFAULTS, CheckOptions
from diagnostics.evidence import Value
from tui.language import Lang


class Saved(msgspec.Struct, frozen=True):
    """A run that was left unfinished: when its last answer was given (RFC 3339, empty where unknown), and how many."""

    at: str = ""
    answered: int = 0


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to run the app: language, checks and what they may use, and how the screen is drawn.

    `checks` are the ids to run, `options` what they read (targets, device, second_resolver), `timeout` seconds for
    all of them. `given` are answers from the command line, taken in once the user chose between resuming and
    starting anew. `saved`: an earlier run waits, offer it. `notice`: something to say at the start (a draft that could
    not be read and where it lies now). `verbose`: show times and single steps of checks.
    """

    lang: Lang = "zh"
    offline: bool = False
    checks: tuple[str, ...] = ()
    options: CheckOptions = DEFAULTS
    timeout: float = 10.0
    given: dict[str, Value] = {}
    ascii: bool = False
    inline: bool = False
    on_behalf: bool = False
    saved: Saved | None = None
    verbose: bool = False
    notice: str | None = None
