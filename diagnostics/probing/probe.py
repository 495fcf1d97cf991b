"""Probes all targets at once: a daemon thread each, one deadline for the whole, cancelled at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from diagnostics.probing import connect, failures, machine, samples, trust
from diagnostics.probing.attempt import Steps
from diagnostics.probing.causes import worth_repeating
from diagnostics.probing.observations import Attempt, Samples, Seen, TargetSeen
from diagnostics.probing.watch import SLICE, Environment, Limits, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.probing.targets import Target

DOUBT: Final = 1.5
"""Seconds without anything reached after which the router is asked whether it is there at all."""
LATE: Final = 0.08
"""Seconds after the deadline in which a thread may still hand in what it saw."""
OVER: Final = "over"
"""The step that is told when a target is done."""


class _Walk:
    """One target: its thread, and what it saw so far."""

    def __init__(self, target: Target, env: Environment) -> None:
        self.target = target
        self.done = threading.Event()
        self._env = env
        self._attempts: list[Attempt] = []
        self._steps: Steps | None = None
        self._ended = 0.0
        threading.Thread(target=self._run, name=f"probe {target.url}", daemon=True).start()

    def _run(self) -> None:
        try:
            for number in range(1, self._env.limits.attempts + 1):
                last = number == self._env.limits.attempts
                self._steps = Steps(self.target, self._env, final=last, again=number > 1)
                seen = self._steps.run()
                self._attempts.append(seen)
                self._steps = None
                if last or not worth_repeating(seen) or not self._env.watch.pause(self._env.limits.pause):
                    break
        finally:
            self._ended = time.monotonic()
            self.done.set()
            self._env.tell(self.target, OVER, "")

    def seen(self, taken: Samples | None) -> TargetSeen:
        """Return what there is; an attempt still going is told as far as it came."""
        attempts, steps = tuple(self._attempts), self._steps
        if steps is not None:
            attempts = (*attempts, steps.seen())
        took = (self._ended or time.monotonic()) - self._env.watch.zero
        return TargetSeen(target=self.target, attempts=attempts, samples=taken, duration_ms=took * 1000)


def probe(
    targets: Sequence[Target],
    *,
    deadline: float,
    limits: Limits | None = None,
    cancelled: threading.Event | None = None,
    tell: Callable[[Target, str, str, int], None] = lambda _target, _step, _where, _done: None,
    warm: Callable[[], None] = lambda: None,
) -> Seen:
    """Probe every target until `deadline` (monotonic) at the latest; `warm` loads what comes after.

    `tell(target, step, address, done)` is called from the threads of the targets, at the start of each step, and with
    `OVER` for a step at the end of a target.
    """
    limits = limits if limits is not None else Limits()
    watch = Watch(deadline, cancelled)
    walks: list[_Walk] = []
    sampler = samples.Sampler(watch, limits.samples)
    env = Environment(
        watch=watch,
        limits=limits,
        nameservers=machine.nameservers() or (),
        tell=lambda target, step, where: tell(target, step, where, sum(one.done.is_set() for one in walks)),
        reached=sampler.offer,
        round_trip=sampler.round_trip,
    )
    walks += [_Walk(target, env) for target in targets]
    ca_problem, script = trust.problem(), machine.pac()
    warm()
    answers: list[bool | None] = []
    router: threading.Thread | None = None
    while not watch.cancelled.is_set() and time.monotonic() < deadline + LATE:
        waited = next((walk.done for walk in walks if not walk.done.is_set()), None)
        if router is None and not sampler.begun and (waited is None or time.monotonic() >= watch.zero + DOUBT):
            router = threading.Thread(target=_ask_router, args=(watch, answers), name="probe router", daemon=True)
            router.start()
        if waited is None and sampler.done and not (router is not None and router.is_alive()):
            break
        (waited or threading.Event()).wait(min(SLICE, max(0.0, deadline + LATE - time.monotonic())))
    return Seen(
        machine=machine.look(ca_problem=ca_problem, script=script, gateway_answers=answers[0] if answers else None),
        targets=tuple(walk.seen(sampler.taken(walk.target)) for walk in walks),
        cancelled=watch.cancelled.is_set(),
        duration_ms=(time.monotonic() - watch.zero) * 1000,
    )


def _ask_router(watch: Watch, answers: list[bool | None]) -> None:
    """See whether the router is there: any answer to a connection will do, a refusal too."""
    if gateway := machine.default_gateway():
        won = connect.race([gateway], 80, watch, 0.8)
        if won.sock is not None:
            won.sock.close()
        answers += [one.failure in (None, failures.REFUSED) for one in won.connects]
