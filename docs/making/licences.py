"""The licences of everything that is installed with the product, as the packages themselves state them."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution, requires
from typing import Final, NamedTuple

from docs.making.home import ROOT

NAME: Final = "weilidai-doctor"
EXTRAS: Final = ("", "html", "team", "screenshot")
FREE: Final = (
    "MIT",
    "BSD",
    "Apache",
    "ISC",
    "PSF",
    "Python Software Foundation",
    "MPL",
    "Mozilla",
    "LGPL",
    "Unlicense",
)
"""Words of the licences that were read and found fit to be installed beside an MIT program."""
_NEED: Final = re.compile(r"^([\w.-]+)(?:\[([\w,.-]+)\])?")


class Licence(NamedTuple):
    """A package, its version and licence, and the extra that brings it (empty: always there)."""

    name: str
    version: str
    licence: str
    extra: str


def licences() -> list[Licence]:
    """Return the licences of what is installed, what is always there first; what is not installed is left out."""
    found: dict[str, Licence] = {}
    for extra in EXTRAS:
        todo = list(_needs(NAME, extra))
        while todo:
            name = _plain(todo.pop())
            if name in found or name == NAME:
                continue
            try:
                here = distribution(name)
            except PackageNotFoundError:
                continue  # an extra that is not installed, or a package of another system
            found[name] = Licence(here.metadata["Name"], here.version, licence_of(here), extra)
            todo += _needs(name)
    return sorted(found.values(), key=lambda one: (EXTRAS.index(one.extra), one.name.lower()))


def own() -> list[str]:
    """Return what the product itself requires, as its checkout says now, in the form of a package's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].items()
    return [*project["dependencies"], *(f'{line}; extra == "{extra}"' for extra, lines in extras for line in lines)]


def _needs(name: str, extra: str = "") -> list[str]:
    """Return the names that a package requires: of one extra, or those without a condition on extras."""
    wanted = []
    for line in (own() if name == NAME else requires(name)) or ():
        need, _, marker = line.partition(";")
        asked = re.search(r"extra\s*==\s*[\"']([\w-]+)", marker)
        found = _NEED.match(need.strip())
        if found is not None and (asked[1] if asked else "") == extra:
            wanted.append(found[1])
            for more in (found[2] or "").split(","):
                wanted += _needs(found[1], more) if more and _installed(found[1]) else []
    return wanted


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(package: Distribution) -> str:
    """Return the licence that a package states: its expression, else its classifiers, else its text's first line."""
    told = package.metadata
    stated = told.get_all("License-Expression") or []
    named = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if "License ::" in line]
    first = [line for text in told.get_all("License") or [] for line in text.strip().splitlines()[:1]]
    return ", ".join(stated or named or first) or "?"


def table() -> str:
    """Return the list as a table."""
    rows = [f"| {one.name} | {one.version} | {one.licence} | {one.extra or '—'} |" for one in licences()]
    return "\n".join(["| package | version | licence | extra |", "|---|---|---|---|", *rows]) + "\n"
