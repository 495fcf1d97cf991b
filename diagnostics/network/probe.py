"""Probes all targets at once: a daemon thread each, one deadline for the whole, cancelled at once.

The way through the steps of a target: proxy or names, TCP, TLS, HTTP, and what else tells faults apart. Beside that,
one target is sampled: spaced TCP connections to one address say what the line loses and how long it is (RFC 2681). One
that is not back within the round trip and less than the first retransmission of a SYN (1 s, RFC 6298) is lost (RFC
7680).
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network import dns, failure_causes, failures, http, local_network, tcp, tls
from diagnostics.network.deadline import Deadline, NoAnswerError, Stream
from diagnostics.network.measurements import (
    Attempt,
    Exchange,
    NetworkMeasurement,
    ProxyUse,
    Samples,
    TargetMeasurement,
)
from diagnostics.network.targets import Target, is_address

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from diagnostics.network.measurements import Handshake, ProxyStep, Role

ROUTER_PROBE_AFTER: Final = 1.5
"""Seconds without any target reached after which the router is probed."""
POLL: Final = 0.1
"""Seconds between two looks at the progress."""
DELIVERY_GRACE: Final = 0.08
"""Seconds after the deadline in which threads may still deliver results."""
NEUTRAL_NAME: Final = "www.example.com"
"""A name that nobody filters (RFC 2606), to see whether a handshake depends on the name."""
FOLLOW_UP: Final = 1.0
"""Seconds for each step that only distinguishes two faults."""
SECOND_TRY: Final = 1.25
"""Seconds for the second attempt to connect if other targets were reached quickly."""
STEP_DONE: Final = "over"
"""The step that is reported when a target is done."""
SAMPLE_INTERVAL: Final = 0.04
SAMPLE_TIMEOUT: Final = 0.9
SAMPLE_GROWTH: Final = 3
"""Factor by which a sample grows after a first loss."""
_SILENCE: Final = frozenset({failures.TIMEOUT, failures.RESET, failures.EOF_ERROR})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Timeouts in seconds, and sizes, of a probe."""

    resolve: float = 4.0
    connect: float = 3.0
    tls: float = 3.0
    http: float = 4.0
    proxy: float = 3.0
    attempts: int = 2
    pause: float = 0.3
    samples: int = 30
    second_resolver: str = ""


DEFAULTS: Final = Limits()


def probe(
    targets: Sequence[Target],
    *,
    deadline: Deadline,
    limits: Limits = DEFAULTS,
    on_step: Callable[[Target, str, str, int], None] = lambda _target, _step, _where, _done: None,
    preload: Callable[[], None] = lambda: None,
) -> NetworkMeasurement:
    """Probe every target until the deadline at the latest; `preload` loads what is needed after it.

    `on_step(target, step, address, done)` is called from the threads of the targets, at the start of each step, and
    with STEP_DONE for a step at the end of a target.
    """
    threads: list[TargetProbe] = []

    def report_step(target: Target, step: str, where: str) -> None:
        on_step(target, step, where, sum(thread.done.is_set() for thread in threads))

    servers, sampler = local_network.nameservers() or (), Sampler(deadline, limits.samples)
    threads += [TargetProbe(target, deadline, limits, servers, sampler, report_step) for target in targets]
    ca_problem, script = tls.ca_problem(), local_network.pac()
    preload()
    answers: list[bool] = []
    router: threading.Thread | None = None
    end = deadline.at + DELIVERY_GRACE
    while not deadline.ended(end):
        waited = next((thread.done for thread in threads if not thread.done.is_set()), None)
        doubtful = waited is None or time.monotonic() >= deadline.zero + ROUTER_PROBE_AFTER
        if router is None and doubtful and not sampler.round_trip:
            router = threading.Thread(target=_ask_router, args=(deadline, answers), name="probe router", daemon=True)
            router.start()
        if waited is None and sampler.done and not (router is not None and router.is_alive()):
            break
        (waited or threading.Event()).wait(min(POLL, max(0.0, end - time.monotonic())))
    machine = local_network.read_local_network()
    gateway_answers = answers[0] if answers else None
    return NetworkMeasurement(
        machine=msgspec.structs.replace(machine, ca_problem=ca_problem, pac=script, gateway_answers=gateway_answers),
        targets=tuple(thread.measurement() for thread in threads),
        cancelled=deadline.cancelled.is_set(),
        duration_ms=(time.monotonic() - deadline.zero) * 1000,
    )


def _ask_router(deadline: Deadline, answers: list[bool]) -> None:
    """Find out whether the router answers a connection, if only with a refusal."""
    if gateway := local_network.default_gateway():
        won, connects = tcp.race([gateway], 80, deadline, 0.8)
        if won is not None:
            won.sock.close()
        answers += [step.failure in (None, failures.REFUSED) for step in connects]


class Sampler:
    """Samples the first target reached of those that matter, and the first control, beside everything else.

    `round_trip` are the seconds in which the first target was reached, 0 as long as none was.
    """

    def __init__(self, deadline: Deadline, count: int) -> None:
        self.round_trip = 0.0
        self._deadline, self._count = deadline, count
        self._lock = threading.Lock()
        self._threads: dict[bool, threading.Thread] = {}
        self._taken: dict[str, Samples] = {}

    @property
    def done(self) -> bool:
        """Whether nothing is being sampled now."""
        with self._lock:
            return not any(thread.is_alive() for thread in self._threads.values())

    def taken(self, target: Target) -> Samples | None:
        """Return the samples of a target, where it was sampled."""
        return self._taken.get(target.url)

    def offer(self, target: Target, address: str, seconds: float) -> None:
        """Begin to sample this target, reached in so many seconds, unless one of its kind is sampled already."""
        control = target.purpose == "control"
        with self._lock:
            self.round_trip = self.round_trip or max(seconds, 1e-6)
            if self._count >= 2 and control not in self._threads:
                self._threads[control] = threading.Thread(
                    target=self._run, args=(target, address, seconds), name=f"sample {target.url}", daemon=True
                )
                self._threads[control].start()

    def _run(self, target: Target, address: str, seconds: float) -> None:
        waiting = SAMPLE_TIMEOUT + seconds
        times, sent = self._series(address, target.port, self._count, waiting)
        if len(times) < sent and not self._deadline.over:
            more, again = self._series(address, target.port, self._count * (SAMPLE_GROWTH - 1), waiting)
            times, sent = times + more, sent + again
        # what is later than the quickest by a retransmission was lost the first time
        times = [time_ms for time_ms in times if time_ms < min(times) + SAMPLE_TIMEOUT * 1000]
        self._taken[target.url] = Samples(
            sent=sent, times_ms=tuple(times), interval_ms=SAMPLE_INTERVAL * 1000, waiting_ms=waiting * 1000
        )

    def _series(self, address: str, port: int, count: int, waiting: float) -> tuple[list[float], int]:
        """Return the times of connections that were back in time, in order sent, and how many were settled."""
        series = tcp.Connecting(self._deadline, waiting)
        next_at = time.monotonic()
        for _ in range(count):
            series.start(address, port)
            next_at += SAMPLE_INTERVAL
            while time.monotonic() < next_at and not self._deadline.over:
                series.wait(next_at)
        while series.open and not self._deadline.over:
            series.wait(self._deadline.at)
        settled = sorted(series.done, key=lambda step: step.started_ms)
        series.close()
        return [step.duration_ms for step in settled if step.failure is None], len(settled)


class TargetProbe:
    """Probes a target in its own thread; results are kept step by step, so that the deadline loses none."""

    def __init__(
        self, target: Target, deadline: Deadline, limits: Limits, nameservers: tuple[str, ...], sampler: Sampler,
        on_step: Callable[[Target, str, str], None],
    ) -> None:  # fmt: skip
        self.target = target
        self.done = threading.Event()
        self._deadline, self._limits, self._nameservers = deadline, limits, nameservers
        self._sampler, self._on_step = sampler, on_step
        self._attempts: list[Attempt] = []
        self._ended = 0.0
        self._via = http.proxy_for(target)
        threading.Thread(target=self._run, name=f"probe {target.url}", daemon=True).start()

    def measurement(self) -> TargetMeasurement:
        """Return what there is; an attempt still going is told as far as it came."""
        took = (self._ended or time.monotonic()) - self._deadline.zero
        samples = self._sampler.taken(self.target)
        attempts = tuple(map(msgspec.structs.replace, self._attempts))  # copies: its thread may still be at work
        return TargetMeasurement(target=self.target, attempts=attempts, samples=samples, duration_ms=took * 1000)

    def _run(self) -> None:
        try:
            with contextlib.suppress(NoAnswerError):  # no time for another attempt
                while not self._attempts or (not self._is_last and failure_causes.worth_repeating(self._attempt)):
                    if self._attempts:
                        self._deadline.pause(self._limits.pause)
                    self._attempts.append(Attempt())
                    self._make_attempt()
        finally:
            self._ended = time.monotonic()
            self.done.set()
            self._on_step(self.target, STEP_DONE, "")

    @property
    def _attempt(self) -> Attempt:
        return self._attempts[-1]

    @property
    def _is_last(self) -> bool:
        return len(self._attempts) >= self._limits.attempts

    def _make_attempt(self) -> None:
        """Walk to the end, or to the first step that fails."""
        stream = self._reach(self.target, "main")
        if self.target.speaks_http:
            self._fetch(stream)
        elif stream is not None:
            stream.close()
        if self._attempt.proxy is None and not self._deadline.over:
            self._distinguish_faults()
        if not self._deadline.over:
            self._attempt.unfinished = None

    def _begin(self, step: str, where: str = "") -> None:
        self._attempt.unfinished = step
        self._on_step(self.target, step, where)

    # one connection, that all the rest goes over

    def _reach(self, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim`, the target or where it redirects to: encrypted, where it has to be."""
        if self._via is not None:
            return self._reach_by_proxy(self._via, aim, role)
        addresses = self._resolve(aim.host, role)
        if not addresses:
            return None
        seconds, line = self._limits.connect, self._sampler.round_trip
        again = len(self._attempts) > 1
        if again and line:  # others answer so quickly: enough for a packet sent twice
            seconds = min(seconds, max(SECOND_TRY, 3 * line))
        other = (80 if aim.port == 443 else 443) if self._is_last and role == "main" else 0
        won, connects = tcp.race(
            addresses, aim.port, self._deadline, seconds, role=role, other_port=other, retries=2 * again,
            begin=lambda address: self._begin("connect", address),
        )  # fmt: skip
        self._attempt.connects += (*connects,)
        if won is None:
            return None
        address, took = won.to.address, won.to.duration_ms / 1000
        stream = self._shake(Stream(won.sock, self._deadline), aim, address, role, took)
        if stream is not None and role == "main" and aim.scheme != "http":
            self._sampler.offer(self.target, address, took)
        return stream

    def _resolve(self, host: str, role: Role) -> tuple[str, ...]:
        if is_address(host):
            return (host,)
        self._begin("resolve")
        local = host == "localhost" or host.endswith(".localhost")  # no question for a nameserver (RFC 6761)
        ours = not local and role != "proxy"
        addresses, lookups = dns.resolve(
            host, self._deadline, seconds=self._limits.resolve, role=role,
            nameservers=self._nameservers if ours else (),
            second=self._limits.second_resolver if ours and role == "main" else "",
        )  # fmt: skip
        self._attempt.lookups += (*lookups,)
        return addresses

    def _shake(self, stream: Stream, aim: Target, address: str, role: Role, round_trip: float = 0.0) -> Stream | None:
        """Return what is sent to `aim` over: the stream itself, or its encryption."""
        if not aim.encrypted:
            return stream
        self._begin("tls", address)
        seconds = self._limits.tls + 2 * round_trip
        seen, secure = tls.shake(stream, address, aim.host, tls.verifying(), self._deadline, seconds, role)
        self._attempt.handshakes += (seen,)
        if secure is None:
            stream.close()
        return secure

    def _reach_by_proxy(self, via: http.Proxy, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim` through a proxy; to the proxy itself where it is asked in clear."""
        began = time.monotonic()

        def note(operation: ProxyStep, failure: str | None = None, status: int = 0) -> None:
            times = self._deadline.times(began)
            self._attempt.proxy = ProxyUse(url=via.shown, operation=operation, failure=failure, status=status, **times)

        self._begin("proxy", via.shown)
        try:
            stream, address = self._connect_to_proxy(via, aim)
            note("ok")
            if aim.encrypted and not via.is_socks:
                note("ok", status=http.tunnel(stream, via, aim, self._deadline.due(self._limits.proxy)))
        except http.ProxyError as wrong:
            note(wrong.operation, wrong.failure, wrong.status)
            return None
        return self._shake(stream, aim, address, role)

    def _connect_to_proxy(self, via: http.Proxy, aim: Target) -> tuple[Stream, str]:
        """Return a stream to a proxy (one of SOCKS has `aim` behind it already) and its address; raises ProxyError."""
        limit = self._limits.proxy
        if via.problem is not None:
            raise http.ProxyError(via.problem, failures.HTTP_FAILED)
        addresses = self._resolve(via.host, "proxy")
        if not addresses:
            raise http.ProxyError("resolve", self._attempt.lookups[-1].failure or failures.NXDOMAIN)
        won, connects = tcp.race(addresses, via.port, self._deadline, limit, grace=0.0, role="proxy")
        if won is None:
            raise http.ProxyError("connect", connects[-1].failure if connects else failures.TIMEOUT)
        stream, address = Stream(won.sock, self._deadline), won.to.address
        if via.is_socks:
            stream.close()
            return Stream(http.through_socks(via, aim, limit), self._deadline), address
        if via.scheme != "https":
            return stream, address
        seen, secure = tls.shake(stream, address, via.host, tls.verifying(), self._deadline, limit, "proxy")
        if secure is None:
            stream.close()
            raise http.ProxyError("connect", seen.failure)
        return secure, address

    # HTTP

    def _fetch(self, stream: Stream | None) -> None:
        """Ask over `stream`, and follow redirects, each over a connection of its own."""
        aim, visited = self.target, {self.target.url}
        connected = [step.duration_ms for step in self._attempt.only("main").connects if step.failure is None]
        # on a slow line the same answer takes longer
        due = self._deadline.due(self._limits.http + 2 * min(connected, default=0.0) / 1000)
        while stream is not None:
            self._begin("http", aim.host)
            plain = self._via if self._via is not None and not aim.encrypted and not self._via.is_socks else None
            seen, next_hop = http.exchange(
                self.target, aim, stream, self._deadline, due, visited, plain.fields if plain else None
            )
            stream.close()
            self._attempt.exchanges += (seen,)
            if plain and seen.status == 407 and self._attempt.proxy is not None:
                refused = {"operation": "tunnel", "failure": failures.HTTP_STATUS, "status": 407}
                self._attempt.proxy = msgspec.structs.replace(self._attempt.proxy, **refused)
            if next_hop is None:
                return
            aim, began = next_hop, time.monotonic()
            visited.add(aim.url)
            stream = self._reach(aim, "redirect")
            if stream is None:  # the exchange that cannot be says why
                words = [step.failure for step in self._attempt.only("redirect").steps if step.failure]
                lost = words[-1] if words else failures.HTTP_FAILED
                self._attempt.exchanges += (Exchange(url=aim.url[:200], failure=lost, **self._deadline.times(began)),)

    # what tells two faults apart, asked only where something failed

    def _distinguish_faults(self) -> None:
        main = self._attempt.only("main")
        good = next((step for step in main.connects if step.failure is None), None)
        shaken = next(iter(main.handshakes), None)
        if shaken is not None and shaken.failure is not None:
            silent = shaken.failure in _SILENCE and not shaken.hint and self.target.address is None
            if shaken.verify_code:
                dated = shaken.verify_code in (failures.EXPIRED_CODE, failures.NOT_YET_VALID_CODE)
                for seen in self._reconnect(shaken.address, self.target.host, "main", tls.unverified(), dated=dated):
                    known = msgspec.structs.replace(shaken, certificate=seen.certificate, date_skew_s=seen.date_skew_s)
                    steps = self._attempt.handshakes
                    self._attempt.handshakes = tuple(known if step is shaken else step for step in steps)
                self._compare()
            elif self._is_last and silent:
                context = tls.unverified()
                self._attempt.handshakes += self._reconnect(shaken.address, NEUTRAL_NAME, "other_name", context)
        elif main.connects and good is None:
            self._compare()
        elif good is not None and self.target.scheme == "http" and not failure_causes.worth_repeating(self._attempt):
            self._sampler.offer(self.target, good.address, good.duration_ms / 1000)

    def _compare(self) -> None:
        """Where another resolver, or another of our nameservers, names other addresses, see whether it lives there."""
        if not self.target.encrypted or is_address(self.target.host):
            return
        named = [(seen.by, address) for seen in self._attempt.lookups for address in seen.addresses]
        system, second = ([address for by, address in named if by == who] for who in ("system", "second"))
        others = [address for by, address in named if by != "system" and address not in system]
        if others and not {*system} & {*second}:
            other = (second or others)[0]
            self._attempt.handshakes += self._reconnect(other, self.target.host, "second", tls.verifying())

    def _reconnect(
        self, address: str, name: str, role: Role, context: ssl.SSLContext, *, dated: bool = False
    ) -> tuple[Handshake, ...]:
        """Connect and shake hands once more, where that can be; `dated` asks what time the server has, too."""
        won, _ = tcp.race([address], self.target.port, self._deadline, FOLLOW_UP)
        if won is None:
            return ()
        stream, skew = Stream(won.sock, self._deadline), None
        seen, secure = tls.shake(stream, address, name, context, self._deadline, FOLLOW_UP, role)
        if secure is not None and dated and self.target.scheme == "https":
            skew = http.date_skew(secure, self.target.authority, self._deadline.due(FOLLOW_UP))
        stream.close()
        return (msgspec.structs.replace(seen, date_skew_s=skew),)
