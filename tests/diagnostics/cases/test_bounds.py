"""What comes in has bounds: in bytes, in cases, in time; and nothing that stands twice is lost unsaid."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import event

from diagnostics.cases import bundle
from diagnostics.cases.bundle import take
from diagnostics.cases.model import BundleError, StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.files import read_bounded
from diagnostics.knowledge import KnowledgeError, load

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def case(number: int, place: int, **more: object) -> dict[str, object]:
    id_ = "".join(ALPHABET[number // 32**at % 32] for at in range(10))
    return {
        "id": id_, "version": 1, "place": place, "label": "", "operator": "小王", "status": "open",
        "created_at": "2025-06-15T15:06:40Z", "updated_at": "2025-06-15T15:06:40Z", "outcome": "", "first_cause": "",
        "first_status": "", "observations": [], "notes": [], "tags": [], "lang": "zh", "knowledge": "x",
        "changed_by": "", "masked": [], **more,
    }  # fmt: skip


def bundled(cases: list[dict[str, object]], end: str = "\n") -> list[str]:
    head = {"schema": "weilidai-doctor/cases/1", "exported_at": "2025-06-15T15:06:40Z", "tool": "x", "redacted": True}
    text = [json.dumps(one, ensure_ascii=False) + "\n" for one in (head, *cases)]
    foot = {"cases": len(cases), "sha256": hashlib.sha256("".join(text).encode()).hexdigest()}
    lines = [*text, json.dumps(foot, separators=(",", ":")) + "\n"]
    return [line.replace("\n", end) for line in lines]


def note(id_: str, text: str) -> dict[str, str]:
    return {"id": id_, "at": "2025-06-15T15:06:40Z", "operator": "小李", "text": text}


def test_a_desk_whose_places_are_all_taken_is_taken_in_in_time_with_its_cases(store) -> None:
    """It was in time with their square: each case looked through the places of all before it."""
    size, asked = 60, []
    event.listen(store.engine, "before_cursor_execute", lambda *_given: asked.append(1))

    def questions(first: int, place: int) -> int:
        asked.clear()
        assert take(store, bundled([case(first + number, place + number) for number in range(size)])).new == size
        return len(asked)

    free = questions(0, 1_000)
    assert questions(size, 1_000) < 1.5 * free
    assert store.count() == 2 * size


def test_nobody_waits_for_the_whole_of_an_import(store, monkeypatch) -> None:
    began = []
    monkeypatch.setattr(bundle, "_BATCH", 10)
    change = store.change
    monkeypatch.setattr(store, "change", lambda work: (began.append(1), change(work))[1])
    take(store, bundled([case(number, 1 + number) for number in range(bundle._BATCH * 2 + 1)]))
    assert len(began) == 3


@pytest.mark.parametrize(
    ("twice", "told"),
    [
        ([case(1, 5), case(2, 5)], "same place"),
        ([case(1, 5), case(1, 6)], "same case"),
        ([case(1, 5, notes=[note("a", "one")]), case(2, 6, notes=[note("a", "two")])], "same id"),
    ],
)
def test_what_stands_twice_in_a_bundle_is_refused(store, twice, told) -> None:
    with pytest.raises(BundleError, match=told):
        take(store, bundled(twice))
    assert store.count() == 0


def test_another_note_under_an_id_that_is_taken_is_kept_beside_it(store) -> None:
    take(store, bundled([case(1, 5, notes=[note("a", "first")])]))
    again = bundled([case(1, 5, notes=[note("a", "second")]), case(2, 6, notes=[note("b", "third")])])
    assert take(store, again).notes == 1
    assert take(store, again).notes == 0
    assert {one.text for one in store.open(str(case(1, 5)["id"])).notes} == {"first", "second"}


def test_a_bundle_that_went_through_windows_is_read(store) -> None:
    assert take(store, bundled([case(1, 5, notes=[note("a", "一\n二")])], "\r\n")).new == 1


def test_a_bundle_has_its_bound(store, monkeypatch) -> None:
    monkeypatch.setattr(bundle, "MAX_CASES", 2)
    with pytest.raises(BundleError, match="at most 2 cases"):
        take(store, bundled([case(number, 5 + number) for number in range(3)]))


def test_a_file_without_an_end_is_not_read_to_it(tmp_path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 101)
    for path in (tmp_path / "large", type(tmp_path)("/dev/zero")):
        with pytest.raises(OSError, match="large"):
            read_bounded(path, 100)
    assert read_bounded(tmp_path / "large", 101) == b"x" * 101


def test_a_folder_without_knowledge_is_refused(tmp_path) -> None:
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(KnowledgeError, match="no knowledge files"):
        load(str(tmp_path))
    (tmp_path / "minimums.toml").write_bytes(b"#" * 2_000_001)
    with pytest.raises(KnowledgeError, match="large"):
        load(str(tmp_path))


def test_two_stores_do_not_share_a_place(knowledge, tmp_path, clock) -> None:
    other = open_store(knowledge, StoreLocation(file=tmp_path / "other" / "cases.db"), clock=clock)
    take(other, bundled([case(number, 7 + number % 2 * 3) for number in range(2)]))
    take(other, bundled([case(9, 7), case(10, 8), case(11, 10)]))
    places = [one.place for one in other.every()]
    assert sorted(places) == [7, 8, 9, 10, 11]
    other.dispose()
