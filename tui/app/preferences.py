"""What is decided before the app starts: by the command line, and by what the user likes, kept from run to run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.checks.base import DEFAULTS, CheckOptions
from diagnostics.evidence import Value
from diagnostics.files import atomic_write, own_folder, private_folder, read_bounded
from tui.language import Lang

if TYPE_CHECKING:
    from diagnostics.i18n import UserError

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_SCREEN"
_MAX_BYTES: Final = 1_000_000
"""Names another file for these preferences."""


class Saved(msgspec.Struct, frozen=True):
    """A run that was left unfinished: when its last answer was given (RFC 3339, empty where unknown), and how many.

    `path`: the draft, where that is another one than this window's.
    """

    at: str = ""
    answered: int = 0
    path: Path | None = None


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to run the app: checks and what they may use, and how the screen is drawn.

    `checks` are the ids to run, `options` what they read (targets, device, the network). `given` are answers from the
    command line, taken in once the user chose between resuming and starting anew. `saved`: earlier runs wait, offer
    them: that of this window's draft first, then those that other windows left. `notice`: something to say at the start
    (a draft that could not be read and where it lies now, another window). `story`: what the person wrote, for the box.
    `verbose`: show times and single steps of checks.
    """

    checks: tuple[str, ...] = ()
    options: CheckOptions = DEFAULTS
    given: dict[str, Value] = {}
    ascii: bool = False
    inline: bool = False
    on_behalf: bool = False
    saved: tuple[Saved, ...] = ()
    verbose: bool = False
    notice: str | None = None
    story: str = ""


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """How the user likes the screen; `lang` only where it was chosen in the app."""

    theme: str = "doctor-dark"
    lang: Lang | None = None
    ascii: bool = False


def default_path() -> Path | None:
    """Path of the preferences; None without a home directory."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    folder = own_folder("config")
    return folder / "screen.json" if folder is not None else None


def read(path: Path | None = None) -> Preferences:
    """Return the saved preferences; those of a new user where there are none or they cannot be read."""
    source = path or default_path()
    try:
        return msgspec.json.decode(read_bounded(source, _MAX_BYTES), type=Preferences) if source else Preferences()
    except (OSError, msgspec.MsgspecError):
        return Preferences()


def save(preferences: Preferences, path: Path | None = None) -> UserError | None:
    """Save the preferences whole or not at all; returns why it failed, None where it did not."""
    target = path or default_path()
    if target is None:
        return None
    try:
        private_folder(target.parent)
        atomic_write(target, msgspec.json.format(msgspec.json.encode(preferences)))
    except OSError as error:
        from diagnostics.library_errors import system_fault

        return system_fault(error).at(str(target))
    return None
