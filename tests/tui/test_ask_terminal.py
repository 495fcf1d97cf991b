"""`ask` at a terminal: the checks run beside the questions, and what is waited for stands in one line."""

import socket

from tests.tui.terminal import Terminal


def test_the_first_question_does_not_wait_for_a_dead_network_and_the_end_says_what_it_waits_for(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        only = ("--only", "network.reachability", "--target", target, "--timeout", "30", "--lang", "zh")
        with Terminal(tmp_path, "ask", *only) as terminal:
            terminal.wait("11. 可能遇上骗子")
            assert "仍在等待" not in terminal.raw.decode()
            terminal.type("q\r").wait("仍在等待 127.0.0.1")
            silent.close()
            while terminal.read(1.0):
                pass
    said = terminal.raw.decode()
    before, _, report = said.partition("微粒贷入口排查报告")
    assert before.index("一问一答") < before.index("哪一种情况") < before.index("仍在等待")
    assert "\n" not in before[before.index("仍在等待") :]
    assert "127.0.0.1" in report
