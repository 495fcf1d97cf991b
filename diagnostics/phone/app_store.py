"""Ask the app store's public lookup for the newest WeChat for iPhones. Only when asked to; nothing depends on it."""

from __future__ import annotations

import queue
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import msgspec

from diagnostics.network import failures
from diagnostics.sanitize import clean_line
from diagnostics.versions import parse_wechat_version

LOOKUP: Final = "https://itunes.apple.com/cn/lookup?bundleId=com.tencent.xin"
MAX_ANSWER: Final = 1 << 20


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version in the store, or why it is not known (`failure`, a word of `network.failures`).

    `released` is the store's date; `minimum_os` the iOS version that the store says it needs.
    """

    version: str | None = None
    released: str | None = None
    minimum_os: str | None = None
    failure: str | None = None


class _Row(msgspec.Struct, rename="camel"):
    version: str = ""
    current_version_release_date: str = ""
    minimum_os_version: str = msgspec.field(default="", name="minimumOsVersion")


class _Answer(msgspec.Struct):
    results: tuple[_Row, ...] = ()


def latest_ios(timeout: float, url: str = LOOKUP) -> Latest:
    """Ask the store and return within `timeout` seconds, whatever the resolver, the network or the store do.

    Nothing about the user is sent, redirects are not followed, and no more than 1 MiB is read.
    """
    told: queue.SimpleQueue[Latest] = queue.SimpleQueue()
    # A thread to leave behind: neither the resolver nor a server that drips can be cut short otherwise.
    threading.Thread(target=lambda: told.put(_ask(timeout, url)), name="app-store", daemon=True).start()
    try:
        return told.get(timeout=timeout)
    except queue.Empty:
        return Latest(failure=failures.TIMEOUT)


def _ask(timeout: float, url: str) -> Latest:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", f"{parts.path or '/'}?{parts.query}", headers={"Accept": "application/json"})
        response = connection.getresponse()
        body = response.read(MAX_ANSWER + 1)
    except (OSError, HTTPException) as error:
        return Latest(failure=failures.classify(error))
    finally:
        connection.close()
    if response.status != 200:
        return Latest(failure=failures.HTTP_STATUS)
    return _read(body) if len(body) <= MAX_ANSWER else Latest(failure=failures.JSON_PARSE)


def _read(body: bytes) -> Latest:
    """Read the store's answer; one without a usable version is a failure as well."""
    try:
        row = msgspec.json.decode(body, type=_Answer).results[0]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
        return Latest(failure=failures.JSON_PARSE)
    version = parse_wechat_version(row.version).version
    if version is None:
        return Latest(failure=failures.JSON_PARSE)
    return Latest(
        version=version,
        released=clean_line(row.current_version_release_date, 40) or None,
        minimum_os=clean_line(row.minimum_os_version, 20) or None,
    )
