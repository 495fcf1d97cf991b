"""Plays scenarios in forked children: everything is imported once, namespaces are made per child.

Reads lines of `number name` from stdin and writes one JSON line for each as it ends. It has one thread only, so that
forking is safe; what the children do with threads is their own affair.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

_NEW_NET_AND_MOUNT = 0x40000000 | 0x00020000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Serve until stdin ends and the last child is done."""
    from tests.lab.net import stage

    stage.load()
    gc.freeze()  # children share what is loaded
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        open_: dict[int, tuple[str, int, bytes]] = {}
        rest, more = b"", True
        while more or open_:
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if key.fd == 0:
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        number, _, name = line.decode().partition(" ")
                        pipe, child = _bear(name)
                        open_[pipe] = (number, child, b"")
                        selector.register(pipe, selectors.EVENT_READ)
                    if not data:
                        more = False
                        selector.unregister(0)
                    continue
                number, child, said = open_[key.fd]
                open_[key.fd] = (number, child, said + data)
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    os.waitpid(child, 0)
                    del open_[key.fd]
                    sys.stdout.write(f"{number} {said.decode()}\n")
                    sys.stdout.flush()


def _bear(name: str) -> tuple[int, int]:
    """Fork a child that plays `name`; return the pipe it answers on and its id."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return read, child
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no stage outlives the nursery
    answer = {"error": "the child ended early", "verdict": "error"}
    try:
        answer = _play(name)
    except (OSError, RuntimeError, ValueError, LookupError, AttributeError, TypeError):
        answer["error"] = traceback.format_exc()[-2000:]
    finally:
        os.write(write, json.dumps(answer).encode())
        os._exit(0)  # servers of the far side are still in their calls


def _play(name: str) -> dict[str, Any]:
    from tests.lab.net.stage import play
    from tests.lab.net.table import by_name

    if _LIBC.unshare(_NEW_NET_AND_MOUNT) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with tempfile.TemporaryDirectory() as folder:
        return play(by_name()[name], Path(folder))


if __name__ == "__main__":
    main()
