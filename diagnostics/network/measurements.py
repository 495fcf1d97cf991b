"""What was seen on the wire and on this machine: records without any judgement, ready to be saved and read again.

Times are milliseconds from the start of the probe. `failure` is a word of `failures.VOCABULARY` or None where the step
succeeded. All text is cleaned before it gets here.
"""

from __future__ import annotations

import statistics
from functools import reduce
from itertools import pairwise
from typing import Literal

import msgspec
import msgspec.structs

from diagnostics.i18n import Message
from diagnostics.network.targets import Target

Role = Literal["main", "redirect", "proxy", "other_port", "other_name", "second"]
"""What a step was for: the target itself, where it redirects to, the proxy on the way, or telling two faults apart."""
By = Literal["system", "nameserver", "second"]
Kind = Literal["", "A", "AAAA"]
Phase = Literal["request", "headers", "body", "done"]
ProxyStep = Literal["config", "support", "resolve", "connect", "tunnel", "ok"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One timed step."""

    role: Role = "main"
    failure: str | None = None
    started_ms: float = 0.0
    duration_ms: float = 0.0


class Lookup(Step, frozen=True, kw_only=True):
    """One name lookup; `waited_ms` counts from the question that was answered, `duration_ms` from the first one."""

    host: str
    by: By
    server: str = ""
    kind: Kind = ""
    addresses: tuple[str, ...] = ()
    waited_ms: float = 0.0


class Connect(Step, frozen=True, kw_only=True):
    """One TCP connection. `hint` refines a failure: `prohibited`, `local_prohibit`, `icmp` or empty."""

    address: str
    port: int
    hint: str = ""

    @property
    def endpoint(self) -> str:
        """The address with its port, as in a URL."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a server's certificate says about itself; times in seconds of the epoch."""

    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    not_before: float = 0.0
    not_after: float = 0.0


class Handshake(Step, frozen=True, kw_only=True):
    """One TLS handshake. `hint`: `not_tls`, `alert <name>` or empty; `date_skew_s` from an HTTP Date over it."""

    address: str
    server_name: str
    verify_code: int = 0
    hint: str = ""
    certificate: Certificate | None = None
    version: str = ""
    date_skew_s: float | None = None


class Exchange(Step, frozen=True, kw_only=True):
    """One HTTP request and its answer. `phase` tells how far it came."""

    url: str
    status: int = 0
    phase: Phase = "request"
    hint: str = ""
    location: str = ""
    retry_after: str = ""
    portal_url: str = ""
    expected: bool | None = None
    date_skew_s: float | None = None


class ProxyUse(Step, frozen=True, kw_only=True):
    """The proxy of a target (without its password), and how using it went."""

    url: str
    operation: ProxyStep = "ok"
    status: int = 0


class Attempt(msgspec.Struct, kw_only=True):
    """One pass through the steps of a target, filled as they end.

    `unfinished` names the step that is under way, or that the deadline or a cancel cut off.
    """

    lookups: tuple[Lookup, ...] = ()
    connects: tuple[Connect, ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    proxy: ProxyUse | None = None
    unfinished: str | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All timed steps, kind by kind, but for the proxy."""
        return (*self.lookups, *self.connects, *self.handshakes, *self.exchanges)

    def only(self, role: Role, since: float = 0.0) -> Attempt:
        """Return this attempt with nothing but lookups, connections and handshakes of one role, begun from then on."""
        kept = {name: tuple(step for step in getattr(self, name) if step.role == role and step.started_ms >= since)
                for name in ("lookups", "connects", "handshakes")}  # fmt: skip
        return msgspec.structs.replace(self, **kept)


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Spaced TCP connections to one address: times of those that were back within `waiting_ms`, in order sent."""

    sent: int
    times_ms: tuple[float, ...]
    interval_ms: float
    waiting_ms: float


class Figures(msgspec.Struct, kw_only=True):
    """What samples say: loss as a share with its 95 % interval, times in milliseconds, jitter as RFC 3550 smooths it.

    `quick_ms` bounds the quickest tenth.
    """

    sent: int
    lost: int
    loss: float
    loss_low: float
    loss_high: float
    median_ms: float | None = None
    quick_ms: float | None = None
    jitter_ms: float | None = None
    worst_ms: float | None = None
    worst_gap_ms: float | None = None


def figures(*taken: Samples) -> Figures:
    """Return what samples say together; with none lost, the interval shows how little a small sample excludes."""
    times = [time for samples in taken for time in samples.times_ms]
    sent = sum(samples.sent for samples in taken)
    lost = sent - len(times)
    low, high = _wilson(lost, sent)
    result = Figures(sent=sent, lost=lost, loss=lost / sent if sent else 0.0, loss_low=low, loss_high=high)
    if times:
        result.median_ms, result.worst_ms = statistics.median(times), max(times)
        result.quick_ms = sorted(times)[len(times) // 10]
    gaps = [abs(after - before) for before, after in pairwise(times)]
    if gaps:
        result.worst_gap_ms = max(gaps)
        result.jitter_ms = reduce(lambda jitter, gap: jitter + (gap - jitter) / 16, gaps, 0.0)  # RFC 3550, 6.4.1
    return result


def _wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927); all of it where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share, scale = hits / of, 1 + z * z / of
    middle = share + z * z / (2 * of)
    half = z * ((share * (1 - share) + z * z / (4 * of)) / of) ** 0.5
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


class TargetMeasurement(msgspec.Struct, frozen=True, kw_only=True):
    """All attempts on one target; and the samples, where it was sampled."""

    target: Target
    attempts: tuple[Attempt, ...] = ()
    samples: Samples | None = None
    duration_ms: float = 0.0


class LocalNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """What this computer says of its own network; None where it cannot be told on this system."""

    link_up: bool | None = None
    interfaces: int | None = None
    loopback_up: bool | None = None
    route4: bool | None = None
    route6: bool | None = None
    gateway: str = ""
    gateway_silent: bool | None = None
    gateway_answers: bool | None = None
    neighbours: tuple[str, ...] = ()
    nameservers: tuple[str, ...] | None = None
    hosts: dict[str, tuple[str, ...]] = {}
    ca_problem: Message | None = None
    pac: str = ""
    now: float = 0.0


class NetworkMeasurement(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one probe saw."""

    machine: LocalNetwork
    targets: tuple[TargetMeasurement, ...]
    cancelled: bool = False
    duration_ms: float = 0.0
