"""One pass through the steps of one target: proxy or names, TCP, TLS, HTTP, and what else tells faults apart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
import msgspec.structs

from diagnostics.probing import causes, clock, connect, failures, http, proxy, resolve, tls, trust
from diagnostics.probing.observations import Attempt, Connect, Exchange, Handshake, Lookup, ProxyUse

if TYPE_CHECKING:
    import socket

    from diagnostics.probing.limits import Environment
    from diagnostics.probing.targets import Target

NEUTRAL_NAME: Final = "www.example.com"
"""A name that nobody filters (RFC 2606), to see whether a silent handshake is silent for every name."""
FOLLOW_UP: Final = 1.0
"""Seconds of each question that is only asked to tell two faults apart."""

_SILENCE: Final = frozenset({failures.TIMEOUT, failures.RESET, failures.EOF_ERROR})


class Steps:
    """Walks a target; what is seen is kept as it comes, so that a deadline loses nothing."""

    def __init__(self, target: Target, env: Environment, *, final: bool) -> None:
        self._target = target
        self._env = env
        self._final = final
        self._began = time.monotonic()
        self._lookups: list[Lookup] = []
        self._connects: list[Connect] = []
        self._handshakes: list[Handshake] = []
        self._exchanges: list[Exchange] = []
        self._proxy: ProxyUse | None = None
        self._at: str | None = None

    def run(self) -> Attempt:
        """Walk to the end, or to the first step that fails."""
        via = proxy.for_target(self._target)
        if via is not None:
            self._through(via)
        else:
            self._directly()
        if not self._env.watch.over:
            self._at = None
        return self.seen()

    def seen(self) -> Attempt:
        """Return what there is so far."""
        return Attempt(
            lookups=tuple(self._lookups),
            connects=tuple(self._connects),
            handshakes=tuple(self._handshakes),
            exchanges=tuple(self._exchanges),
            proxy=self._proxy,
            unfinished=self._at,
            started_ms=(self._began - self._env.zero) * 1000,
            duration_ms=(time.monotonic() - self._began) * 1000,
        )

    def _begin(self, step: str, where: str = "") -> None:
        self._at = step
        self._env.tell(self._target, step, where)

    # directly

    def _directly(self) -> None:
        addresses = self._resolve(self._target.host)
        if not addresses:
            return
        families = self._target.families
        wanted = [one for one in addresses if (6 if connect.is_six(one) else 4) in families]
        won = self._connect(wanted, self._target.port)
        if won.sock is None:
            if self._final and self._all(failures.TIMEOUT):
                self._other_port(wanted[0])
            self._compare()
            return
        with won.sock:
            good = not self._target.encrypted or self._shake(won.sock, won.address)
            if good and self._target.speaks_http:
                self._fetch(won.address, {}, first=None if self._target.encrypted else won.sock)
        if not good:
            self._why_no_tls(won.address)
        elif not causes.worth_repeating(self.seen()):
            self._env.reached(self._target, won.address, self._target.port)

    def _all(self, failure: str) -> bool:
        return all(seen.failure == failure for seen in self._connects)

    def _resolve(self, host: str) -> tuple[str, ...]:
        literal = self._target.address if host == self._target.host else None
        if literal is not None:
            return (host,)
        self._begin("resolve")
        local = host == "localhost" or host.endswith(".localhost")  # no question for a nameserver (RFC 6761)
        found = resolve.resolve(
            host,
            self._env.watch,
            self._env.zero,
            seconds=self._env.limits.resolve,
            nameservers=() if local else self._env.nameservers,
            second="" if local else self._env.limits.second_resolver,
        )
        self._lookups += found.lookups
        return found.addresses

    def _connect(self, addresses: list[str], port: int) -> connect.Connected:
        race = connect.Race(port, self._env.watch, self._env.zero, seconds=self._env.limits.connect)
        won = race.run(addresses, lambda address: self._begin("connect", address))
        self._connects += won.connects
        return won

    def _other_port(self, address: str) -> None:
        """Does the other web port of a silent address answer? Then a filter sits on this one."""
        port = 80 if self._target.port == 443 else 443
        self._begin("connect", address)
        won = connect.connect_one(address, port, self._env.watch, self._env.zero, FOLLOW_UP)
        self._connects += [msgspec.structs.replace(seen, role="other_port") for seen in won.connects]
        if won.sock is not None:
            won.sock.close()

    def _shake(self, sock: socket.socket, address: str) -> bool:
        self._begin("tls", address)
        seen, _ = tls.shake(
            sock, address, self._target.host, trust.verifying(), self._env.watch, self._env.zero, self._env.limits.tls
        )
        self._handshakes.append(seen)
        return seen.failure is None

    def _why_no_tls(self, address: str) -> None:
        last = self._handshakes[-1]
        if last.verify_code:
            self._look_at_certificate(address)
            self._compare()
        elif self._final and last.failure in _SILENCE and not last.hint and self._target.address is None:
            self._shake_again(address, NEUTRAL_NAME, "other_name")

    def _look_at_certificate(self, address: str) -> None:
        """Connect once more without verifying, to read the refused certificate and what time the server has."""
        refused = self._handshakes[-1]
        session_of = self._open(address, self._target.port)
        if session_of is None:
            return
        with session_of as sock:
            seen, session = tls.shake(
                sock, address, self._target.host, trust.unverified(), self._env.watch, self._env.zero, FOLLOW_UP
            )
            skew = None
            dated = refused.verify_code in (failures.EXPIRED_CODE, failures.NOT_YET_VALID_CODE)
            if session is not None and dated and self._target.scheme == "https":
                skew = clock.ask(session, self._target.host, self._env.watch, FOLLOW_UP)
            self._handshakes[-1] = msgspec.structs.replace(refused, certificate=seen.certificate, date_skew_s=skew)

    def _shake_again(self, address: str, name: str, role: str) -> None:
        sock = self._open(address, self._target.port)
        if sock is None:
            return
        with sock:
            context = trust.unverified() if role == "other_name" else trust.verifying()
            seen, _ = tls.shake(sock, address, name, context, self._env.watch, self._env.zero, FOLLOW_UP)
        self._handshakes.append(msgspec.structs.replace(seen, role=role))

    def _open(self, address: str, port: int) -> socket.socket | None:
        return connect.connect_one(address, port, self._env.watch, self._env.zero, FOLLOW_UP).sock

    def _compare(self) -> None:
        """Where the second resolver names other addresses, see whether the host lives there."""
        system = {one for seen in self._lookups if seen.by == "system" for one in seen.addresses}
        second = [one for seen in self._lookups if seen.by == "second" for one in seen.addresses]
        if not second or system & set(second) or not self._target.encrypted:
            return
        self._shake_again(second[0], self._target.host, "second")

    # HTTP, and through a proxy

    def _fetch(
        self,
        address: str,
        proxies: dict[str, str],
        via: proxy.Proxy | None = None,
        first: socket.socket | None = None,
    ) -> None:
        """Fetch over new connections to `address`; the first request goes over `first`, where that is open."""
        self._begin("http", address)
        host = via.host if via is not None else self._target.host
        fresh = [first] if first is not None else []

        def dial(name: str, port: int) -> socket.socket:
            if fresh:
                sock = fresh.pop().dup()
                sock.setblocking(True)
                return sock
            known = name.strip("[]").lower() == host.lower()
            where = (address,) if known else self._hop_addresses(name)
            seconds = self._env.limits.connect
            won = connect.Race(port, self._env.watch, self._env.zero, seconds=seconds, grace=0.0).run(where)
            if not known:
                self._connects += [msgspec.structs.replace(one, role="redirect") for one in won.connects]
            if won.sock is None:
                failure = won.connects[-1].failure if won.connects else failures.DNS_FATAL
                raise _ERRORS.get(failure or "", OSError)(failure)
            won.sock.setblocking(True)
            return won.sock

        self._exchanges += http.fetch(
            self._target, dial, self._env.watch, self._env.zero, self._env.limits.http, proxies
        )

    def _hop_addresses(self, name: str) -> tuple[str, ...]:
        literal = name.strip("[]")
        try:
            connect.is_six(literal)
        except ValueError:
            return self._resolve_hop(literal)
        return (literal,)

    def _resolve_hop(self, name: str) -> tuple[str, ...]:
        limits = self._env.limits
        found = resolve.resolve(
            name, self._env.watch, self._env.zero, seconds=limits.resolve, nameservers=self._env.nameservers
        )
        self._lookups += [msgspec.structs.replace(one, role="redirect") for one in found.lookups]
        return found.addresses

    def _through(self, via: proxy.Proxy) -> None:
        began = time.monotonic()

        def note(**how: Any) -> None:
            self._proxy = proxy.used(via, began, self._env.zero, **how)

        self._begin("proxy", via.shown)
        if via.problem is not None:
            self._proxy = via.problem
            return
        addresses = self._proxy_addresses(via)
        if not addresses:
            note(operation="resolve", failure=self._lookups[-1].failure or failures.NXDOMAIN)
            return
        race = connect.Race(via.port, self._env.watch, self._env.zero, seconds=self._env.limits.proxy, grace=0.0)
        won = race.run(addresses)
        if won.sock is None:
            note(operation="connect", failure=won.connects[-1].failure if won.connects else failures.TIMEOUT)
            return
        with won.sock as sock:
            note(operation="ok")
            if self._target.encrypted and via.tunnels:
                status, failure = proxy.tunnel(sock, via, self._target, self._env.watch, self._env.limits.proxy)
                note(operation="tunnel" if failure else "ok", failure=failure, status=status)
                if failure or not self._shake(sock, won.address):
                    return
        self._fetch(won.address, {self._target.scheme: via.url}, via)
        if self._exchanges[-1].status == 407:
            note(operation="tunnel", failure=failures.HTTP_STATUS, status=407)

    def _proxy_addresses(self, via: proxy.Proxy) -> tuple[str, ...]:
        try:
            connect.is_six(via.host)
        except ValueError:
            found = resolve.resolve(
                via.host, self._env.watch, self._env.zero, seconds=self._env.limits.resolve, nameservers=()
            )
            self._lookups += [msgspec.structs.replace(one, role="proxy") for one in found.lookups]
            return found.addresses
        return (via.host,)


_ERRORS: Final[dict[str, type[OSError]]] = {
    failures.TIMEOUT: TimeoutError,
    failures.REFUSED: ConnectionRefusedError,
    failures.RESET: ConnectionResetError,
}
