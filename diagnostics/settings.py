"""The desk's settings: a TOML file and the environment, applied over the knowledge base's assumptions."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.files import read_bounded
from diagnostics.i18n import UserError, nearest
from diagnostics.library_errors import data_fault, fault_of, system_fault, toml_fault, toml_line
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_CONFIG"
PREFIX: Final = "WEILIDAI_DOCTOR_"
SINGLE: Final = (
    "lang", "timeout", "second_resolver", "fail_on", "weights", "knowledge", "store", "operator", "purge_days",
)  # fmt: skip
"""Settings of one value, which the environment may give; `targets` too, with blanks or commas between."""
_OTHERS: Final = frozenset({"config", "screen"})
"""What the environment may name besides: the settings file, and the file that keeps what was chosen on the screen."""
_NUMBERS: Final = {"timeout": float, "purge_days": int}
MAX_TEXT: Final = 1_000_000
"""Most characters of a settings file; a device, which has no end, is refused as well."""
LEVELS: Final = ("confirmed", "likely", "possible")
"""What `fail_on` can be."""


class SettingsError(UserError):
    """The settings file cannot be used; the place is the file and line.

    The value `setting` is the setting at fault where the place is not known to whoever found it.
    """


class EnvironmentSettingError(SettingsError):
    """A value in the environment that cannot be used; the place is the variable."""


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
    the period proposed to a desk that has set none for its store. `order_numbers`: how the desk's own numbers look, `#`
    for a digit (`GD########`); they are not masked. Each single value, and `targets`, may also stand in the
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
    order_numbers: tuple[str, ...] = ()
    minimum: MinimumSettings = MinimumSettings()
    limits: dict[str, float] = {}


def default_path() -> str:
    """Where the settings file is looked for: `WEILIDAI_DOCTOR_CONFIG`, else the platform's place for settings."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return named
    if os.path.expanduser("~") == "~":  # noqa: PTH111  no home directory, so no settings in it
        return os.devnull
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
        settings = _parse(chosen, _text_of(chosen))
    except (FileNotFoundError, NotADirectoryError):
        if path is not None or os.environ.get(ENVIRONMENT):
            raise SettingsError("settings.no_file", chosen) from None
    except SettingsError:
        raise
    except (OSError, ValueError) as error:
        raise SettingsError("settings.unreadable", f"{chosen}:1", reason=system_fault(error)) from None
    if settings.order_numbers:
        from diagnostics.redaction import leave

        leave(settings.order_numbers)
    told = from_environment()
    return msgspec.structs.replace(settings, **told) if told else settings


def _text_of(path: str) -> str:
    """Return the text of a settings file, of one that is too long the beginning. Raises OSError, UnicodeDecodeError."""
    with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123  without pathlib, as all that a start may need
        return file.read(MAX_TEXT + 1)


def from_environment() -> dict[str, Any]:
    """Return the settings that stand in the environment. Raises EnvironmentSettingError naming the variable."""
    told: dict[str, Any] = {}
    for variable, value in os.environ.items():
        if not variable.startswith(PREFIX) or not value:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name == "targets":
            told[name] = tuple(value.replace(",", " ").split())
        elif name in SINGLE:
            told[name] = _single(variable, name, value)
        elif name not in _OTHERS:
            raise _strange(variable, name)
    return told


def _single(variable: str, name: str, value: str) -> float | str:
    try:
        found = _NUMBERS[name](value) if name in _NUMBERS else value
        _check_values(variable, "", msgspec.structs.replace(Settings(), **{name: found}))
    except SettingsError as error:
        raise EnvironmentSettingError(error.key, variable, **error.values) from None
    except ValueError:
        raise EnvironmentSettingError("no_number", variable, value=clean_line(value, 40)) from None
    return found


def _strange(variable: str, name: str) -> EnvironmentSettingError:
    shown = clean_line(name, 80)
    if name in Settings.__struct_fields__:
        return EnvironmentSettingError("settings.only_file", clean_line(variable, 80), name=shown)
    near = nearest(name, [*SINGLE, "targets", *_OTHERS])
    near = near and PREFIX + near.upper()
    return EnvironmentSettingError("settings.unknown", clean_line(variable, 80), name=shown, near=near)


def from_file(path: str | None = None) -> frozenset[str]:
    """Return the names of the settings that stand in the file; none where there is none. It has been read before."""
    import tomllib

    try:
        return frozenset(tomllib.loads(_text_of(path or default_path())).get("settings", {}))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def placed(error: SettingsError, path: str | None) -> SettingsError:
    """Return a fault with the file and line of the setting that `apply` could not use."""
    setting = str(error.values.get("setting", ""))
    if error.place or not setting:
        return error
    chosen = path or default_path()
    if os.environ.get(PREFIX + setting.upper()):
        return error.at(PREFIX + setting.upper())
    try:
        return error.at(f"{chosen}:{line_of(_text_of(chosen), setting)}")
    except OSError:  # the file went away meanwhile
        return error


def _parse(path: str, text: str) -> Settings:
    import tomllib

    if len(text) > MAX_TEXT:
        raise SettingsError("settings.too_long", f"{path}:1", limit=MAX_TEXT)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("foreign", f"{path}:{toml_line(error, text)}", text=toml_fault(error)) from None
    except RecursionError:
        raise SettingsError("settings.too_deep", f"{path}:1") from None
    unknown = [key for key in raw if key != "settings"]
    if unknown:
        near = nearest(unknown[0], ["settings", *Settings.__struct_fields__])
        place, name = f"{path}:{line_of(text, unknown[0])}", clean_line(unknown[0], 80)
        raise SettingsError("settings.table", place, name=name, near=near if near != unknown[0] else None)
    try:
        settings = msgspec.convert(_dotted(raw.get("settings", {})), Settings)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise _misfit(path, text, what, _key(raw["settings"], place.rstrip("`"))) from None
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


def _misfit(path: str, text: str, what: str, key: str) -> SettingsError:
    found = re.search(r"unknown field `([^`]*)`", what)
    if found is None:
        place = f"{path}:{line_of(text, key)}"
        return SettingsError("settings.wrong", place, name=key or "settings", reason=data_fault(what))
    near = nearest(found[1], [*Settings.__struct_fields__, *MinimumSettings.__struct_fields__])
    return SettingsError("settings.unknown", f"{path}:{line_of(text, found[1])}", name=found[1], near=near)


def _check_values(path: str, text: str, settings: Settings) -> None:
    from diagnostics.versions import at_least

    def refuse(setting: str, key: str = "", **values: object) -> SettingsError:
        return SettingsError(f"settings.{key or setting}", f"{path}:{line_of(text, setting)}", **values)

    if settings.lang not in (None, "zh", "en"):
        raise refuse("lang", value=settings.lang)
    if settings.fail_on not in (None, *LEVELS):
        raise refuse("fail_on", known=", ".join(LEVELS), value=settings.fail_on)
    for name, limit in settings.limits.items():
        if not 0 <= limit < float("inf"):
            raise refuse(name, "limit", name=name, value=limit)
    if settings.timeout is not None and not 0 < settings.timeout <= 600:
        raise refuse("timeout")
    if not 1 <= settings.purge_days <= 3650:
        raise refuse("purge_days")
    for shape in settings.order_numbers:
        if not 4 <= len(shape) <= 64 or not shape.isprintable() or "#" not in shape:
            raise refuse("order_numbers", value=clean_line(shape, 80))
    for platform, version in {**settings.minimum.wechat, **settings.minimum.os}.items():
        try:
            at_least(version, version)
        except ValueError:
            raise refuse(platform, "version", name=platform, value=version) from None


def line_of(text: str, key: str) -> int:
    """The line on which a key stands, 1 where it is not found."""
    name = rf'"?{re.escape(key)}"?\s*(?:=|\])'
    found = re.search(rf'^[ \t\[]*(?:[\w."]+\.)?{name}|[{{,]\s*{name}', text, re.MULTILINE) if key else None
    if found is None and "." in key:
        return line_of(text, key.rpartition(".")[2])
    return text.count("\n", 0, found.end()) + 1 if found else 1


def apply_settings(settings: Settings, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the desk's own minimums and limits; what they touch has the confidence `operator`.

    Raises SettingsError with the key of a platform or a limit that does not exist.
    """
    minimums = {(row.what, row.platform): row for row in knowledge.minimums}
    for what in ("wechat", "os"):
        for platform, version in getattr(settings.minimum, what).items():
            minimums[what, platform] = _minimum(knowledge, what, platform, version)
    unknown = [name for name in settings.limits if name not in knowledge.limits]
    if unknown:
        name = clean_line(unknown[0], 80)
        raise SettingsError(
            "settings.unknown_limit", setting=unknown[0], name=name, known=", ".join(knowledge.limits),
            near=nearest(name, knowledge.limits),
        )  # fmt: skip
    changed = {f"${name}" for name in settings.limits}
    causes = {
        id_: msgspec.structs.replace(cause, confidence="operator") if _names_limit(cause, changed) else cause
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
    from pathlib import Path

    from diagnostics.engine.calibration import with_weights

    text = ""
    try:
        text = read_bounded(Path(path), MAX_TEXT).decode("utf-8-sig")
        return with_weights(knowledge, tomllib.loads(text))
    except (OSError, ValueError) as error:
        at = f"{path}:{toml_line(error, text)}" if isinstance(error, tomllib.TOMLDecodeError) else path
        raise SettingsError("settings.weights", setting="weights", file=at, reason=fault_of(error)) from None


def _minimum(knowledge: Knowledge, what: Any, platform: str, version: str) -> Any:
    from diagnostics.knowledge.model import Minimum

    valid = [choice.id for choice in knowledge.questions["client.platform"].value]
    if platform not in valid:
        raise SettingsError(
            "settings.platform", setting=platform, what=what, name=clean_line(platform, 80), known=", ".join(valid),
            near=nearest(platform, valid),
        )  # fmt: skip
    note = knowledge.locale["minimum.operator"]
    return Minimum(
        what=what, platform=platform, version=version, confidence="operator", source="settings", zh=note.zh, en=note.en
    )


def _names_limit(cause: Any, limits: set[str]) -> bool:
    return any(
        bound in limits
        for rule in cause.rule
        for condition in rule.when.values()
        for bound in (condition.below, condition.above, condition.at_least, condition.at_most)
        if isinstance(bound, str)
    )
