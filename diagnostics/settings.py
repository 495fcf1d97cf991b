"""The desk's settings: a TOML file and the environment, applied over the knowledge base's assumptions."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.files import own_folder, read_bounded
from diagnostics.i18n import UserError, nearest
from diagnostics.library_errors import fault_of, shape_parts, system_fault, toml_fault, toml_line
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from diagnostics.knowledge.model import Cause, Knowledge, Minimum

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
    """The settings cannot be used; the place is the file and line, or the variable of the environment.

    Before the place is known, the value `setting` is the name to look for: see `placed`.
    """


class MinimumSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimum versions per platform that replace the knowledge base's."""

    wechat: dict[str, Any] = {}  # a version each: `_check_values` knows which is at fault
    os: dict[str, Any] = {}


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
    limits: dict[str, Any] = {}


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
    folder = own_folder("config")
    return str(folder / "config.toml") if folder is not None else os.devnull


def read_settings(path: str | None = None) -> Settings:
    """Read the settings file, then the environment over it. Raises SettingsError where either is damaged.

    Without a file nothing is set; one that is named, here or by the environment, must exist.
    """
    chosen = path or default_path()
    text = ""
    try:
        text = _text_of(chosen)
        settings = _checked(_table(text))
    except (FileNotFoundError, NotADirectoryError):
        if path is not None or os.environ.get(ENVIRONMENT):
            raise SettingsError("settings.no_file", chosen) from None
        settings = Settings()
    except SettingsError as fault:
        raise fault.at(f"{chosen}:{fault.place or line_of(text, str(fault.values['setting']))}") from None
    except (OSError, ValueError) as error:
        raise SettingsError("settings.unreadable", f"{chosen}:1", reason=system_fault(error)) from None
    if settings.order_numbers:
        from diagnostics.redaction import leave

        leave(settings.order_numbers)
    return msgspec.structs.replace(settings, **from_environment())


def _text_of(path: str) -> str:
    """Return the text of a settings file, of one that is too long the beginning. Raises OSError, UnicodeDecodeError."""
    with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123  without pathlib, as all that a start may need
        return file.read(MAX_TEXT + 1)


def from_environment() -> dict[str, Any]:
    """Return the settings that stand in the environment. Raises SettingsError naming the variable."""
    found: dict[str, Any] = {}
    for variable, text in os.environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not text or name in _OTHERS:
            continue
        try:
            found[name] = _single(name, text)
        except SettingsError as fault:
            raise fault.at(clean_line(variable, 80)) from None
    return found


def _single(name: str, text: str) -> object:
    """Read the value of one setting. Raises SettingsError."""
    if name == "targets":
        return tuple(text.replace(",", " ").split())
    if name not in SINGLE:
        shown = clean_line(name, 80)
        if name in Settings.__struct_fields__:
            raise SettingsError("settings.only_file", name=shown)
        near = nearest(name, [*SINGLE, "targets", *_OTHERS])
        raise SettingsError("settings.unknown", name=shown, near=near and PREFIX + near.upper())
    try:
        value = _NUMBERS.get(name, str)(text)
    except ValueError:
        raise SettingsError("no_number", value=clean_line(text, 40)) from None
    return getattr(_checked({name: value}), name)


def from_file(path: str | None = None) -> frozenset[str]:
    """Return the names of the settings that stand in the file; none where there is none. It has been read before."""
    try:
        return frozenset(_table(_text_of(path or default_path())))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def placed(error: SettingsError, path: str | None) -> SettingsError:
    """Return a fault with the file and line, or the variable, of the setting that `apply_settings` could not use."""
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


def _table(text: str) -> Any:
    """Return what stands below `[settings]`. Raises SettingsError, its place the line, or `setting` a name."""
    import tomllib

    if len(text) > MAX_TEXT:
        raise SettingsError("settings.too_long", "1", limit=MAX_TEXT)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("foreign", str(toml_line(error, text)), text=toml_fault(error)) from None
    except RecursionError:
        raise SettingsError("settings.too_deep", "1") from None
    table: Any = raw.pop("settings", {})
    for name in raw:
        near = nearest(name, ["settings", *Settings.__struct_fields__])
        near = near if near != name else None
        raise SettingsError("settings.table", setting=name, name=clean_line(name, 80), near=near)
    if isinstance(table, dict) and isinstance(table.get("limits"), dict):
        table["limits"] = dict(_dotted(table["limits"]))
    return table


def _dotted(limits: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Join the names that TOML takes apart: `debt.open_loans = 5` is a table in a table to it."""
    for name, value in limits.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", one) for key, one in value.items())
        else:
            yield name, value


def _checked(table: object) -> Settings:
    """Return these settings. Raises SettingsError, `setting` the one at fault."""
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        reason, place = shape_parts(error)
        if reason.key == "data.unknown":
            name = str(reason.values["name"])
            near = nearest(name, [*Settings.__struct_fields__, *MinimumSettings.__struct_fields__])
            raise SettingsError("settings.unknown", setting=name, name=name, near=near) from None
        name = re.sub(r"^.*\.|\W.*$", "", place)
        raise SettingsError("settings.wrong", setting=name, name=name or "settings", reason=reason) from None
    _check_values(settings)
    limits = {name: float(limit) for name, limit in settings.limits.items()}
    return msgspec.structs.replace(settings, limits=limits)


def _check_values(settings: Settings) -> None:
    from diagnostics.versions import at_least

    def refuse(setting: str, key: str = "", **values: object) -> SettingsError:
        return SettingsError(f"settings.{key or setting}", "", setting=setting, **values)

    if settings.lang not in (None, "zh", "en"):
        raise refuse("lang", value=settings.lang)
    if settings.fail_on not in (None, *LEVELS):
        raise refuse("fail_on", known=", ".join(LEVELS), value=settings.fail_on)
    for name, limit in settings.limits.items():
        if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not 0 <= limit < float("inf"):
            raise refuse(name, "limit", name=name, value=clean_line(str(limit), 40))
    if settings.timeout is not None and not 0 < settings.timeout <= 600:
        raise refuse("timeout")
    if not 1 <= settings.purge_days <= 3650:
        raise refuse("purge_days")
    for shape in settings.order_numbers:
        fits = 4 <= len(shape) <= 64 and shape.isprintable() and "#" in shape
        if not fits or not any(sign.isalpha() for sign in shape):
            raise refuse("order_numbers", "order_numbers_bare" if fits else "", value=clean_line(shape, 80))
    for platform, version in {**settings.minimum.wechat, **settings.minimum.os}.items():
        try:
            at_least(version, version)
        except (ValueError, TypeError):
            raise refuse(platform, "version", name=platform, value=clean_line(str(version), 40)) from None


def line_of(text: str, key: str) -> int:
    """The line on which a key stands, 1 where it is not found."""
    name = rf'"?{re.escape(key)}"?\s*(?:=|\])'
    found = re.search(rf'^[ \t\[]*(?:[\w."]+\.)?{name}|[{{,]\s*{name}', text, re.MULTILINE) if key else None
    if found is None and "." in key:
        return line_of(text, key.rpartition(".")[2])
    return text.count("\n", 0, found.end()) + 1 if found else 1


def apply_settings(settings: Settings, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the desk's own minimums and limits; what they touch has the confidence `operator`.

    Raises SettingsError with the name of a platform or a limit that does not exist.
    """
    minimums = {(row.what, row.platform): row for row in knowledge.minimums}
    platforms = [choice.id for choice in knowledge.questions["client.platform"].value]
    for what in ("wechat", "os"):
        for platform, version in getattr(settings.minimum, what).items():
            _check_known("settings.platform", platform, platforms, what=what)
            minimums[what, platform] = _minimum(knowledge, what, platform, version)
    for limit in settings.limits:
        _check_known("settings.unknown_limit", limit, knowledge.limits)
    changed = {f"${name}" for name in settings.limits}
    causes = {
        id_: msgspec.structs.replace(cause, confidence="operator") if _names_limit(cause, changed) else cause
        for id_, cause in knowledge.causes.items()
    }
    if settings.weights is not None:
        knowledge = _weighted(knowledge, settings.weights)
    return msgspec.structs.replace(
        knowledge, minimums=tuple(minimums.values()), limits=knowledge.limits | settings.limits, causes=causes
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


def _check_known(key: str, name: str, known: Collection[str], **values: object) -> None:
    """Refuse a name that this knowledge base lacks. Raises SettingsError."""
    if name not in known:
        shown = clean_line(name, 80)
        near = nearest(shown, known)
        raise SettingsError(key, "", setting=name, name=shown, known=", ".join(known), near=near, **values)


def _minimum(knowledge: Knowledge, what: Any, platform: str, version: str) -> Minimum:
    from diagnostics.knowledge.model import Minimum

    note = knowledge.locale["minimum.operator"]
    return Minimum(
        what=what, platform=platform, version=version, confidence="operator", source="settings", zh=note.zh, en=note.en
    )


def _names_limit(cause: Cause, limits: set[str]) -> bool:
    conditions = [condition for rule in cause.rule for condition in rule.when.values()]
    return any(not limits.isdisjoint(map(str, (one.below, one.above, one.at_least, one.at_most))) for one in conditions)
