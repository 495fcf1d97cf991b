"""The way through the steps of one target: proxy or names, TCP, TLS, HTTP, and what else tells faults apart."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network import dns, failure_causes, failures, http, proxy, tcp, tls
from diagnostics.network.deadline import Deadline, NoAnswerError
from diagnostics.network.measurements import Attempt, Exchange, ProxyUse, TargetMeasurement
from diagnostics.network.stability import Sampler
from diagnostics.network.streams import Stream
from diagnostics.network.targets import Target, is_address

if TYPE_CHECKING:
    import ssl

    from diagnostics.network.measurements import Handshake, ProxyStep, Role

NEUTRAL_NAME: Final = "www.example.com"
"""A name that nobody filters (RFC 2606), to see whether a silent handshake is silent for every name."""
FOLLOW_UP: Final = 1.0
"""Seconds of each question that is only asked to tell two faults apart."""
SECOND_TRY: Final = 1.25
"""Seconds for connecting the second time, where other targets were reached at once."""
STEP_DONE: Final = "over"
"""The step that is told when a target is done."""
_SILENCE: Final = frozenset({failures.TIMEOUT, failures.RESET, failures.EOF_ERROR})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each step of a probe, and what may be asked."""

    resolve: float = 4.0
    connect: float = 3.0
    tls: float = 3.0
    http: float = 4.0
    proxy: float = 3.0
    attempts: int = 2
    pause: float = 0.3
    samples: int = 30
    second_resolver: str = ""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What all targets of a probe share. `on_step` hears of each step: the target, its name, and where."""

    deadline: Deadline
    limits: Limits
    nameservers: tuple[str, ...]
    sampler: Sampler
    on_step: Callable[[Target, str, str], None]


class TargetProbe:
    """Walks a target in a thread of its own; what is seen is kept as it comes, so that a deadline loses nothing."""

    def __init__(self, target: Target, shared: Shared) -> None:
        self.target = target
        self.done = threading.Event()
        self._shared, self._deadline, self._limits = shared, shared.deadline, shared.limits
        self._attempts: list[Attempt] = []
        self._ended = 0.0
        self._via = proxy.for_target(target)
        threading.Thread(target=self._run, name=f"probe {target.url}", daemon=True).start()

    def seen(self) -> TargetMeasurement:
        """Return what there is; an attempt still going is told as far as it came."""
        took = (self._ended or time.monotonic()) - self._deadline.zero
        samples = self._shared.sampler.taken(self.target)
        attempts = tuple(map(msgspec.structs.replace, self._attempts))  # copies: its thread may still be at work
        return TargetMeasurement(target=self.target, attempts=attempts, samples=samples, duration_ms=took * 1000)

    def _run(self) -> None:
        try:
            with contextlib.suppress(NoAnswerError):  # no time for another attempt
                while not self._attempts or (not self._final and failure_causes.worth_repeating(self._seen)):
                    if self._attempts:
                        self._deadline.pause(self._limits.pause)
                    self._attempts.append(Attempt())
                    self._walk()
        finally:
            self._ended = time.monotonic()
            self.done.set()
            self._shared.on_step(self.target, STEP_DONE, "")

    @property
    def _seen(self) -> Attempt:
        return self._attempts[-1]

    @property
    def _final(self) -> bool:
        return len(self._attempts) >= self._limits.attempts

    def _walk(self) -> None:
        """Walk to the end, or to the first step that fails."""
        stream = self._reach(self.target, "main")
        if self.target.speaks_http:
            self._fetch(stream)
        elif stream is not None:
            stream.close()
        if self._seen.proxy is None and not self._deadline.over:
            self._tell_apart()
        if not self._deadline.over:
            self._seen.unfinished = None

    def _begin(self, step: str, where: str = "") -> None:
        self._seen.unfinished = step
        self._shared.on_step(self.target, step, where)

    # one connection, that all the rest goes over

    def _reach(self, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim`, the target or where it redirects to: encrypted, where it has to be."""
        if self._via is not None:
            return self._through(self._via, aim, role)
        wanted = [
            address for address in self._resolve(aim.host, role) if (6 if ":" in address else 4) in self.target.families
        ]
        if not wanted:
            return None
        seconds, line = self._limits.connect, self._shared.sampler.round_trip
        again = len(self._attempts) > 1
        if again and line:  # others answer so quickly: enough for a packet sent twice
            seconds = min(seconds, max(SECOND_TRY, 3 * line))
        other = (80 if aim.port == 443 else 443) if self._final and role == "main" else 0
        won, connects = tcp.race(
            wanted, aim.port, self._deadline, seconds, role=role, other_port=other, again=2 * again,
            begin=lambda address: self._begin("connect", address),
        )  # fmt: skip
        self._seen.connects += (*connects,)
        if won is None:
            return None
        stream = self._shake(Stream(won.sock, self._deadline), aim, won.to.address, role, won.seconds)
        if stream is not None and role == "main" and aim.scheme != "http":
            self._shared.sampler.offer(self.target, won.to.address, aim.port, won.seconds)
        return stream

    def _resolve(self, host: str, role: Role) -> tuple[str, ...]:
        if is_address(host):
            return (host,)
        self._begin("resolve")
        local = host == "localhost" or host.endswith(".localhost")  # no question for a nameserver (RFC 6761)
        ours = not local and role != "proxy"
        addresses, lookups = dns.resolve(
            host, self._deadline, seconds=self._limits.resolve, role=role,
            nameservers=self._shared.nameservers if ours else (),
            second=self._limits.second_resolver if ours and role == "main" else "",
        )  # fmt: skip
        self._seen.lookups += (*lookups,)
        return addresses

    def _shake(self, stream: Stream, aim: Target, address: str, role: Role, round_trip: float = 0.0) -> Stream | None:
        """Return what is sent to `aim` over: the stream itself, or its encryption."""
        if not aim.encrypted:
            return stream
        self._begin("tls", address)
        seconds = self._limits.tls + 2 * round_trip
        seen, secure = tls.shake(stream, address, aim.host, tls.verifying(), self._deadline, seconds, role)
        self._seen.handshakes += (seen,)
        if secure is None:
            stream.close()
        return secure

    def _through(self, via: proxy.Proxy, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim` through a proxy; to the proxy itself where it is asked in clear."""
        began, limit = time.monotonic(), self._limits.proxy

        def note(operation: ProxyStep, failure: str | None, stream: Stream | None = None, status: int = 0) -> None:
            if failure is not None and stream is not None:
                stream.close()
            times = self._deadline.times(began)
            self._seen.proxy = ProxyUse(url=via.shown, operation=operation, failure=failure, status=status, **times)

        self._begin("proxy", via.shown)
        if via.problem is not None:
            note(via.problem, failures.HTTP_FAILED)
            return None
        addresses = self._resolve(via.host, "proxy")
        if not addresses:
            note("resolve", self._seen.lookups[-1].failure or failures.NXDOMAIN)
            return None
        won, connects = tcp.race(addresses, via.port, self._deadline, limit, grace=0.0, role="proxy")
        if won is None:
            note("connect", connects[-1].failure if connects else failures.TIMEOUT)
            return None
        stream, due = Stream(won.sock, self._deadline), self._deadline.due(limit)
        if via.is_socks:
            stream.close()
            try:
                stream = Stream(proxy.through_socks(via, aim, limit), self._deadline)
            except OSError as wrong:
                note("tunnel", failures.classify(wrong))
                return None
        elif via.scheme == "https":
            seen, secure = tls.shake(stream, won.to.address, via.host, tls.verifying(), self._deadline, limit, "proxy")
            if secure is None:
                note("connect", seen.failure, stream)
                return None
            stream = secure
        note("ok", None)
        if aim.encrypted and not via.is_socks:
            status, failure = proxy.tunnel(stream, via, aim, due)
            note("tunnel" if failure else "ok", failure, stream, status)
            if failure:
                return None
        return self._shake(stream, aim, won.to.address, role)

    # HTTP

    def _fetch(self, stream: Stream | None) -> None:
        """Ask over `stream`, and follow redirects, each over a connection of its own."""
        aim, been = self.target, {self.target.url}
        connected = [step.duration_ms for step in self._seen.only("main").connects if step.failure is None]
        # on a slow line the same answer takes longer
        due = self._deadline.due(self._limits.http + 2 * min(connected, default=0.0) / 1000)
        while stream is not None:
            self._begin("http", aim.host)
            plain = self._via if self._via is not None and not aim.encrypted and not self._via.is_socks else None
            seen, onward = http.exchange(
                self.target, aim, stream, self._deadline, due, been, plain.fields if plain else None
            )
            stream.close()
            self._seen.exchanges += (seen,)
            if plain and seen.status == 407 and self._seen.proxy is not None:
                refused = {"operation": "tunnel", "failure": failures.HTTP_STATUS, "status": 407}
                self._seen.proxy = msgspec.structs.replace(self._seen.proxy, **refused)
            if onward is None:
                return
            aim, began = onward, time.monotonic()
            been.add(aim.url)
            stream = self._reach(aim, "redirect")
            if stream is None:  # the exchange that cannot be says why
                words = [step.failure for step in self._seen.only("redirect").steps if step.failure]
                lost = words[-1] if words else failures.HTTP_FAILED
                self._seen.exchanges += (Exchange(url=aim.url[:200], failure=lost, **self._deadline.times(began)),)

    # what tells two faults apart, asked only where something failed

    def _tell_apart(self) -> None:
        main = self._seen.only("main")
        good = next((step for step in main.connects if step.failure is None), None)
        shaken = next(iter(main.handshakes), None)
        if shaken is not None and shaken.failure is not None:
            silent = shaken.failure in _SILENCE and not shaken.hint and self.target.address is None
            if shaken.verify_code:
                dated = shaken.verify_code in (failures.EXPIRED_CODE, failures.NOT_YET_VALID_CODE)
                for seen in self._again(shaken.address, self.target.host, "main", tls.unverified(), dated=dated):
                    known = msgspec.structs.replace(shaken, certificate=seen.certificate, date_skew_s=seen.date_skew_s)
                    self._seen.handshakes = tuple(known if step is shaken else step for step in self._seen.handshakes)
                self._compare()
            elif self._final and silent:
                self._seen.handshakes += self._again(shaken.address, NEUTRAL_NAME, "other_name", tls.unverified())
        elif main.connects and good is None:
            self._compare()
        elif good is not None and self.target.scheme == "http" and not failure_causes.worth_repeating(self._seen):
            self._shared.sampler.offer(self.target, good.address, self.target.port, good.duration_ms / 1000)

    def _compare(self) -> None:
        """Where another resolver, or another of our nameservers, names other addresses, see whether it lives there."""
        if not self.target.encrypted or is_address(self.target.host):
            return
        named = [(seen.by, address) for seen in self._seen.lookups for address in seen.addresses]
        system, second = ([address for by, address in named if by == who] for who in ("system", "second"))
        others = [address for by, address in named if by != "system" and address not in system]
        if others and not {*system} & {*second}:
            self._seen.handshakes += self._again((second or others)[0], self.target.host, "second", tls.verifying())

    def _again(
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
