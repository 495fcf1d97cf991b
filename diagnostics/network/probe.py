"""Probes all targets at once: a daemon thread each, one deadline for the whole, cancelled at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from diagnostics.network import failures, local_network, tcp, tls
from diagnostics.network.measurements import NetworkMeasurement
from diagnostics.network.stability import Sampler
from diagnostics.network.target_probe import Limits, Shared, TargetProbe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.targets import Target

DOUBT: Final = 1.5
"""Seconds without anything reached after which the router is asked whether it is there at all."""
LOOK: Final = 0.1
"""Seconds after which the whole is looked at again."""
LATE: Final = 0.08
"""Seconds after the deadline in which a thread may still hand in what it saw."""


def probe(
    targets: Sequence[Target],
    *,
    deadline: Deadline,
    limits: Limits | None = None,
    on_step: Callable[[Target, str, str, int], None] = lambda _target, _step, _where, _done: None,
    warm: Callable[[], None] = lambda: None,
) -> NetworkMeasurement:
    """Probe every target until the deadline at the latest; `warm` loads what comes after.

    `on_step(target, step, address, done)` is called from the threads of the targets, at the start of each step, and
    with `target_probe.STEP_DONE` for a step at the end of a target.
    """
    limits = limits if limits is not None else Limits()
    threads: list[TargetProbe] = []
    sampler = Sampler(deadline, limits.samples)
    shared = Shared(
        deadline=deadline,
        limits=limits,
        nameservers=local_network.nameservers() or (),
        sampler=sampler,
        on_step=lambda target, step, where: on_step(
            target, step, where, sum(thread.done.is_set() for thread in threads)
        ),
    )
    threads += [TargetProbe(target, shared) for target in targets]
    ca_problem, script = tls.ca_problem(), local_network.pac()
    warm()
    answers: list[bool] = []
    router: threading.Thread | None = None
    end = deadline.at + LATE
    while not deadline.ended(end):
        waited = next((thread.done for thread in threads if not thread.done.is_set()), None)
        if router is None and not sampler.begun and (waited is None or time.monotonic() >= deadline.zero + DOUBT):
            router = threading.Thread(target=_ask_router, args=(deadline, answers), name="probe router", daemon=True)
            router.start()
        if waited is None and sampler.done and not (router is not None and router.is_alive()):
            break
        (waited or threading.Event()).wait(min(LOOK, max(0.0, end - time.monotonic())))
    gateway_answers = answers[0] if answers else None
    return NetworkMeasurement(
        machine=local_network.read_local_network(ca_problem=ca_problem, script=script, gateway_answers=gateway_answers),
        targets=tuple(thread.seen() for thread in threads),
        cancelled=deadline.cancelled.is_set(),
        duration_ms=(time.monotonic() - deadline.zero) * 1000,
    )


def _ask_router(deadline: Deadline, answers: list[bool]) -> None:
    """See whether the router is there: any answer to a connection will do, a refusal too."""
    if gateway := local_network.default_gateway():
        won, connects = tcp.race([gateway], 80, deadline, 0.8)
        if won is not None:
            won.sock.close()
        answers += [step.failure in (None, failures.REFUSED) for step in connects]
