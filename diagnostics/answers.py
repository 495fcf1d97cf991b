"""Read answers strictly: every fault names its place and the nearest valid name (contract, section 3)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from diagnostics.evidence import UNKNOWN, Observation, Source, Value
from diagnostics.i18n import UserError, nearest
from diagnostics.library_errors import fault_of, json_fault, json_kind
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.model import Knowledge, Question
    from diagnostics.versions import SystemReading, VersionReading

SCHEMA: Final = "weilidai-doctor/answers/1"
MAX_BYTES: Final = 1_000_000
"""An answers file beyond this is refused: all questions with all texts fit in a few kilobytes."""
MAX_DEPTH: Final = 32
MAX_TEXT: Final = 4_000
"""Most characters of a text answer; a longer one is refused, not cut."""
_NOTHING: Final = frozenset({"none", "no", "nothing", "n/a", "无", "没有", "都没有"})
"""What people write where no value of a list applies; it is near to none of them."""
_MAX_BITS: Final = 1_000
"""Bits of a whole number; a longer one would not fit a float."""


class AnswerError(UserError):
    """An answer or a file of answers cannot be used; `place` is the question id or the place in the file."""


def parse_json(data: bytes | str, name: str = "answers") -> Any:
    """Read JSON as RFC 8259 has it, and nothing looser: no duplicate keys, no NaN, no deep nesting.

    Accepts a byte order mark and UTF-16 or UTF-32 (RFC 4627's detection). Raises AnswerError with the place.
    """
    import json  # with its scanner 2 ms, and only a file needs it

    if len(data) > MAX_BYTES:
        raise AnswerError("too_large", name, limit=MAX_BYTES)
    try:
        text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise AnswerError("encoding", name, encoding=error.encoding, byte=error.start + 1) from None
    text = text.removeprefix("\ufeff")
    try:
        found = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_int=_integer)
        too_deep = _nests_deeper(found, MAX_DEPTH)
    except RecursionError:
        too_deep = True
    except json.JSONDecodeError as error:
        raise AnswerError("not_json", f"{name}:{error.lineno}:{error.colno}", reason=json_fault(error)) from None
    except AnswerError as error:
        raise error.at(f"{name}: {error.place}" if error.place else name + _place(text, error)) from None
    if too_deep:
        raise AnswerError("too_deep", name, limit=MAX_DEPTH)
    return found


def _nests_deeper(value: object, levels: int) -> bool:
    """Whether objects and arrays stand in each other at more than so many levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (not levels or any(_nests_deeper(one, levels - 1) for one in inner))


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table: dict[str, object] = {}
    for key, value in pairs:
        if key in table:
            raise AnswerError("twice", key_name(key))
        table[key] = value
    return table


def _no_constant(name: str) -> NoReturn:
    raise AnswerError("no_number", value=name)


def _integer(digits: str) -> int:
    if len(digits) > 40:
        raise AnswerError("too_many_digits", count=len(digits))
    return int(digits)


def _place(text: str, fault: AnswerError) -> str:
    """Return the line and column of the number at fault, which the decoder does not tell."""
    named = fault.values.get("value")
    wanted = re.escape(str(named)) if named else r"\d{41,}"
    found = next((one for one in re.finditer(rf'"(?:[^"\\]|\\.)*+"|(?P<at>-?{wanted})', text) if one["at"]), None)
    at = found.start() if found else 0
    return f":{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def parse_file(knowledge: Knowledge, data: bytes | str, name: str = "answers") -> dict[str, Value]:
    """Read an answers file: `{"schema": ..., "answers": {...}}`, the schema may be left out. Raises AnswerError."""
    raw = parse_json(data, name)
    if not isinstance(raw, dict):
        raise AnswerError("not_an_object", name, kind=json_kind(raw))
    outside = next((key for key in raw if key in knowledge.questions), None)
    if outside is not None:
        raise AnswerError("outside", name, name=outside)
    try:
        check_keys(raw, ("schema", "answers"), needed=("answers",))
        return parse_answers(knowledge, raw["answers"])
    except AnswerError as error:
        raise error.at(f"{name}: {error.place}" if error.place else name) from None


def check_keys(record: dict[str, object], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    """Refuse a key that is not known, another schema, and a record with none of the keys `needed`.

    Raises AnswerError, its place the key.
    """
    for key in record:
        if key not in known:
            name = key_name(key)
            raise AnswerError("unknown_key", name, known=", ".join(known), near=nearest(name, known))
    schema = record.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise AnswerError("schema", "schema", found=clean_line(str(schema), 80), known=SCHEMA)
    if record.keys().isdisjoint(needed):
        raise AnswerError("no_answers", "answers")


def parse_answers(knowledge: Knowledge, raw: object) -> dict[str, Value]:
    """Check a mapping of question ids to values; returns it with texts cleaned. Raises AnswerError naming the id."""
    if not isinstance(raw, Mapping):
        raise AnswerError("not_answers", "answers", kind=json_kind(raw))
    return {id_: parse_answer(knowledge, id_, value) for id_, value in raw.items()}


def parse_answer(knowledge: Knowledge, id_: str, value: object) -> Value:
    """Check one answer against its question. Raises AnswerError naming the id and the valid values."""
    return _check(find_question(knowledge, id_), value)


def stored_answer(knowledge: Knowledge, id_: str, value: object) -> Value | None:
    """Check an answer that a file or a case holds; None for what only versions before 0.2 took for one.

    Those took an empty text, and amounts of any size. Raises AnswerError.
    """
    try:
        return parse_answer(knowledge, id_, value)
    except AnswerError as error:
        if error.key == "empty_text" or (error.key == "out_of_range" and knowledge.questions[id_].maximum is None):
            return None
        raise


def stored_observations(
    knowledge: Knowledge, found: Iterable[Observation], *, answers_only: bool = False
) -> tuple[Observation, ...]:
    """Check what a file or a case holds, as it is let in anywhere else, and leave out what is no answer any more.

    With `answers_only` nothing is let in that answers no question. Raises AnswerError.
    """
    seen = (_stored(knowledge, one, answers_only) for one in found)
    return tuple(one for one in seen if one is not None)


def _stored(knowledge: Knowledge, one: Observation, answers_only: bool) -> Observation | None:
    from diagnostics.redaction import mask_numbers  # only what was kept needs it

    value: Value | None = one.value
    if answers_only or one.id in knowledge.questions:
        value = stored_answer(knowledge, one.id, value)
        if value is None:
            return None
    elif isinstance(value, list):
        value = [mask_numbers(clean_line(part)) for part in value]
    elif isinstance(value, str):
        value = clean(value)
    return msgspec.structs.replace(
        one,
        id=mask_numbers(clean_line(one.id, 80)),
        value=value,
        observed_at=mask_numbers(clean_line(one.observed_at, 40)) if one.observed_at else None,
        detail=clean(one.detail) if one.detail else None,
        band=one.band if one.band and re.fullmatch(r"[0-9]{1,3}-[0-9]{1,3}", one.band) else None,
    )


def parse_setting(knowledge: Knowledge, text: str) -> tuple[str, Value]:
    """Read `ID=VALUE` as the command line gives it; lists are separated by commas. Raises AnswerError."""
    id_, equals, value = text.partition("=")
    if not equals:
        raise AnswerError("not_a_setting", clean_line(text, 80))
    question = find_question(knowledge, id_.strip())
    return question.id, parse_typed(question, value)


def parse_typed(question: Question, text: str) -> Value:
    """Read one answer as a person types it: numbers as people write them, lists with commas. Raises AnswerError."""
    text = text.strip()
    if text == UNKNOWN:
        return UNKNOWN
    if question.type in ("integer", "amount"):
        return _check(question, _read_number(question, text))
    if question.id == "os.version" and text:
        _refuse_wechats(question, text)
    return _check(question, read_literal(question.type, text))


def parse_entry(question: Question, text: str) -> tuple[Value, str]:
    """Read what a person typed for a question, and what it is read as where that is not the same. Raises AnswerError.

    A text has to name a version, or a system at least: unlike a file or a command line, a person can be asked again.
    """
    value = parse_typed(question, text)
    if question.type != "text" or value == UNKNOWN:
        return value, ""
    from diagnostics.versions import parse_system_version, parse_wechat_version

    parse: Callable[[str, str], SystemReading | VersionReading]
    parse = parse_system_version if question.id == "os.version" else parse_wechat_version
    found = {lang: parse(text, lang) for lang in ("zh", "en")}
    named: str | None = found["zh"].version or getattr(found["zh"], "name", None)  # a system without its number
    if named is None:
        why = {lang: (one.error or "").rstrip("。.") for lang, one in found.items()}
        raise AnswerError("no_version", question.id, reason=why)
    return value, named


def _refuse_wechats(question: Question, text: str) -> None:
    """Raise AnswerError where the version that was typed for the system is certainly WeChat's: 8.0.50."""
    from diagnostics.versions import parse_system_version

    if parse_system_version(text).reason == "wechat_version":
        raise AnswerError("version_of_wechat", question.id, value=clean_line(text, 40))


def _read_number(question: Question, text: str) -> int | float:
    """Read a number as people write it. Raises AnswerError, with an example where it is not clear which is meant."""
    try:
        return read_number(text)
    except UnclearError:
        raise AnswerError("unclear_number", question.id, value=clean_line(text, 40)) from None
    except ValueError:
        raise AnswerError("no_number", question.id, value=clean_line(text, 40)) from None


def read_literal(type_: str, text: str) -> str | float | list[str]:
    """Read a value as the weights and the command line write it, by the question's type."""
    if type_ in ("integer", "amount"):
        return _integral(float(text))
    if type_ == "choices":
        return [part for part in text.split(",") if part]
    return text


def observations(answers: Mapping[str, Value], source: Source = "answer", at: str | None = None) -> list[Observation]:
    """Turn checked answers into observations of one source and time (RFC 3339)."""
    return [Observation(id=id_, value=value, source=source, observed_at=at) for id_, value in answers.items()]


def find_question(knowledge: Knowledge, id_: str) -> Question:
    """Return the question of this id; raises AnswerError naming the nearest one where there is none."""
    try:
        return knowledge.questions[id_]
    except KeyError:
        name = key_name(id_)
        raise AnswerError("unknown_question", name, near=nearest(name, knowledge.questions)) from None


def key_name(key: object) -> str:
    """Return a key from outside as a message names it; one of nothing, or of white space alone, is named as well."""
    return clean_line(str(key), 80) or '""'


def _check(question: Question, value: object) -> Value:
    if value == UNKNOWN:
        return UNKNOWN
    if question.type == "choice":
        return _choice(question, value)
    if question.type == "choices":
        if not isinstance(value, (list, tuple)):
            raise AnswerError("takes_list", question.id, kind=json_kind(value))
        return list(dict.fromkeys(_choice(question, one) for one in value))
    if question.type == "text":
        return _text(question, value)
    return _number(question, value)


def _choice(question: Question, value: object) -> str:
    ids = [choice.id for choice in question.value]
    valid = ids if question.type == "choices" else [*ids, UNKNOWN]  # within a list nothing is unknown
    if not isinstance(value, str):
        raise AnswerError("takes_choice", question.id, valid=", ".join(valid), kind=json_kind(value))
    if value not in ids:
        name, listed = clean_line(value, 40), question.type == "choices"
        near = nearest(name, valid) if not listed or name.casefold() not in _NOTHING else None  # "none" is not "money"
        key = "not_in_list" if listed else "not_a_choice"
        raise AnswerError(key, question.id, value=name, valid=", ".join(valid), near=near)
    return value


def _text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise AnswerError("takes_text", question.id, kind=json_kind(value))
    if len(value) > MAX_TEXT:
        raise AnswerError("too_long", question.id, limit=MAX_TEXT)
    from diagnostics.redaction import mask_numbers

    text = mask_numbers(clean(value))
    if not text.strip():
        raise AnswerError("empty_text", question.id)
    return text


def _number(question: Question, value: object) -> int | float:
    if question.type == "amount" and isinstance(value, str) and any(sign.isdigit() for sign in value):
        value = _read_number(question, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise AnswerError("takes_number", question.id, kind=json_kind(value))
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise AnswerError("too_many_digits", question.id, count=math.ceil(value.bit_length() * math.log10(2)))
    if not math.isfinite(value):
        raise AnswerError("no_number", question.id, value=value)
    if question.type == "integer" and value != int(value):
        raise AnswerError("takes_whole", question.id, value=value)
    low, high = question.minimum or 0, question.most if question.most is not None else math.inf
    if not low <= value <= high:
        raise AnswerError("out_of_range", question.id, value=value, range=f"{low}–{high}")
    if isinstance(value, float):
        return int(value) if value.is_integer() and value < 2**53 else value
    return value if value < 2**53 else float(value)  # what a reader of the report can hold exactly, else a float


AMOUNT_PATTERN: Final = (
    r"^[¥￥]?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?\s*([百千万kw])?\s*"
    r"(?:元|块|块钱|人民币|岁|周岁|笔|yuan|rmb|cny)?$"
)
"""Whole part, decimals, and the sign of a thousand or ten thousand; in terms that JavaScript has as well."""
AMOUNT_UNITS: Final = {"百": 100, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000}
_DOUBTFUL: Final = r"[0-9]\s*[,，千万百kw元块]"


class UnclearError(ValueError):
    """A text has digits and may be meant as a number, but as which is not clear."""


def read_number(text: str) -> int | float:
    """Return the number that a text writes. Raises UnclearError where it may be several, ValueError where none."""
    from unicodedata import normalize  # few runs are given a number as a text

    plain = normalize("NFKC", text).strip()
    found = re.match(AMOUNT_PATTERN, plain, re.IGNORECASE)  # compiled when first needed: it takes 1 % of a start
    if found is not None:
        whole, decimals = found[1].replace(",", ""), found[2] or ""
        times = AMOUNT_UNITS.get((found[3] or "").lower(), 1)
        if not decimals:
            return int(whole) * times if len(whole) <= 40 else float(whole)
        if times == 1:
            return _integral(float(f"{whole}.{decimals}"))
        share, rest = divmod(int(whole + decimals) * times, 10 ** len(decimals))
        return share if not rest else float(f"{whole}.{decimals}") * times
    if re.search(_DOUBTFUL, plain, re.IGNORECASE):
        raise UnclearError(text)
    if "_" in plain:  # Python's own way to group digits
        raise ValueError(text)
    return _integral(float(plain))


def _integral(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def unreadable(error: Exception, data: bytes) -> UserError:
    """Say why a record of JSON could not be read, or what is wrong with what stands in it."""
    fault = fault_of(error)
    if fault.key == "foreign":
        try:
            parse_json(data, "")  # no JSON: the strict door says what it is
        except AnswerError as told:
            return UserError("knowledge.where", reason=told.at(""), where=told.place.lstrip(":"))
    return fault
