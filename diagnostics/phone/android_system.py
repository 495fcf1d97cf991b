"""Read what an Android phone says of its system and its network. Never raises."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import msgspec

from diagnostics.sanitize import clean_line
from diagnostics.versions import parse_system_version

_ACTIVE: Final = re.compile(r"Active default network:\s{0,4}(none|null|\d{1,9})")
_AGENT: Final = re.compile(r"^[ \t]{0,12}NetworkAgentInfo\s?\{", re.MULTILINE)
_ID: Final = re.compile(r"network\{(\d{1,9})\}")
_STATE: Final = re.compile(r"ni\{[^}\n]{0,300}?(?<!DIS)\bCONNECTED")
_TRANSPORTS: Final = re.compile(r"Transports:\s{0,4}([A-Z_|]{1,80})")
_CAPABILITIES: Final = re.compile(r"Capabilities:\s{0,4}([A-Z0-9_&]{1,600})")
_PROXY: Final = re.compile(r"HttpProxy:\s{0,4}\[[^\]\n]{1,255}\]\s{0,4}\d{1,5}")
_VALIDATED: Final = re.compile(r"\b(?:lastValidated|validated)\{true\}")
"""How Android 5 says it: there it is no capability yet, and nothing is told of login pages."""
_SINCE_6: Final = "CaptivePortalDetected{"
_PORTAL: Final = "lastCaptivePortalDetected{true}"
_AGENT_LIMIT: Final = 20_000


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One connected network of the phone. `transports` are Android's words, such as WIFI or CELLULAR."""

    number: int | None
    transports: tuple[str, ...]
    validated: bool
    portal: bool
    partial: bool
    proxy: bool

    @property
    def vpn(self) -> bool:
        """Whether it is a VPN's."""
        return "VPN" in self.transports


class Connectivity(msgspec.Struct, frozen=True):
    """The phone's connected networks. `active` is the default one, None where there is none."""

    active: Network | None
    networks: tuple[Network, ...]

    @property
    def vpn(self) -> bool:
        """Whether a VPN is up."""
        return any(network.vpn for network in self.networks)

    @property
    def proxy(self) -> bool:
        """Whether a proxy is set on a connected network."""
        return any(network.proxy for network in self.networks)


def parse_connectivity(text: str) -> Connectivity | None:
    """Read the output of `dumpsys connectivity`; None where it does not say which network is in use. Never raises."""
    told = _ACTIVE.search(text)
    if told is None:
        return None
    networks = _networks(text[told.end() :])
    if not told[1].isdigit():
        return Connectivity(None, networks)
    active = next((network for network in networks if network.number == int(told[1])), None)
    return Connectivity(active, networks) if active is not None else None


def _networks(text: str) -> tuple[Network, ...]:
    starts = [match.start() for match in _AGENT.finditer(text)]
    found: dict[int | None, Network] = {}
    for start, end in pairwise([*starts, len(text)]):
        network = _network(text[start : min(end, start + _AGENT_LIMIT)])
        if network is not None:
            found.setdefault(network.number, network)
    return tuple(found.values())


def _network(text: str) -> Network | None:
    """Read one agent: it ends where the list of what it serves begins."""
    text = text.partition("Requests:")[0]
    transports, capabilities = _TRANSPORTS.search(text), _CAPABILITIES.search(text)
    if transports is None or _STATE.search(text) is None:
        return None
    number = _ID.search(text)
    can = set(capabilities[1].split("&")) if capabilities else set()
    return Network(
        number=int(number[1]) if number else None,
        transports=tuple(transports[1].split("|")),
        validated="VALIDATED" in can or (_SINCE_6 not in text and _VALIDATED.search(text) is not None),
        portal="CAPTIVE_PORTAL" in can or _PORTAL in text,
        partial="PARTIAL_CONNECTIVITY" in can,
        proxy=_PROXY.search(text) is not None,
    )


class Policy(msgspec.Struct, frozen=True):
    """What the data policy says: the phone-wide data saver, and whether this app may use data in the background."""

    data_saver: bool | None
    app_blocked: bool | None


_SAVER: Final = re.compile(r"Restrict background:\s{0,4}(true|false)")
_POLICIES: Final = re.compile(r"^[ \t]{0,8}Policy for UIDs:", re.MULTILINE)


def parse_policy(text: str, uid: int | None) -> Policy:
    """Read the output of `dumpsys netpolicy` for the app with this number. Never raises."""
    saver = _SAVER.search(text)
    blocked = None
    if uid is not None and _POLICIES.search(text):
        row = re.search(rf"\bUID={uid} policy=([A-Z0-9_|]{{1,200}}|[^\s]{{1,200}})", text)
        blocked = _rejects(row[1]) if row else False
    return Policy(saver[1] == "true" if saver else None, blocked)


def _rejects(policy: str) -> bool | None:
    """Whether a policy, in figures (Android 5 to 6) or in words (since 7), keeps data from the background."""
    if policy.isascii() and policy.isdigit():
        return bool(int(policy[:9]) & 1)
    words = set(policy.split("|"))
    if "REJECT_METERED_BACKGROUND" in words:
        return True
    return False if all(re.fullmatch(r"NONE|ALLOW_[A-Z_]{1,60}|REJECT_[A-Z_]{1,60}", word) for word in words) else None


class Pings(msgspec.Struct, frozen=True):
    """Packets sent to one host and answers that came; `round_ms` is the mean time of one, where any came."""

    sent: int
    received: int
    round_ms: float | None = None


_COUNT: Final = re.compile(r"\b(\d{1,4}) packets transmitted, (\d{1,4})(?: packets)? received")
_ROUND: Final = re.compile(r"(?:rtt|round-trip) min/avg/max(?:/mdev)? = [\d.]{1,12}/([\d.]{1,12})/")


def parse_ping(text: str) -> Pings | None:
    """Read the output of `ping`; None where it never came to send anything (no such name, no way). Never raises."""
    count = _COUNT.search(text)
    if count is None or int(count[1]) == 0:
        return None
    mean = _ROUND.search(text)
    return Pings(int(count[1]), min(int(count[2]), int(count[1])), _number(mean[1]) if mean else None)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,8}(?:\.\d{1,6})?", text) else None


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
