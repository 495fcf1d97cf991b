"""Where the console script and `python -m tui` come in: an interrupt while the tool is still loading is a quiet end."""

import sys

TYPE_CHECKING = False  # so that nothing is loaded before an interrupt is caught, `typing` neither
if TYPE_CHECKING:
    from typing import NoReturn


def script() -> "NoReturn":
    """Be the process `weilidai-doctor`."""
    try:
        from tui import cli
    except KeyboardInterrupt:
        sys.exit(130)
    cli.script()
