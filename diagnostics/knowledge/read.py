"""Read the TOML files of a knowledge base into one validated `Knowledge`; a damaged file is named with its line."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from diagnostics.files import read_bounded
from diagnostics.knowledge import model
from diagnostics.knowledge.compiled import HERE
from diagnostics.knowledge.derived import DerivedFact
from diagnostics.knowledge.lexicon import FOLDER, load_lexicon
from diagnostics.knowledge.model import Knowledge, KnowledgeError
from diagnostics.knowledge.validate import lint
from diagnostics.library_errors import shape_parts, system_fault, toml_fault, toml_line
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_T = TypeVar("_T")
_MAX_BYTES: Final = 2_000_000
"""Most bytes of one knowledge file; the largest built in has a tenth of it."""
UNWEIGHED: Final = 0.01
"""How often a cause is the reason that no weights file names: as often as the rarer ones."""
UNWEIGHED_SECONDS: Final = 10.0
_FILES: Final = ("*.toml", "causes/*.toml", "situations/*.toml", "beliefs/*.toml", "locale/*.toml", f"{FOLDER}/*.toml")
_FOLDERS: Final[dict[str, type[Any]]] = {  # folders of one file each: what a file is
    "causes": model.Cause,
    "situations": model.Situation,
    "beliefs": model.Belief,
}
_LISTS: Final[dict[str, dict[str, tuple[type[list[Any]], Callable[[Any], Any]]]]] = {
    "questions": {"question": (list[model.Question], attrgetter("id"))},
    "sources": {"source": (list[model.SourceNote], attrgetter("id"))},
    "pages": {"page": (list[model.Page], attrgetter("id"))},
    "groups": {"group": (list[model.Group], attrgetter("id"))},
    "contradictions": {"contradiction": (list[model.Contradiction], attrgetter("id"))},
    "derived_facts": {"fact": (list[DerivedFact], attrgetter("id"))},
    "minimums": {
        "minimum": (list[model.Minimum], attrgetter("what", "platform")),
        "latest": (list[model.Latest], attrgetter("platform")),
    },
}
"""By the stem of a file its lists of tables: what each row is, and by what one of a later folder replaces it."""
_TABLES: Final = {**_LISTS, "limits": ("limits",), "version": ("version",)}
"""What a file beside the causes may hold; one word more and what a desk wrote would be passed over."""
_OWN: Final = ("questions", "derived_facts")
"""Lists of which a cause file may bring its own rows."""


def read_folders(folders: tuple[Path, ...]) -> Knowledge:
    """Read and judge the knowledge files of these folders, a later one over an earlier. Raises KnowledgeError."""
    found: dict[str, Any] = {key: {} for lists in _LISTS.values() for key in lists}
    found |= {name: {} for name in (*_FOLDERS, "cases", "limits", "locale", "homes")} | {"version": []}
    for folder in folders:
        _judge(folder)
        for place in _FOLDERS:
            for path in sorted(folder.glob(f"{place}/*.toml")):
                _take_one(path, place, found)
        for path in sorted(folder.glob("*.toml")):
            if not (folders[0] / path.name).is_file():
                known = [one.name for one in sorted(folders[0].glob("*.toml"))]
                near = next(iter(get_close_matches(path.name, known, n=1)), None)
                raise KnowledgeError("knowledge.strange_file", str(path), known=", ".join(known), near=near)
            _take(path, found)
        for path in sorted(folder.glob("locale/*.toml")):
            _locale(path, found["locale"])
        if not (folder / "version.toml").is_file():
            found["version"].append(clean_line(folder.name, 40))
    missing = [name for name in ("guide", "weights") if name not in found]
    if missing:
        raise KnowledgeError("knowledge.no_file", f"{folders[0] / missing[0]}.toml")
    _place_questions(found)
    later = {
        "beliefs": dict(sorted(found["beliefs"].items())),
        "cases": found["cases"],
        "derived": found["fact"],
        "groups": tuple(found["group"].values()),
        "guide": found["guide"],
        "latest": tuple(found["latest"].values()),
        "pages": tuple(found["page"].values()),
        "situations": tuple(sorted(found["situations"].values(), key=lambda one: (one.rank, one.id))),
        "sources": found["source"],
    }
    knowledge = Knowledge(
        version="+".join(found["version"]),
        causes=dict(sorted(found["causes"].items())),
        questions=found["question"],
        steering=tuple(q.id for q in found["question"].values() if any(choice.sets for choice in q.value)),
        minimums=tuple(found["minimum"].values()),
        contradictions=tuple(found["contradiction"].values()),
        weights=_whole_weights(found),
        limits=found["limits"],
        texts=encoded(found["locale"]),
        later=encoded(later),
        phrases=_phrases(folders),
    )
    faults = lint(knowledge, found["homes"])
    if faults:
        raise _found_in(folders, faults[0])
    return knowledge


def encoded(parts: dict[str, Any]) -> dict[str, msgspec.Raw]:
    """Return parts of a knowledge base as it holds those that are read when they are first asked for."""
    return {name: msgspec.Raw(msgspec.msgpack.encode(part)) for name, part in parts.items()}


def _judge(folder: Path) -> None:
    """Raise KnowledgeError for a folder without knowledge: a wrong path would pass for a desk's own."""
    if not any(next(folder.glob(files), None) for files in _FILES):
        raise KnowledgeError("knowledge.none_in_it", str(folder))


def _phrases(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the folders that have phrases; those of a desk are read at once, so that a fault is told now."""
    named = tuple("" if str(folder) == HERE else str(folder) for folder in folders if (folder / FOLDER).is_dir())
    load_lexicon(tuple(name for name in named if name))
    return named


def _take_one(path: Path, place: str, found: dict[str, Any]) -> None:
    """Read the file of one cause, situation or belief, with the questions and facts that it brings."""
    raw = read_toml(path)
    for name in _OWN:
        for id_ in _take_rows(path, name, raw, found):
            found["homes"][id_] = f"{place}/{path.name}"
        for key in _LISTS[name]:
            raw.pop(key, None)
    actions = raw.get("action")
    for number, action in enumerate(actions if isinstance(actions, list) else (), 1):
        if isinstance(action, dict):
            _complete(action, f"{path.stem}_{number}")
    if place != "beliefs":
        found["cases"][f"{place}/{path.stem}"] = convert(path, raw.pop("case", []), list[model.Example], "$.case")
    one = convert(path, raw, _FOLDERS[place])
    found[place][one.id] = one
    if path.stem != one.id:
        raise KnowledgeError("knowledge.file_name", f"{path}:1", file=path.stem, cause=clean_line(one.id, 80))


def _complete(action: dict[str, Any], id_: str) -> None:
    """Fill in what a desk's own action may leave out: its id, kind and urgency, and the text as its short form."""
    effort = action.get("effort")
    kinds = {"wait": ("wait", "wait"), "none": ("none_possible", "soon")}
    do, urgency = kinds.get(str(effort), ("other_help", "soon"))
    short = {lang: action[lang] for lang in ("zh", "en") if lang in action}
    for name, value in (("id", id_), ("do", do), ("urgency", urgency), ("short", short)):
        action.setdefault(name, value)


def _take(path: Path, found: dict[str, Any]) -> None:
    """Read one file beside the causes into what was found so far, by id; a later folder replaces."""
    raw = read_toml(path)
    tables = _TABLES.get(path.stem)
    strange = next((name for name in raw if name not in tables), None) if tables else None
    if tables and strange is not None:
        near = next(iter(get_close_matches(strange, tables, n=1)), None)
        at = f"{path}:{_line(path, [(strange, 1)])}"
        raise KnowledgeError("data.unknown", at, name=clean_line(strange, 80), near=near)
    if path.stem in _LISTS:
        for id_ in _take_rows(path, path.stem, raw, found):
            found["homes"].pop(id_, None)
    elif path.stem == "limits":
        found["limits"].update(convert(path, raw.get("limits", {}), dict[str, float], "$.limits"))
    elif path.stem == "version":
        found["version"].append(convert(path, raw.get("version"), str, "$.version"))
    elif path.stem == "guide":
        found["guide"] = convert(path, raw, model.Guide)
    elif path.stem == "weights":
        _weigh(path, raw, found)


def _take_rows(path: Path, name: str, raw: dict[str, Any], found: dict[str, Any]) -> list[Any]:
    """Take the rows of the lists of a file; returns by what they are known."""
    taken: list[Any] = []
    for key, (kind, identity) in _LISTS[name].items():
        rows = {identity(row): row for row in convert(path, raw.get(key, []), kind, f"$.{key}")}
        found[key].update(rows)
        taken += rows
    return taken


def _weigh(path: Path, raw: dict[str, Any], found: dict[str, Any]) -> None:
    """Take the weights; those of a later folder need only name what they change."""
    old = found.get("weights")
    if old is not None:
        base = msgspec.to_builtins(old)
        raw = {**base, **{key: {**base[key], **one} if isinstance(one, dict) and key in base else one
                          for key, one in raw.items()}}  # fmt: skip
    found["weights"] = convert(path, raw, model.Weights)


def _place_questions(found: dict[str, Any]) -> None:
    """Give a question that stands on no page one of its own, so that adding one takes no second file."""
    placed = {id_ for page in found["page"].values() for id_ in page.questions}
    for id_, question in found["question"].items():
        if question.asked and id_ not in placed:
            found["page"][id_] = model.Page(id=id_, zh=question.zh.title, en=question.en.title, questions=(id_,))


def _whole_weights(found: dict[str, Any]) -> model.Weights:
    """Fill in what is assumed of a cause or a question that no weights file names."""
    weights: model.Weights = found["weights"]
    questions = found["question"]
    even = {
        id_: {choice.id: 1 / len(question.value) for choice in question.value} for id_, question in questions.items()
    }
    return msgspec.structs.replace(
        weights,
        chance=dict.fromkeys(found["causes"], UNWEIGHED) | weights.chance,
        seconds=dict.fromkeys(questions, UNWEIGHED_SECONDS) | weights.seconds,
        intrusion=dict.fromkeys(questions, 1) | weights.intrusion,
        spread=even | weights.spread,
    )


def _locale(path: Path, into: dict[str, dict[str, model.Text]]) -> None:
    """Add the texts of one locale file: tables nest, keys join with dots, each leaf has `zh` and `en`.

    That of an error may have what a library `says`, which `library_errors` alone reads.
    """

    def walk(table: dict[str, Any], prefix: str) -> None:
        for key, value in table.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict) and "zh" not in value:
                walk(value, f"{name}.")
            else:
                if isinstance(value, dict) and name.startswith("error."):
                    value.pop("says", None)
                into.setdefault(name.partition(".")[0], {})[name] = convert(path, value, model.Text, f"$.{name}")

    walk(read_toml(path), "")


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds, the short forms of conditions written out. Raises KnowledgeError."""
    text = ""
    try:
        text = read_bounded(path, _MAX_BYTES).decode("utf-8-sig")
        return _conditions(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError("foreign", f"{path}:{toml_line(error, text)}", text=toml_fault(error)) from None
    except RecursionError:
        raise KnowledgeError("knowledge.too_deep", f"{path}:1") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError("foreign", f"{path}:1", text=system_fault(error)) from None


def _conditions(table: dict[str, Any]) -> dict[str, Any]:
    """Write the short forms of conditions (a value, a list) out in full, everywhere below this table."""
    for key, value in table.items():
        if key == "when" and isinstance(value, dict):
            table[key] = _row(value)
        elif key == "when" and isinstance(value, list):
            table[key] = [_row(row) if isinstance(row, dict) else row for row in value]
        elif key == "only_if":
            rows = value if isinstance(value, list) else [value]  # one row needs no brackets
            table[key] = [_row(row) if isinstance(row, dict) else row for row in rows]
        elif isinstance(value, dict):
            _conditions(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    _conditions(item)
    return table


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {fact: _condition(is_) for fact, is_ in row.items()}


def _condition(short: object) -> object:
    if isinstance(short, str):
        return {"any": [short]}
    return {"any": short} if isinstance(short, list) else short


def convert(path: Path, raw: object, kind: type[_T], root: str = "$") -> _T:
    """Return what was read as this kind of record. Raises KnowledgeError naming the line."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        reason, where = shape_parts(error)
        place = f"{root}.{where}".rstrip(".").replace(".[", "[")
        steps = [(name, int(index or 0) + 1) for name, index in re.findall(r"\.([\w]+)(?:\[(\d+)\])?", place)]
        at = f"{path}:{_line(path, steps)}"
        if place == "$":
            raise KnowledgeError(reason.key, at, **reason.values) from None
        raise KnowledgeError("knowledge.where", at, reason=reason, where=place.removeprefix("$.")) from None


def _found_in(folders: tuple[Path, ...], fault: KnowledgeError) -> KnowledgeError:
    """Return a fault of the whole with the file that says it (a later folder's over an earlier one's) and the line."""
    file, _, where = fault.place.partition(": ")
    path = next((folder / file for folder in reversed(folders) if (folder / file).is_file()), folders[-1] / file)
    parts = [part.partition(" ") for part in where.split(": ")] if where else []
    line = _line(path, [(name, int(number or 1)) for name, _, number in parts])
    return fault.at(f"{path}:{line}" + (f": {where}" if where else ""))


def _line(path: Path, steps: list[tuple[str, int]]) -> int:
    """Return the line to which these steps lead: the first or a later table, key or id of a name, below the last."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    at = 0
    for name, number in steps:
        row = rf'\s*\[+(?:\w+\.)*{re.escape(name)}\]+|\s*"?{re.escape(name)}"?\s*=|\s*id\s*=\s*"{re.escape(name)}"'
        hits = [n for n, line in enumerate(lines) if n >= at and re.match(row, line)]
        at = hits[min(number, len(hits)) - 1] if hits else at
    return at + 1
