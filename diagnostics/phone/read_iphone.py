"""Look at the one iPhone on the cable: its system's version, WeChat's version where the phone trusts this computer."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import secrets
import ssl
import sys
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnostics.evidence import StepResult
from diagnostics.i18n import Message
from diagnostics.network.deadline import CancelledError, NoAnswerError, TimedOutError
from diagnostics.phone import usbmux
from diagnostics.phone.local_service import ClosedError, MalformedError, NoServerError, NotAllowedError
from diagnostics.phone.readout import (
    PhoneReader,
    PhoneValue,
    StopReadingError,
    android_names,
    androids_beside,
    iphone_names,
    to_observations,
)
from diagnostics.phone.usbmux import LABEL, IPhone, UsbmuxConnection
from diagnostics.sanitize import clean_line
from diagnostics.versions import at_least, parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Callable


BITS: Final = 2048
_EXPONENT: Final = 65_537
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_SHA256_RSA: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALL: Final = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))
_CONSTRAINTS: Final = bytes.fromhex("0603551d13")
_PEM: Final = re.compile(rb"-----BEGIN RSA PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,4000})-----END RSA PUBLIC KEY-----")


def new_record(device_key: bytes, system_buid: str) -> dict[str, Any]:
    """Return a new pair record for a phone with this public key (PEM). Raises MalformedError where that is none."""
    found = _PEM.search(device_key)
    try:
        public = base64.b64decode(found[1]) if found else b""
    except ValueError:
        public = b""
    if not public:
        raise MalformedError
    p, q = _prime(), _prime()
    n = p * q
    d = pow(_EXPONENT, -1, math.lcm(p - 1, q - 1))
    own = _sequence(_integer(n), _integer(_EXPONENT))
    host = _certificate(own, n, d, authority=True)
    numbers = (0, n, _EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    key = _pem("RSA PRIVATE KEY", _sequence(*(_integer(number) for number in numbers)))
    return {
        "DeviceCertificate": _certificate(public, n, d, authority=False),
        "HostCertificate": host,
        "RootCertificate": host,
        "HostPrivateKey": key,
        "RootPrivateKey": key,
        "HostID": str(uuid.uuid4()).upper(),
        "SystemBUID": system_buid,
    }


def _prime() -> int:
    """Return a random prime of half the key's length, its two highest bits set.

    Fermat's test is enough: that a random number this long passes and is none, nobody meets (Kim and Pomerance, 1989).
    """
    while True:
        found = secrets.randbits(BITS // 2) | 3 << (BITS // 2 - 2) | 1
        likely = math.gcd(found, _SMALL) == 1 and found % _EXPONENT != 1
        if likely and all(pow(base, found - 1, found) == 1 for base in (2, 3, 5, 7)):
            return found


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _pem(label: str, data: bytes) -> bytes:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


def _certificate(public: bytes, n: int, d: int, *, authority: bool) -> bytes:
    """Return an X.509 certificate (version 3, no names, valid for long) for a public key, signed with the own one."""
    constraints = _sequence(_der(0x01, b"\xff")) if authority else _sequence()
    signed = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(63) | 1),
        _SHA256_RSA,
        _sequence(),
        _sequence(_der(0x17, b"200101000000Z"), _der(0x17, b"491231235959Z")),
        _sequence(),
        _sequence(_RSA, _der(0x03, b"\0", public)),
        _der(0xA3, _sequence(_sequence(_CONSTRAINTS, _der(0x01, b"\xff"), _der(0x04, constraints)))),
    )
    size = BITS // 8
    digest = _SHA256 + hashlib.sha256(signed).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    signature = pow(int.from_bytes(padded, "big"), d, n).to_bytes(size, "big")
    return _pem("CERTIFICATE", _sequence(signed, _SHA256_RSA, _der(0x03, b"\0", signature)))


LOCKDOWN: Final = 62_078
"""The port of the phone's own service, which hands out values and ways to its other services."""
WECHAT: Final = "com.tencent.xin"
APPS: Final = "com.apple.mobile.installation_proxy"
POLL: Final = 1.0
"""Seconds between two looks at whether the owner tapped."""
ADB_START: Final = 9.0
"""Seconds within which an adb server that is just being started knows its phones."""

_SYSTEM: Final = re.compile(r"\d{1,3}(?:\.\d{1,4}){0,3}")
_NOT_TRUSTED: Final = ("PairingDialogResponsePending", "InvalidHostID", "InvalidPairRecord", "MissingPairRecord")
_ERRORS: Final = {
    "PasswordProtected": "locked",
    "PasswordRequired": "locked",
    "UserDeniedPairing": "trust_refused",
    "PairingProhibitedOverThisConnection": "trust_refused",
}
_MOST_MESSAGES: Final = 20


class IPhoneReader(PhoneReader):
    """Look at the iPhone; each step is a question to the phone or to Apple's service."""

    system = "ios"
    service = "usbmuxd"

    def _read_phone(self) -> None:
        iphone = self._choose()
        self._deadline = self._deadline if self._asked.pair else self._deadline.within(self._asked.patience)
        self._readout.verdict, self._readout.values = self._read(iphone)

    def _finish(self) -> None:
        seen = self._readout
        seen.operation = seen.steps[-1].name if seen.steps else self.service
        if self._asked.pair and seen.verdict in ("trust_asked", "locked"):
            seen.below = [("more_time", {})]
        read = {one.id: str(one.value) for one in seen.readings}
        seen.above = [("system", {"version": read["os.version"]})] if "os.version" in read else []
        if seen.verdict != "wechat_absent":  # such a phone is not where the user looked: it witnesses nothing
            rows = (
                ("os.version", f"iOS {read.get('os.version')}", ("os.version",)),
                ("client.platform", "ios", ("os.version",)),
                ("wechat.version", read.get("wechat.version"), ("wechat.version",)),
            )
            seen.observations = to_observations(seen.readings, self._asked.at, rows)

    def _note_failure(self, error: NoAnswerError) -> None:
        seen, reached = self._readout, self._readout.data["device"] is not None
        if isinstance(error, NoServerError):
            seen.verdict = "none" if _installed() else "no_service"
            computer = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
            seen.values = {"install": Message(f"check.phone.ios.install.{computer}")}
            return
        late = "hung" if reached else "out_of_time" if self._over() else "service_foreign"
        other = "unreadable" if reached else "service_foreign"
        kinds = {CancelledError: "cancelled", TimedOutError: late, NotAllowedError: "not_allowed",
                 ClosedError: "dropped" if reached else other}  # fmt: skip
        seen.failure, seen.verdict = error.failure, kinds.get(type(error), other)

    def _over(self) -> bool:
        """Whether the time for the whole check is over."""
        return self._deadline.over and not self._deadline.cancelled.is_set()

    def _step(self, name: str, work: Callable[[], Any]) -> Any:
        """Do one step, timed; its failure is noted and passed on."""
        self._on_step(name, 0, 0)
        at, failure = time.monotonic(), None
        try:
            return work()
        except NoAnswerError as error:
            failure = error.failure
            raise
        finally:
            step = StepResult(name=name, target="iPhone", failure=failure, **self._deadline.times(at))
            self._readout.steps = (*self._readout.steps, step)

    def _request(self, lockdown: UsbmuxConnection, request: str, **values: Any) -> dict[str, Any]:
        """Ask the phone's own service something, as a step."""
        name = f"{request} {values['Key']}" if "Key" in values else request
        message = {"Label": LABEL, "Request": request, **values}
        answer: dict[str, Any] = self._step(name, lambda: lockdown.ask(message))
        return answer

    def _choose(self) -> IPhone:
        """Return the phone to read. Raises StopReadingError where there is none, or more than one."""
        found: tuple[IPhone, ...] = self._step("ListDevices", lambda: usbmux.list_iphones(self._deadline))
        choice, count = self._asked.choice, len(found)
        every = iphone_names(count)
        self._readout.data["devices"] = [f"ios:{number}" for number in range(1, count + 1)]
        if choice.number is not None and choice.number > count:
            raise StopReadingError("not_found", device=choice.shown, devices=", ".join(every) or "-")
        if not found:
            raise StopReadingError("none")
        if choice.system is None:
            late = ADB_START if self._asked.start_adb else 0
            every = [*android_names(androids_beside(self._deadline, late)), *every]
        if len(every) > 1 and choice.number is None:
            raise StopReadingError("several", devices=", ".join(every))
        number = choice.number or 1
        self._readout.data["device"] = f"ios:{number}"
        return found[number - 1]

    def _read(self, iphone: IPhone) -> tuple[str, dict[str, Any]]:
        """Read both versions and return the verdict. For the system's no phone asks to be trusted."""
        with usbmux.connect(iphone, LOCKDOWN, self._deadline) as lockdown:
            value = self._request(lockdown, "GetValue", Key="ProductVersion").get("Value")
            if isinstance(value, str) and _SYSTEM.fullmatch(value):
                self._found(PhoneValue("os.version", value, "lockdown GetValue ProductVersion", value))
            context = self._session(iphone, lockdown)
            answer = self._request(lockdown, "StartService", Service=APPS)
            if answer.get("Error") is not None:
                raise _refusal(answer)
            port = answer.get("Port")
            if not isinstance(port, int) or not 0 < port < 65_536:
                raise MalformedError
            with usbmux.connect(iphone, port, self._deadline) as apps:
                if answer.get("EnableServiceSSL") is True:
                    apps.secure(context)
                return self._read_wechat(apps)

    def _found(self, reading: PhoneValue) -> None:
        self._readout.readings = (*self._readout.readings, reading)
        self._on_reading(reading)

    def _session(self, iphone: IPhone, lockdown: UsbmuxConnection) -> ssl.SSLContext:
        """Begin a trusted session with the record there is, else with a new one where the person agreed to it."""
        record = self._step("ReadPairRecord", lambda: usbmux.pair_record(iphone, self._deadline))
        for new in (False, True):
            if new and not self._asked.pair:
                raise StopReadingError("untrusted")
            record = self._pair(iphone, lockdown) if new else record
            context = _context(record)
            if context is None:
                continue
            ids = {name: str(record.get(name, "")) for name in ("HostID", "SystemBUID")}
            answer = self._request(lockdown, "StartSession", **ids)
            if answer.get("Error") is None:
                if answer.get("EnableSessionSSL") is True:
                    self._step("TLS", partial(lockdown.secure, context))
                return context
            if new or answer["Error"] not in _NOT_TRUSTED:
                raise _refusal(answer)
        raise StopReadingError("unreadable")

    def _pair(self, iphone: IPhone, lockdown: UsbmuxConnection) -> dict[str, Any]:
        """Let the phone ask its owner, and wait for the tap. Raises StopReadingError where it does not come in time."""
        key = self._request(lockdown, "GetValue", Key="DevicePublicKey").get("Value")
        record = new_record(key if isinstance(key, bytes) else b"", usbmux.own_id(self._deadline))
        shown = {name: value for name, value in record.items() if not name.endswith("PrivateKey")}
        request = {"PairRecord": shown, "ProtocolVersion": "2", "PairingOptions": {"ExtendedPairingErrors": True}}
        error = None
        try:
            while True:
                answer = self._request(lockdown, "Pair", **request)
                error = answer.get("Error")
                if error not in ("PairingDialogResponsePending", "PasswordProtected"):
                    break
                self._deadline.pause(POLL)
        except TimedOutError:
            if not self._over():
                raise
            raise StopReadingError("locked" if error == "PasswordProtected" else "trust_asked") from None
        if error is not None:
            raise _refusal(answer)
        if isinstance(answer.get("EscrowBag"), bytes):
            record["EscrowBag"] = answer["EscrowBag"]
        self._step("SavePairRecord", lambda: usbmux.save_record(iphone, record, self._deadline))
        return record

    def _read_wechat(self, apps: UsbmuxConnection) -> tuple[str, dict[str, Any]]:
        """Ask for WeChat's version alone, by its name: no list of apps is ever asked for."""
        found = self._step("Lookup", lambda: _lookup(apps))
        if found is None:
            return "wechat_absent", {}
        for name in ("CFBundleShortVersionString", "CFBundleVersion"):
            value = found.get(name)
            version = parse_wechat_version(clean_line(value, 60)).version if isinstance(value, str) else None
            if version is not None:
                text = f"{name}={clean_line(str(value), 60)}"
                self._found(PhoneValue("wechat.version", version, f"installation_proxy Lookup {WECHAT}", text))
                old = self._asked.minimum is not None and not at_least(version, self._asked.minimum)
                return ("wechat_old" if old else "ok"), {"version": version, "minimum": self._asked.minimum}
        return "unreadable", {}


def _refusal(answer: dict[str, Any]) -> StopReadingError:
    """Return how the look ends where the phone answered with an error."""
    error = answer.get("Error")
    return StopReadingError("untrusted" if error in _NOT_TRUSTED else _ERRORS.get(str(error), "unreadable"))


def _lookup(apps: UsbmuxConnection) -> dict[str, Any] | None:
    """Return what the phone says of WeChat, None where it is not there. Raises MalformedError."""
    wanted = {"BundleIDs": [WECHAT], "ReturnAttributes": ["CFBundleShortVersionString", "CFBundleVersion"]}
    answer = apps.ask({"Command": "Lookup", "ClientOptions": wanted})
    for _ in range(_MOST_MESSAGES):
        result = answer.get("LookupResult")
        if isinstance(result, dict):
            found = result.get(WECHAT)
            if found is not None and not isinstance(found, dict):
                raise MalformedError
            return found
        if answer.get("Error") is not None or answer.get("Status") == "Complete":
            break
        answer = apps.next_answer()
    raise MalformedError


def _context(record: dict[str, Any] | None) -> ssl.SSLContext | None:
    """Return how to speak encrypted with this record's key; None where the record cannot be used.

    The phone's certificate is its own making and known to nobody: that it has the right key is shown by the trust. Old
    phones know old algorithms only. Python takes keys from files alone, so one lies on the disk for a moment, in a
    folder that this user alone may open.
    """
    if record is None:
        return None
    parts = [record.get(name) for name in ("HostCertificate", "HostPrivateKey")]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "key")
        file.write_bytes(b"\n".join(part for part in parts if isinstance(part, bytes)))
        try:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.load_cert_chain(file, password=bytes)  # none: never ask at the terminal
        except (ssl.SSLError, OSError, ValueError):
            return None
    return context


def _installed() -> bool:
    """Whether Apple's service is on this Linux computer: it runs only while a phone is plugged in."""
    if not sys.platform.startswith("linux"):
        return False
    import shutil

    return any(shutil.which("usbmuxd", path=path) for path in (None, "/usr/sbin:/usr/local/sbin:/sbin"))
