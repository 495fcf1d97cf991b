"""The way through the steps of one target: proxy or names, TCP, TLS, HTTP, and what else tells faults apart."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.network import dns, failure_causes, failures, http, proxy, tcp, tls
from diagnostics.network.deadline import Deadline, NoAnswerError
from diagnostics.network.measurements import Attempt, Exchange, ProxyUse, TargetMeasurement
from diagnostics.network.stability import Sampler
from diagnostics.network.streams import Stream
from diagnostics.network.targets import Target, is_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import Handshake, Role, Step

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
        return TargetMeasurement(
            target=self.target, attempts=tuple(self._attempts), samples=samples, duration_ms=took * 1000
        )

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
        if stream is not None and self.target.speaks_http:
            self._fetch(stream)
        elif stream is not None:
            stream.close()
        if self._seen.proxy is None and not self._deadline.over:
            self._tell_apart()
        if not self._deadline.over:
            self._put(unfinished=None)

    def _put(self, **values: Any) -> None:
        self._attempts[-1] = msgspec.structs.replace(self._seen, **values)

    def _add(self, **steps: Sequence[Step]) -> None:
        self._put(**{name: (*getattr(self._seen, name), *new) for name, new in steps.items()})

    def _begin(self, step: str, where: str = "") -> None:
        self._put(unfinished=step)
        self._shared.on_step(self.target, step, where)

    # one connection, that all the rest goes over

    def _reach(self, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim`, the target or where it redirects to: encrypted, where it has to be."""
        if self._via is not None:
            return self._through(self._via, aim, role)
        addresses = self._resolve(aim.host, role)
        wanted = [one for one in addresses if (6 if ":" in one else 4) in self.target.families]
        if not wanted:
            return None
        seconds, line = self._limits.connect, self._shared.sampler.round_trip
        again = len(self._attempts) > 1
        if again and line:  # others answer so quickly: enough for a packet sent twice
            seconds = min(seconds, max(SECOND_TRY, 3 * line))
        other = (80 if aim.port == 443 else 443) if self._final and role == "main" else 0
        won = tcp.race(
            wanted, aim.port, self._deadline, seconds, role=role, other_port=other, again=2 * again,
            begin=lambda address: self._begin("connect", address),
        )  # fmt: skip
        self._add(connects=won.connects)
        if won.sock is None:
            return None
        stream: Stream | None = Stream(won.sock, self._deadline)
        if aim.encrypted:
            stream = self._shake(stream, aim, won.address, role, self._limits.tls + 2 * won.seconds)
        if stream is not None and role == "main" and (aim.encrypted or not aim.speaks_http):
            self._shared.sampler.offer(self.target, won.address, aim.port, won.seconds)
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
        self._add(lookups=lookups)
        return addresses

    def _shake(self, stream: Stream | None, aim: Target, address: str, role: Role, seconds: float) -> Stream | None:
        if stream is None:
            return None
        self._begin("tls", address)
        seen, secure = tls.shake(stream, address, aim.host, tls.verifying(), self._deadline, seconds, role)
        self._add(handshakes=[seen])
        if secure is None:
            stream.close()
        return secure

    def _through(self, via: proxy.Proxy, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim` through a proxy; to the proxy itself where it is asked in clear."""
        began, limit = time.monotonic(), self._limits.proxy

        def note(
            operation: Literal["resolve", "connect", "tunnel", "ok"], failure: str | None, status: int = 0
        ) -> None:
            times = self._deadline.times(began)
            self._put(proxy=ProxyUse(url=via.shown, operation=operation, failure=failure, status=status, **times))

        self._begin("proxy", via.shown)
        if via.problem is not None:
            self._put(proxy=via.problem)
            return None
        addresses = self._resolve(via.host, "proxy")
        if not addresses:
            note("resolve", self._seen.lookups[-1].failure or failures.NXDOMAIN)
            return None
        won = tcp.race(addresses, via.port, self._deadline, limit, grace=0.0, role="proxy")
        if won.sock is None:
            note("connect", won.connects[-1].failure if won.connects else failures.TIMEOUT)
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
            seen, secure = tls.shake(stream, won.address, via.host, tls.verifying(), self._deadline, limit, "proxy")
            if secure is None:
                stream.close()
                note("connect", seen.failure)
                return None
            stream = secure
        note("ok", None)
        if not aim.encrypted:
            return stream
        if not via.is_socks:
            status, failure = proxy.tunnel(stream, via, aim, due)
            note("tunnel" if failure else "ok", failure, status)
            if failure:
                stream.close()
                return None
        return self._shake(stream, aim, won.address, role, self._limits.tls)

    # HTTP

    def _fetch(self, stream: Stream | None) -> None:
        """Ask over `stream`, and follow redirects, each over a connection of its own."""
        aim, been = self.target, {self.target.url}
        connected = [one.duration_ms for one in self._seen.connects if one.role == "main" and one.failure is None]
        # on a slow line the same answer takes longer
        due = self._deadline.due(self._limits.http + 2 * min(connected, default=0.0) / 1000)
        while stream is not None:
            self._begin("http", aim.host)
            plain = self._via is not None and not aim.encrypted and not self._via.is_socks
            fields = self._via.fields if plain and self._via is not None else None
            seen, onward = http.exchange(self.target, aim, stream, self._deadline, due, been, fields)
            stream.close()
            self._add(exchanges=[seen])
            via = self._seen.proxy
            if plain and seen.status == 407 and via is not None:
                refused = {"operation": "tunnel", "failure": failures.HTTP_STATUS, "status": 407}
                self._put(proxy=msgspec.structs.replace(via, **refused))
            if onward is None:
                return
            aim = onward
            been.add(aim.url)
            stream = self._follow(aim)

    def _follow(self, aim: Target) -> Stream | None:
        """Return a stream to where the target redirects; where there is none, the exchange says so."""
        began = time.monotonic()
        stream = self._reach(aim, "redirect")
        if stream is None:
            steps = (*self._seen.lookups, *self._seen.connects, *self._seen.handshakes)
            words = [one.failure for one in steps if one.role == "redirect" and one.failure]
            failure = words[-1] if words else failures.HTTP_FAILED
            self._add(exchanges=[Exchange(url=aim.url[:200], failure=failure, **self._deadline.times(began))])
        return stream

    # what tells two faults apart, asked only where something failed

    def _tell_apart(self) -> None:
        main = [one for one in self._seen.connects if one.role == "main"]
        good = next((one for one in main if one.failure is None), None)
        shaken = next((one for one in self._seen.handshakes if one.role == "main"), None)
        if shaken is not None and shaken.failure is not None:
            silent = shaken.failure in _SILENCE and not shaken.hint and self.target.address is None
            if shaken.verify_code:
                self._look_at_certificate(shaken)
                self._compare()
            elif self._final and silent:
                self._shake_again(shaken.address, NEUTRAL_NAME, "other_name")
        elif main and good is None:
            self._compare()
        elif good is not None and self.target.scheme == "http" and not failure_causes.worth_repeating(self._seen):
            self._shared.sampler.offer(self.target, good.address, self.target.port, good.duration_ms / 1000)

    def _look_at_certificate(self, refused: Handshake) -> None:
        """Connect once more without verifying, to read the refused certificate and what time the server has."""
        stream = self._open(refused.address)
        if stream is None:
            return
        seen, secure = tls.shake(stream, refused.address, self.target.host, tls.unverified(), self._deadline, FOLLOW_UP)
        skew = None
        dated = refused.verify_code in (failures.EXPIRED_CODE, failures.NOT_YET_VALID_CODE)
        if secure is not None and dated and self.target.scheme == "https":
            skew = http.date_skew(secure, self.target.authority, self._deadline.due(FOLLOW_UP))
        stream.close()
        known = msgspec.structs.replace(refused, certificate=seen.certificate, date_skew_s=skew)
        self._put(handshakes=tuple(known if one is refused else one for one in self._seen.handshakes))

    def _compare(self) -> None:
        """Where another resolver, or another of our nameservers, names other addresses, see whether it lives there."""
        if not self.target.encrypted or is_address(self.target.host):
            return
        named = [(seen.by, one) for seen in self._seen.lookups for one in seen.addresses]
        system, second = ([one for by, one in named if by == who] for who in ("system", "second"))
        others = [one for by, one in named if by != "system" and one not in system]
        if others and not {*system} & {*second}:
            self._shake_again((second or others)[0], self.target.host, "second")

    def _shake_again(self, address: str, name: str, role: Role) -> None:
        stream = self._open(address)
        if stream is not None:
            context = tls.unverified() if role == "other_name" else tls.verifying()
            self._add(handshakes=[tls.shake(stream, address, name, context, self._deadline, FOLLOW_UP, role)[0]])
            stream.close()

    def _open(self, address: str) -> Stream | None:
        sock = tcp.race([address], self.target.port, self._deadline, FOLLOW_UP).sock
        return Stream(sock, self._deadline) if sock is not None else None
