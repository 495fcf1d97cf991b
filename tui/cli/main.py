"""Entry point of the console script and of `python -m tui`: the contract's exit codes, no traceback.

Everything else is imported inside the functions, once an interrupt is a quiet end.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys

TYPE_CHECKING = False  # so that little is loaded before an interrupt is a quiet end
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

INTERRUPTED = 130


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with the contract's exit code."""
    from tui.cli.group import globals_first, run_words
    from tui.cli.output import run_and_exit
    from tui.language import spoken

    words = globals_first(list(sys.argv[1:] if args is None else args))
    run_and_exit(lambda: run_words(words), debug="--debug" in words, lang=lambda: spoken(words))


def script() -> NoReturn:
    """Entry point of the console script: `main` with safe handling of interrupts and of the exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    try:
        from tui.cli import output
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    atexit.register(gc.freeze)  # no garbage collection at exit: it takes a tenth of a start
    output.without_finalizing(main)


def loaded() -> None:
    """Make an interrupt an exception again, once everything is imported."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> NoReturn:
    """Exit at once: an exception during an import can be swallowed, or end as a traceback."""
    os._exit(INTERRUPTED)
