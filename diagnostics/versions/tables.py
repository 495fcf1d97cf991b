"""What a version text was read as, and the words and names of systems that tell it (`words.toml`)."""

import tomllib
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

Platform: TypeAlias = Literal["android", "ios", "harmony", "windows", "macos", "linux"]
"""The values of the question `client.platform`."""
Form: TypeAlias = Literal[
    "user_agent", "version_with_code", "client_code", "registry_value", "package_record", "placeholder",
    "labelled_number", "number", "partial", "digits", "bound", "ambiguous",
    "wecom", "developer_tools", "system_version", "other_app", "phone_model", "date", "ip_address", "phone_number",
    "version_code", "empty", "none",
]  # fmt: skip
"""What kind of text was seen.

Of a machine: a user agent, a number with its code (`8.0.44(0x18002c2f)`), a code alone (`0x63090c33`), as the registry
or a decimal number has it, a package manager's record or file name, the fixed number of every desktop client. Of a
person: a number beside WeChat's name, alone, with fewer parts than the client shows, without its dots (`8049`), only
a limit, several that differ. Then what is no version of WeChat's.
"""


class VersionReading(msgspec.Struct, frozen=True):
    """One text read as a WeChat version; encodes to the object of `parse-version --json`.

    `version` is what the page 关于微信 shows and is None where the text gives no usable one; then
    `error` says why in words and `reason` as a stable code. `platform` may be known without a version.
    `form` is the kind of text that was seen, see `Form`. `sure` is False where the text names other versions
    as well, or an earlier one alone: then the version may only be asked back, and settles nothing.
    """

    input: str
    version: str | None
    build: str | None
    platform: Platform | None
    form: Form
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


class Candidate(msgspec.Struct, frozen=True):
    """One place in a text that may be WeChat's version.

    `explicit`: the text says that it is WeChat's. `weak`: the text speaks of the latest or a needed one.
    `coded`: read from a client version code. `owner`: whose it is, see `Owner`.
    """

    form: Form
    version: str | None = None
    build: str | None = None
    platform: Platform | None = None
    explicit: bool = False
    weak: bool = False
    coded: bool = False
    reason: str | None = None
    detail: str = ""
    owner: str = "own"


Label: TypeAlias = Literal["wechat", "wecom", "developer_tools", "system_version", "other_app", "ip_address"]
"""Whose a number is: the form of what is not WeChat's."""


class SystemName(msgspec.Struct, frozen=True):
    """A system: its name as shown, its platform, and what names it in lower case."""

    name: str
    platform: Platform
    pattern: str


class _Instead(msgspec.Struct, frozen=True):
    form: Form
    pattern: str


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    neutral: frozenset[str]
    labels: dict[Label, list[str]]
    platforms: dict[Platform, list[str]]
    systems: list[SystemName]
    instead: list[_Instead]
    owners: dict[str, list[str]]
    agents: dict[str, Platform | Literal[""]]
    codenames: dict[str, str]
    vendors: dict[str, str]
    windows_nt: dict[str, str]
    api_levels: dict[int, str]


TABLES: Final = msgspec.convert(
    tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8")), _Tables, str_keys=True
)
"""The words and names of `words.toml`, where each table says what it is for."""
LABELS: Final = {word: label for label, words in TABLES.labels.items() for word in words}
"""Every known word, with whose number it makes the next one."""
