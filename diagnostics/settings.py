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
LEVELS: Final = ("confirmed", "likely", "possible")
"""What `fail_on` can be."""


class SettingsError(ValueError):
    """The settings file cannot be used; the message names the file, the line and the way out.

    `key` is the setting at fault where the message itself does not say on which line it stands.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class MinimumSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimum versions per platform that replace the knowledge base's."""

    wechat: dict[str, str] = {}
    os: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a settings file may say, below `[settings]`.

    `lang`: zh or en. `timeout`: seconds for all checks together. `targets`: URLs that replace the built-in
    reachability targets. `minimum`: versions per platform. `limits`: by name (`debt.likely_percent`, ...).
    `second_resolver`: address of a resolver asked as a control. `fail_on`: a status. `weights`: a file of weights
    that `calibrate` wrote.
    """

    lang: str | None = None
    timeout: float | None = None
    targets: tuple[str, ...] = ()
    second_resolver: str | None = None
    fail_on: str | None = None
    weights: str | None = None
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
        if path is not None or os.environ.get(ENVIRONMENT):
            raise SettingsError(f"{chosen}: no such settings file") from None
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{chosen}:1: cannot be read: {error}") from None
    return _parse(chosen, text)


def placed(error: SettingsError, path: str | None) -> str:
    """Return the message of a fault with the file and line of the setting that `apply` could not use."""
    if not error.key:
        return str(error)
    chosen = path or default_path()
    with open(chosen, encoding="utf-8") as file:  # noqa: PTH123
        return f"{chosen}:{line_of(file.read(), error.key)}: {error}"


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
        settings = msgspec.convert(_dotted(raw.get("settings", {})), Settings)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").rpartition(".")[2]
        raise SettingsError(_worded(path, text, what, key)) from None
    _check_values(path, text, settings)
    return settings


def _dotted(table: Any) -> Any:
    """Join the names of limits again that TOML takes apart: `debt.open_loans = 5` is a table in a table to it."""
    if not (isinstance(table, dict) and isinstance(table.get("limits"), dict)):
        return table
    limits: dict[str, object] = {}
    for name, value in table["limits"].items():
        limits |= {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
    return table | {"limits": limits}


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
    if settings.fail_on not in (None, *LEVELS):
        known = ", ".join(LEVELS)
        raise SettingsError(f"{path}:{line_of(text, 'fail_on')}: fail_on is one of {known}, not {settings.fail_on}")
    for name, limit in settings.limits.items():
        if not 0 <= limit < float("inf"):
            raise SettingsError(f"{path}:{line_of(text, name)}: {name}: a limit is a number of 0 or more, not {limit}")
    if settings.timeout is not None and not 0 < settings.timeout <= 600:
        raise SettingsError(f"{path}:{line_of(text, 'timeout')}: timeout is more than 0 and at most 600 seconds")
    for platform, version in {**settings.minimum.wechat, **settings.minimum.os}.items():
        try:
            at_least(version, version)
        except ValueError:
            raise SettingsError(f"{path}:{line_of(text, platform)}: {platform}: {version!r} is no version") from None


def line_of(text: str, key: str) -> int:
    """The line on which a key stands, 1 where it is not found."""
    name = rf'"?{re.escape(key)}"?\s*(?:=|\])'
    found = re.search(rf'^[ \t\[]*(?:[\w."]+\.)?{name}|[{{,]\s*{name}', text, re.MULTILINE) if key else None
    if found is None and "." in key:
        return line_of(text, key.rpartition(".")[2])
    return text.count("\n", 0, found.end()) + 1 if found else 1


def apply(settings: Settings, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the desk's own minimums and limits; what they touch has the confidence `operator`.

    Raises SettingsError with the key of a platform or a limit that does not exist.
    """
    from diagnostics.answers import nearest

    minimums = {(row.what, row.platform): row for row in knowledge.minimums}
    for what in ("wechat", "os"):
        for platform, version in getattr(settings.minimum, what).items():
            minimums[what, platform] = _minimum(knowledge, what, platform, version)
    unknown = [name for name in settings.limits if name not in knowledge.limits]
    if unknown:
        near = nearest(unknown[0], knowledge.limits)
        hint = f"; did you mean {near}?" if near else ""
        raise SettingsError(f"unknown limit {unknown[0]}; known are {', '.join(knowledge.limits)}{hint}", unknown[0])
    changed = {f"${name}" for name in settings.limits}
    causes = {
        id_: msgspec.structs.replace(cause, confidence="operator") if _names(cause, changed) else cause
        for id_, cause in knowledge.causes.items()
    }
    if settings.weights is not None:
        knowledge = _weighted(knowledge, settings.weights)
    return msgspec.structs.replace(
        knowledge,
        minimums=tuple(minimums.values()),
        limits=knowledge.limits | settings.limits,
        causes=causes,
    )


def _weighted(knowledge: Knowledge, path: str) -> Knowledge:
    """Read a weights file, as `calibrate` writes it, over the stated assumptions."""
    import tomllib

    from diagnostics.calibrate import with_weights

    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return with_weights(knowledge, tomllib.load(file))
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise SettingsError(f"weights: {path}: {error}", "weights") from None


def _minimum(knowledge: Knowledge, what: Any, platform: str, version: str) -> Any:
    from diagnostics.knowledge.model import Minimum

    valid = [choice.id for choice in knowledge.questions["client.platform"].value]
    if platform not in valid:
        raise SettingsError(f"minimum.{what}: {platform} is no platform; known are {', '.join(valid)}", platform)
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
