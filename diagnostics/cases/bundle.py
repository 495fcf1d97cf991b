"""Export and import of cases: JSON Lines with a header and a checksum, imported whole or not at all, and merged."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from sqlalchemy import insert, select, update

from diagnostics import __version__
from diagnostics.answers import stored_observations, unreadable
from diagnostics.cases import deletion, queries
from diagnostics.cases.model import DAY, KINDS, BundleError, Case, Event, Note, epoch, is_id, minimise
from diagnostics.cases.opened import number_of
from diagnostics.cases.schema import CASES, EVENTS
from diagnostics.cases.store import is_day
from diagnostics.questionnaire.codec import ALPHABET
from diagnostics.questionnaire.message import FIRST, SECOND
from diagnostics.redaction import Masked, Redactor, mask_numbers, mask_within
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from diagnostics.cases.model import Filter
    from diagnostics.cases.store import CaseStore
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.questionnaire.message import Sent

Comparison = Literal["new", "same", "newer", "both"]
"""How a case of a bundle stands to the same case here."""
_TAGS: Final = frozenset({"tag", "untag"})
_ADDED: Final = frozenset({"note", "message", "import", *_TAGS})
"""Changes that stand beside others and never against them."""
_STATE: Final = ("knowledge", "status", "proven", "closed_at", "label", "consent_at", "owner", "due_on", "seconds")
"""Columns of a case that are imported, beside those that follow from its observations."""
_SAME: Final = ("status", "proven", "label", "owner", "due_on", "observations")
"""What makes two states of a case different."""


def _masked_texts(knowledge: Knowledge, case: Case, mask: Callable[[str, str], str]) -> Case:
    """Return a case with every text cleaned and masked; `mask` gets a text and the part of the case that holds it."""

    def line(text: str, most: int, place: str) -> str:
        return mask(clean_line(text, most), place)

    def by(one: Case | Note | Event) -> str:
        return line(one.operator, 60, "operator")

    return msgspec.structs.replace(
        case,
        knowledge=line(case.knowledge, 80, "knowledge"),
        label=line(case.label, 80, "label"),
        operator=by(case),
        changed_by=line(case.changed_by, 60, "operator"),
        notes=tuple(
            msgspec.structs.replace(one, text=mask(clean(one.text), "notes"), operator=by(one)) for one in case.notes
        ),
        tags=tuple(sorted({line(tag, 40, "tags") for tag in case.tags if tag.strip()})),
        owner=line(case.owner, 60, "operator"),
        history=tuple(
            msgspec.structs.replace(one, operator=by(one), detail=line(one.detail, 400, "history"))
            for one in case.history
        ),
        observations=tuple(minimise(knowledge, case.observations, lambda text: mask(text, "observations"))),
    )


def _compared(row: Row[Any], case: Case, here: Sequence[Event], values: dict[str, Any]) -> Comparison:
    """Return whether the case of the bundle is newer than the stored one."""
    if all(getattr(row, name) == values[name] for name in _SAME):
        return "same"
    ours, theirs = _changes(here), _changes(case.history)
    if theirs:
        if not _has_news(theirs, ours):
            return "same"
        return "both" if _has_news(ours, theirs) else "newer"
    taken = max((one.version for one in here if one.kind == "import"), default=None)
    if taken is None:
        newer = case.version > row.version and case.updated_at >= row.updated_at
        older = case.version <= row.version and case.updated_at <= row.updated_at
        return "newer" if newer else "same" if older else "both"
    if case.version <= taken:
        return "same"
    return "both" if ours else "newer"


def _changes(events: Iterable[Event], kinds: frozenset[str] | None = None) -> dict[str, int]:
    return {one.id: one.version for one in events if (one.kind in kinds if kinds else one.kind not in _ADDED)}


def _has_news(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether one side has a change that the other does not have."""
    return any(version > other.get(id_, -1) for id_, version in one.items())


def _merge_tags(connection: Connection, case: Case, here: Sequence[Event]) -> bool:
    """Apply tags set or removed elsewhere; where both sides changed tags, keep those of both. Returns whether any."""
    had = queries.tags_of(connection, case.id)
    theirs = set(case.tags)
    ours, told = _changes(here, _TAGS), _changes(case.history, _TAGS)
    wanted = had
    if _has_news(told, ours):
        wanted = had | theirs if _has_news(ours, told) else theirs
    elif not case.history:
        wanted = had | theirs
    if wanted == had:
        return False
    queries.set_tags(connection, case.id, had, wanted)
    return True


def _add_history(connection: Connection, case: Case) -> None:
    """Add the events of the bundle that are not stored yet."""
    told = {one.id: one for one in case.history}
    query = select(EVENTS).where(EVENTS.c.uid.in_(told))  # of any case: a uid is one event
    known = {row.uid: row for row in connection.execute(query)} if told else {}
    for id_, row in known.items():
        if row.case_id == case.id and told[id_].version > row.version:
            later = {"version": told[id_].version, "at": told[id_].at}
            connection.execute(update(EVENTS).where(EVENTS.c.uid == id_).values(later))
    queries.add_events(connection, case.id, [one for id_, one in told.items() if id_ not in known])


SCHEMA: Final = "weilidai-doctor/cases/1"
_MAX_HISTORY: Final = 10_000
_MAX_LINE: Final = 4_000_000
MAX_CASES: Final = 100_000
"""Most of a bundle; a desk with more hands over a year at a time (`--since`)."""
_BATCH: Final = 500


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["weilidai-doctor/cases/1"] = SCHEMA
    exported_at: str
    tool: str = __version__
    redacted: bool


class _Foot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cases: int
    sha256: str
    masked: list[Masked] = []


class ImportResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an import did: new cases, known cases, notes added to known cases.

    `changed`: how many known cases were newer in the bundle and were overwritten. `conflicts`: cases changed on both
    sides; they are left as they are.
    """

    new: int
    known: int
    notes: int
    changed: int = 0
    conflicts: tuple[str, ...] = ()


def export(store: CaseStore, wanted: Filter | None = None, *, redact: bool = True) -> Iterator[str]:
    """Yield the bundle line by line: header, cases oldest first, the count with the checksum of all before."""
    digest = hashlib.sha256()
    count = 0
    masked: list[Masked] = []

    def line(record: msgspec.Struct) -> str:
        text = msgspec.json.encode(record).decode() + "\n"
        digest.update(text.encode())
        return text

    yield line(_Head(exported_at=store.now(), redacted=redact))
    for case in store.every(wanted):
        count += 1
        safe = _masked(store.knowledge, case) if redact else case
        masked += safe.masked[len(case.masked) :]
        yield line(safe)
    yield line(_Foot(cases=count, sha256=digest.hexdigest(), masked=masked))


def resolved(store: CaseStore, wanted: Filter | None = None) -> Iterator[str]:
    """Yield the input of `calibrate`: answers and proven cause of every case that was closed with a cause."""
    for case in store.every(wanted):
        if case.status == "closed" and case.proven in store.knowledge.causes:
            known = (one for one in case.observations if one.id in store.knowledge.questions)
            answers = {one.id: mask_within(one.value) for one in known}
            yield msgspec.json.encode({"answers": answers, "cause": case.proven}).decode() + "\n"


def take(store: CaseStore, lines: Iterable[str], name: str = "bundle") -> ImportResult:
    """Import a bundle, whole or not at all; importing twice changes nothing. Raises BundleError with the line."""
    cases = _read(store, lines, name)
    done: list[tuple[str, Comparison, int]] = []

    def work(connection: Connection) -> list[tuple[str, Comparison, int]]:
        taken = [_import_case(store, connection, case) for case in batch]
        queries.reindex(connection, store.knowledge, CASES.c.id.in_([case.id for case in batch]))
        return taken

    for at in range(0, len(cases), _BATCH):  # short transactions; importing a case twice changes nothing
        batch = cases[at : at + _BATCH]
        done += store.change(work)
    ways = Counter(way for _, way, _ in done)
    return ImportResult(
        new=ways["new"], known=len(done) - ways["new"], notes=sum(added for _, way, added in done if way != "new"),
        changed=ways["newer"], conflicts=tuple(id_ for id_, way, _ in done if way == "both"),
    )  # fmt: skip


def _masked(knowledge: Knowledge, case: Case) -> Case:
    """Mask every typed text once more before it is exported."""
    redactor = Redactor(taken=dict(sorted((entry.kind, number_of(entry)) for entry in case.masked)))
    safe = _masked_texts(knowledge, case, lambda text, place: redactor.redact(text, f"{case.id}.{place}"))
    return msgspec.structs.replace(safe, masked=(*case.masked, *redactor.ledger))


def _import_case(store: CaseStore, connection: Connection, case: Case) -> tuple[str, Comparison, int]:
    """Import one case; returns its id, how it compares to the stored case, and how many notes were added."""
    row = connection.execute(select(CASES).where(CASES.c.id == case.id).with_for_update()).one_or_none()
    mask = store.mask(connection, case.id, case.masked if row is None else ())
    case = _masked_texts(store.knowledge, case, lambda text, _place: mask(text))
    values = queries.judged(store.knowledge, case.observations) | {name: getattr(case, name) for name in _STATE}
    way: Comparison = "new"
    if row is None:
        deletion.revive(connection, [case.id])
        version, tagged = case.version, True
        kept = ("id", "version", "operator", "changed_by", "created_at", "updated_at", "lang")
        values |= {name: getattr(case, name) for name in kept}
        place = _free_place(connection, case.place)
        sent = queries.with_sent((), case.sent)
        connection.execute(insert(CASES).values(values | {"place": place, "writer": "", "sent": sent}))
        queries.set_tags(connection, case.id, set(), set(case.tags))
    else:
        here = queries.history_of(connection, case.id)[case.id]
        way, version = _compared(row, case, here, values), max(row.version + 1, case.version)
        tagged = _merge_tags(connection, case, here)
        asked = {one.detail: one.at for one in sorted((*here, *case.history), key=lambda one: one.at)}
        both = sorted((*queries.sent_in(row), *case.sent), key=lambda one: asked.get(f"#{one.tag}", ""))
        changed = {"sent": queries.with_sent((), both)}
        if way == "newer":
            later = max(row.updated_at, case.updated_at)
            changed |= values | {"version": version, "updated_at": later, "changed_by": case.changed_by}
        if any(getattr(row, name) != changed[name] for name in changed):
            connection.execute(update(CASES).where(CASES.c.id == case.id).values(changed))
    added = sum(queries.add_note(connection, case.id, note) for note in case.notes)
    _add_history(connection, case)
    taken = way in ("new", "newer")
    if taken:
        store.record_event(connection, case.id, version, "import")
    if added or tagged or taken:
        mask.keep(again=taken or bool(added))
    return case.id, way, added


def _free_place(connection: Connection, place: int) -> int:
    """Return a case's place in the list, or a free one up to a second above it."""
    free = place
    while connection.execute(select(CASES.c.seq).where(CASES.c.place == free)).first() is not None:
        free = place + secrets.randbelow(1_000_000)
    return free


def _read(store: CaseStore, lines: Iterable[str], name: str) -> list[Case]:
    """Read and validate the whole bundle before anything is stored."""
    digest = hashlib.sha256()
    cases: list[Case] = []
    seen: set[tuple[str, object]] = set()
    foot: _Foot | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if line.endswith("\r\n"):  # it went through a program of Windows; no text in it can hold a plain CR
            line = line[:-2] + "\n"
        at = f"{name}:{number}"
        if foot is not None:
            raise BundleError("cases.behind_the_end", at)
        if len(line) > _MAX_LINE:
            raise BundleError("cases.long_line", at, most=_MAX_LINE)
        try:
            if number == 1:
                msgspec.json.decode(line, type=_Head)
            elif line.startswith('{"cases":'):
                foot = msgspec.json.decode(line, type=_Foot)
                continue
            else:
                cases.append(_refuse_repeated(seen, _checked(store, msgspec.json.decode(line, type=Case))))
                if len(cases) > MAX_CASES:
                    raise BundleError("cases.too_many_cases", most=MAX_CASES)
        except (ValueError, RecursionError) as error:  # msgspec's are ValueErrors
            raise BundleError("because", at, why=unreadable(error, line.encode("utf-8", "replace"))) from None
        digest.update(line.encode("utf-8", "surrogatepass"))
    if number == 0:
        raise BundleError("cases.empty_bundle", f"{name}:1")
    if foot is None:
        raise BundleError("cases.cut_off", f"{name}:{number}")
    if foot.cases != len(cases) or foot.sha256 != digest.hexdigest():
        raise BundleError("cases.changed_bundle", name)
    return cases


def _refuse_repeated(seen: set[tuple[str, object]], case: Case) -> Case:
    """Return the case. Raises BundleError if its id, its place or one of its notes occurred before in the bundle.

    One of the two would be lost silently.
    """
    notes = [(note.id, BundleError("cases.note_twice", id=note.id)) for note in case.notes]
    place = (case.place, BundleError("cases.place_twice", id=case.id))
    for value, fault in ((case.id, BundleError("cases.case_twice", id=case.id)), place, *notes):
        if (fault.key, value) in seen:
            raise fault
        seen.add((fault.key, value))
    return case


_QUESTION: Final = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")
_TAG: Final = re.compile(f"[{FIRST}][{SECOND}][{ALPHABET}]{{2}}")
_VERSION: Final = re.compile(r"\d{1,3}(\.\d{1,3}){1,2}[a-z0-9.+]{0,12}")
_UID: Final = re.compile(r"[0-9a-z]{1,24}")
_MOST_QUESTIONS: Final = 200


def _checked(store: CaseStore, case: Case) -> Case:
    """Validate a case beyond its types. Raises ValueError and AnswerError with the place."""
    if not is_id(case.id):
        raise BundleError("cases.no_id", clean_line(case.id, 40))
    if case.proven is not None and case.proven not in store.closings():
        raise BundleError("unknown_cause", clean_line(case.proven, 40))
    own = (case.created_at, case.updated_at, case.closed_at, case.consent_at)
    for stamp in (*own, *(note.at for note in case.notes), *(one.at for one in case.history)):
        if stamp is not None and epoch(stamp) > store.seconds() + DAY:
            raise BundleError("cases.from_the_future", clean_line(stamp, 40))
    for id_ in (*(note.id for note in case.notes), *(one.id for one in case.history)):
        if not _UID.fullmatch(id_) or (id_.isdigit() and mask_numbers(id_) != id_):
            raise BundleError("cases.no_id", clean_line(id_, 40))
    if not all(map(_is_sent, case.sent)):
        raise BundleError("cases.no_message")
    if case.due_on is not None and not is_day(case.due_on):
        raise BundleError("cases.no_such_date", clean_line(case.due_on, 40))
    kinds = all(one.kind in KINDS and 0 <= one.version < 2**31 for one in case.history)
    for name, is_sound in {
        "history": kinds and len(case.history) <= _MAX_HISTORY,
        "masked": all(number_of(entry) > 0 and 0 < entry.times < 2**31 for entry in case.masked),
        "place, version, seconds": 0 <= case.place < 2**62 and 1 <= case.version < 2**31 and 0 <= case.seconds < 2**31,
    }.items():
        if not is_sound:
            raise BundleError("cases.number_out_of_range", name)
    return msgspec.structs.replace(case, observations=stored_observations(store.knowledge, case.observations))


def _is_sent(sent: Sent) -> bool:
    """Whether this has the form of a sent message: known shapes of ids, tag and version, no personal number."""
    ids = sent.questions
    return (
        0 < len(ids) <= _MOST_QUESTIONS and all(map(_QUESTION.fullmatch, ids)) and bool(_TAG.fullmatch(sent.tag))
        and bool(_VERSION.fullmatch(sent.version)) and mask_numbers(sent.version) == sent.version
    )  # fmt: skip
