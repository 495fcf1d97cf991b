"""One pass through the steps of one target: proxy or names, TCP, TLS, HTTP, and what else tells faults apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.network import dns, failure_causes, failures, http, proxy, tcp, tls
from diagnostics.network.deadline import Deadline
from diagnostics.network.measurements import Attempt, Exchange, ProxyUse
from diagnostics.network.streams import Stream
from diagnostics.network.targets import Target, is_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import Handshake, Role, Step

NEUTRAL_NAME: Final = "www.example.com"
"""A name that nobody filters (RFC 2606), to see whether a silent handshake is silent for every name."""
FOLLOW_UP: Final = 1.0
"""Seconds of each question that is only asked to tell two faults apart."""
SECOND_TRY: Final = 1.5
"""Seconds for connecting the second time, where other targets were reached at once."""
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


class Environment(msgspec.Struct, kw_only=True):
    """What all targets of a probe share: the deadline, limits, nameservers, and who wants to know.

    `reached` takes a target, the address and port where it was reached, and the seconds that took; `round_trip` gives
    those of the first one, 0 as long as none was.
    """

    deadline: Deadline
    limits: Limits
    nameservers: tuple[str, ...]
    on_step: Callable[[Target, str, str], None]
    reached: Callable[[Target, str, int, float], None] = lambda _target, _address, _port, _seconds: None
    round_trip: Callable[[], float] = lambda: 0.0


class TargetProbe:
    """Walks a target; what is seen is kept as it comes, so that a deadline loses nothing."""

    def __init__(self, target: Target, env: Environment, *, final: bool, again: bool) -> None:
        self._target = target
        self._env = env
        self._deadline = env.deadline
        self._final = final
        self._again = again
        self._began = time.monotonic()
        self._seen = Attempt()
        self._proxy: ProxyUse | None = None
        self._via = proxy.for_target(target)
        self._at: str | None = None

    def run(self) -> Attempt:
        """Walk to the end, or to the first step that fails."""
        stream = self._reach(self._target, "main")
        if stream is not None and self._target.speaks_http:
            self._fetch(stream)
        elif stream is not None:
            stream.close()
        if self._proxy is None and not self._deadline.over:
            self._tell_apart()
        if not self._deadline.over:
            self._at = None
        return self.seen()

    def seen(self) -> Attempt:
        """Return what there is so far."""
        times = self._deadline.times(self._began)
        return msgspec.structs.replace(self._seen, proxy=self._proxy, unfinished=self._at, **times)

    def _add(self, **steps: Sequence[Step]) -> None:
        more = {name: (*getattr(self._seen, name), *new) for name, new in steps.items()}
        self._seen = msgspec.structs.replace(self._seen, **more)

    def _begin(self, step: str, where: str = "") -> None:
        self._at = step
        self._env.on_step(self._target, step, where)

    # one connection, that all the rest goes over

    def _reach(self, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim`, the target or where it redirects to: encrypted, where it has to be."""
        if self._via is not None:
            return self._through(self._via, aim, role)
        addresses = self._resolve(aim.host, role)
        wanted = [one for one in addresses if (6 if ":" in one else 4) in self._target.families]
        if not wanted:
            return None
        limits = self._env.limits
        seconds, line = limits.connect, self._env.round_trip()
        if self._again and line:  # others answer so quickly: enough for a packet sent twice
            seconds = min(seconds, max(SECOND_TRY, 3 * line))
        other = (80 if aim.port == 443 else 443) if self._final and role == "main" else 0
        won = tcp.race(
            wanted, aim.port, self._deadline, seconds, role=role, other_port=other,
            begin=lambda address: self._begin("connect", address),
        )  # fmt: skip
        self._add(connects=won.connects)
        if won.sock is None:
            return None
        stream = Stream(won.sock, self._deadline)
        if aim.encrypted:
            return self._shake(stream, aim, won.address, role, seconds=limits.tls + 2 * won.seconds, rtt=won.seconds)
        if not aim.speaks_http and role == "main":
            self._env.reached(self._target, won.address, aim.port, won.seconds)
        return stream

    def _resolve(self, host: str, role: Role) -> tuple[str, ...]:
        if is_address(host):
            return (host,)
        self._begin("resolve")
        local = host == "localhost" or host.endswith(".localhost")  # no question for a nameserver (RFC 6761)
        ours = not local and role != "proxy"
        found = dns.resolve(
            host, self._deadline, seconds=self._env.limits.resolve, role=role,
            nameservers=self._env.nameservers if ours else (),
            second=self._env.limits.second_resolver if ours and role == "main" else "",
        )  # fmt: skip
        self._add(lookups=found.lookups)
        return found.addresses

    def _shake(
        self, stream: Stream, aim: Target, address: str, role: Role, *, seconds: float, rtt: float = 0.0
    ) -> Stream | None:
        self._begin("tls", address)
        seen, secure = tls.shake(stream, address, aim.host, tls.verifying(), self._deadline, seconds, role)
        self._add(handshakes=[seen])
        if secure is None:
            stream.close()
        elif role == "main" and rtt:
            self._env.reached(self._target, address, aim.port, rtt)
        return secure

    def _through(self, via: proxy.Proxy, aim: Target, role: Role) -> Stream | None:
        """Return a stream to `aim` through a proxy; to the proxy itself where it is asked in clear."""
        began, limits = time.monotonic(), self._env.limits

        def note(operation: Any, **how: Any) -> None:
            self._proxy = ProxyUse(url=via.shown, operation=operation, **how, **self._deadline.times(began))

        self._begin("proxy", via.shown)
        self._proxy = via.problem
        if via.problem is not None:
            return None
        addresses = self._resolve(via.host, "proxy")
        if not addresses:
            note("resolve", failure=self._seen.lookups[-1].failure or failures.NXDOMAIN)
            return None
        won = tcp.race(addresses, via.port, self._deadline, limits.proxy, grace=0.0, role="proxy")
        if won.sock is None:
            note("connect", failure=won.connects[-1].failure if won.connects else failures.TIMEOUT)
            return None
        stream = Stream(won.sock, self._deadline)
        due = self._deadline.due(limits.proxy)
        if via.is_socks:
            stream.close()
            try:
                stream = Stream(proxy.through_socks(via, aim, limits.proxy), self._deadline)
            except OSError as wrong:
                note("tunnel", failure=failures.classify(wrong))
                return None
        elif via.scheme == "https":
            seen, secure = tls.shake(
                stream, won.address, via.host, tls.verifying(), self._deadline, limits.proxy, "proxy"
            )
            if secure is None:
                stream.close()
                note("connect", failure=seen.failure)
                return None
            stream = secure
        note("ok")
        if aim.encrypted and not via.is_socks:
            status, failure = proxy.tunnel(stream, via, aim, due)
            note("tunnel" if failure else "ok", failure=failure, status=status)
            if failure:
                stream.close()
                return None
        return self._shake(stream, aim, won.address, role, seconds=limits.tls) if aim.encrypted else stream

    # HTTP

    def _fetch(self, stream: Stream | None) -> None:
        """Ask over `stream`, and follow redirects, each over a connection of its own."""
        aim, been = self._target, {self._target.url}
        connected = [one.duration_ms for one in self._seen.connects if one.role == "main" and one.failure is None]
        # on a slow line the same answer takes longer
        due = self._deadline.due(self._env.limits.http + 2 * min(connected, default=0.0) / 1000)
        while stream is not None:
            self._begin("http", aim.host)
            plain = self._via is not None and not aim.encrypted and not self._via.is_socks
            fields = self._via.fields if plain and self._via is not None else None
            seen, location = http.exchange(
                self._target, aim, stream, self._deadline, due, hop=len(self._seen.exchanges), proxy=fields
            )
            stream.close()
            onward, hint = http.onward(self._target, aim, location, seen.status, been) if location else (None, "")
            self._add(exchanges=[http.ended(seen, hint) if hint else seen])
            if plain and seen.status == 407 and self._proxy is not None:
                self._proxy = msgspec.structs.replace(
                    self._proxy, operation="tunnel", failure=failures.HTTP_STATUS, status=407
                )
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
        shaken = next((one for one in self._seen.handshakes if one.role == "main"), None)
        if shaken is not None and shaken.failure is not None:
            silent = shaken.failure in _SILENCE and not shaken.hint and self._target.address is None
            if shaken.verify_code:
                self._look_at_certificate(shaken)
                self._compare()
            elif self._final and silent:
                self._shake_again(shaken.address, NEUTRAL_NAME, "other_name")
        elif self._seen.connects and not any(one.failure is None and one.role == "main" for one in self._seen.connects):
            self._compare()
        elif self._target.speaks_http and not self._target.encrypted and self._seen.exchanges:
            good = next((one for one in self._seen.connects if one.failure is None and one.role == "main"), None)
            if good is not None and not failure_causes.worth_repeating(self.seen()):
                self._env.reached(self._target, good.address, self._target.port, good.duration_ms / 1000)

    def _look_at_certificate(self, refused: Handshake) -> None:
        """Connect once more without verifying, to read the refused certificate and what time the server has."""
        stream = self._open(refused.address)
        if stream is None:
            return
        seen, secure = tls.shake(
            stream, refused.address, self._target.host, tls.unverified(), self._deadline, FOLLOW_UP
        )
        skew = None
        dated = refused.verify_code in (failures.EXPIRED_CODE, failures.NOT_YET_VALID_CODE)
        if secure is not None and dated and self._target.scheme == "https":
            skew = http.date_skew(secure, self._target.authority, self._deadline.due(FOLLOW_UP))
        stream.close()
        known = msgspec.structs.replace(refused, certificate=seen.certificate, date_skew_s=skew)
        every = tuple(known if one is refused else one for one in self._seen.handshakes)
        self._seen = msgspec.structs.replace(self._seen, handshakes=every)

    def _compare(self) -> None:
        """Where another resolver, or another of our nameservers, names other addresses, see whether it lives there."""
        if not self._target.encrypted or is_address(self._target.host):
            return
        named = [(seen.by, one) for seen in self._seen.lookups for one in seen.addresses]
        system, second = ([one for by, one in named if by == who] for who in ("system", "second"))
        others = [one for by, one in named if by != "system" and one not in system]
        if others and not {*system} & {*second}:
            self._shake_again((second or others)[0], self._target.host, "second")

    def _shake_again(self, address: str, name: str, role: Role) -> None:
        stream = self._open(address)
        if stream is not None:
            context = tls.unverified() if role == "other_name" else tls.verifying()
            self._add(handshakes=[tls.shake(stream, address, name, context, self._deadline, FOLLOW_UP, role)[0]])
            stream.close()

    def _open(self, address: str) -> Stream | None:
        sock = tcp.race([address], self._target.port, self._deadline, FOLLOW_UP).sock
        return Stream(sock, self._deadline) if sock is not None else None
