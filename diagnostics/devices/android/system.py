"""Read small outputs of a phone: properties, settings, the clock, the screen, free storage."""

from __future__ import annotations

import re
from typing import Final

from diagnostics.clean import clean_line
from diagnostics.versions import parse_system_version

_UNSET: Final = ("", "null", ":0", "undefined")
_SIZES: Final = {"": 1024, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MODES: Final = ("allow", "ignore", "deny", "default", "foreground")
_MODE: Final = re.compile(
    rf"^[ \t]{{0,8}}(Uid mode: |)RUN_ANY_IN_BACKGROUND:[ \t]{{0,4}}({'|'.join(_MODES)})\b", re.MULTILINE
)
TABLET_DP: Final = 600
"""Least width of a tablet's screen in Android's density-independent pixels."""


def one_line(text: str, limit: int = 100) -> str | None:
    """Return the one line that a property or a setting is; None where it is not set or is more than that."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = clean_line(lines[0], limit) if len(lines) == 1 else ""
    return None if line in _UNSET else line


def switch(text: str) -> bool | None:
    """Return a setting that is 0 or 1; None where it is neither. Never raises."""
    return {"0": False, "1": True}.get(text.strip())


def android_version(release: str, sdk: str) -> str | None:
    """Return the Android version as a number in text: from the release, else from the API level. Never raises."""
    for text in (f"Android {one_line(release) or ''}", f"API {one_line(sdk) or ''}"):
        reading = parse_system_version(text)
        if reading.version is not None and reading.platform == "android":
            return reading.version
    return None


def clock_difference(text: str, sent: float, received: float) -> int | None:
    """Return by how many whole seconds the phone's clock is ahead of this computer's; None where it is not told.

    A difference that the command's own duration explains is none.
    """
    line = text.strip()
    if not re.fullmatch(r"\d{9,11}", line):
        return None
    phone = int(line)
    if sent - 1 <= phone <= received + 1:
        return 0
    return round(phone + 0.5 - (sent + received) / 2)


def free_bytes(text: str) -> int | None:
    """Return the bytes free for users, from any form of `df`'s output. Never raises."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    head = [word.lower() for word in lines[0]]
    row = [word for words in lines[1:] for word in words]
    names = [name for name in ("available", "avail", "free") if name in head]
    if not names or head.index(names[0]) >= len(row):
        return None
    at = head.index(names[0])
    unit = 1024  # where no letter stands behind it: 1K-blocks, in every form of df that Android has had
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,3})?)([KMGT]?)i?B?", row[at], re.IGNORECASE)
    if match is None:
        return None
    return int(float(match[1]) * (_SIZES[match[2].upper()] if match[2] else unit))


def device_kind(characteristics: str, size: str, density: str) -> str | None:
    """Return `phone`, `tablet` or `watch_or_car` where the phone's own words settle it, else None. Never raises.

    A wide screen alone may be a folding phone's, so a tablet must call itself one as well.
    """
    words = set((one_line(characteristics) or "").lower().split(","))
    if words & {"watch", "automotive"}:
        return "watch_or_car"
    if words & {"tv", "emulator", "embedded", "pc"}:
        return None
    width = _narrow_side(size, density)
    if width is None:
        return None
    if width >= TABLET_DP:
        return "tablet" if "tablet" in words else None
    return None if "tablet" in words else "phone"


def _narrow_side(size: str, density: str) -> float | None:
    """Return the screen's narrow side in density-independent pixels, as the maker built it."""
    pixels = re.search(r"Physical size:\s{0,4}(\d{2,5})x(\d{2,5})", size)
    dots = re.search(r"Physical density:\s{0,4}(\d{2,4})", density)
    if pixels is None or dots is None or int(dots[1]) == 0:
        return None
    return min(int(pixels[1]), int(pixels[2])) * 160 / int(dots[1])


def proxy_set(text: str) -> bool | None:
    """Whether this is the address of a proxy; None where it is neither that nor nothing. Never raises."""
    line = text.strip()
    if line in _UNSET:
        return False
    return True if re.fullmatch(r"[\w.\[\]:-]{1,255}:\d{1,5}", line) else None


def background_mode(text: str) -> str | None:
    """Return what the phone lets an app do in the background (`allow`, `ignore`, ...); None where not told."""
    modes = dict(reversed(_MODE.findall(text)))  # of several the first; that of the whole app outranks the package's
    if text.count("RUN_ANY_IN_BACKGROUND:") > len(modes):
        return None  # in words that are not known
    if modes:
        return next((modes[whose] for whose in ("Uid mode: ", "") if modes.get(whose)), None)
    untouched = re.fullmatch(r"No operations\.(?:\s{1,4}Default mode: (\w{1,20}))?", text.strip())
    if untouched is None:
        return None
    return untouched[1] if untouched[1] in _MODES else None if untouched[1] else "default"
