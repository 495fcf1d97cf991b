"""Versions that a message names: WeChat's and the system's, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.versions import owner_of, parse_system_version, parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIKELY: Final = re.compile(
    r"[2-8]\s?[.。点、]{1,2}\s?\d|0x[0-9a-f]{8}|version=|[五六七八][零〇][一二三四五六七八九]|(?:微信|wechat|版本).{0,6}[5-8]\d{3}(?!\d)"
)
_SYSTEM: Final = re.compile(r"(?:安卓|android|ios|苹果)(?:系统|手机|版本?)?\s?(\d{1,2}(?:\.\d{1,2}){0,2})(?![\d.]*\d)")
_TRUSTED: Final = frozenset(
    {"labelled_number", "number", "version_with_code", "user_agent", "client_code", "package_record", "digits"}
)


def versions_said(shown: str, text: str, start: int, end: int) -> Iterator[tuple[str, str, int, int, bool]]:
    """Yield (question, version, start, end, sure) for one turn; `text` is `shown` folded."""
    likely = _LIKELY.search(text, start, end)
    if likely:
        reading = parse_wechat_version(shown[start:end])
        if reading.version is not None and reading.form in _TRUSTED:
            place = _place(text, reading.version, start, end) or likely.span()
            yield "wechat.version", reading.version, *place, reading.sure
    system = _SYSTEM.search(text, start, end)
    if system and owner_of(text, *system.span(1)) == "own":
        found = parse_system_version(system[0])
        if found.version is not None and found.platform in ("android", "ios"):
            yield "os.version", found.version, *system.span(), True


def _place(text: str, version: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the numbers of a version stand."""
    joined = r"\s{0,2}[.。点、,_-]{0,2}\s{0,2}0{0,2}".join(map(re.escape, version.split(".")))
    found = re.compile(rf"(?<!\d){joined}(?!\d)").search(text, start, end)
    return found.span() if found else None
