"""Read the TOML files of a knowledge base into one validated `Knowledge`; a damaged file is named with its line."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from diagnostics.files import read_bounded
from diagnostics.knowledge import model
from diagnostics.knowledge.derived import DerivedFact
from diagnostics.knowledge.lexicon import FOLDER, HERE, load_lexicon
from diagnostics.knowledge.model import Knowledge, KnowledgeError
from diagnostics.knowledge.validate import lint
from diagnostics.library_errors import data_fault, system_fault, toml_fault, toml_line
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
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
_LISTS: Final[dict[str, tuple[str, type[list[Any]]]]] = {  # file stem -> its list of tables
    "questions": ("question", list[model.Question]),
    "sources": ("source", list[model.SourceNote]),
    "pages": ("page", list[model.Page]),
    "groups": ("group", list[model.Group]),
    "contradictions": ("contradiction", list[model.Contradiction]),
    "derived_facts": ("fact", list[DerivedFact]),
}
_TABLES: Final[dict[str, tuple[str, ...]]] = {
    **{stem: (key,) for stem, (key, _) in _LISTS.items()},
    "minimums": ("minimum", "latest"), "limits": ("limits",), "version": ("version",),
}  # fmt: skip
"""What a file beside the causes may hold; one word more and what a desk wrote would be passed over."""
_OWN: Final = ("questions", "derived_facts")
"""Lists of which a cause file may bring its own rows."""


def read_folders(folders: tuple[Path, ...]) -> Knowledge:
    """Read and judge the knowledge files of these folders, a later one over an earlier. Raises KnowledgeError."""
    found: dict[str, Any] = {
        "groups": {}, "causes": {}, "situations": {}, "beliefs": {}, "questions": {}, "pages": {}, "sources": {},
        "contradictions": {}, "minimums": {}, "latest": {}, "limits": {}, "locale": {}, "version": [],
        "derived_facts": {}, "homes": {},
    }  # fmt: skip
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
    owners = (*found["causes"].values(), *found["situations"].values())
    knowledge = Knowledge(
        version="+".join(found["version"]),
        groups=tuple(found["groups"].values()),
        causes=dict(sorted(found["causes"].items())),
        situations=tuple(sorted(found["situations"].values(), key=lambda one: (one.rank, one.id))),
        actions={action.id: action for owner in owners for action in owner.action},
        beliefs=dict(sorted(found["beliefs"].items())),
        questions=found["questions"],
        derived=found["derived_facts"],
        steering=tuple(q.id for q in found["questions"].values() if any(choice.sets for choice in q.value)),
        pages=tuple(found["pages"].values()),
        sources=found["sources"],
        minimums=tuple(found["minimums"].values()),
        latest=tuple(found["latest"].values()),
        contradictions=tuple(found["contradictions"].values()),
        guide=found["guide"],
        weights=_whole_weights(found),
        limits=found["limits"],
        locale=found["locale"],
        phrases=_phrases(folders),
    )
    faults = lint(knowledge, found["homes"])
    if faults:
        raise _found_in(folders, faults[0])
    return knowledge


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
    raw = _toml(path)
    for name in _OWN:
        for id_ in _take_rows(path, name, raw, found):
            found["homes"][id_] = f"{place}/{path.name}"
        raw.pop(_LISTS[name][0], None)
    actions = raw.get("action")
    for number, action in enumerate(actions if isinstance(actions, list) else (), 1):
        if isinstance(action, dict):
            _complete(action, f"{path.stem}_{number}")
    one = _convert(path, raw, _FOLDERS[place])
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
    raw = _toml(path)
    tables = _TABLES.get(path.stem)
    strange = next((name for name in raw if name not in tables), None) if tables else None
    if tables and strange is not None:
        near = next(iter(get_close_matches(strange, tables, n=1)), None)
        at = f"{path}:{_line(path, f'$.{strange}')}"
        raise KnowledgeError("data.unknown", at, name=clean_line(strange, 80), near=near)
    if path.stem in _LISTS:
        for id_ in _take_rows(path, path.stem, raw, found):
            found["homes"].pop(id_, None)
    elif path.stem == "minimums":
        for row in _convert(path, raw.get("minimum", []), tuple[model.Minimum, ...], "$.minimum"):
            found["minimums"][row.what, row.platform] = row
        for newest in _convert(path, raw.get("latest", []), tuple[model.Latest, ...], "$.latest"):
            found["latest"][newest.platform] = newest
    elif path.stem == "limits":
        found["limits"].update(_convert(path, raw.get("limits", {}), dict[str, float], "$.limits"))
    elif path.stem == "version":
        found["version"].append(_convert(path, raw.get("version"), str, "$.version"))
    elif path.stem == "guide":
        found["guide"] = _convert(path, raw, model.Guide)
    elif path.stem == "weights":
        _weigh(path, raw, found)


def _take_rows(path: Path, name: str, raw: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Take the rows of one list from a file; returns their ids."""
    key, kind = _LISTS[name]
    rows: list[Any] = _convert(path, raw.get(key, []), kind, f"$.{key}")
    found[name].update({row.id: row for row in rows})
    return [row.id for row in rows]


def _weigh(path: Path, raw: dict[str, Any], found: dict[str, Any]) -> None:
    """Take the weights; those of a later folder need only name what they change."""
    old = found.get("weights")
    if old is not None:
        base = msgspec.to_builtins(old)
        raw = {**base, **{key: {**base[key], **one} if isinstance(one, dict) and key in base else one
                          for key, one in raw.items()}}  # fmt: skip
    found["weights"] = _convert(path, raw, model.Weights)


def _place_questions(found: dict[str, Any]) -> None:
    """Give a question that stands on no page one of its own, so that adding one takes no second file."""
    placed = {id_ for page in found["pages"].values() for id_ in page.questions}
    for id_, question in found["questions"].items():
        if question.asked and id_ not in placed:
            found["pages"][id_] = model.Page(id=id_, zh=question.zh.title, en=question.en.title, questions=(id_,))


def _whole_weights(found: dict[str, Any]) -> model.Weights:
    """Fill in what is assumed of a cause or a question that no weights file names."""
    weights: model.Weights = found["weights"]
    questions = found["questions"]
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


def _locale(path: Path, into: dict[str, model.Text]) -> None:
    """Add the texts of one locale file: tables nest, keys join with dots, each leaf has `zh` and `en`."""

    def walk(table: dict[str, Any], prefix: str) -> None:
        for key, value in table.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict) and "zh" not in value:
                walk(value, f"{name}.")
            else:
                into[name] = _convert(path, value, model.Text, f"$.{name}")

    walk(_toml(path), "")


def _toml(path: Path) -> dict[str, Any]:
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


def _convert(path: Path, raw: object, kind: type[_T], root: str = "$") -> _T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        place = root + where.rstrip("`").removeprefix("$")
        reason, at = data_fault(what), f"{path}:{_line(path, place)}"
        if place == "$":
            raise KnowledgeError(reason.key, at, **reason.values) from None
        raise KnowledgeError("knowledge.where", at, reason=reason, where=place.removeprefix("$.")) from None


def _found_in(folders: tuple[Path, ...], fault: KnowledgeError) -> KnowledgeError:
    """Return a fault of the whole with the file that says it (a later folder's over an earlier one's) and the line."""
    file, _, where = fault.place.partition(": ")
    path = next((folder / file for folder in reversed(folders) if (folder / file).is_file()), folders[-1] / file)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    at = 0
    for part in where.split(": ") if where else ():
        name, _, number = part.partition(" ")
        row = re.compile(
            rf"\s*\[+{re.escape(name)}\]+|\s*\"?{re.escape(name)}\"?\s*=|\s*id\s*=\s*\"{re.escape(name)}\""
        )
        hits = [n for n, line in enumerate(lines) if n >= at and row.match(line)]
        at = hits[min(int(number or 1), len(hits)) - 1] if hits else at
    return fault.at(f"{path}:{at + 1}" + (f": {where}" if where else ""))


def _line(path: Path, place: str) -> int:
    """Return the line of a place such as `$.rule[2].status`: its table's header, or its key below that."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    for name, index in re.findall(r"\.([\w]+)(?:\[(\d+)\])?", place):
        header = re.compile(rf"\s*\[+(?:[\w]+\.)*{name}\]+|\s*\"?{name}\"?\s*=")
        hits = [n for n, line in enumerate(lines) if n >= at and header.match(line)]
        if hits:
            at = hits[min(int(index or 0), len(hits) - 1)]
    return at + 1
