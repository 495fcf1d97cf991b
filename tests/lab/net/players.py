"""Plays scenarios, some at a time, in forked children: everything is imported once, namespaces are made per child.

`play_all` starts this module as a process in fresh namespaces, a second one under a clock that can be set where a
scenario needs it. That process has one thread only, so that forking is safe; what its children do with threads is their
own affair.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.lab.net.scenario import Scenario
from tests.lab.net.world import wrapper

ROOT: Final = Path(__file__).parents[3]
PATIENCE: Final = 60
"""Seconds after which a child is ended."""
_FAKETIME: Final = {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
"""Each child sets its own time, which counts at once."""
_NEW_NET_AND_MOUNT: Final = 0x40000000 | 0x00020000
_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def play_all(scenarios: Sequence[Scenario], jobs: int) -> Iterator[tuple[Scenario, dict[str, Any]]]:
    """Play scenarios, at most `jobs` of each clock at a time, and yield each with what was said of it as it ends."""
    with contextlib.ExitStack() as open_:
        started = []
        for faked in (False, True):
            mine = [one for one in scenarios if bool(one.off) is faked]
            clock = ["faketime", "-m", "-f", "+0d"] if faked else []
            command = [*clock, *wrapper(), sys.executable, "-m", "tests.lab.net.players", str(jobs)]
            env = {**os.environ, **(_FAKETIME if faked else {}), "PYTHONPATH": str(ROOT)}
            names = [one.name for one in mine]
            if mine:
                process = subprocess.Popen([*command, *names], stdout=subprocess.PIPE, cwd=ROOT, env=env)
                open_.callback(process.wait, PATIENCE)
                open_.callback(process.kill)
                assert process.stdout is not None
                started.append((mine, open_.enter_context(process.stdout)))
        for mine, lines in started:
            for line in lines:
                number, said = json.loads(line)
                yield mine[number], said


def main() -> None:
    """Play the scenarios named on the command line; print a line with the number of each and what was said."""
    from tests.lab.net import stage

    stage.load()
    gc.freeze()  # children share what is loaded
    jobs, names = int(sys.argv[1]), sys.argv[2:]
    waiting, playing = list(enumerate(names))[::-1], dict[int, tuple[int, int]]()
    while waiting or playing:
        if waiting and len(playing) < jobs:
            number, name = waiting.pop()
            child, pipe = _bear(name)
            playing[child] = number, pipe
            continue
        child, _ = os.wait()
        number, pipe = playing.pop(child)
        with open(pipe, "rb") as file:  # noqa: PTH123
            told = file.read() or b'{"error": "the stage fell down or did not end", "verdict": "error"}'
        sys.stdout.write(f"[{number}, {told.decode()}]\n")
        sys.stdout.flush()


def _bear(name: str) -> tuple[int, int]:
    """Fork a child that plays `name`; return its id and the pipe it answers on."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no stage outlives its process
    signal.alarm(PATIENCE)
    answer: dict[str, Any] = {"error": "the child ended early", "verdict": "error"}
    try:
        answer = _play(name)
    except (OSError, RuntimeError, ValueError, LookupError, AttributeError, TypeError):
        answer["error"] = traceback.format_exc()[-2000:]
    finally:
        os.write(write, json.dumps(answer).encode())
        os._exit(0)  # servers of the far side are still in their calls


def _play(name: str) -> dict[str, Any]:
    from tests.lab.net.faults import by_name
    from tests.lab.net.stage import play

    if _LIBC.unshare(_NEW_NET_AND_MOUNT) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with tempfile.TemporaryDirectory() as folder:
        return play(by_name()[name], Path(folder))


if __name__ == "__main__":
    main()
