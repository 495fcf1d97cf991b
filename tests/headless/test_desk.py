"""`ask` at a support desk: a run with a user is a case; a private person's run is none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.headless.doctor import Done, inside, refused, run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "cases.db"


def cases(store: Path) -> list[dict[str, Any]]:
    done = inside("cases", "list", "--json", "--store", str(store))
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def ask(*typed: str, args: tuple[str, ...] = (), env: dict[str, str] | None = None, doctor: Any = run) -> Done:
    """Ask, where it is asked again in a process of its own: a case belongs to its process until that ends."""
    done = doctor(
        "ask", "--offline", "--format", "json", *args, stdin="".join(f"{line}\n" for line in typed).encode(), env=env
    )
    assert done.code == 0, done.err
    return done


def test_a_run_on_somebodys_behalf_is_a_case(store: Path) -> None:
    env = {"WEILIDAI_DOCTOR_STORE": str(store), "WEILIDAI_DOCTOR_OPERATOR": "desk 3"}
    ask("1", "q", args=("--on-behalf",), env=env, doctor=inside)
    (case,) = cases(store)
    assert (case["answered"], case["operator"], case["status"]) == (1, "desk 3", "open")


def test_a_named_store_makes_a_case_and_an_age_is_kept_as_a_band(store: Path) -> None:
    ask("q", args=("--store", str(store), "--set", "person.age=35"), doctor=inside)
    (case,) = cases(store)
    shown = inside("cases", "show", case["id"], "--json", "--store", str(store))
    age = next(one for one in json.loads(shown.out)["observations"] if one["id"] == "person.age")
    assert age["band"] == "18-60"


def test_a_private_persons_run_opens_no_store() -> None:
    ask("1", "q", doctor=inside)
    data = Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "weilidai-doctor"
    assert not (data / "cases.db").exists()


def test_a_stopped_case_is_resumed_as_the_same_case_and_a_finished_one_is_not(store: Path) -> None:
    args = ("--store", str(store))
    ask("1", "q", args=args)
    again = ask("q", args=(*args, "--resume"))
    assert "complaint.what" in json.loads(again.out)["questions"]["answered"]
    assert len(cases(store)) == 1
    told = ask("1", "q", args=args)
    assert "cases list" in told.err
    assert len(cases(store)) == 2
    ask(args=(*args, "--resume", "--set", "entry.services_menu=shown"))
    assert len(cases(store)) == 2
    fresh = ask(args=(*args, "--resume"))
    assert json.loads(fresh.out)["questions"]["answered"] == []


def test_a_store_that_cannot_be_one_is_refused() -> None:
    refused(inside("ask", "--offline", "--store", "mysql://desk/cases"), "mysql://desk/cases")
    refused(inside("ask", "--offline", "--store", "postgresql://me:secret@desk/cases"), "PGPASSWORD")


def test_a_case_gets_its_ticket_and_the_consent_from_ask_before_it_begins_and_when_it_goes_on(store: Path) -> None:
    args = ("--store", str(store))
    told = ask("1", "q", args=(*args, "--label", "T-9 13800138000", "--consent"))
    (case,) = cases(store)
    assert case["label"] == "T-9 <手机号-1>"
    assert case["id"] in told.err
    first = json.loads(inside("cases", "show", case["id"], "--json", *args).out)
    assert first["consent_at"] is not None
    ask("q", args=(*args, "--resume", "--label", "T-10"))
    (case,) = cases(store)
    assert case["label"] == "T-10"
    refused(inside("ask", "--offline", "--label", "x"), "--on-behalf")
