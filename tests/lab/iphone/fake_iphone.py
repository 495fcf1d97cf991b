"""The fake iPhone: what listens is Apple's service (usbmuxd), and through it one reaches the phones.

States: `trusted`, `untrusted` (with `taps` the owner taps at the so-manieth `Pair`), `refuses`, `locked`, `no_wechat`,
`stale` (this computer has a record that the phone no longer knows). `hang_at` and `unplug_at` name a step (`accept`, a
request, `TLS` or `apps TLS`); `answers` holds raw bytes to send in place of a step's answer.
"""

import contextlib
import plistlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import trustme
from cryptography.hazmat.primitives import serialization

from tests.lab.tcp import TcpServer, exactly

UDID = "00008030-001C2D3E4F5A6B7C"
BUID = "8D1C3A7E-30B5-4B29-9C0D-5C6F1E2A3B4D"
APPS = "com.apple.mobile.installation_proxy"
LOCKDOWN, APPS_PORT = 62_078, 49_200
MOST = 1 << 20


@cache
def _trusted() -> tuple[trustme.CA, trustme.LeafCert]:
    """What a trusted computer shows, and what the phone shows: both RSA, as Apple has it."""
    computer = trustme.CA(key_type=trustme.KeyType.RSA)
    return computer, computer.issue_cert("phone.test", key_type=trustme.KeyType.RSA)


def pair_record() -> dict[str, Any]:
    """The record of a computer that is trusted."""
    computer, phone = _trusted()
    return {
        "HostID": "5D6F1E2A-3B4D-4B29-9C0D-8D1C3A7E30B5",
        "SystemBUID": BUID,
        **dict.fromkeys(("HostCertificate", "RootCertificate"), computer.cert_pem.bytes()),
        "DeviceCertificate": phone.cert_chain_pems[0].bytes(),
        **dict.fromkeys(("HostPrivateKey", "RootPrivateKey"), computer.private_key_pem.bytes()),
        "EscrowBag": b"lab",
        "WiFiMACAddress": "02:00:00:00:00:01",
    }


@dataclass
class FakeIPhone:
    """One service with `count` phones of the same kind. `log` holds the requests, in order; `spoke` what came along."""

    state: str = "trusted"
    system: str = "17.5.1"
    wechat: dict[str, Any] = field(
        default_factory=lambda: {"CFBundleShortVersionString": "8.0.50", "CFBundleVersion": "8.0.50.35"}
    )
    count: int = 1
    taps: int | None = None
    hang_at: str | None = None
    unplug_at: str | None = None
    answers: dict[str, bytes] = field(default_factory=dict)
    listener: socket.socket | None = None
    log: list[str] = field(default_factory=list)
    spoke: list[dict[str, Any]] = field(default_factory=list)
    saved: dict[str, Any] | None = None
    trusted: dict[str, Any] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._asked_to_pair = 0
        self._server = TcpServer(lambda sock: _Talk(self, sock).run(), self.listener)
        self._server.__enter__()
        self.address = f"127.0.0.1:{self._server.port}" if self.listener is None else ""
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._server.__exit__()

    def plug(self, count: int) -> None:
        """Plug phones in or out."""
        self.count = count

    def unplug(self) -> None:
        """Cut the cable: every connection ends at once, and no phone is there any more."""
        self.count = 0
        self._server.hang_up()

    def record(self) -> dict[str, Any] | None:
        """What the service holds as this computer's record."""
        if self.saved is not None:
            return self.saved
        return pair_record() if self.state not in ("untrusted", "refuses", "no_record") else None

    def pair(self, record: dict[str, Any]) -> str | None:
        """Answer a wish to be trusted: an error, or None where the owner tapped."""
        self._asked_to_pair += 1
        if self.state == "refuses":
            return "UserDeniedPairing"
        if self.state == "locked":
            return "PasswordProtected"
        if self.taps is None or self._asked_to_pair < self.taps:
            return "PairingDialogResponsePending"
        self.trusted = record
        return None

    def session_error(self, host_id: object) -> str | None:
        """Answer a wish for a session."""
        trusted = self.trusted
        if trusted is not None:
            return None if host_id == trusted["HostID"] else "InvalidHostID"
        return {
            "locked": "PasswordProtected",
            "stale": "InvalidHostID",
            "untrusted": "PairingDialogResponsePending",
        }.get(self.state)


class _Talk:
    """One connection: first to the service, then to a port of a phone."""

    def __init__(self, phone: FakeIPhone, sock: socket.socket) -> None:
        self.phone, self.sock = phone, sock
        self._listener: Any = None

    def run(self) -> None:
        with contextlib.suppress(OSError):
            self._step("accept")
            while self._listener is None:
                self._service()
            self._listener()
        self.sock.close()  # encrypted, it is another than was given

    def _step(self, name: str) -> None:
        if name != "accept":
            self.phone.log.append(name)
        if name == self.phone.hang_at:
            self.phone.over.wait()
            raise ConnectionError
        if name == self.phone.unplug_at:
            self.phone.unplug()
            raise ConnectionError

    def _send_raw(self, name: str) -> None:
        if name in self.phone.answers:
            self.sock.sendall(self.phone.answers[name])
            self.phone.over.wait()
            raise ConnectionError

    # the service on the computer

    def _service(self) -> None:
        length, version, _kind, tag = struct.unpack("<4I", exactly(self.sock, 16))
        assert version == 1
        assert length <= MOST
        told = plistlib.loads(exactly(self.sock, length - 16))
        name = told["MessageType"]
        self.phone.spoke.append(told)
        self._step(name)
        self._send_raw(name)
        body = plistlib.dumps(self._service_answer(name, told))
        self.sock.sendall(struct.pack("<4I", 16 + len(body), 1, 8, tag) + body)

    def _service_answer(self, name: str, told: dict[str, Any]) -> dict[str, Any]:
        if name == "ListDevices":
            return {"DeviceList": [self._row(number) for number in range(1, self.phone.count + 1)]}
        if name == "ReadBUID":
            return {"BUID": BUID}
        if name == "ReadPairRecord":
            record = self.phone.record()
            known = record is not None and told["PairRecordID"].startswith(UDID[:-1])
            return {"PairRecordData": plistlib.dumps(record)} if known else {"MessageType": "Result", "Number": 2}
        if name == "SavePairRecord":
            self.phone.saved = plistlib.loads(told["PairRecordData"])
            return {"MessageType": "Result", "Number": 0}
        if name == "Connect" and 0 < told["DeviceID"] - 3 <= self.phone.count:
            port = int.from_bytes(told["PortNumber"].to_bytes(2, "little"), "big")
            self._listener = {LOCKDOWN: self._lockdown, APPS_PORT: self._apps}.get(port)
            return {"MessageType": "Result", "Number": 0 if self._listener is not None else 3}
        return {"MessageType": "Result", "Number": 2}

    @staticmethod
    def _row(number: int) -> dict[str, Any]:
        told = {
            "ConnectionType": "USB", "DeviceID": number + 3, "LocationID": number, "ProductID": 4776,
            "SerialNumber": f"{UDID[:-1]}{number}", "UDID": f"{UDID[:-1]}{number}", "ConnectionSpeed": 480_000_000,
        }  # fmt: skip
        return {"MessageType": "Attached", "DeviceID": number + 3, "Properties": told}

    # the phone

    def _hear(self) -> dict[str, Any]:
        (length,) = struct.unpack(">I", exactly(self.sock, 4))
        assert length <= MOST
        told: dict[str, Any] = plistlib.loads(exactly(self.sock, length))
        self.phone.spoke.append(told)
        return told

    def _tell(self, name: str, answer: dict[str, Any]) -> None:
        self._send_raw(name)
        controls = "\\x1b" in repr(answer)  # which the XML form cannot hold
        body = plistlib.dumps(answer, fmt=plistlib.FMT_BINARY if controls else plistlib.FMT_XML)
        self.sock.sendall(struct.pack(">I", len(body)) + body)

    def _secure(self, name: str) -> None:
        """Go on encrypted, as one whose computer shows the trusted certificate."""
        self._step(name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _trusted()[1].configure_cert(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=(self.phone.trusted or pair_record())["HostCertificate"].decode())
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def _lockdown(self) -> None:
        while True:
            told = self._hear()
            name = told["Request"]
            self._step(name)
            answer, error, secure = self._lockdown_answer(name, told)
            result = {"Error": error} if error is not None else {"Result": "Success", **answer}
            self._tell(name, {"Request": name, **result})
            if secure:
                self._secure("TLS")

    def _lockdown_answer(self, name: str, told: dict[str, Any]) -> tuple[dict[str, Any], str | None, bool]:
        phone = self.phone
        if name == "GetValue":
            return *self._value(told.get("Key")), False
        if name == "StartSession":
            error = phone.session_error(told["HostID"])
            return {"SessionID": "1", "EnableSessionSSL": True}, error, error is None
        if name == "StartService":
            known = told["Service"] == APPS
            return {"Port": APPS_PORT, "EnableServiceSSL": True}, None if known else "InvalidService", False
        if name == "Pair":
            return {"EscrowBag": b"lab"}, phone.pair(told["PairRecord"]), False
        if name in ("StopSession", "Goodbye"):
            return {}, None, False
        return {}, "UnknownRequest", False

    def _value(self, key: str | None) -> tuple[dict[str, Any], str | None]:
        own = serialization.load_pem_private_key(_trusted()[1].private_key_pem.bytes(), None)
        values: dict[str, Any] = {
            "ProductVersion": self.phone.system,
            "DeviceName": "王五的 iPhone",
            "ProductType": "iPhone12,1",
            "PhoneNumber": "+86 138 0013 8000",
            "DevicePublicKey": own.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
            ),
        }
        if key is None:
            return {"Value": {name: values[name] for name in ("ProductVersion", "ProductType")}}, None
        return ({"Key": key, "Value": values[key]}, None) if key in values else ({}, "MissingValue")

    def _apps(self) -> None:
        self._secure("apps TLS")
        while True:
            told = self._hear()
            name = told["Command"]
            self._step(name)
            here = self.phone.state != "no_wechat"
            app = {"CFBundleIdentifier": "com.tencent.xin", "CFBundleDisplayName": "微信", **self.phone.wechat}
            wanted = told["ClientOptions"]
            found = {
                id_: {key: app[key] for key in wanted["ReturnAttributes"] if key in app}
                for id_ in wanted["BundleIDs"]
                if id_ == "com.tencent.xin" and here
            }
            self._tell(name, {"LookupResult": found, "Status": "Complete"})
