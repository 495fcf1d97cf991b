"""The packets between an adb server and a phone: a header of 24 bytes, little-endian, then the payload."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import socket

VERSION = 0x01000001
MAX_PAYLOAD = 1 << 18
HEADER = struct.Struct("<6I")


class Packet(NamedTuple):
    command: bytes
    arg0: int
    arg1: int
    data: bytes


def encode(packet: Packet) -> bytes:
    """Return a packet as bytes; the check sum is the sum of the payload's bytes."""
    code = int.from_bytes(packet.command, "little")
    total = sum(packet.data) & 0xFFFFFFFF
    return HEADER.pack(code, packet.arg0, packet.arg1, len(packet.data), total, code ^ 0xFFFFFFFF) + packet.data


def read(sock: socket.socket) -> Packet | None:
    """Read one packet; None when the other side is gone."""
    header = _exactly(sock, HEADER.size)
    if header is None:
        return None
    code, arg0, arg1, length, _sum, _magic = HEADER.unpack(header)
    data = _exactly(sock, length)
    return None if data is None else Packet(code.to_bytes(4, "little"), arg0, arg1, data)


def _exactly(sock: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        try:
            part = sock.recv(size - len(parts))
        except OSError:
            return None
        if not part:
            return None
        parts += part
    return bytes(parts)
