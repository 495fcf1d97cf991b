"""Translate error messages of Python and its libraries; one that is not known is passed on as it is.

Which text says the same as which message stands with the texts, in `knowledge/locale/errors.toml`.
"""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING

from diagnostics.i18n import UserError, error_texts
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    import json
    import tomllib

    import msgspec


def system_fault(error: OSError | ValueError) -> UserError:
    """Say why the operating system refused."""
    if isinstance(error, UnicodeDecodeError):
        return UserError("encoding", encoding=error.encoding, byte=error.start + 1)
    number = errno.errorcode.get(getattr(error, "errno", None) or 0, "")
    return _known("system", number, getattr(error, "strerror", None) or str(error))


def fault_of(error: Exception) -> UserError:
    """Say what is wrong with a file that was read: with its shape, its TOML, or what the operating system says."""
    import tomllib

    import msgspec

    if isinstance(error, UserError):
        return error
    if isinstance(error, msgspec.ValidationError):
        return shape_fault(error)
    if isinstance(error, tomllib.TOMLDecodeError):
        return toml_fault(error)
    if isinstance(error, (OSError, UnicodeDecodeError)):
        return system_fault(error)
    return UserError("foreign", text=clean_line(str(error), 200))


def json_fault(error: json.JSONDecodeError) -> UserError:
    """Say what is wrong with JSON."""
    return _known("json", error.msg) if error.doc.strip() else UserError("json.empty")


def json_kind(value: object) -> UserError:
    """Name the JSON type of a value; of a Python object that is none, its class."""
    return _known("json_kind", type(value).__name__)


def toml_fault(error: tomllib.TOMLDecodeError) -> UserError:
    """Say what is wrong with TOML, without the line."""
    return _known("toml", re.sub(r" \(at .*\)$", "", str(error)))


def toml_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Return the line at fault, the last one where the text ended too early."""
    found = re.search(r"line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def data_fault(message: str) -> UserError:
    """Say what is wrong with the shape of data, from msgspec's message without its place."""
    kinds = re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", message)
    if kinds is None:
        return _known("data", message)
    wanted, got = (tuple(map(_kind, names.split(" | "))) for names in kinds.groups())
    return UserError("data.kind", wanted=wanted, got=got)


def shape_parts(error: msgspec.ValidationError) -> tuple[UserError, str]:
    """Return what is wrong with the shape of data, and the place in it, such as `minimum.wechat` or `[0].id`."""
    what, _, where = str(error).partition(" - at `")
    return data_fault(what), where.removeprefix("$").strip(".`")


def shape_fault(error: msgspec.ValidationError) -> UserError:
    """Say what is wrong with the shape of data, and where in it."""
    reason, place = shape_parts(error)
    where = clean_line(place, 80)
    return UserError("knowledge.where", reason=reason, where=where) if where else reason


def click_fault(message: str) -> UserError:
    """Say what is wrong with a word on the command line, from click's message."""
    fault = _known("click", message)
    if "known" in fault.values:
        from diagnostics.i18n import nearest

        known = re.findall("'([^']+)'", str(fault.values["known"]))
        fault.values |= {"known": ", ".join(known), "near": nearest(str(fault.values["value"]), known)}
    return fault


def _kind(name: str) -> UserError:
    known = f"kind.{name}" in error_texts()
    return UserError(f"kind.{name}") if known else UserError("foreign", text=clean_line(name, 80))


def _known(whose: str, message: str, otherwise: str = "") -> UserError:
    """Return the text of the table `error.<whose>` whose `says` fits this message; else the message, or `otherwise`."""
    for key, text in error_texts().items():
        found = re.match(text["says"], message) if key.startswith(f"{whose}.") and "says" in text else None
        if found:
            return UserError(key, **{name: clean_line(value, 200) for name, value in found.groupdict().items()})
    return UserError("foreign", text=clean_line(otherwise or message, 200))
