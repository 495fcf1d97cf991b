"""Translate error messages of Python and its libraries; one that is not known is passed on as it is."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING, Final

from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    import json
    import tomllib

    import msgspec

_SYSTEM: Final = {
    errno.ENOENT: "gone", errno.EISDIR: "folder", errno.ENOTDIR: "no_folder", errno.EACCES: "forbidden",
    errno.EPERM: "forbidden", errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only",
    errno.ENAMETOOLONG: "long_name", errno.ELOOP: "loop", errno.EBADF: "closed", errno.EIO: "device",
    errno.EFBIG: "too_big", errno.EEXIST: "exists",
}  # fmt: skip
_PATTERNS: Final = {
    "json": (
        ("Expecting value", "value"),
        ("Expecting property name|Illegal trailing comma", "name"),
        ("Expecting ':'", "colon"),
        ("Expecting ','", "comma"),
        ("Extra data", "extra"),
        ("Invalid control", "control"),
        (r"Invalid \\", "escape"),
        ("Unterminated", "unterminated"),
    ),
    "toml": (
        ("Cannot (?:overwrite|declare|mutate|redefine)|Duplicate", "twice"),
        (r"Unclosed|Unterminated|Expected ']|Illegal character '\\n'", "open"),
        ("Expected '='", "equals"),
        ("Invalid (?:value|date|hex)", "value"),
        ("Illegal|Found invalid|Unescaped|Escaped", "sign"),
        ("Expected newline", "line"),
        ("Invalid (?:statement|initial)", "statement"),
    ),
    "data": (
        ("Object missing required field `(?P<name>[^`]+)`$", "missing"),
        ("Object contains unknown field `(?P<name>[^`]+)`$", "unknown"),
        ("Invalid enum value (?P<name>.+)$", "not_one"),
    ),
    "click": (
        ("(?P<value>.+) is not in the range (?P<range>[^ ]+)$", "range"),
        ("'(?P<value>.*)' is not a (?:valid (?:integer|float)(?: range)?|number)$", "number"),
        ("'(?P<value>.*)' is not one of (?P<known>.+)$", "choice"),
        ("Option '(?P<name>[^']+)' requires an argument$", "argument"),
        ("Option '(?P<name>[^']+)' does not take a value$", "flag"),
        (r"Got unexpected extra arguments? \((?P<value>.*)\)$", "extra"),
    ),
}
"""By whose message it is: the beginning, or all of it, and the text below `error.<whose>.` that says the same."""
_KINDS: Final = frozenset({"str", "int", "float", "bool", "object", "array", "null", "datetime", "date", "time"})


def system_fault(error: OSError | ValueError) -> UserError:
    """Say why the operating system refused."""
    key = _SYSTEM.get(error.errno) if isinstance(error, OSError) and error.errno is not None else None
    if key is not None:
        return UserError(f"system.{key}")
    if isinstance(error, UnicodeDecodeError):
        return UserError("encoding", encoding=error.encoding, byte=error.start + 1)
    return UserError("foreign", text=clean_line(getattr(error, "strerror", None) or str(error), 200))


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


def shape_fault(error: msgspec.ValidationError) -> UserError:
    """Say what is wrong with the shape of data, and where in it."""
    what, _, where = str(error).partition(" - at `$")
    reason, where = data_fault(what), clean_line(where, 80).strip(".`")
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
    return UserError(f"kind.{name}") if name in _KINDS else UserError("foreign", text=clean_line(name, 80))


def _known(whose: str, message: str) -> UserError:
    """Return the text that says the same, filled in with the named groups; the message itself where there is none."""
    for pattern, key in _PATTERNS[whose]:
        found = re.match(pattern, message)
        if found:
            values = {name: clean_line(text, 200) for name, text in found.groupdict().items()}
            return UserError(f"{whose}.{key}", "", **values)
    return UserError("foreign", text=clean_line(message, 200))
