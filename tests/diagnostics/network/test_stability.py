"""Loss, delay and jitter: figures against values worked out by hand, and real connections on loopback."""

import threading

import pytest

from diagnostics.network.deadline import Deadline
from diagnostics.network.measurements import Samples, figures
from diagnostics.network.probe import Sampler
from diagnostics.network.targets import parse_target
from tests.lab.tcp import TcpServer


def taken(sent: int, *times: float) -> Samples:
    return Samples(sent=sent, times_ms=times, interval_ms=50, waiting_ms=900)


@pytest.mark.parametrize(
    ("times", "jitter"),
    [
        ([10.0], None),
        ([10.0, 26.0], 1.0),
        ([10.0, 26.0, 10.0], 1.0 + (16.0 - 1.0) / 16),
        ([5.0] * 20, 0.0),
    ],
)
def test_jitter_is_that_of_rfc_3550(times: list[float], jitter: float | None) -> None:
    assert figures(taken(20, *times)).jitter_ms == pytest.approx(jitter)


@pytest.mark.parametrize(
    ("lost", "sent", "low", "high"),
    [(0, 20, 0.0, 0.1611), (1, 20, 0.0089, 0.2361), (5, 20, 0.1119, 0.4687), (20, 20, 0.8389, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share_is_wilsons(lost: int, sent: int, low: float, high: float) -> None:
    told = figures(taken(sent, *[9.0] * (sent - lost)))
    assert (told.loss_low, told.loss_high) == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


def test_figures_of_a_series() -> None:
    told = figures(taken(5, 10.0, 12.0, 40.0, 11.0))
    assert (told.sent, told.lost, told.loss) == (5, 1, 0.2)
    assert (told.median_ms, told.worst_ms, told.worst_gap_ms) == (11.5, 40.0, 29.0)


def test_a_live_listener_loses_nothing_and_a_dead_port_is_not_sampled_twice() -> None:
    with TcpServer(lambda _sock: None) as server:
        port = server.port
        sampler = Sampler(Deadline(10), 6)
        target = parse_target(f"tcp://127.0.0.1:{port}")
        sampler.offer(target, "127.0.0.1", 0.0)
        sampler.offer(parse_target("tcp://127.0.0.1:9"), "127.0.0.1", 0.0)
        while not sampler.done:
            threading.Event().wait(0.01)
    told = sampler.taken(target)
    assert told is not None
    assert (told.sent, len(told.times_ms)) == (6, 6)
    assert sampler.taken(parse_target("tcp://127.0.0.1:9")) is None
