"""Two network namespaces in one process: the main thread lives in the near one, servers listen in the far one.

A namespace belongs to a thread. The far side is made by a thread of its own with `unshare`; sockets opened by that
thread stay there whoever uses them later, and commands it starts run there. Addresses are those of the
documentation (RFC 5737, RFC 3849); nothing here has a way out of the machine.
"""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

GATEWAY: Final = "192.0.2.2"
NAMESERVER: Final = "192.0.2.53"
SECOND: Final = "192.0.2.54"
GATEWAY6: Final = "2001:db8:1::2"
_CLONE_NEWNET: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def run(*command: str, given: str = "") -> None:
    """Run a command in the calling thread's namespace."""
    # no timeout here: waiting for one needs a clock that faketime leaves alone; the stage as a whole has one
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {given} {done.stderr.strip() or done.stdout.strip()}")


def ip(*commands: str) -> None:
    """Do these with one `ip`: starting it takes longer than what it does."""
    run("ip", "-batch", "-", given="\n".join(commands) + "\n")


def _unshare() -> None:
    if _LIBC.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


class Far:
    """The thread on the far side: does what it is given, one thing after another."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "far side", _unshare)
        self.tid: int = self.do(threading.get_native_id)

    def do(self, work: Callable[[], Any]) -> Any:
        """Do this over there and return what it returns."""
        return self._thread.submit(work).result(timeout=30)

    def run(self, command: str) -> None:
        """Run a command (words divided by spaces) over there."""
        self.do(lambda: run(*command.split()))

    def listen(self, address: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        """Open a listening (or bound datagram) socket over there."""

        def open_() -> socket.socket:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.socket(family, kind)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            if kind == socket.SOCK_STREAM:
                sock.listen(64)
            return sock

        opened: socket.socket = self.do(open_)
        return opened


def _never_limit_rejects() -> None:
    """Let every reject be sent: repeated ones would look like silence under the kernel's default limit."""
    for name in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
        Path("/proc/sys/net", name).write_text("0", encoding="ascii")


class World:
    """A near and a far namespace joined by a cable, with a nameserver's address and a default route."""

    def __init__(self, folder: Path, *, cable: bool = True) -> None:
        self.folder = folder
        self.far = Far()
        run("mount", "--make-rprivate", "/")
        self.resolve_by(NAMESERVER)
        self.near_file("/etc/hosts", "127.0.0.1 localhost\n")
        ip("link set lo up", *([f"link add c0 type veth peer name s0 netns {self.far.tid}"] if cable else []))
        self.far.do(lambda: ip("link set lo up"))
        if cable:
            self.address("c0", "s0")
            self._await_six(answered=True)  # a name server asked before would seem slow

    def address(self, near: str, far: str) -> None:
        """Give both ends of a link their addresses, and the near side its default routes."""
        addresses = [f"{one}/24 dev {far}" for one in (GATEWAY, NAMESERVER, SECOND)]
        addresses.append(f"{GATEWAY6}/64 dev {far} nodad")
        self.far.do(lambda: ip(f"link set {far} up", *(f"addr add {one}" for one in addresses)))
        ip(f"link set {near} up", f"addr add 192.0.2.1/24 dev {near}", f"addr add 2001:db8:1::1/64 dev {near} nodad")
        self.far.do(_never_limit_rejects)
        ip(f"route add default via {GATEWAY}", f"route add default via {GATEWAY6}")
        self._await_six()

    @staticmethod
    def _await_six(*, answered: bool = False) -> None:
        """Wait until there is a way for IPv6; `answered`: until the far side says that nothing listens there."""
        for _ in range(200):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock, contextlib.suppress(TimeoutError):
                sock.settimeout(0.02)
                if sock.connect_ex((GATEWAY6, 9)) == 0:
                    if not answered:
                        return
                    try:
                        sock.send(b"?")
                        sock.recv(1)
                    except ConnectionRefusedError:
                        return
            threading.Event().wait(0.005 if answered else 0.02)
        raise RuntimeError("the cable does not come up")

    def host(self, *addresses: str) -> None:
        """Let these addresses exist on the far side."""
        rows = [f"addr add {one}/128 dev lo nodad" if ":" in one else f"addr add {one}/32 dev lo" for one in addresses]
        self.far.do(lambda: ip(*rows))

    def resolve_by(self, *servers: str, seconds: int = 2) -> None:
        """Let the system ask these nameservers, each once, for so many seconds."""
        lines = [*(f"nameserver {server}" for server in servers), f"options timeout:{seconds} attempts:1"]
        self.near_file("/etc/resolv.conf", "\n".join(lines) + "\n")

    def near_file(self, path: str, text: str) -> None:
        """Put a file in the place of a system file, for this namespace only."""
        own = self.folder / path.strip("/").replace("/", "_")
        fresh = not own.exists()
        own.write_text(text, encoding="utf-8")
        if fresh:
            run("mount", "--bind", str(own), path)

    @staticmethod
    def near(command: str) -> None:
        """Run a command (words divided by spaces) on the near side."""
        run(*command.split())


def wrapper() -> list[str]:
    """Return the command that enters fresh namespaces, as root or as an ordinary user."""
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *own, "--net", "--mount", "--"]


def why_not() -> str:
    """Return why namespaces cannot be made here, or an empty string."""
    folders = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    missing = [tool for tool in ("unshare", "ip", "iptables", "ip6tables") if not shutil.which(tool, path=folders)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        done = subprocess.run(
            [*wrapper(), "sh", "-c", "ip link add c9 type veth peer name s9 && iptables -L -n >/dev/null"],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return f"namespaces: {wrong}"
    return f"namespaces are not permitted: {done.stderr.strip()[:200]}" if done.returncode else ""
