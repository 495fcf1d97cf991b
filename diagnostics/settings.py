"""The desk's own settings: a TOML file that overrides what the knowledge base assumes."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_CONFIG"


class SettingsError(ValueError):
    """The settings file cannot be used; the message names the file, the line and the way out."""


class MinimumSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimum versions per platform that replace the knowledge base's."""

    wechat: dict[str, str] = {}
    os: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a settings file may say, below `[settings]`.

    `lang`: zh or en. `timeout`: seconds for all checks together. `targets`: URLs that replace the built-in
    reachability targets. `minimum`: versions per platform. `limits`: by name (`debt.likely_percent`, ...).
    `second_resolver`: address of a resolver asked as a control. `fail_on`: a status.
    """

    lang: str | None = None
    timeout: float | None = None
    targets: tuple[str, ...] = ()
    second_resolver: str | None = None
    fail_on: str | None = None
    minimum: MinimumSettings = MinimumSettings()
    limits: dict[str, float] = {}


def default_path() -> str:
    """Where the settings file is looked for: `WEILIDAI_DOCTOR_CONFIG`, else the platform's place for settings."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return named
    if sys.platform == "linux":  # the XDG rule itself: the library (and pathlib) would cost every start 12 ms
        base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
        return f"{base}/weilidai-doctor/config.toml"
    from platformdirs import user_config_path

    return str(user_config_path("weilidai-doctor", appauthor=False) / "config.toml")


def read_settings(path: str | None = None) -> Settings:
    """Read the settings file; without one, nothing is set. Raises SettingsError where it is damaged.

    A path that is named, here or by the environment, must exist.
    """
    chosen = path or default_path()
    try:
        with open(chosen, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
    except FileNotFoundError:
        if path is not None or ENVIRONMENT in os.environ:
            raise SettingsError(f"{chosen}: no such settings file") from None
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{chosen}:1: cannot be read: {error}") from None
    return _parse(chosen, text)


def _parse(path: str, text: str) -> Settings:
    import tomllib

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise SettingsError(f"{path}:{found[1] if found else 1}: {error}") from None
    unknown = [key for key in raw if key != "settings"]
    if unknown:
        raise SettingsError(
            f"{path}:{line_of(text, unknown[0])}: unknown table {unknown[0]}; everything stands below [settings]"
        )
    try:
        settings = msgspec.convert(raw.get("settings", {}), Settings)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").rpartition(".")[2]
        raise SettingsError(_worded(path, text, what, key)) from None
    _check_values(path, text, settings)
    return settings


def _worded(path: str, text: str, what: str, key: str) -> str:
    from diagnostics.answers import nearest

    found = re.search(r"unknown field `([^`]*)`", what)
    if found is None:
        return f"{path}:{line_of(text, key)}: {key or 'settings'}: {what}"
    near = nearest(found[1], [*Settings.__struct_fields__, *MinimumSettings.__struct_fields__])
    hint = f"; did you mean {near}?" if near else ""
    return f"{path}:{line_of(text, found[1])}: unknown setting {found[1]}{hint}"


def _check_values(path: str, text: str, settings: Settings) -> None:
    from diagnostics.versions import at_least

    if settings.lang not in (None, "zh", "en"):
        raise SettingsError(f"{path}:{line_of(text, 'lang')}: lang is zh or en, not {settings.lang}")
    if settings.timeout is not None and not 0 < settings.timeout <= 600:
        raise SettingsError(f"{path}:{line_of(text, 'timeout')}: timeout is more than 0 and at most 600 seconds")
    for platform, version in {**settings.minimum.wechat, **settings.minimum.os}.items():
        try:
            at_least(version, version)
        except ValueError:
            raise SettingsError(f"{path}:{line_of(text, platform)}: {platform}: {version!r} is no version") from None


def line_of(text: str, key: str) -> int:
    """The line on which a key stands, 1 where it is not found."""
    match = re.search(rf'^\s*\[*(?:[\w."]+\.)?"?{re.escape(key)}"?\s*(?:=|\])', text, re.MULTILINE) if key else None
    return text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1 if match else 1


def apply(settings: Settings, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the desk's own minimums and limits; what they touch has the confidence `operator`.

    Raises SettingsError for a platform or a limit that does not exist.
    """
    minimums = {(row.what, row.platform): row for row in knowledge.minimums}
    for what in ("wechat", "os"):
        for platform, version in getattr(settings.minimum, what).items():
            minimums[what, platform] = _minimum(knowledge, what, platform, version)
    unknown = [name for name in settings.limits if name not in knowledge.limits]
    if unknown:
        raise SettingsError(f"unknown limit {unknown[0]}; known are {', '.join(knowledge.limits)}")
    changed = {f"${name}" for name in settings.limits}
    causes = {
        id_: msgspec.structs.replace(cause, confidence="operator") if _names(cause, changed) else cause
        for id_, cause in knowledge.causes.items()
    }
    return msgspec.structs.replace(
        knowledge,
        minimums=tuple(minimums.values()),
        limits=knowledge.limits | settings.limits,
        causes=causes,
    )


def _minimum(knowledge: Knowledge, what: Any, platform: str, version: str) -> Any:
    from diagnostics.knowledge.model import Minimum

    valid = [choice.id for choice in knowledge.questions["client.platform"].value]
    if platform not in valid:
        raise SettingsError(f"minimum.{what}: {platform} is no platform; known are {', '.join(valid)}")
    note = knowledge.locale["minimum.operator"]
    return Minimum(
        what=what, platform=platform, version=version, confidence="operator", source="settings", zh=note.zh, en=note.en
    )


def _names(cause: Any, limits: set[str]) -> bool:
    return any(
        bound in limits
        for rule in cause.rule
        for condition in rule.when.values()
        for bound in (condition.below, condition.above, condition.at_least, condition.at_most)
        if isinstance(bound, str)
    )
