"""Apple's phone service on this computer (usbmuxd): which iPhones are on the cable, and a way to a port of one.

A message is a header of four little-endian numbers (length with the header, version 1, type 8, tag) and
a property list.
"""

from __future__ import annotations

import os
import plistlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.parsers.expat import ExpatError

from diagnostics.network.deadline import Deadline, NoAnswerError
from diagnostics.network.targets import is_address
from diagnostics.phone.local_service import ClosedError, Connection, MalformedError, NotAllowedError, port_of, watch

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

PATH: Final = "/var/run/usbmuxd"
PORT: Final = 27015
LABEL: Final = "weilidai-doctor"
SILENCE: Final = 4.0
"""Seconds within which each answer has to be complete; services and phones take milliseconds."""
POLL: Final = 0.5
"""Seconds between two looks at which iPhones are there."""
LIMIT: Final = 1 << 20
"""Most bytes of one message: the largest that is wanted, a pair record, has some ten thousand."""
_HEADER: Final = struct.Struct("<4I")
_PLIST: Final = 8
_GONE: Final = (2, 3)
"""Results that say that there is no such phone any more, or that it takes no connection."""


@dataclass(frozen=True)
class IPhone:
    """One iPhone on the cable. `udid` is for asking the service for the pair record, and is shown nowhere."""

    handle: int
    udid: str = field(repr=False)


def service_address() -> str | tuple[str, int]:
    """Return where the service listens: a path, or host and port; as `USBMUXD_SOCKET_ADDRESS` says, where it is set.

    A host is an address in figures or `localhost`: looking up a name could take longer than anybody waits.
    """
    setting = os.environ.get("USBMUXD_SOCKET_ADDRESS", "")
    if setting[:5].upper() == "UNIX:" and setting[5:]:
        return setting[5:]
    host, _, port = setting.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    if (number := port_of(port)) and is_address(host):
        return host, number
    return ("127.0.0.1", PORT) if os.name == "nt" else PATH


def read_plist(data: bytes) -> dict[str, Any]:
    """Read a property list that is a dictionary. Raises MalformedError for anything else, entities among it."""
    try:
        found = plistlib.loads(data)
    except (
        ValueError, ExpatError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError, MemoryError,
        struct.error,
    ):  # fmt: skip
        raise MalformedError from None
    if not isinstance(found, dict):
        raise MalformedError
    return found


class UsbmuxConnection(Connection):
    """A connection to the service, and through it to a phone. Every method raises a kind of NoAnswerError."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(service_address(), deadline, SILENCE)

    def ask_service(self, message: str, **values: Any) -> dict[str, Any]:
        """Ask Apple's service something and return its answer."""
        named = {"MessageType": message, "ClientVersionString": LABEL, "ProgName": LABEL, "kLibUSBMuxVersion": 3}
        body = plistlib.dumps(named | values)
        self.send(_HEADER.pack(_HEADER.size + len(body), 1, _PLIST, 1) + body)
        length, _version, kind, _tag = _HEADER.unpack(self.exactly(_HEADER.size))
        if kind != _PLIST or not _HEADER.size < length <= LIMIT:
            raise MalformedError
        return read_plist(self.exactly(length - _HEADER.size))

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message of the phone's own protocols, its length (big-endian) before it; return the answer."""
        body = plistlib.dumps(message)
        self.send(struct.pack(">I", len(body)) + body)
        return self.next_answer()

    def next_answer(self) -> dict[str, Any]:
        """Return the next message of the phone's own protocols."""
        (length,) = struct.unpack(">I", self.exactly(4))
        if not 0 < length <= LIMIT:
            raise MalformedError
        return read_plist(self.exactly(length))


def _ask(deadline: Deadline, message: str, **values: Any) -> dict[str, Any]:
    with UsbmuxConnection(deadline) as stream:
        return stream.ask_service(message, **values)


def list_iphones(deadline: Deadline) -> tuple[IPhone, ...]:
    """Return the iPhones on the cable in the order in which they were plugged in; those on the Wi-Fi are not meant."""
    return iphones_in(_ask(deadline, "ListDevices"))


def iphones_in(answer: dict[str, Any]) -> tuple[IPhone, ...]:
    """Read the service's list. Raises MalformedError where it is none."""
    rows = answer.get("DeviceList")
    if not isinstance(rows, list):
        raise MalformedError
    found: dict[int, IPhone] = {}
    for row in rows[:100]:
        properties = row.get("Properties") if isinstance(row, dict) else None
        if not isinstance(properties, dict) or properties.get("ConnectionType", "USB") != "USB":
            continue
        handle, udid = row.get("DeviceID", properties.get("DeviceID")), properties.get("SerialNumber")
        if isinstance(handle, int) and isinstance(udid, str):
            found[handle] = IPhone(handle, udid)
    return tuple(found[handle] for handle in sorted(found))


def connect(iphone: IPhone, port: int, deadline: Deadline) -> UsbmuxConnection:
    """Return a connection to a port of the phone, which the caller closes. Raises ClosedError where it went away."""
    stream = UsbmuxConnection(deadline)
    try:
        swapped = int.from_bytes(port.to_bytes(2, "big"), "little")
        result = stream.ask_service("Connect", DeviceID=iphone.handle, PortNumber=swapped).get("Number")
        if result != 0:
            raise ClosedError if result in _GONE else MalformedError
    except NoAnswerError:
        stream.__exit__()
        raise
    return stream


def pair_record(iphone: IPhone, deadline: Deadline) -> dict[str, Any] | None:
    """Return the record of this computer being trusted, None where there is none.

    Raises NotAllowedError where the service has one and does not give it to this user.
    """
    answer = _ask(deadline, "ReadPairRecord", PairRecordID=iphone.udid)
    data = answer.get("PairRecordData")
    if isinstance(data, bytes):
        return read_plist(data)
    if answer.get("Number") in (1, 13):  # EPERM, EACCES
        raise NotAllowedError
    return None


def save_record(iphone: IPhone, record: dict[str, Any], deadline: Deadline) -> None:
    """Let the service keep the record of a trust that the person gave just now, as it keeps those of other programs."""
    data = plistlib.dumps(record)
    _ask(deadline, "SavePairRecord", PairRecordID=iphone.udid, PairRecordData=data, DeviceID=iphone.handle)


def own_id(deadline: Deadline) -> str:
    """Return the number under which Apple's service knows this computer; it is part of a pair record."""
    buid = _ask(deadline, "ReadBUID").get("BUID")
    if not isinstance(buid, str):
        raise MalformedError
    return buid


def watch_iphones(callback: Callable[[int], None], cancelled: threading.Event) -> None:
    """Call `callback` with the number of iPhones on the cable; see `watch`."""
    watch(lambda deadline: len(list_iphones(deadline)), 0, callback, cancelled, SILENCE, POLL)
