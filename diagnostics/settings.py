"""The desk's own settings: a TOML file that overrides what the knowledge base assumes."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Final

import msgspec

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_CONFIG"
PREFIX: Final = "WEILIDAI_DOCTOR_"
SINGLE: Final = (
    "lang", "timeout", "second_resolver", "fail_on", "weights", "knowledge", "store", "operator", "purge_days",
)  # fmt: skip
"""Settings of one value, which the environment may give."""
_NUMBERS: Final = {"timeout": float, "purge_days": int}
MAX_TEXT: Final = 1_000_000
"""Most characters of a settings file; a device, which has no end, is refused as well."""
LEVELS: Final = ("confirmed", "likely", "possible")
"""What `fail_on` can be."""


class SettingsError(ValueError):
    """The settings file cannot be used; the message names the file, the line and the way out.

    `key` is the setting at fault where the message itself does not say on which line it stands.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class EnvironmentSettingError(SettingsError):
    """A value in the environment that cannot be used; the message names the variable."""


class MinimumSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimum versions per platform that replace the knowledge base's."""

    wechat: dict[str, str] = {}
    os: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a settings file may say, below `[settings]`.

    `lang`: zh or en. `timeout`: seconds for all checks together. `targets`: URLs that replace the built-in
    reachability targets. `minimum`: versions per platform. `limits`: by name (`debt.likely_percent`, ...).
    `second_resolver`: address of a resolver asked as a control. `fail_on`: a status. `weights`: a file of weights
    that `calibrate` wrote. `knowledge`: a directory of knowledge files merged over the built-in ones. `store`: where
    the desk's cases are (a file, or postgresql://...), `operator`: the name under which one works there, `purge_days`:
    after how many days without a change a case is deleted for good. Each single value may also stand in the
    environment, as `WEILIDAI_DOCTOR_TIMEOUT` and so on, and wins over the file.
    """

    lang: str | None = None
    timeout: float | None = None
    targets: tuple[str, ...] = ()
    second_resolver: str | None = None
    fail_on: str | None = None
    weights: str | None = None
    knowledge: str | None = None
    store: str | None = None
    operator: str | None = None
    purge_days: int = 90
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
    """Read the settings file, then the environment over it. Raises SettingsError where either is damaged.

    Without a file nothing is set; one that is named, here or by the environment, must exist.
    """
    chosen = path or default_path()
    settings = Settings()
    try:
        with open(chosen, encoding="utf-8") as file:  # noqa: PTH123
            settings = _parse(chosen, file.read(MAX_TEXT + 1))
    except (FileNotFoundError, NotADirectoryError):
        if path is not None or os.environ.get(ENVIRONMENT):
            raise SettingsError(f"{chosen}: no such settings file") from None
    except SettingsError:
        raise
    except (OSError, ValueError) as error:
        raise SettingsError(f"{chosen}:1: cannot be read: {error}") from None
    told = from_environment()
    return msgspec.structs.replace(settings, **told) if told else settings


def from_environment() -> dict[str, Any]:
    """Return the settings that stand in the environment. Raises EnvironmentSettingError naming the variable."""
    told: dict[str, Any] = {}
    for name in SINGLE:
        variable = f"{PREFIX}{name.upper()}"
        value = os.environ.get(variable)
        if value:
            try:
                told[name] = _NUMBERS[name](value) if name in _NUMBERS else value
                _check_values(variable, "", Settings(**told))
            except ValueError as error:
                raise EnvironmentSettingError(f"{variable}: {str(error).rpartition('1: ')[2]}") from None
    return told


def placed(error: SettingsError, path: str | None) -> str:
    """Return the message of a fault with the file and line of the setting that `apply` could not use."""
    if not error.key:
        return str(error)
    chosen = path or default_path()
    try:
        with open(chosen, encoding="utf-8") as file:  # noqa: PTH123
            return f"{chosen}:{line_of(file.read(), error.key)}: {error}"
    except OSError:  # there is no file: the value stands in the environment
        return str(error)


def _parse(path: str, text: str) -> Settings:
    import tomllib

    if len(text) > MAX_TEXT:
        raise SettingsError(f"{path}:1: is longer than {MAX_TEXT} characters")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise SettingsError(f"{path}:{found[1] if found else text.count(chr(10)) + 1}: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path}:1: nests too deep") from None
    unknown = [key for key in raw if key != "settings"]
    if unknown:
        raise SettingsError(
            f"{path}:{line_of(text, unknown[0])}: unknown table {unknown[0]}; everything stands below [settings]"
        )
    try:
        settings = msgspec.convert(_dotted(raw.get("settings", {})), Settings)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise SettingsError(_worded(path, text, what, _key(raw["settings"], place.rstrip("`")))) from None
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


def _key(settings: Any, place: str) -> str:
    """Return the key that a place such as `.minimum.wechat[...]` means; of a table it names no row, so look for it."""
    names = place.removesuffix("[...]").split(".")[1:]
    if not place.endswith("[...]"):
        return names[-1].partition("[")[0] if names else ""
    table = _dotted(settings)
    for name in names:
        table = table[name]
    wanted = (int, float) if names == ["limits"] else str
    return next((key for key in table if not isinstance(table[key], wanted)), names[-1])


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
    if not 1 <= settings.purge_days <= 3650:
        raise SettingsError(f"{path}:{line_of(text, 'purge_days')}: purge_days is a number of days from 1 to 3650")
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
