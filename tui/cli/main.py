"""Entry point of the console script and of `python -m tui`: the contract's exit codes, no traceback.

Everything else is imported inside the functions, once an interrupt is a quiet end.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # so that nothing is loaded before an interrupt is caught, `typing` neither
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with the contract's exit code."""
    from tui.cli.group import globals_first, run_words
    from tui.cli.output import run_and_exit
    from tui.language import spoken

    words = globals_first(list(sys.argv[1:] if args is None else args))
    run_and_exit(lambda: run_words(words), debug="--debug" in words, lang=lambda: spoken(words))


def script() -> NoReturn:
    """Be the process `weilidai-doctor`: `main`, with an end that nothing left behind can disturb."""
    try:
        from tui.cli import group, output  # noqa: F401  loaded here, so that an interrupt while loading is quiet
    except KeyboardInterrupt:
        sys.exit(130)
    output.without_finalizing(main)
