"""What a version text was read as: one record for WeChat, one for the system under it."""

from typing import Literal, TypeAlias

import msgspec

Platform: TypeAlias = Literal["android", "ios", "harmony", "windows", "macos", "linux"]
"""The values of the question `client.platform`."""


class VersionReading(msgspec.Struct, frozen=True):
    """One text read as a WeChat version; encodes to the object of `parse-version --json`.

    `version` is what the page 关于微信 shows and is None where the text gives no usable one; then
    `error` says why in words and `reason` as a stable code. `platform` may be known without a version.
    `form` is the kind of text that was seen, see `FORMS`. `sure` is False where the text names other versions
    as well, or an earlier one alone: then the version may only be asked back, and settles nothing.
    """

    input: str
    version: str | None
    build: str | None
    platform: Platform | None
    form: str
    error: str | None
    reason: str | None = None
    sure: bool = True


class SystemReading(msgspec.Struct, frozen=True):
    """One text read as the version of a phone's or computer's system.

    `name` is the system as its maker calls it (`iPadOS`, `MIUI`); `version` counts in the numbering of
    `platform`, so a vendor's own number is never given as an Android version: then `error` says why.
    """

    input: str
    version: str | None
    platform: Platform | None
    name: str | None
    error: str | None
    reason: str | None = None


class Code(msgspec.Struct, frozen=True):
    """A client version code taken apart: four numbers and the platform its leading digits name."""

    parts: tuple[int, int, int, int]
    platform: Platform | None
    placeholder: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """One place in a text that may be WeChat's version.

    `explicit`: the text says that it is WeChat's. `weak`: the text speaks of the latest or a needed one.
    `coded`: read from a client version code. `owner`: whose it is, see `ownership`.
    """

    form: str
    version: str | None = None
    build: str | None = None
    platform: Platform | None = None
    explicit: bool = False
    weak: bool = False
    coded: bool = False
    reason: str | None = None
    detail: str = ""
    owner: str = "own"


FORMS: dict[str, str] = {
    "user_agent": "a user agent, or its WeChat part",
    "version_with_code": "a number with its client version code, such as 8.0.44(0x18002c2f)",
    "client_code": "a client version code alone, such as 0x63090c33",
    "registry_value": "a client version code as a registry or decimal number",
    "package_record": "a package manager's record: versionName=, CFBundleShortVersionString, a file name",
    "labelled_number": "a dotted number beside WeChat's name",
    "number": "a dotted number alone",
    "partial": "a number with fewer parts than the client shows, such as 8.0",
    "digits": "a number written without its dots, such as 8049",
    "version_code": "an Android versionCode, such as 2600",
    "placeholder": "only the fixed number that every desktop client sends",
    "bound": "a number that is only a bound, such as 8.0.50 and later",
    "wecom": "WeCom (企业微信)",
    "developer_tools": "the simulator of the WeChat developer tools",
    "ambiguous": "several different versions",
    "system_version": "a version of the phone's or computer's system",
    "other_app": "another program's version",
    "phone_model": "the model of a phone",
    "date": "a date or a time",
    "ip_address": "a network address",
    "phone_number": "a telephone or account number",
    "empty": "nothing at all",
    "none": "no version",
}
"""Every value of `VersionReading.form`, with what it means."""
