"""What machines are called: e-mail, IP and MAC addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.triggers import Page

_LOCAL_BACKWARDS: Final = re.compile(r" ?[A-Za-z0-9._%+-]{0,63}[A-Za-z0-9]")
_DOMAIN: Final = re.compile(
    r"@ ?(?=[A-Za-z0-9])[A-Za-z0-9-]{1,63}(?: ?[.。] ?[A-Za-z0-9-]{1,63}){0,4} ?[.。] ?[A-Za-z]{2,24}"
)
_HIDDEN_AT: Final = re.compile(
    r"[A-Za-z0-9._%+-]{1,63}?[ \t]?(?:[(\[{]at[)\]}]|[ \t]at[ \t]|#|艾特|\(@\)|\[@\])[ \t]?"
    r"(?:qq|163|126|139|189|yeah|sina|sohu|aliyun|foxmail|gmail|outlook|hotmail|icloud|yahoo|live)"
    r"[ \t]?(?:[.。]|[(\[]?(?:dot|点)[)\]]?)[ \t]?(?:com|net|cn)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""An address that is written so that programs do not see it; only with the hosts that everybody has one at."""
_HOSTS: Final = (
    "163",
    "126",
    "139",
    "189",
    "qq",
    "mail",
    "sina",
    "sohu",
    "yeah",
    "aliyun",
    "outlook",
    "icloud",
    "yahoo",
    "live",
)
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?(?=[A-Z0-9]{0,5}\d)"
    r"[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)")
_COLONS: Final = re.compile(r":[0-9A-Fa-f:.]{3,}+")
_FEWEST_COLONS: Final = 6
"""Of an IPv6 address written in full, its last part as an IPv4 address."""
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
)
_MAC: Final = re.compile(
    r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?!\1?[0-9A-Za-z])"
)
_MAC_DOTTED: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Za-z.])")
_IP_WORDS: Final = re.compile(
    r"(?:ip|ipv4|地址|服务器|网关|代理|主机|解析|连接|访问|gateway|dns|proxy|host|addr|inet|ping|peer|server|from|://)"
    r"[^\d\n]{0,10}$",
    re.IGNORECASE,
)
_VERSION_WORDS: Final = re.compile(
    r"(?:(?:版本|固件|基线|内核|version|ver|build|\bv|[A-Za-z]/|chrome|系统|firmware|kernel|rom|[a-z]os|[a-z]ui)[^\d\n]{0,6}"
    r"|[A-Za-z0-9]_)$",
    re.IGNORECASE,
)
_VERSION_AFTER: Final = re.compile(r"\.[A-Za-z]|\([A-Z0-9]|_[A-Za-z]")
_MAC_WORDS: Final = re.compile(r"(?:MAC|BSSID|物理地址|网卡)[^0-9A-Fa-f\n]{0,8}$", re.IGNORECASE)
_NOBODY: Final = ("0.0.0.0", "127.", "255.255.255.255", "224.")  # noqa: S104  compared with, never bound


def machines(page: Page) -> Iterator[Span]:
    """Find e-mail, MAC and IP addresses."""
    yield from emails(page)
    for pattern in (_MAC, _MAC_DOTTED):
        for found in pattern.finditer(page.text):
            value = re.sub("[.:-]", "", found[0]).lower()
            if ":" in found[0] or not value.isdigit() or _MAC_WORDS.search(page.before(found.start())):
                yield Span(*found.span(), "MAC地址", value)
    for found in _PLATE.finditer(page.text):
        yield Span(*found.span(), "证件号", found[0])
    for found in _IPV4.finditer(page.text):
        if _is_ipv4(page, found):
            yield Span(*found.span(), "IP地址", found[0])
    done = 0
    for colons in _COLONS.finditer(page.text):
        if "::" not in colons[0] and colons[0].count(":") < _FEWEST_COLONS:
            continue  # most of them are times
        start = max(colons.start() - 4, done)
        for found in _IPV6.finditer(page.text, start, min(colons.end(), start + 60)):
            if _is_ipv6(found[0]):
                yield Span(*found.span(), "IP地址", found[0].lower())
        done = colons.end()


def emails(page: Page) -> Iterator[Span]:
    """Find e-mail addresses, those too that are written to be overlooked."""
    for at in page.places("@"):
        domain = _DOMAIN.match(page.text, at)
        local = _LOCAL_BACKWARDS.match(page.before(at, 65)[::-1]) if domain is not None else None
        if domain is not None and local is not None:
            start = at - len(local[0])
            if page.before(start, 3) == "://":  # who logs in where, and no mailbox
                continue
            written = page.text[start : domain.end()].replace(" ", "").replace("。", ".")
            yield Span(start, domain.end(), "邮箱", written.lower())
    if any(host in page.lowered for host in _HOSTS):
        for found in _HIDDEN_AT.finditer(page.text):
            yield Span(*found.span(), "邮箱", found[0].lower())


def _is_ipv4(page: Page, found: re.Match[str]) -> bool:
    """Whether four numbers with dots are an address: WeChat's own versions are written the same way, and start low."""
    parts = found[0].split(".")
    if found[0].startswith(_NOBODY) or any(int(part) > 255 or (len(part) > 1 and part[0] == "0") for part in parts):
        return False
    before = page.before(found.start())
    if _IP_WORDS.search(before):
        return True
    return (
        int(parts[0]) >= 10 and not _VERSION_WORDS.search(before) and not _VERSION_AFTER.match(page.text, found.end())
    )


def _is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address and not a time, a C++ name or the loop back."""
    from ipaddress import IPv6Address

    groups = [group for group in text.split(":") if group]
    public = text.lower().startswith(("fe80:", "fd", "2", "fc"))
    if len(text) < 4 or (text.count(":") < 7 and len(groups) < 3 and not public):
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
